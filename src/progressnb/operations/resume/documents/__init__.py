"""Files, texts and objects from outside, read within limits, and the JSON Resume model."""
