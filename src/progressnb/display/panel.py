"""The panel of a cell: all runs that one cell begins share it.

A panel holds one place in the cell's output. What is drawn there goes through these states:

1. an empty place, until a run has been at work for 0.3 s, so that short runs never flash;
2. live, on one of the surfaces of `standins.py`, while runs are at work and until the cell is over;
3. static HTML, which stays in the file. A run that is begun later makes it live again.

In an `ipywidgets.Output` (`with out:`) outputs can't be replaced. There the widget is drawn at once, and it stays.
"""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from progressnb.display.acts import act, act_on_item, answer_for, results_of
from progressnb.display.captured import capturing
from progressnb.display.cells import (
    at_each_end,
    at_end,
    current_cell,
    hears_while_awaiting,
    is_console,
    is_unattended,
)
from progressnb.display.entry import Entry
from progressnb.display.front import front
from progressnb.display.marimo import is_busy
from progressnb.display.painter import Pace
from progressnb.display.place import Place
from progressnb.display.quiet import keep_quiet
from progressnb.folds.batch_view import index_of
from progressnb.folds.group import FEW, MORE, WHOLE, panel_tree
from progressnb.folds.group_rows import failed_examples
from progressnb.tracking.session import current_session
from progressnb.wire.forks import after_fork

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.folds.tree import PanelTree
    from progressnb.tracking.clock import Clock
    from progressnb.tracking.protocols import Watchable
    from progressnb.wire.events import Event

__all__ = ["Panel", "show_panel"]

COUNT_INTERVAL = 0.25
"""The shortest time between two paints of a panel that counts runs or items, in seconds: a count needs no more."""

PATIENCE = 0.3
"""Seconds that a run may last without anything live being drawn."""

REMEMBERED = 100
"""Cells whose panel is found again by a task of theirs that begins another run."""

STOPPED = "the Stop button"
"""The reason that a cancelled run gives."""

OPEN_AFTER = 1.0
"""Seconds that a run of a loop lasts before its row is opened and that of the one before it is folded."""

OPEN_AT_MOST = 5
"""Runs of a larger panel that wait for somebody and are open until somebody closes them.

Of runs that failed as many can be opened in a file. Their lines say the errors.
"""

_of_cell: OrderedDict[object, Panel] = OrderedDict()
_shown_in: WeakKeyDictionary[Watchable, object] = WeakKeyDictionary()
_lock = threading.Lock()


def _forget() -> None:
    global _lock  # noqa: PLW0603 - the process's one
    _lock = threading.Lock()
    _of_cell.clear()


after_fork(_forget)


def show_panel(run: Watchable, *, live: bool = True) -> None:
    """Show a run in the panel of the current cell; a second call in the same cell shows nothing.

    Without `live` nothing is shown before the end.
    """
    if live and front.settled == "lines" and is_console():
        _write_lines(run)
        return
    cell = current_cell()
    place = (cell, capturing(cell), live)
    with _lock:
        if cell is not None and _shown_in.get(run) == place:
            return
        _shown_in[run] = place
        panel: Panel | None = _of_cell.get(place) if cell is not None else None
        if panel is None:
            panel = Panel(cell, live=live, captured=place[1])
            if cell is not None:
                _remember(place, panel)
    panel.add(run)


def _write_lines(run: Watchable) -> None:
    from progressnb.display.console import ConsoleView  # a notebook needs no rich

    ConsoleView(run).start()


def _remember(place: object, panel: Panel) -> None:
    _of_cell[place] = panel
    while len(_of_cell) > REMEMBERED:
        _of_cell.popitem(last=False)


