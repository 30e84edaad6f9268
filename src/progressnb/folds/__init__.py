"""The state that a run's events add up to, and the small pure folds beside it."""
