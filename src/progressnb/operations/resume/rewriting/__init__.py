"""Changes to a resume by rules: order, the posting's names, and omissions from the shown text."""
