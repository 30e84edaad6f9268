"""The files of a generated suite that are the same for every specification."""
