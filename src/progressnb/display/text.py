"""Temporary."""
def panel_text(tree):
    """Temporary."""
    return "\n".join(f"{r['header']['sign']} {r['header']['title']} {r['status']} in {r['header']['elapsed']}" for r in tree["runs"]) or tree["totals"]["text"]