class Panel:
    """The runs that one cell shows, and the one place in its output that they are drawn in.

    Attributes:
        cell: The id of the cell, or None outside a notebook.
        live: Whether anything is drawn before the end.
        key: The key of the panel on the page.

    """

    def __init__(self, cell: object, *, live: bool = True, captured: tuple[str, ...] = ()) -> None:
        """Make the panel of a cell; `captured` are the `ipywidgets.Output` widgets that take what is displayed."""
        self.cell = cell
        self._is_unattended = is_unattended()  # asked once: all runs of a panel belong to one cell
        self.live = live and not (captured and self._is_unattended)
        self.key = uuid.uuid4().hex[:16]
        self._in_turn = True  # whether no two runs have been at work at once, as in a loop
        self._turn = ""  # the key of the run of a loop whose row is open
        self._compact = current_session().detail == "compact"
        self._entries: dict[str, Entry] = {}
        self._opened: set[str] = set()
        self._closed: set[str] = set()
        self._pace = Pace(self._paint, on_end=self._on_end)
        self._place = Place(
            self.key, captured=captured, live=live, receive=self.receive, stop=self._stop, wake=self._wake
        )
        self._clock: Clock | None = None
        self._stopped = False
        self._since = self._age = self._before = 0.0
        answer_for(self.key, self.receive)  # a run that was too short for a widget has buttons at its end, too
        self._over = not at_end(cell, self._end_of_cell)

    # --- runs --------------------------------------------------------------------------------------

    def add(self, run: Watchable) -> None:
        """Show one run more and follow it to its end."""
        self._clock = self._place.clock = run.clock
        if not self._entries or (self._over and not self._at_work()):
            self._since, self._before = run.clock.monotonic(), self._age  # a pause between two runs does not count
        before = self._entries.get(f"r{len(self._entries)}")
        self._in_turn = self._in_turn and (before is None or not before.at_work)
        key = f"r{len(self._entries) + 1}"
        self._entries[key] = Entry(run, key, compact=self._compact, stops=self._hears)
        self._pace.patient = len(self._entries) > WHOLE
        if len(self._entries) > FEW:  # the others are counted
            self._pace.interval = COUNT_INTERVAL
        if self._stopped and not self._over and not run.log.ended:
            run.cancel(STOPPED)
        if run.log.ended:
            self._pace.paint(run.clock)
            return
        if self.live and self._is_unattended:
            at_each_end(self._store)
        if self.live and not self._place.is_console:
            if not self._place.captured:
                self._place.take()
            elif not self._place.is_published:
                self._pace.paint(run.clock)
        self._pace.follow(run)

    def _hears(self) -> bool:
        """Whether a click in the panel is heard now; on old kernels only when the cell is over."""
        return hears_while_awaiting() or (self._over and not is_busy(self.key))

    def _at_work(self) -> bool:
        return any(entry.at_work for entry in list(self._entries.values()))

    def _runs_at_work(self) -> list[Watchable]:
        entries = list(self._entries.values())
        return [run for entry in entries if entry.at_work and (run := entry.run) is not None]

    def _on_end(self, run: Watchable, event: Event) -> None:
        # Apart from painting, which may come a little later: the cell goes on as soon as the run has ended.
        if event.type == "done" and not self._over and self._shows_results():
            for name in ("result", "returned"):  # an agent's caller gets more than the agent's output
                keep_quiet(getattr(run, name, None), self.cell)

    def _shows_results(self) -> bool:
        return not self._compact and not self._place.is_lines and len(self._entries) <= WHOLE

    def _end_of_cell(self) -> None:
        self._over = True
        if self._clock is not None:
            self._pace.paint(self._clock)

    def _store(self) -> bool:
        """Let the file keep what is known when a cell ends, also a later one; return whether more may come."""
        opened, kept = self._refresh()
        self._place.store(self._tree(opened, kept, turn="", whole=True), frozenset(self._opened))
        return self._at_work()

    # --- drawing, one thread at a time ---------------------------------------------------------------

    def _paint(self, now: float) -> int | None:
        at_work = self._at_work()
        if self._place.is_lines or (at_work and not self.live):
            return 0
        if at_work or not all(entry.ended for entry in list(self._entries.values())):
            self._age = self._before + now - self._since
        if at_work and not self._place.is_live and now - self._since < PATIENCE and not self._place.captured:
            return None
        opened, kept = self._refresh()
        if not at_work and not all(entry.ended for entry in list(self._entries.values())):
            return None  # another thread held the lock of a run
        ends = not at_work and (self._over or not self._place.is_live)
        turn = "" if ends or self._turn not in opened else self._turn
        tree = self._tree(opened, kept, turn=turn, whole=ends)
        if ends:
            return self._place.end(tree, frozenset(opened))
        sent = self._place.paint(tree, at_work=at_work)
        if sent is None:
            self._write_lines()
        return sent or 0

    def _write_lines(self) -> None:
        self._pace.stop()
        for run in self._runs_at_work():
            _write_lines(run)

    def _refresh(self) -> tuple[set[str], set[str]]:
        """Bring the runs up to date; return the keys of those that are open, and of those whose answers are kept."""
        entries, opened = list(self._entries.values()), self._opened_keys()
        few = len(entries) <= WHOLE
        for entry in entries:
            entry.refresh(whole=few or entry.key in opened)
        now_open, kept = self._opened_keys(), self._kept_keys()
        whole = kept | (now_open - opened)  # those have begun to wait for somebody
        for entry in entries:
            if entry.key in whole:
                entry.refresh(ended_too=True)
        return now_open, kept

    def _opened_keys(self) -> set[str]:
        entries = list(self._entries.values())
        waiting = [entry.key for entry in entries if entry.waits][:OPEN_AT_MOST]
        self._opened.update(waiting)  # and stays open when it goes on: its reader is there
        return (self._opened | {self._turn_of(entries)}) - self._closed - {""}

    def _turn_of(self, entries: list[Entry]) -> str:
        """Return the key of the run of a loop whose row is open: the latest that has lasted a second, or none.

        It stays open until the next one has lasted as long, so that short runs don't flash, and at the end.
        """
        if not self._in_turn or len(entries) <= WHOLE:
            self._turn = ""
        elif entries[-1].at_work and (run := entries[-1].run) is not None and run.elapsed >= OPEN_AFTER:
            self._turn = entries[-1].key
        return self._turn

    def _kept_keys(self) -> set[str]:
        """Return the keys of the runs whose answers the file keeps, when nothing is at work any more."""
        if self._at_work() or len(self._entries) <= WHOLE:
            return set()
        if len(self._entries) <= FEW:
            return {*self._entries}
        return {*failed_examples([entry.tree for entry in list(self._entries.values())])[:OPEN_AT_MOST]}

    def _tree(self, opened: set[str], kept: set[str], turn: str, *, whole: bool) -> PanelTree:
        entries = list(self._entries.values())
        if len(entries) > WHOLE:
            for entry in entries:
                if entry.key not in opened and entry.key not in kept:
                    entry.slim()
        trees = [entry.tree for entry in entries]
        if any("batch" in tree for tree in trees):
            self._pace.interval = COUNT_INTERVAL
        tree = panel_tree(trees, key=self.key, opened=opened, kept=kept, turn=turn, elapsed=self._age, whole=whole)
        if tree["totals"] is not None and not self._over and self._hears():
            tree["totals"]["controls"] = ["stop"]  # also between two runs of a loop
        return tree

    # --- what the page asks ------------------------------------------------------------------------------

    def receive(self, message: dict[str, Any], answer: Callable[[dict[str, Any]], None]) -> None:
        """Handle a message of the page, and answer it. Called on any thread."""
        kind, key = message.get("kind"), str(message.get("run"))
        entry = self._entries.get(key)
        if entry is None and (named := index_of(key)) and (batch := self._entries.get(named[0])) is not None:
            if (opened := act_on_item(message, batch, named[1], answer)) is not None:
                self._pace.follow(opened)
            self._wake()
        elif kind in ("open", "close"):
            self._open_row(key, is_open=kind == "open")
        elif entry is not None:
            act(message, entry, answer)
        elif kind == "stop":
            self._stop()
        elif kind == "data" and key == self.key:
            answer(results_of(list(self._entries.values()), key))

    def _open_row(self, key: str, *, is_open: bool) -> None:
        entry = self._entries.get(key)
        if entry is None and key != MORE:
            return
        gains, loses = (self._opened, self._closed) if is_open else (self._closed, self._opened)
        gains.add(key)
        loses.discard(key)
        if entry is not None:
            entry.refresh(ended_too=True)
        self._wake()

    def _stop(self) -> None:
        # The next run of a loop is stopped where none is at work just now.
        runs = self._runs_at_work()
        self._stopped = not runs
        for run in runs:
            run.cancel(STOPPED)

    def _wake(self) -> None:
        """Paint soon while runs are at work, else now."""
        if runs := self._runs_at_work():
            self._pace.wake(runs[0])
        elif self._clock is not None:
            self._pace.paint(self._clock)
