"""The page that shows a served run."""
