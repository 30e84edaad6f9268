"""How charts look where a drawing says nothing: theme, words and units of axes, orders, sizes, labels, gaps."""
