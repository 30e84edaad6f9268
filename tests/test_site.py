"""What the site has beside what Sphinx checks: every public name, and links that a model may follow."""

import importlib
import re
from pathlib import Path

import pytest

import progressnb as pnb

DOCS = Path(__file__).parents[1] / "docs"
NAMESPACES = ["errors", "events", "interop", "testing", "web"]


def public_names() -> list[str]:
    """List every name that users may import, with its namespace."""
    names = [f"progressnb.{name}" for name in pnb.__all__ if not name.startswith("_")]
    for namespace in NAMESPACES:
        module = importlib.import_module(f"progressnb.{namespace}")
        names += [f"progressnb.{namespace}.{name}" for name in module.__all__]
    return names


@pytest.mark.parametrize("name", public_names())
def test_every_public_name_is_in_the_reference(name: str) -> None:
    """The reference has each name, under one of its places."""
    written = re.findall(r"^\.\. auto\w+:: \S+\.(\w+)$", (DOCS / "reference.md").read_text(), re.MULTILINE)
    assert name.rpartition(".")[2] in {*written, "samples", "needs_extra"}


def test_the_list_for_models_names_all_guides() -> None:
    """Every link of llms.txt is a page, and every page but the three operations' is linked."""
    text = (DOCS / "llms.txt").read_text()
    linked = set(re.findall(r"\((\w[\w-]*)\.html\)", text))
    pages = {page.stem for page in DOCS.glob("*.md")} - {"index"}
    assert linked <= pages
    assert pages - linked <= {"api-tests", "charts", "customize", "interop", "processes", "serving"}
