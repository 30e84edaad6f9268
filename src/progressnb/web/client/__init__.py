"""The reading end of a served run: where it is, how it is read, and what went wrong."""
