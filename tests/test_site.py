"""What the site has beside what Sphinx checks: every public name, and links that a model may follow."""

import importlib
import inspect
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import progressnb as pnb
from progressnb.batching import Batch, BatchItem
from progressnb.web.client.remote import RemoteRun

DOCS = Path(__file__).parents[1] / "docs"
NAMESPACES = ["errors", "events", "interop", "testing", "web"]
RETURNED: list[type[Any]] = [Batch, BatchItem, RemoteRun]
"""Classes without a public name, whose objects public functions return."""


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


def public_classes() -> dict[str, type[Any]]:
    """Map the reference's names of public classes to the classes."""
    named = {name: _named(name) for name in public_names()}
    named |= {f"{found.__module__}.{found.__qualname__}": found for found in RETURNED}
    named["progressnb.batching.Batch"] = named.pop("progressnb.batching.handle.Batch")
    named["progressnb.batching.BatchItem"] = named.pop("progressnb.batching.state.BatchItem")
    return {name: found for name, found in named.items() if inspect.isclass(found)}


def _named(name: str) -> Any:
    home, _, last = name.rpartition(".")
    return getattr(importlib.import_module(home), last)


def _parameters(owner: type[Any]) -> set[str]:
    try:
        return {*inspect.signature(owner).parameters}
    except ValueError:  # a class like `str` has none
        return set()


def public_attributes(owner: type[Any]) -> set[str]:
    """Return the public methods, properties and fields of a class that progressnb defines, inherited ones included.

    Fields that are arguments of the class are left out: they are in its signature, and described as arguments. So are
    names of a base class of another package, which describes them.
    """
    ours: set[str] = set()
    others: set[str] = set()
    for each in owner.__mro__:
        named = ours if each.__module__.startswith("progressnb.") else others
        named |= {*vars(each), *inspect.get_annotations(each)}
    return {name for name in ours - others - _parameters(owner) if not name.startswith(("_", "model_"))}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")  # of Sphinx itself
def test_every_public_attribute_of_a_public_class_is_in_the_reference(tmp_path: Path) -> None:
    """Each method, property and field that users may use is on the page, below its class or below its base class."""
    application = pytest.importorskip("sphinx.application")
    shutil.copy(DOCS / "conf.py", tmp_path)
    shutil.copy(DOCS / "reference.md", tmp_path / "index.md")
    app = application.Sphinx(tmp_path, tmp_path, tmp_path / "out", tmp_path / "out", "dummy", status=None, warning=None)
    app.build()
    written = set(app.env.domaindata["py"]["objects"])
    classes = public_classes()
    missing: list[str] = []
    for name, owner in classes.items():
        homes = [other for other, base in classes.items() if issubclass(owner, base)]
        missing += [
            f"{name}.{attribute}"
            for attribute in sorted(public_attributes(owner))
            if not any(f"{home}.{attribute}" in written for home in homes)
        ]
    assert missing == []


def test_the_list_for_models_names_all_guides() -> None:
    """Every link of llms.txt is a page, and every page but the three operations' is linked."""
    text = (DOCS / "llms.txt").read_text()
    linked = set(re.findall(r"\((\w[\w-]*)\.html\)", text))
    pages = {page.stem for page in DOCS.glob("*.md")} - {"index"}
    assert linked <= pages
    assert pages - linked <= {"api-tests", "charts", "customize", "interop", "processes", "serving"}
