"""Measurements of progressnb, beside what peers need and what the bare work costs: `python -m benchmarks`."""
