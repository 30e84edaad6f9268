"""Measurements of `generate_tests`: large specifications, and planted faults."""
