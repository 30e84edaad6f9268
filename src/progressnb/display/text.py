"""Temporary."""
def panel_text(tree):
    """Temporary."""
    return "\n".join(f"{r['header']['sign']} {r['header']['title']} {r['status']}" for r in tree["runs"]) or tree["totals"]["text"]
