"""The drawing that a model wrote: what can act is taken out, the rest is checked and kept."""
