"""The page of a served run."""
