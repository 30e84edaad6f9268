"""Drawings as a model writes them, for `chart`."""
