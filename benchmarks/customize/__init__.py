"""Measurements of `customize`: what its truth check finds, and how its evaluation ranks."""
