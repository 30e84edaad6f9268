"""The query of a chart: SQL that a model wrote, checked and run in a process of its own."""
