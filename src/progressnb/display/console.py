"""The terminal's screen: bars and the end of what is being written; in a pipe plain lines.

What models, files and exceptions say is hostile here: it never becomes markup, never reaches the
terminal as a control sequence, and never makes a frame taller or wider than the window.
"""

from __future__ import annotations

import atexit
import functools
import itertools
import re
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group
from rich.errors import LiveError
from rich.live import Live
from rich.text import Text

from progressnb.display.painter import Painter
from progressnb.display.words import SIGNS, duration_text, percent_text, usage_text
from progressnb.events import CancelledEvent, DoneEvent, ErrorEvent, Event, ProgressEvent, StartedEvent
from progressnb.settings import settings
from progressnb.state import ENDED, StageState, stage_title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from progressnb.settings import Detail, Watchable
    from progressnb.state import RunState

__all__ = ["ConsoleView", "clean_for_terminal"]

_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# Controls, bidirectional and invisible characters, lone surrogates: what a terminal obeys or a reader can't see.
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\U000e0000-\U000e0fff]"
)
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-\s]+")

_LINE_LIMIT = 300  # characters of a message or a name that are looked at
_GRACE = 1.0  # seconds for which a run without a begun stage is no sight
_WIDEST, _LEAST = 100, 16  # columns of a frame
_NARROW, _SMALL = 72, 50  # columns below which the message, and below which the bars, give way
_WINDOW = 14  # lines of output at most
_CHILDREN = 4  # children of one stage that are shown
_FINAL_ROWS = 20  # stages that stay in the scrollback
_INDENT = 2
_TIME = 10  # columns of "3 min 05 s"


def clean_for_terminal(text: str) -> str:
    """Return text without escape sequences, control, bidirectional and invisible characters; lines stay."""
    return _HIDDEN.sub("", _LINE_END.sub("\n", _ESCAPE.sub("", text))).expandtabs(4)


_COLOURS = {
    "running": "cyan",
    "retrying": "yellow",
    "fallback": "yellow",
    "finished": "green",
    "failed": "bold red",
    "cancelled": "yellow",
}
_ASCII = str.maketrans("━─╸▌⋮·…•○▸↻↷✓✗–■", "#-#|:-~*.>~~+x-!")


