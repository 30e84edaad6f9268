"""What other code does in a terminal while a bar is drawn there: it logs, prints, asks, draws bars, and is killed."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.terminals import Program

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")

LOOP = """\
import logging, sys, time
import progressnb as pnb
{before}
for number in pnb.track(range(6), "rows"):
    time.sleep(0.12)
{body}
{after}
"""


def program(
    folder: Path, body: str = "    pass", before: str = "", after: str = "", *, controlling: bool = True
) -> Program:
    """Begin a loop of six items with a body."""
    return Program(folder, LOOP.format(before=before, body=body, after=after), controlling=controlling)


BEHIND_A_QUEUE = """\
import atexit, logging.handlers, queue
waiting = queue.Queue()
logging.basicConfig(level=1, handlers=[logging.handlers.QueueHandler(waiting)])
listener = logging.handlers.QueueListener(waiting, logging.StreamHandler())
listener.start()
atexit.register(listener.stop)  # its thread is a daemon: without this the last record may be lost at the end"""
BEHIND_A_BUFFER = """\
from logging.handlers import MemoryHandler
logging.basicConfig(level=1, handlers=[MemoryHandler(2, target=logging.StreamHandler())])"""
OF_RICH = """\
from rich.logging import RichHandler
logging.basicConfig(level=1, handlers=[RichHandler(show_path=False)])"""


@pytest.mark.parametrize(
    ("before", "body"),
    [
        ("logging.basicConfig(level='INFO')", "    logging.info('item %d', number)"),
        ("logging.basicConfig(level='INFO', stream=sys.stdout)", "    logging.info('item %d', number)"),
        (
            "log = logging.getLogger('a.b'); log.addHandler(logging.StreamHandler()); log.setLevel('INFO')",
            "    log.info('item %d', number)",
        ),
        (BEHIND_A_QUEUE, "    logging.info('item %d', number)"),
        (BEHIND_A_BUFFER, "    logging.info('item %d', number)"),
        (OF_RICH, "    logging.info('item %d', number)"),
        ("", "    logging.warning('item %d', number)"),
        ("", "    if not number: logging.basicConfig(level='INFO')\n    logging.info('item %d', number)"),
        ("", "    print('item', number)"),
        ("", "    print('item', number, file=sys.stderr)"),
        ("", "    print('item', number, file=sys.__stdout__)"),
        ("kept = sys.stderr", "    print('item', number, file=kept)"),
        ("sys.stdout = sys.stderr", "    print('item', number)"),
        ("", "    sys.stdout.writelines(['item ', str(number), '\\n'])"),
        ("", "    sys.stdout.buffer.write(b'item %d\\n' % number)"),
        ("from rich.console import Console; console = Console()", "    console.print('item', number)"),
        ("import warnings; warnings.simplefilter('always')", "    warnings.warn(f'item {number}')"),
    ],
)
def test_messages_stay_whole(tmp_path: Path, before: str, body: str) -> None:
    """Each message of a log, a print or a warning is a whole line above the bar, in its order, once."""
    with program(tmp_path, body, before) as shown:
        assert shown.end() == 0
        found = [line for line in shown.lines() if "item " in line and "warn(" not in line]
    assert [line[line.index("item ") :].split("(")[0] for line in found] == [f"item {number}" for number in range(6)]
    assert "✓" in shown.lines()[-2] + shown.lines()[-1]


def test_handlers_are_given_back(tmp_path: Path) -> None:
    """After the loop the handlers and streams are what they were."""
    before = "logging.basicConfig(level='INFO'); kept = sys.stdout, sys.stderr, logging.root.handlers[0].stream, input"
    after = (
        "print('same', kept == (sys.stdout, sys.stderr, logging.root.handlers[0].stream, input),"
        " 'write' in vars(sys.stdout) or 'write' in vars(sys.stderr))"
    )
    with program(tmp_path, before=before, after=after) as shown:
        assert shown.end() == 0
        assert "same True False" in shown.lines()


def test_dots_wait_for_their_line(tmp_path: Path) -> None:
    """`print(".", end="", flush=True)` makes one line, not one for each dot."""
    with program(tmp_path, "    print('.', end='', flush=True)", after="print()") as shown:
        assert shown.end() == 0
        assert shown.lines().count("......") == 1
        assert not [line for line in shown.lines() if line.strip(".") == "" and line != "......"]


