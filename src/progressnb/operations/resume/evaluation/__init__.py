"""The evaluation of a resume for a job by rules: evidence, strength and gaps of each requirement."""