class _Pen:
    """Write lines of one width in the characters that a console can show."""

    def __init__(self, console: Console, width: int) -> None:
        self.console, self.width = console, width
        self.encoding = console.encoding
        try:
            "".join([*SIGNS.values(), "━─╸▌⋮"]).encode(self.encoding)
            self.ascii = console.legacy_windows
        except (UnicodeEncodeError, LookupError):
            self.ascii = True

    def ours(self, text: str) -> str:
        """Return our own signs, or what stands for them."""
        return text.translate(_ASCII) if self.ascii else text

    def theirs(self, text: str) -> str:
        """Return foreign text, clean, in characters that the console has."""
        text = clean_for_terminal(text)
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return text.encode(self.encoding, "replace").decode(self.encoding)
        except LookupError:
            return text.encode("ascii", "replace").decode()
        return text

    def one_line(self, text: object) -> str:
        """Return foreign text as one line of bounded length."""
        whole = str(text)
        line = " ".join(self.theirs(whole[:_LINE_LIMIT]).split())
        return line + self.ours("…") if len(whole) > _LINE_LIMIT else line

    def fit(self, text: str, width: int) -> str:
        """Cut or pad a line to a width in cells."""
        if cell_len(text) <= width:
            return text + " " * (width - cell_len(text))
        return set_cell_size(text, width - 1) + self.ours("…") if width > 0 else ""

    def sign(self, status: str) -> tuple[str, str]:
        """Return a status as a sign and its colour."""
        return self.ours(SIGNS[status]), _COLOURS.get(status, "dim")

    def bar(self, percent: float | None, width: int, colour: str) -> Text:
        """Draw a bar that can be read without colour."""
        halves = int((percent or 0) / 100 * width * 2)
        full = "━" * (halves // 2) + ("╸" if halves % 2 else "")
        return Text.assemble((self.ours(full), colour), (self.ours("─" * (width - len(full))), "dim"))

    def wrap(self, text: Text, width: int) -> list[Text]:
        """Break a line into lines of a width."""
        return list(text.wrap(self.console, max(width, 1), overflow="fold")) or [text]


class _Row(NamedTuple):
    crumbs: tuple[str, ...]
    text: Text


class _Place(NamedTuple):
    """Where a value of an outline stands: `lead` is its bullet, `mark` the caret if the writing is there."""

    indent: int
    lead: str
    crumbs: tuple[str, ...]
    mark: str


class _Outline:
    """Write an output as a readable outline, from its end backwards and no further than is seen."""

    def __init__(self, pen: _Pen, width: int, height: int) -> None:
        self._pen, self._width, self._height = pen, width, height

    def tail(self, value: object, *, caret: bool) -> list[Text]:
        """Return the last lines; where some are left out, the first one says where this is."""
        place = _Place(0, "", (), self._pen.ours("▌") if caret else "")
        rows = list(itertools.islice(self._rows("", value, place), self._height + 1))
        if len(rows) > self._height:
            path = " / ".join(rows[self._height - 2].crumbs)
            where = self._pen.fit(self._pen.ours("⋮ ") + path, self._width).rstrip()
            rows[-2:] = [_Row((), Text(where, "dim"))]
        return [row.text for row in reversed(rows)]

    def _rows(self, label: str, value: Any, place: _Place) -> Iterator[_Row]:  # noqa: ANN401 - plain JSON data
        if not isinstance(value, dict | list) or not value:
            yield from self._scalar(label, cast("object", value), place)
            return
        indent, lead, crumbs, mark = place
        name = label or lead.strip(" .")
        inside = (*crumbs, name) if name else crumbs
        # However deep it is nested, half of the width is left for what it says.
        below = min(indent + len(lead) + (_INDENT if label else 0), self._width // 2)
        items, fields = cast("list[Any]", value), cast("dict[object, Any]", value)
        last = len(items) - 1
        for index in range(last, -1, -1) if isinstance(value, list) else ():
            item = items[index]
            bullet = f"{index + 1}. " if isinstance(item, dict | list) else self._pen.ours("• ")
            yield from self._rows("", item, _Place(below, bullet, inside, mark if index == last else ""))
        for index, key in enumerate(reversed(fields) if isinstance(value, dict) else ()):
            # An item's first field stands beside its number.
            at, beside = (indent, lead) if index == last and not label else (below, "")
            yield from self._rows(self._label(key), fields[key], _Place(at, beside, inside, "" if index else mark))
        if label:
            yield _Row(crumbs, Text.assemble(" " * indent + lead, (f"{label}:", "bold")))

    def _scalar(self, label: str, value: object, place: _Place) -> Iterator[_Row]:
        indent, lead, crumbs, mark = place
        hanging = " " * (indent + len(lead))
        paragraphs = self._text(value, open_=bool(mark)).split("\n")
        last = len(paragraphs) - 1
        for index in range(last, -1, -1):
            text = Text(paragraphs[index]).append(mark if index == last else "", "cyan")
            if index == 0 and label:
                text = Text.assemble((f"{label}: ", "bold"), text)
            lines = self._pen.wrap(text, self._width - len(hanging))
            for number in range(len(lines) - 1, -1, -1):
                top = index == number == 0
                start = " " * indent + lead if top else hanging
                yield _Row(crumbs if top or not label else (*crumbs, label), Text(start).append_text(lines[number]))

    def _text(self, value: object, *, open_: bool) -> str:
        if isinstance(value, str):
            # Far more than the window shows is not looked at; the cut moves in steps, so that lines don't dance.
            keep = max(4000, self._height * self._width)
            return self._pen.theirs(value[max((len(value) - keep) // 2000 * 2000, 0) :])
        if value is None or isinstance(value, dict | list):
            return "" if open_ else "none"
        return ("yes" if value else "no") if isinstance(value, bool) else str(value)

    def _label(self, key: object) -> str:
        words = _WORDS.sub(" ", self._pen.one_line(key)).strip()
        words = words if words.isupper() else words[:1].upper() + words[1:].lower()
        return self._pen.fit(words, 40).rstrip() or "?"


_Rows: TypeAlias = "list[tuple[bool, Callable[[], Text]]]"
"""Rows that are drawn only if they are seen, each with whether its stage is at work."""


class _Frame:
    """Draw one run as lines that fit the window."""

    def __init__(self, run: Watchable, pen: _Pen) -> None:
        self._run, self._state, self._pen = run, run.state, pen
        self._title = pen.one_line(stage_title(run.operation))
        widest = max((_INDENT * depth + cell_len(stage.title[:60]) for depth, stage in run.state.walk()), default=0)
        share = pen.width * 36 // 100 if pen.width >= _SMALL else pen.width - _TIME - 8
        self._widest = widest + 3
        self._names = min(self._widest, share)

    def live(self, height: int, *, compact: bool) -> list[Text]:
        """Draw the run at work: never taller than `height`."""
        if compact or height < 5:  # noqa: PLR2004 - a bar, two stages and a line of output
            return [self._overall(self._doing())]
        rows = _around(self._stages(self._state.stages, 0), height - 2, self._pen)
        lines = [self._overall(""), *rows]
        lines += self._window(min(_WINDOW, height - len(lines) - 2))
        if facts := self._facts():
            lines.append(Text(f" {self._pen.fit(facts, self._pen.width - 1).rstrip()}", "dim"))
        return lines[:height]

    def final(self, *, compact: bool) -> list[Text]:
        """Draw how the run ended: short, since it stays in the scrollback."""
        state, pen = self._state, self._pen
        self._names = min(self._widest, pen.width - _TIME - 4)
        sign, colour = pen.sign(state.status)
        after = "in" if state.status == "finished" else "after"
        head = f"{self._title} {state.status} {after} {duration_text(self._run.elapsed)}"
        if state.status != "finished":
            head += f", at {percent_text(state.overall_progress)}"
        if state.reason and state.reason != "cancelled":
            head += f": {pen.one_line(state.reason)}"
        lines = pen.wrap(Text.assemble((f"{sign} ", colour), (head, "bold")), pen.width)
        if not compact:
            stages = state.stages
            if len(stages) > _FINAL_ROWS:
                stages = [stage for stage in stages if stage.status not in ("finished", "pending")][:_FINAL_ROWS]
            lines += [self._ended(depth, stage) for stage in stages for depth, stage in _failed_below(stage)]
            if left := len(state.stages) - len(stages):
                lines.append(Text(pen.ours(f"  … {left:,} more stages"), "dim"))
        if state.status == "failed":
            where = _titles(state, state.error_stage, pen)
            what = f"{where}: {self._error()}" if where else self._error()
            lines += [Text("  ").append_text(line) for line in pen.wrap(Text(what, "red"), pen.width - 2)[:6]]
        if not compact and (facts := self._facts()):
            lines += [Text("  ").append_text(line) for line in pen.wrap(Text(facts, "dim"), pen.width - 2)]
        return lines

    def _error(self) -> str:
        return f"{self._pen.one_line(self._state.error_type or 'Error')}: {self._pen.one_line(self._state.error or '')}"

    def _overall(self, doing: str) -> Text:
        state, pen = self._state, self._pen
        numbers = f" {percent_text(state.overall_progress):>5}  {_clock(self._run.elapsed)}"
        remaining = state.data.get("remaining")
        if isinstance(remaining, int | float) and remaining >= 0 and pen.width >= _SMALL:
            numbers += f"  about {_clock(remaining)} left"
        space = pen.width - cell_len(numbers)
        title = pen.fit(self._title, min(cell_len(self._title), max(space // 3, 8)))
        doing = pen.fit(f"  {doing}", min(cell_len(doing) + 2, space // 2)).rstrip()
        bar = pen.bar(state.overall_progress, max(space - cell_len(title) - 1 - cell_len(doing), 3), "cyan")
        return Text.assemble((title, "bold"), " ", bar, numbers, (doing, "dim"))

    def _doing(self) -> str:
        stage = self._state.current
        if stage is None:
            return ""
        title = self._pen.one_line(stage.title)
        return f"{title}: {self._pen.one_line(stage.message)}" if stage.message else title

    def _stages(self, stages: Sequence[StageState], depth: int) -> _Rows:
        rows: _Rows = []
        shown = [*stages]
        if depth and len(stages) > _CHILDREN:
            going = [stage for stage in stages if not stage.ended]
            failed = [stage for stage in stages if stage.status == "failed"]
            chosen = {id(stage) for stage in (*failed[-1:], *stages[-1:], *going)[: _CHILDREN - 1]}
            shown = [stage for stage in stages if id(stage) in chosen]
            ended = sum(stage.ended for stage in stages)
            count = f"{ended:,} of {len(stages):,} ended"
            rows.append((False, functools.partial(self._remark, depth, self._pen.ours("… ") + count)))
        for stage in shown:
            active = stage.status != "pending" and not stage.ended
            rows.append((active, functools.partial(self._row, depth, stage)))
            if active and stage.message and self._pen.width < _NARROW and not stage.children:
                rows.append((False, functools.partial(self._remark, depth + 1, self._pen.one_line(stage.message))))
            if not stage.ended:
                rows += self._stages(stage.children, depth + 1)
        return rows

    def _remark(self, depth: int, text: str) -> Text:
        return Text(self._pen.fit(" " * (1 + _INDENT * depth) + text, self._pen.width).rstrip(), "dim")

    def _name(self, depth: int, stage: StageState) -> Text:
        sign, colour = self._pen.sign(stage.status)
        title = self._pen.fit(self._pen.one_line(stage.title), max(self._names - 3 - _INDENT * depth, 4))
        style = "dim" if stage.status in ("pending", "skipped") else ""
        return Text.assemble(" " * (1 + _INDENT * depth), (sign, colour), " ", (title, style))

    def _row(self, depth: int, stage: StageState) -> Text:
        pen = self._pen
        row = self._name(depth, stage)
        known = stage.percent is not None and stage.status != "pending"
        percent = f"{percent_text(stage.percent) if known else '':>5}"
        time = f"{self._spent(stage):>{_TIME}}"
        space = pen.width - self._names - len(percent) - len(time) - 3
        if pen.width >= _SMALL:
            width = space - 2 if pen.width < _NARROW else max(space * 2 // 5, 8)
            _, colour = pen.sign(stage.status)
            bar = pen.bar(stage.percent, width, colour) if stage.status != "pending" else Text(" " * width)
            row.append("  ").append_text(bar)
            space -= width + 2
        row.append(f" {percent}")
        if pen.width >= _NARROW:
            message = pen.one_line(stage.message or "") if stage.status not in ("finished", "pending") else ""
            row.append("  " + pen.fit(message, space), "dim")
        else:
            row.append("  ")
        return row.append(time)

    def _ended(self, depth: int, stage: StageState) -> Text:
        name = self._name(depth, stage).append("  ")
        name.pad_left(1)
        return name.append(f"{self._spent(stage):>{_TIME}}".rstrip())

    def _spent(self, stage: StageState) -> str:
        if stage.duration is None and stage.started_elapsed is not None:
            return duration_text(max(0.0, self._run.elapsed - stage.started_elapsed))
        return duration_text(stage.duration)

    def _window(self, height: int) -> list[Text]:
        stage = self._state.last_output
        partial = self._run.partial
        if height < 3 or stage is None or partial is None:  # noqa: PLR2004 - a rule and two lines
            return []
        pen = self._pen
        title = f" ── {pen.fit(pen.one_line(stage.title), pen.width - 12).rstrip()} "
        rule = pen.ours(title + "─" * (pen.width - cell_len(title) - 1))
        tail = _Outline(pen, pen.width - 4, height - 1).tail(partial, caret=not stage.ended)
        return [Text(rule, "dim"), *(Text("   ").append_text(line) for line in tail)]

    def _facts(self) -> str:
        return self._pen.one_line(self._pen.ours(usage_text(self._state)))


def _around(rows: _Rows, height: int, pen: _Pen) -> list[Text]:
    """Draw the rows around the last one at work, with a mark where others are left out."""
    at = max((index for index, (active, _) in enumerate(rows) if active), default=0)
    first = max(min(at - height // 2, len(rows) - height), 0)
    below = len(rows) - first - height
    shown = [draw() for _, draw in rows[first : first + height]]
    if first:
        shown[0] = Text(pen.ours(f" ⋮ {first + 1:,} above"), "dim")
    if below > 0:
        shown[-1] = Text(pen.ours(f" ⋮ {below + 1:,} below"), "dim")
    return shown


def _failed_below(stage: StageState) -> list[tuple[int, StageState]]:
    failed = [(depth, each) for depth, each in stage.walk() if depth and each.status == "failed"]
    return [(0, stage), *failed[-_CHILDREN:]]


def _titles(state: RunState, path: str | None, pen: _Pen) -> str:
    """Return where a path is, in titles from the top down."""
    titles: list[str] = []
    while path:
        stage = state.find(path)
        titles.insert(0, pen.one_line(stage.title if stage is not None else path))
        path = path.rpartition("/")[0]
    return " / ".join(titles)


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class _StderrConsole(Console):
    def on_broken_pipe(self) -> None:
        """Let the painter hear of it; rich would end the process, and the run with it."""
        raise BrokenPipeError


class _Screen:
    """One terminal, shared by the runs that are shown in it at the same time: rich allows one Live a console."""

    active: list[_Screen] = []  # noqa: RUF012 - the process's terminals
    lock = threading.RLock()

    def __init__(self, console: Console, *, ours: bool) -> None:
        self.console, self.ours = console, ours
        self.frames: dict[ConsoleView, list[Text]] = {}
        # What the program prints goes above the bars, but must not go from its pipe to the terminal.
        self._live = Live(
            console=console,
            auto_refresh=False,
            vertical_overflow="crop",
            redirect_stdout=sys.stdout.isatty(),
            redirect_stderr=True,
        )

    @classmethod
    def of(cls, console: Console | None) -> _Screen | None:
        """Return the screen of a console, None if it can't be drawn on or another Live has it."""
        for screen in cls.active:
            if screen.console is console or (console is None and screen.ours):
                return screen
        screen = cls(console or _stderr(), ours=console is None)
        # FORCE_COLOR makes rich take a pipe for a terminal; bars would be drawn into a log.
        drawable = screen.console.is_interactive and (console is not None or screen.console.file.isatty())
        if not drawable or not screen._free():
            return None
        screen._live.start()
        atexit.register(screen._live.stop)  # a process that ends meanwhile gives the cursor back
        cls.active.append(screen)
        return screen

    def _free(self) -> bool:
        try:
            free = self.console.set_live(self._live)
        except LiveError:  # rich 14.0
            return False
        self.console.clear_live()
        return free is not False

    def show(self, view: ConsoleView, frame: list[Text]) -> None:
        """Draw a view's frame below those that were there before."""
        self.frames[view] = frame
        self._live.update(self._all(), refresh=True)

    def _all(self) -> Group:
        return _cropped(itertools.chain.from_iterable(self.frames.values()))

    def leave(self, view: ConsoleView, final: list[Text]) -> None:
        """Leave a view's last frame in the scrollback, and the terminal as it was after the last view."""
        self.frames.pop(view, None)
        if self.frames:
            self._live.update(self._all(), refresh=True)
            self.console.print(_cropped(final))
            return
        type(self).active.remove(self)
        atexit.unregister(self._live.stop)
        self._live.update(_cropped(final))
        self._live.stop()


def _cropped(lines: Iterable[Text]) -> Group:
    # A line that the terminal wraps would make the frame taller than rich knows, and leave rests of it behind.
    cropped = [*lines]
    for line in cropped:
        line.no_wrap, line.overflow = True, "crop"
    return Group(*cropped)


def _stderr() -> Console:
    return _StderrConsole(stderr=True, force_jupyter=False)


class ConsoleView:
    """Show a run in a terminal; where there is none, as plain lines.

    ::

        ConsoleView(run).start()

    Writes to stderr unless a console is given. `detail="compact"` makes it one line.
    """

    def __init__(self, run: Watchable, *, console: Console | None = None, detail: Detail | None = None) -> None:
        self._run = run
        self._console = console
        self._compact = (detail or settings.detail) == "compact"
        self._screen: _Screen | None = None
        self._lines: _Lines | None = None
        self._ended = False
        self._painter = Painter(run, self._paint)

    def start(self) -> None:
        """Begin to follow the run."""
        self._painter.start()

    def _paint(self) -> None:
        # One lock for all: runs of several threads may share a terminal.
        with _Screen.lock:
            state = self._run.state
            if self._ended or not (self._begun() or self._is_a_sight(state)):
                return
            self._ended = state.ended
            if not self._begun():
                self._begin()
            if self._lines is not None:
                self._lines.write()
            elif self._screen is not None:
                console = self._screen.console
                frame = _Frame(self._run, _Pen(console, min(max(console.width - 1, _LEAST), _WIDEST)))
                if self._ended:
                    self._screen.leave(self, frame.final(compact=self._compact))
                else:
                    height = (console.height - 1) // len({*self._screen.frames, self})
                    self._screen.show(self, frame.live(height, compact=self._compact))

    def _begun(self) -> bool:
        return self._screen is not None or self._lines is not None

    def _begin(self) -> None:
        self._screen = _Screen.of(self._console)
        if self._screen is None:
            self._lines = _Lines(self._run, self._console or _stderr(), compact=self._compact)

    def _is_a_sight(self, state: RunState) -> bool:
        # What is refused before its first stage has nothing to show: its caller gets the error, and that is enough.
        if state.status == "pending":
            return False
        if any(stage.status != "pending" for stage in state.stages):
            return True
        return state.status != "failed" and (state.ended or not state.stages or self._run.elapsed >= _GRACE)


class _Lines:
    """Write a line for each change of a stage's status: for pipes, logs, and terminals that are taken."""

    def __init__(self, run: Watchable, console: Console, *, compact: bool) -> None:
        self._run, self._console, self._compact = run, console, compact
        self._pen = _Pen(console, _LINE_LIMIT)
        self._next = 0
        self._status: dict[str, str] = {}
        self._percent = 0.0

    def write(self) -> None:
        """Write what happened since the last time: the log is read, so nothing is missed between two paints."""
        log = self._run.log
        for seq in range(self._next, len(log)):
            self._next = seq + 1
            event = log[seq]
            percent = getattr(event, "overall_progress", None)
            self._percent = self._percent if percent is None else percent
            if line := self._line(event):
                name = self._pen.one_line(self._run.operation)
                line = f"{name} {percent_text(self._percent):>5} {_clock(event.elapsed):>5}  {line}"
                self._console.print(Text(line), soft_wrap=True)

    def _line(self, event: Event) -> str | None:
        pen = self._pen
        if isinstance(event, StartedEvent):
            return f"started, model {pen.one_line(event.model)}" if event.model else "started"
        if isinstance(event, DoneEvent):
            facts = pen.one_line(pen.ours(usage_text(self._run.state)))
            return f"finished in {duration_text(event.duration)}{facts and f', {facts}'}"
        if isinstance(event, CancelledEvent):
            reason = "" if event.reason in (None, "cancelled") else f": {pen.one_line(event.reason)}"
            return f"cancelled after {duration_text(self._run.elapsed)}{reason}"
        if isinstance(event, ErrorEvent) and event.fatal:
            where = _titles(self._run.state, event.stage, pen)
            what = f"{pen.one_line(event.error_type)}: {pen.one_line(event.message)}"
            return f"failed after {duration_text(event.duration)}{f' in {where}' if where else ''}: {what}"
        return self._change(event) if isinstance(event, ProgressEvent) else None

    def _change(self, event: ProgressEvent) -> str | None:
        path, status = event.stage, event.status
        if path is None or status == "pending" or (self._compact and "/" in path):
            return None
        message = self._pen.one_line(event.message or "")
        before = self._status.get(path)
        now = f"{status} {message}" if status == "retrying" else status
        self._status[path] = now
        if now == before or (status == "running" and before is not None):
            return None
        text = {"running": "started", "retrying": message or "retrying"}.get(status, status)
        if status in ENDED and event.duration is not None:
            text += f" {'in' if status == 'finished' else 'after'} {duration_text(event.duration)}"
        if message and status in ("failed", "skipped", "fallback"):
            text += f": {message}"
        return f"{_titles(self._run.state, path, self._pen)}: {text}"
