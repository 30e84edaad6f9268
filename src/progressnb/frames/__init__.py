"""What happened, as pandas DataFrames and as charts."""
