"""A resume as a file: Markdown, HTML, Word, JSON."""
