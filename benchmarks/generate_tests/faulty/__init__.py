"""Servers with faults, in frameworks of others, made by whoever made the generator. See `stranger/` for the others."""
