"""One frame of a run for a terminal: the header with its bar, the answer, the trace, and the report that stays.

A frame draws the view model (`progressnb.folds.tree`) and chooses nothing of its own but what fits the window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from progressnb.display.answer import block_lines
from progressnb.display.batch_lines import batch_lines
from progressnb.display.terminal import INDENT, Pen
from progressnb.folds.state import is_at_work
from progressnb.folds.words import percent_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from progressnb.folds.tree import Row, RunTree

__all__ = ["Frame"]

_NARROW, _SMALL = 72, 50  # columns below which the message, and below which the bars, give way
_WINDOWS = {"none": 0, "line": 1, "short": 4, "tall": 12}  # lines that are kept for an answer while it is written
_FINAL_ANSWER = 40  # lines of an answer that stay in the scrollback
_FINAL_LINES = 60  # lines of the trace that stay there
_ERROR_LINES = 6
_LEAST = 8  # columns of a name with its sign
_TIME = 10  # columns of "3 min 05 s"


class Frame:
    """Draw one run as lines that fit the window.

    Attributes:
        missing: The lines of the trace that did not fit when it was drawn last: a tree of fewer rows would be better.

    """

    def __init__(self, tree: RunTree, pen: Pen) -> None:
        self._tree, self._pen = tree, pen
        self.missing = 0
        widest = max((INDENT * depth + cell_len(self._label(row)) for depth, row in _walk(tree["trace"])), default=0)
        share = pen.width * 36 // 100 if pen.width >= _SMALL else pen.width - _TIME - 8
        self._names = max(min(widest + 3, share), _LEAST)

    def live(self, height: int, *, compact: bool) -> list[Text]:
        """Draw the run at work: never taller than `height`."""
        tree = self._tree
        if compact or height < 5:  # noqa: PLR2004 - a bar, two stages and a line of the answer
            return [self._overall(self._doing())]
        lines = [self._overall("")]
        if batch := tree.get("batch"):
            return [*lines, *batch_lines(batch, self._pen)][:height]
        window = self._window((height - len(lines)) // 2 + 1 if tree["trace"] else height - len(lines))
        facts = self._facts()
        lines += window
        lines += self._rows(height - len(lines) - bool(facts))
        if facts:
            lines.append(Text(f" {self._pen.fit(facts, self._pen.width - 1).rstrip()}", "dim"))
        return lines[:height]

    def final(self, *, compact: bool, answer: bool = True) -> list[Text]:
        """Draw how the run ended: with its answer if asked for, and bounded, since it stays in the scrollback."""
        pen, failure = self._pen, self._tree["failure"]
        lines = pen.wrap(self._outcome(compact=compact), pen.width)
        if not compact:
            lines += self._answer() if answer else []
            lines += self._rows(_FINAL_LINES)
            lines += batch_lines(batch, pen) if (batch := self._tree.get("batch")) else []
        if failure is not None:
            text = ": ".join(filter(None, [failure["stage"], failure["text"]]))
            lines += self._indented(Text(pen.foreign(text), "red"))[:_ERROR_LINES]
            lines += self._indented(Text(pen.foreign(failure["advice"])))[:_ERROR_LINES] if failure["advice"] else []
        return lines if compact else lines + self._notes()

    @property
    def answer_text(self) -> str:
        """The answer as it is drawn, without styles."""
        return "\n".join(line.plain for line in self._answer())

    def _indented(self, text: Text) -> list[Text]:
        return [Text("  ").append_text(line) for line in self._pen.wrap(text, self._pen.width - 2)]

    def _title(self) -> Text:
        header = self._tree["header"]
        title = Text(self._pen.words(header["title"]), "bold")
        if header["subject"] and not header["asks"]:
            title.append(self._pen.signs(" · ") + self._pen.words(header["subject"]))
        return title

    def _outcome(self, *, compact: bool) -> Text:
        header, pen = self._tree["header"], self._pen
        sign, style = pen.sign(header["status"])
        facts = [] if compact else header["facts"]
        outcome = f"finished in {header['elapsed']}"
        if (status := self._tree["status"]) != "finished":
            percent = percent_text(header["percent"], guess=header.get("guess", False))
            after = f" after {header['elapsed']}{percent and f', at {percent}'}" if header["elapsed"] else ""
            outcome = f"{header['ended'] if header['status'] == 'left' else status}{after}"
        early = [header["ended"]] if header["ended"] not in ("", "cancelled") and header["status"] != "left" else []
        parts = [outcome, *early, *facts]
        return Text.assemble((f"{sign} ", style), self._title(), f" {pen.words(' · '.join(parts))}")

    def _overall(self, doing: str) -> Text:
        header, pen = self._tree["header"], self._pen
        if header["trouble"] and header["status"] == "pending":  # a run elsewhere that is not reached yet
            line = f"{self._title().plain}: {pen.words(header['trouble'])}"
            return Text(pen.fit(line, pen.width).rstrip())
        more = header["asks"] or header["trouble"] or header["left"]
        more = f"  {pen.words(more)}" if more and pen.width >= _SMALL else ""
        numbers = f" {header['percent_text']:>5}  {header['elapsed']}{more}"
        space = pen.width - cell_len(numbers)
        title = self._title()
        title.truncate(max(space // 3, 8), overflow="ellipsis")
        title.plain = pen.signs(title.plain)
        doing = pen.fit(f"  {doing}", min(cell_len(doing) + 2, space // 2)).rstrip()
        bar = pen.bar(header["percent"], max(space - cell_len(title.plain) - 1 - cell_len(doing), 3), "cyan")
        return Text.assemble(title, " ", bar, numbers, (doing, "dim"))

    def _doing(self) -> str:
        if batch := self._tree.get("batch"):
            return batch["text"]
        active = [row for _, row in _walk(self._tree["trace"]) if _is_active(row)]
        if not active:
            return ""
        title, message = self._pen.words(active[-1]["title"]), self._pen.words(active[-1]["message"])
        return f"{title}: {message}" if message else title

    def _facts(self) -> str:
        notes, facts = self._tree["notes"], self._tree["header"]["facts"]
        facts = facts[1:] if self._tree.get("counted") else facts  # a note has the tokens, too
        return self._pen.words(" · ".join([*notes, *facts]))

    def _notes(self) -> list[Text]:
        notes = (Text(self._pen.words(note), "dim") for note in self._tree["notes"])
        return [Text(" ").append_text(line) for note in notes for line in self._pen.wrap(note, self._pen.width - 1)]

    # --- the answer ---

    def _window(self, room: int) -> list[Text]:
        """Draw the end of an answer in a window that keeps its height while the answer grows."""
        answer = self._tree["answer"]
        if answer is None or room < 3 or not (height := min(_WINDOWS[answer["height"]], room - 1)):  # noqa: PLR2004
            return []
        pen = self._pen
        lines = block_lines(answer["blocks"], pen, pen.width - 4)
        above = answer["above"] or (f"… {len(lines) - height:,} lines above" if len(lines) > height else "")
        above = " · ".join(filter(None, [answer.get("by", ""), above]))
        title = f" ── {pen.words(above)} " if above else " ──"
        rule = Text(pen.signs(title + "─" * (pen.width - cell_len(title) - 1)), "dim")
        lines = [Text("   ").append_text(line) for line in lines[-height:]]
        return [rule, *lines, *[Text()] * (height - len(lines))]

    def _answer(self) -> list[Text]:
        answer, pen = self._tree["answer"], self._pen
        if answer is None:
            return []
        lines = block_lines(answer["blocks"], pen, pen.width - 4)
        below = [answer["below"]] if answer["below"] else []
        if len(lines) > _FINAL_ANSWER:
            below = [f"… {len(lines) - _FINAL_ANSWER:,} more lines"]
        return [
            *(Text("  ").append_text(line) for line in lines[:_FINAL_ANSWER]),
            *(Text(f"  {pen.words(text)}", "dim") for text in below),
        ]

    # --- the trace ---

    def _rows(self, height: int) -> list[Text]:
        """Draw the trace in at most so many lines."""
        lines = [line for depth, row in _walk(self._tree["trace"]) for line in self._lines(depth, row)]
        self.missing = max(len(lines) - height, 0)
        return lines[: max(height, 0)]

    def _lines(self, depth: int, row: Row) -> list[Text]:
        if row["remark"]:
            return [self._remark(depth, row["remark"])]
        is_small = self._pen.width < _NARROW
        if row["message"] and (row["status"] == "failed" or (is_small and not row["children"])):
            return [self._row(depth, row), self._remark(depth + 1, row["message"])]
        return [self._row(depth, row)]

    def _remark(self, depth: int, text: str) -> Text:
        indent = " " * (1 + INDENT * depth)
        return Text(self._pen.fit(indent + self._pen.words(text), self._pen.width).rstrip(), "dim")

    def _label(self, row: Row) -> str:
        # A row of many has its count by its name; a result stands with the messages.
        count = row["outcome"] if row["count"] > 1 else ""
        return self._pen.words(" ".join(filter(None, [row["title"], row["hint"], count])))

    def _name(self, depth: int, row: Row) -> Text:
        sign, style = self._pen.sign(row["status"])
        indent = 1 + min(INDENT * depth, self._names // 2)  # however deep, half of the columns are left for the name
        name = self._pen.fit(self._label(row), self._names - 2 - indent)
        quiet = "dim" if row["status"] in ("pending", "unreached", "skipped") else ""
        line = Text.assemble(" " * indent, (sign, style), " ", (name, quiet))
        if not quiet:
            line.stylize("dim", 2 + indent + len(self._pen.words(row["title"])))
        return line

    def _row(self, depth: int, row: Row) -> Text:
        pen, tree = self._pen, self._tree
        line = self._name(depth, row)
        percent, time = f"{row['percent_text']:>5}", f"{pen.words(row['time']):>{_TIME}}"
        space = pen.width - self._names - len(percent) - cell_len(time) - 3
        if pen.width >= _SMALL:
            width = space - 2 if pen.width < _NARROW else max(space * 2 // 5, 8)
            track = pen.track(_times(row, tree), tree["span"], width, pen.sign(row["status"])[1])
            for begin, until in row.get("waits", []):
                pen.mark(track, begin or 0.0, tree["now"] if until is None else until, tree["span"])
            line.append("  ").append_text(track)
            space -= width + 2
        line.append(f" {percent}")
        if pen.width >= _NARROW:
            message = row["message"] if row["status"] != "failed" else ""  # why it failed has a line of its own
            outcome = row["outcome"] if row["count"] == 1 else ""
            text = pen.words(" ".join(filter(None, [outcome, message])))
            line.append("  " + pen.fit(text, space), "dim")
        else:
            line.append("  ")
        line.append(time)
        line.rstrip()
        return line


def _walk(rows: Sequence[Row], depth: int = 0) -> Iterator[tuple[int, Row]]:
    for row in rows:
        yield depth, row
        yield from _walk(row["children"], depth + 1)


def _times(row: Row, tree: RunTree) -> list[tuple[float, float]]:
    """Return when a row was at work, of many each of them; none before it begins."""
    if row["start"] is None:
        return []
    if spans := row.get("spans"):
        return [(begin, end) for begin, end in spans]
    return [(row["start"], tree["now"] if row["end"] is None else row["end"])]


def _is_active(row: Row) -> bool:
    return not row["remark"] and is_at_work(row["status"])
