"""The match of a resume and a job, by rules: what is supported, how strongly, and what is missing."""
