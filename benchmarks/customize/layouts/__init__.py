"""Sixteen resumes in layouts of their own, written before a look at the rules that read them."""
