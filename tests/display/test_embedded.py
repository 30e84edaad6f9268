"""A page below a cell: only where somebody looks, and never an address that leads nowhere."""

from typing import Any

import pytest

from progressnb.display import cells, embedded, screen


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Stand in a notebook that somebody looks at, and keep what is shown there."""
    kept: list[dict[str, Any]] = []
    for name, answer in {
        "choose": "widget",
        "current_shell": object(),
        "is_console": False,
        "is_unattended": False,
    }.items():
        monkeypatch.setattr(screen if name == "choose" else cells, name, lambda answer=answer: answer)
    monkeypatch.setattr(embedded, "publish", lambda bundle, _: kept.append(bundle))
    monkeypatch.delenv("JUPYTERHUB_SERVICE_PREFIX", raising=False)
    return kept


def test_the_frame_has_the_page(shown: list[dict[str, Any]]) -> None:
    """The address stands in a frame of the given height, as data that can't end its attribute."""
    embedded.embed('http://127.0.0.1:8000/runs/"<b>/view', 300)
    assert 'src="http://127.0.0.1:8000/runs/&quot;&lt;b&gt;/view"' in shown[0]["text/html"]
    assert 'height="300"' in shown[0]["text/html"]


def test_below_a_hub_a_sentence_stands_there(shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel is on another machine there is no frame, and no ticket."""
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    embedded.embed("http://127.0.0.1:8000/runs/1/view#ticket=abc", 300)
    assert "<iframe" not in shown[0]["text/html"]
    assert "ticket" not in shown[0]["text/html"]


@pytest.mark.parametrize(
    ("name", "answer"), [("choose", "html"), ("current_shell", None), ("is_console", True), ("is_unattended", True)]
)
def test_nothing_is_shown_where_nobody_looks(
    shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, name: str, answer: object
) -> None:
    """A script, a terminal, stored HTML and a program that executes notebooks get no frame."""
    monkeypatch.setattr(screen if name == "choose" else cells, name, lambda: answer)
    embedded.embed("http://127.0.0.1:8000/runs/1/view", 300)
    assert shown == []
