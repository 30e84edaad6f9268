"""What happened: the events of a run, their bytes, the output that they carry, and the log that keeps them."""
