"""Looks of charts where a drawing says nothing: theme, words and units of axes, orders, sizes, labels, gaps."""
