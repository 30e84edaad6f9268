"""Widgets of the kernel and of the page that don't belong together: live HTML in their place, and a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from progressnb.display import place, versions
from progressnb.display.panel import show_panel
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker
from tests.display.frontend import FrontEnd, install

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> FrontEnd:
    """Return a front end of a notebook."""
    return install(monkeypatch)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], str]]:
    """Return what is said of a version of ipywidgets and one of jupyterlab_widgets; empty for none."""
    for name in versions.OTHER_PAGES:
        monkeypatch.delenv(name, raising=False)

    def said(kernel: str, page: str) -> str:
        versions.mismatch.cache_clear()
        known = {"ipywidgets": kernel, "jupyterlab_widgets": page}
        monkeypatch.setattr(versions, "_version", known.__getitem__)
        return versions.mismatch()

    yield said
    versions.mismatch.cache_clear()


@pytest.mark.parametrize(
    ("kernel", "page", "remedy"),
    [
        ("7.7.1", "3.0.17", 'pip install -U "ipywidgets>=8"'),
        ("7.8.5", "2.0.0", 'pip install -U "ipywidgets>=8"'),
        ("8.1.5", "1.1.11", 'pip install -U "jupyterlab_widgets>=3"'),
        ("7.7.1", "1.1.11", ""),
        ("8.0.7", "3.0.17", ""),
        ("8.1.5", "", ""),
        ("", "3.0.17", ""),
    ],
)
def test_what_does_not_belong_together_is_said(
    installed: Callable[[str, str], str], kernel: str, page: str, remedy: str
) -> None:
    """The sentence has both versions and what to install; what works together, or can't be known, has none."""
    said = installed(kernel, page)
    assert bool(said) == bool(remedy)
    assert remedy in said
    assert not remedy or (kernel in said and page in said)


@pytest.mark.parametrize("name", versions.OTHER_PAGES)
def test_other_pages_bring_their_own_widgets(
    installed: Callable[[str, str], str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """In VS Code, Colab and Kaggle the package for JupyterLab says nothing."""
    monkeypatch.setenv(name, "1")
    assert installed("7.7.1", "3.0.17") == ""


def test_live_html_stands_in(page: FrontEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    """No widget is opened, the run is seen while it is at work, with the reason below it; the end has none."""
    monkeypatch.setattr(place, "mismatch", lambda: "no buttons here: a reason")
    clock = ManualClock()
    run = ProgressTracker("op", clock=clock)
    show_panel(run)
    run.start()
    with run.stage("write") as stage:
        for percent in (20, 70):
            stage.update(percent)
            clock.advance(1)
        assert "70 %" in page.html
        assert "no buttons here: a reason" in page.html
        assert page.opened == []
    run.done("text")
    page.end_cell()
    assert "no buttons here" not in page.html
