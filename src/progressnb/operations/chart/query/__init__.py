"""The query of a chart: SQL that a model wrote, checked and run in a process of its own, which reads files too.

The process loads this folder without the rest of progressnb. So nothing here but `sandbox.py`, which is the side of
the notebook, imports anything of progressnb, and the other files name each other relatively.
"""
