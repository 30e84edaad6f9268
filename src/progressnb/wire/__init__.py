"""What happened: the events of a run, their bytes, the outputs that they carry, and the log that keeps them."""
