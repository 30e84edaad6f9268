"""Words, dates and numbers as resumes and postings write them, and the word lists that the rules know."""
