"""Test cases: those that follow from the specification, and those that rules or a model propose beyond it."""
