"""Changes to a resume by rules: the order of what is in it, the posting's names, and what is not shown."""