@pytest.mark.parametrize("leave", [True, False])
def test_bars_of_tqdm_rewrite_their_line(tmp_path: Path, leave: bool) -> None:
    """A bar of tqdm in the body takes one line for a whole bar, or none where it doesn't stay."""
    body = (
        f"    for _ in tqdm.tqdm(range(4), desc=f'part {{number}}', leave={leave}, mininterval=0):\n"
        "        time.sleep(0.01)"
    )
    with program(tmp_path, body, "import tqdm") as shown:
        assert shown.end() == 0
        bars = [line for line in shown.lines() if "part " in line]
    assert len(bars) == (6 if leave else 0), bars
    assert all("100%" in line for line in bars)


def test_nested_bars_of_tqdm(tmp_path: Path) -> None:
    """Bars below a bar move the cursor; one line each is left of those that stay."""
    body = """\
    for _ in tqdm.tqdm(range(2), desc=f'outer {number}', mininterval=0):
        for _ in tqdm.tqdm(range(3), desc='inner', leave=False, mininterval=0):
            time.sleep(0.005)"""
    with program(tmp_path, body, "import tqdm") as shown:
        assert shown.end() == 0
        lines = shown.lines()
    assert len([line for line in lines if "outer " in line]) == 6
    assert len([line for line in lines if "inner" in line]) == 0, lines


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_the_cursor_is_there_after_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    """A process that is killed in mid-loop leaves a cursor that can be seen."""
    with program(tmp_path, "    time.sleep(5)") as shown:
        shown.until(lambda: "rows" in shown.text())
        shown.process.send_signal(number)
        assert shown.end() == -number
        assert not shown.cursor_is_hidden


@pytest.mark.parametrize(
    ("before", "prompt"),
    [
        ("", "input('name? ')"),
        ("", "(print('name? ', end=''), input())[1]"),
        ("", "(print('name? ', end='', flush=True), sys.stdin.readline())[1].strip()"),
        ("ask = input", "ask('name? ')"),
        ("import click", "click.prompt('name?', prompt_suffix=' ')"),
        ("from rich.prompt import Prompt; Prompt.prompt_suffix = ' '", "Prompt.ask('name?')"),
    ],
)
def test_nobody_paints_over_a_question(tmp_path: Path, before: str, prompt: str) -> None:
    """While somebody is asked nothing is drawn, what is typed is read whole, and the bar comes back after it."""
    body = f"    if number == 2: got = {prompt}"
    with program(tmp_path, body, before, "print('got', got)") as shown:
        shown.until(lambda: "name?" in shown.text())
        shown.type("Ada Love")
        shown.until(lambda: "name? Ada Love" in shown.text())
        written = len(shown.raw)
        shown.wait(1.5)
        assert len(shown.raw) == written
        shown.type("lace\n")
        assert shown.end() == 0
        assert "name? Ada Lovelace" in shown.lines()
        assert "got Ada Lovelace" in shown.lines()


@pytest.mark.parametrize("controlling", [True, False])
def test_a_password_is_not_painted_over(tmp_path: Path, controlling: bool) -> None:
    """`getpass`, which turns echo off, stops the bar as well, and its question is seen wherever it writes it."""
    body = "    if number == 2: got = getpass.getpass('secret? ')"
    with program(tmp_path, body, "import getpass", "print('got', got)", controlling=controlling) as shown:
        shown.until(lambda: "secret?" in shown.text())
        shown.wait(0.3)
        before = len(shown.raw)
        shown.wait(1.5)
        assert len(shown.raw) == before
        shown.type("open sesame\n")
        assert shown.end() == 0
        assert "got open sesame" in shown.lines()


def test_a_debugger_stops_the_bar(tmp_path: Path) -> None:
    """At a breakpoint the screen stands still, commands are read, and the loop goes on after `c`."""
    with program(tmp_path, "    if number == 2: breakpoint()") as shown:
        shown.until(lambda: "(Pdb)" in shown.text())
        shown.type("p number * 21\n")
        shown.until(lambda: "42" in shown.lines())
        shown.type("c\n")
        assert shown.end() == 0
        assert "✓" in shown.text()


TEE = """\
class Tee:
    def __init__(self, stream): self.stream, self.kept = stream, []
    def write(self, text): self.stream.write(text); self.kept.append(text)
    def flush(self): self.stream.flush()
{more}
tee = sys.stdout = Tee(sys.stdout)
"""


