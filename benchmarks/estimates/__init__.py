"""Measurements of the bar and of the time left, on simulated operations and on recorded ones."""
