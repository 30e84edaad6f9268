"""What events add up to: the state of a run, and small pure folds beside it."""
