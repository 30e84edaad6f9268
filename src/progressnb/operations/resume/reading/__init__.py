"""A text as data: the sections of a resume, and the requirements of a job posting."""
