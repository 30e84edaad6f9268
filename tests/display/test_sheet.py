"""The lines that a terminal draws anew: what is written of them, and when the first ones are."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, Group
from rich.text import Text

from progressnb import Stage
from progressnb.display.sheet import rendered

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.display.screens import Terminal

PARTS = st.tuples(
    st.text("ab ─━日本😀é\t\n", max_size=30),
    st.sampled_from(["", "bold", "dim", "red", "bold green", "#ff8800", "on blue"]),
)
CONSOLES = st.builds(
    Console,
    file=st.builds(io.StringIO),
    force_terminal=st.just(value=True),
    width=st.sampled_from([16, 40, 100]),
    color_system=st.sampled_from(["truecolor", "256", "standard", None]),
    no_color=st.booleans(),
    legacy_windows=st.just(value=False),
)


@given(st.lists(st.lists(PARTS, max_size=4), max_size=4), CONSOLES)
def test_lines_are_what_rich_would_print(lines: list[list[tuple[str, str]]], console: Console) -> None:
    """Lines are written as rich prints them, cut at the window's edge, whatever the console can show."""
    with console.capture() as captured:
        texts = [Text.assemble(*parts) for parts in lines]
        for text in texts:
            text.no_wrap, text.overflow = True, "crop"
        console.print(Group(*texts))
    assert rendered([Text.assemble(*parts) for parts in lines], console) == captured.get()


def test_a_run_that_ends_at_once_is_drawn_once(terminal: Callable[..., Terminal]) -> None:
    """A run whose end comes within the time of one paint leaves its last lines, and no bar is drawn before."""
    screen = terminal()
    run = screen.run([Stage("rows")])
    run.stage("rows").finish()
    run.done()
    assert screen.file.getvalue().count("finished in") == 1
    assert "─" not in screen.file.getvalue()
    screen.clear()
    slow = screen.run([Stage("rows")])
    slow.stage("rows").start()
    screen.clock.advance(0.2)
    assert "─" in screen.file.getvalue()
    slow.done()
