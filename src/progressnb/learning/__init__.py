"""How long a run will take, learned from past runs."""
