"""Words, dates and numbers of resumes and postings, and the word lists of the rules."""
