"""The app that serves runs: its routes, who may ask, and how much."""
