"""Resumes made for the benchmark of the reading: known contents in 23 layouts."""