@pytest.mark.parametrize(
    "more",
    [
        "",
        "    def isatty(self): return True",
        "    def isatty(self): return False",
        "    def isatty(self): raise OSError('no idea')",
        "    isatty = None",
        "    def __getattr__(self, name): return getattr(self.stream, name)",
    ],
)
def test_a_tee_keeps_its_text(tmp_path: Path, more: str) -> None:
    """A stdout with `write` and `flush`, whatever else it has or lacks, has its text whole on the screen and in itself.

    There is a bar on stderr.
    """
    tee, after = TEE.format(more=more), "print('kept', len(''.join(tee.kept).split()))"
    with program(tmp_path, "    print('item', number)", tee, after) as shown:
        assert shown.end() == 0
        assert [line for line in shown.lines() if line.startswith("item")] == [f"item {number}" for number in range(6)]
        assert "kept 12" in shown.lines()
        assert "✓" in shown.text()
        assert "Traceback" not in shown.text()


@pytest.mark.parametrize(
    "before",
    [
        "sys.stdout = None",
        "sys.stderr = None",
        "sys.stdout = sys.stderr = None",
        "sys.stderr.close()",
        "import os; os.close(sys.stderr.fileno())",
    ],
)
def test_streams_that_are_not_there(tmp_path: Path, before: str) -> None:
    """Without a stdout there is a bar on stderr; without a stderr there is silence, and the work is done."""
    with program(tmp_path, before=before, after="open('done', 'w').close()") as shown:
        assert shown.end() == 0
        assert (tmp_path / "done").exists()
        assert "Traceback" not in shown.text()
        assert ("✓" in shown.text()) == ("stderr" not in before)


@pytest.mark.parametrize(
    "how",
    [
        "sys.stderr.close()",
        "os.close(2)",
        "sys.stderr = None",
        "sys.stderr = sys.stdout = open(os.devnull, 'w')",
        "print('printed', flush=True); os.close(2); print('printed', flush=True)",
    ],
)
def test_streams_that_go_away(tmp_path: Path, how: str) -> None:
    """A stderr that is closed or exchanged in the middle of a loop breaks nothing."""
    with program(tmp_path, f"    if number == 3: {how}", "import os", "open('done', 'w').close()") as shown:
        assert shown.end() == 0
        assert (tmp_path / "done").exists()
        assert "Traceback" not in shown.text()


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_a_tee_that_comes_later(tmp_path: Path, name: str) -> None:
    """A tee that is put in place in the middle of a loop gets the program's text alone, and the bar stays a bar."""
    tee = TEE.format(more="").partition("tee =")[0]
    body = f"    if number == 2: tee = sys.{name} = Tee(sys.{name})\n    print('item', number, file=sys.{name})"
    with program(tmp_path, body, tee, f"print('kept', len(''.join(tee.kept).split()), sys.{name} is tee)") as shown:
        assert shown.end() == 0
        assert [line for line in shown.lines() if line.startswith("item")] == [f"item {number}" for number in range(6)]
        assert "kept 8 True" in shown.lines()
        assert [line for line in shown.lines() if "━" in line] == [shown.lines()[-2]]


def test_text_that_is_redirected(tmp_path: Path) -> None:
    """What code catches of its own output has nothing of the bar, which stays on the terminal."""
    body = (
        "    with contextlib.redirect_stderr(io.StringIO()) as caught, contextlib.redirect_stdout(caught):\n"
        "        print('item', number); time.sleep(0.2)\n"
        "    assert caught.getvalue() == f'item {number}\\n', caught.getvalue()"
    )
    with program(tmp_path, body, "import contextlib, io") as shown:
        shown.until(lambda: "%" in shown.text())
        assert shown.end() == 0
        assert "item" not in shown.text()
        assert "✓" in shown.text()


def test_a_rich_display_of_the_program(tmp_path: Path) -> None:
    """Where the program's own rich bars are at work the loop is told in lines above them, and none is drawn over."""
    before = "from rich.progress import Progress\nown = Progress(); own.start(); task = own.add_task('mine', total=6)"
    with program(tmp_path, "    own.advance(task)", before, "own.stop()") as shown:
        assert shown.end() == 0
        assert len([line for line in shown.lines() if line.startswith("mine")]) == 1
        assert any("finished" in line and "rows" in line for line in shown.lines())


STREAM = """\
import sys, time
import progressnb as pnb
def chunks():
    for word in "The sea rises and falls twice a day because the Moon pulls".split():
        time.sleep(0.15)
        yield word + " "
for chunk in pnb.stream(chunks(), title="tides"):
    print(chunk, end="", flush=True)
print()
"""


def test_a_program_that_prints_its_stream(tmp_path: Path) -> None:
    """The commonest loop: what it prints is one line, nothing is stamped into it, and the answer is not repeated."""
    with Program(tmp_path, STREAM) as shown:
        assert shown.end() == 0
        text = shown.text()
    assert text.count("The sea rises and falls twice a day because the Moon pulls") == 1, text
    assert "tides" in text
    assert "✓" in text
