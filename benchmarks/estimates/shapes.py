"""Simulated operations for `honesty.py`: how long stages take, when they write, and what that says.

A shape makes operations, an operation makes runs. Each operation has stages of its own, from short to long,
and weights as somebody who knows them roughly would declare them. `SHAPES` are those that the estimates were
built with; `HELD_OUT` were not looked at before the estimates were finished.
"""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 60.0  # of a usual run
MEDIAN_DRAWS = 301  # by which the oracle learns a median that has no formula
FIELDS = 4
FIELD_LENGTH = 200


@dataclass
class StageRun:
    """One stage of one run. Times are in seconds since it began; `fields` have a length or lengths of items.

    Without fields the output is plain text of `characters`. `writes` is the number of its content events.
    """

    name: str
    duration: float
    first: float | None = None  # None: it writes nothing
    fields: list[int | list[int]] = field(default_factory=lambda: [FIELD_LENGTH] * FIELDS)
    written: Callable[[float], float] = lambda share: share  # the share written at a share of the writing time
    skipped: bool = False
    failed_attempts: list[float] = field(default_factory=list)
    characters: int = 0
    writes: int = 12

    @property
    def total(self) -> float:
        """Seconds with all attempts."""
        return 0.0 if self.skipped else self.duration + sum(self.failed_attempts)

    @property
    def kind(self) -> Literal["text", "json"]:
        """The kind of the output."""
        return "text" if self.characters else "json"

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of the output, as pydantic-ai has it; empty for text."""
        string = {"type": "string"}
        item = {"type": "object", "properties": {"text": string}, "required": ["text"]}
        fields = {
            f"field{at}": string if isinstance(length, int) else {"type": "array", "items": item}
            for at, length in enumerate(self.fields)
        }
        return {} if self.characters else {"type": "object", "properties": fields, "required": list(fields)}

    def text(self) -> str:
        """Return the output as text or as JSON."""
        if self.characters:
            return "x" * self.characters
        return json.dumps(
            {
                f"field{at}": "x" * length if isinstance(length, int) else [{"text": "x" * one} for one in length]
                for at, length in enumerate(self.fields)
            }
        )


@dataclass
class Operation:
    """Stages with median seconds and declared weights, and how one run of it goes."""

    medians: dict[str, float]
    weights: dict[str, float]
    draw: Callable[[random.Random, int], list[StageRun]]

    def true_medians(self, number: int) -> dict[str, float]:
        """Return each stage's median seconds in the run of this number, as an oracle knows them."""
        chance = random.Random(number)  # noqa: S311 - a simulation
        runs = [self.draw(chance, number) for _ in range(MEDIAN_DRAWS)]
        return {name: sorted(run[at].total for run in runs)[MEDIAN_DRAWS // 2] for at, name in enumerate(self.medians)}


Shape = "Callable[[random.Random], Operation]"


def lognormal(chance: random.Random, sigma: float) -> float:
    """Draw a factor with median 1."""
    return math.exp(chance.gauss(0, sigma))


def make(
    chance: random.Random,
    stage: Callable[[random.Random, str, float, int], StageRun],
    shares: list[float] | None = None,
) -> Operation:
    """Make an operation whose stages are drawn one by one."""
    shares = shares or [lognormal(chance, 0.7) for _ in range(chance.randint(3, 6))]
    medians = {f"stage{at}": SECONDS * share / sum(shares) for at, share in enumerate(shares)}
    weights = {name: median * lognormal(chance, 0.5) for name, median in medians.items()}
    return Operation(
        medians,
        weights,
        lambda run, number: [stage(run, name, median, number) for name, median in medians.items()],
    )


# --- the shapes that the estimates were built with -----------------------------------------------------


def steady(sigma: float) -> Callable[[random.Random], Operation]:
    """Lognormal stage times, first token at a quarter, four equal fields."""

    def stage(chance: random.Random, name: str, median: float, _number: int) -> StageRun:
        duration = median * lognormal(chance, sigma)
        return StageRun(name, duration, duration / 4)

    return lambda chance: make(chance, stage)


def blind(sigma: float) -> Callable[[random.Random], Operation]:
    """Lognormal stage times and not a word before a stage ends: medians are all that can be known."""

    def stage(chance: random.Random, name: str, median: float, _number: int) -> StageRun:
        return StageRun(name, median * lognormal(chance, sigma))

    return lambda chance: make(chance, stage)


def loose(sigma: float) -> Callable[[random.Random], Operation]:
    """Lognormal stage times; the first token comes at any time, fields have any length and writing is uneven."""

    def stage(chance: random.Random, name: str, median: float, _number: int) -> StageRun:
        duration = median * lognormal(chance, sigma)
        lengths: list[int | list[int]] = [int(FIELD_LENGTH * lognormal(chance, 0.5)) for _ in range(FIELDS)]
        bend = lognormal(chance, 0.4)
        return StageRun(name, duration, duration * chance.uniform(0.05, 0.6), lengths, lambda share: share**bend)

    return lambda chance: make(chance, stage)


def long_first_token(chance: random.Random) -> Operation:
    """Models that think: seven tenths of a stage pass before the first token, and how long is any guess."""

    def stage(chance: random.Random, name: str, median: float, _number: int) -> StageRun:
        wait = 0.7 * median * lognormal(chance, 0.5)
        return StageRun(name, wait + 0.3 * median * lognormal(chance, 0.2), wait)

    return make(chance, stage)


def dominant(chance: random.Random) -> Operation:
    """One stage takes four fifths of the run; nothing says how far it is."""

    def stage(chance: random.Random, name: str, median: float, _number: int) -> StageRun:
        return StageRun(name, median * lognormal(chance, 0.25))

    shares = [0.05, 0.05, 0.05, 0.05]
    shares.insert(chance.randint(0, 4), 0.8)
    return make(chance, stage, shares)


def drift(chance: random.Random) -> Operation:
    """Each run is a tenth slower than the one before it."""

    def stage(chance: random.Random, name: str, median: float, number: int) -> StageRun:
        return StageRun(name, 1.1**number * median * lognormal(chance, 0.15))

    return make(chance, stage)


def uneven_drift(chance: random.Random) -> Operation:
    """Every other stage is a tenth slower from run to run, the others are not: what five runs can hardly tell."""

    def stage(chance: random.Random, name: str, median: float, number: int) -> StageRun:
        slower = 1.1**number if int(name[-1]) % 2 else 1.0
        return StageRun(name, slower * median * lognormal(chance, 0.15))

    return make(chance, stage)


def cold_start(chance: random.Random) -> Operation:
    """Load a model in the first run of a session, whose first stage takes four times as long."""

    def stage(chance: random.Random, name: str, median: float, number: int) -> StageRun:
        cold = 4.0 if number == 0 and name == "stage0" else 1.0
        return StageRun(name, cold * median * lognormal(chance, 0.2))

    return make(chance, stage)


def correlated(chance: random.Random) -> Operation:
    """Let a slow run be slow in all its stages; nothing is written."""
    medians = make(chance, lambda _c, name, median, _n: StageRun(name, median))

    def draw(chance: random.Random, _number: int) -> list[StageRun]:
        speed = lognormal(chance, 0.4)
        return [StageRun(name, speed * median * lognormal(chance, 0.15)) for name, median in medians.medians.items()]

    return Operation(medians.medians, medians.weights, draw)


def fields(chance: random.Random) -> Operation:
    """Fields of unequal but usual lengths, written at a rate that varies from stage to stage."""
    usual: dict[str, list[float]] = {}

    def stage(chance: random.Random, name: str, median: float, _number: int) -> StageRun:
        sizes = usual[name]
        lengths: list[int | list[int]] = [int(size * lognormal(chance, 0.15)) for size in sizes]
        written = sum(length for length in lengths if isinstance(length, int)) / sum(sizes)
        wait = 0.2 * median * lognormal(chance, 0.3)
        return StageRun(name, wait + 0.8 * median * written * lognormal(chance, 0.4), wait, lengths)

    operation = make(chance, stage)
    usual.update({name: [FIELD_LENGTH * lognormal(chance, 0.8) for _ in range(FIELDS)] for name in operation.medians})
    return operation


def list_lengths(chance: random.Random) -> Operation:
    """Write a list in the first stage; each later one works so long for each of its items."""
    base = make(chance, lambda _c, name, median, _n: StageRun(name, median))

    def draw(chance: random.Random, _number: int) -> list[StageRun]:
        count = max(2, round(8 * lognormal(chance, 0.5)))
        names = list(base.medians)
        stages: list[StageRun] = []
        for name in names:
            median = base.medians[name] * lognormal(chance, 0.15)
            if name == names[0]:
                stages.append(StageRun(name, median, 0.2 * median, [100, [60] * count]))
            else:
                duration = median * count / 8
                stages.append(StageRun(name, duration, 0.1 * duration, [[60] * count]))
        return stages

    return Operation(base.medians, base.weights, draw)


def token_rate(chance: random.Random) -> Operation:
    """Plain text of a usual length, at a rate that varies from run to run and from stage to stage."""
    base = make(chance, lambda _c, name, median, _n: StageRun(name, median))

    def draw(chance: random.Random, _number: int) -> list[StageRun]:
        speed = lognormal(chance, 0.35)
        stages: list[StageRun] = []
        for name, median in base.medians.items():
            length = lognormal(chance, 0.15)
            wait = 0.15 * median * lognormal(chance, 0.4)
            writing = 0.85 * median * length * speed * lognormal(chance, 0.2)
            stages.append(StageRun(name, wait + writing, wait, [int(4 * FIELD_LENGTH * length)]))
        return stages

    return Operation(base.medians, base.weights, draw)


# --- shapes in which one output is nearly all of the run: its length is any from 300 to 30,000 characters --------


def log_uniform(chance: random.Random) -> int:
    """Draw a length between 300 and 30,000 characters."""
    return round(math.exp(chance.uniform(math.log(300), math.log(30_000))))


def long_output(fields: Callable[[random.Random, int], list[int | list[int]]] | None) -> Callable[..., Operation]:
    """Write one output at a rate that differs from run to run; `fields` make it of a length, None is plain text."""

    def stage(chance: random.Random, name: str, median: float, _number: int) -> StageRun:
        length = log_uniform(chance)
        writing = median * length / 3000 * lognormal(chance, 0.2)
        wait = 0.02 * median * lognormal(chance, 0.5)
        made = fields(chance, length) if fields is not None else []
        return StageRun(name, wait + writing, wait, made, characters=0 if fields else length, writes=80)

    return lambda chance: make(chance, stage, [1.0])


def items(chance: random.Random, length: int) -> list[int]:
    """Draw the lengths of a list's items, together about so many characters."""
    each = 80 * lognormal(chance, 0.5)
    return [max(5, round(each * lognormal(chance, 0.4))) for _ in range(max(2, round(length / (each + 14))))]


def long_after_short(chance: random.Random) -> Operation:
    """Search for a while, then write one long list, then check it: the list is four fifths of the run."""
    medians = {"search": 6.0, "write": 48.0, "check": 6.0}

    def draw(chance: random.Random, _number: int) -> list[StageRun]:
        length = log_uniform(chance)
        writing = medians["write"] * length / 3000
        return [
            StageRun("search", medians["search"] * lognormal(chance, 0.2)),
            StageRun("write", 1 + writing, 1.0, [30, items(chance, length), 200], writes=80),
            StageRun("check", medians["check"] * lognormal(chance, 0.2)),
        ]

    weights = {name: median * lognormal(chance, 0.5) for name, median in medians.items()}
    return Operation(medians, weights, draw)


WRITING: dict[str, Callable[[random.Random], Operation]] = {
    "long text": long_output(None),
    "long field": long_output(lambda _chance, length: [40, length, 60]),
    "long list": long_output(lambda chance, length: [40, items(chance, length), 150]),
    "long list at the end": long_output(lambda chance, length: [150, items(chance, length)]),
    "long list alone": long_output(lambda chance, length: [items(chance, length)]),
    "long after short": long_after_short,
}

SHAPES: dict[str, Callable[[random.Random], Operation]] = {
    "steady, sigma 0.1": steady(0.1),
    "steady, sigma 0.25": steady(0.25),
    "steady, sigma 0.5": steady(0.5),
    "blind, sigma 0.1": blind(0.1),
    "blind, sigma 0.25": blind(0.25),
    "blind, sigma 0.5": blind(0.5),
    "loose, sigma 0.1": loose(0.1),
    "loose, sigma 0.25": loose(0.25),
    "loose, sigma 0.5": loose(0.5),
    "long first token": long_first_token,
    "one stage dominates": dominant,
    "drift": drift,
    "drift of some stages": uneven_drift,
    "cold start": cold_start,
    "correlated speed": correlated,
    "fields": fields,
    "list lengths": list_lengths,
    "token rate": token_rate,
}
INFORMATIVE = frozenset({"fields", "list lengths", "token rate"})


# --- the shapes that were kept out ---------------------------------------------------------------------


def gamma(chance: random.Random) -> Operation:
    """Gamma stage times with a coefficient of variation of a half."""

    def stage(chance: random.Random, name: str, median: float, _number: int) -> StageRun:
        return StageRun(name, median * chance.gammavariate(4, 1 / 3.672))

    return make(chance, stage)


def cached(chance: random.Random) -> Operation:
    """Three stages of ten come from a cache, in a twentieth of their time."""

    def stage(chance: random.Random, name: str, median: float, _number: int) -> StageRun:
        hit = chance.random() < 0.3  # noqa: PLR2004
        duration = median * lognormal(chance, 0.2) * (0.05 if hit else 1.0)
        return StageRun(name, duration, duration / 4)

    return make(chance, stage)


def heavy_tail(chance: random.Random) -> Operation:
    """One stage of ten meets a rate limit or a slow server: Pareto, at twice its time or more."""

    def stage(chance: random.Random, name: str, median: float, _number: int) -> StageRun:
        slow = 2 * chance.paretovariate(1.5) if chance.random() < 0.1 else 1.0  # noqa: PLR2004
        return StageRun(name, median * lognormal(chance, 0.2) * min(20.0, slow))

    return make(chance, stage)


def skipped(chance: random.Random) -> Operation:
    """Leave the third stage out in four runs of ten."""

    def stage(chance: random.Random, name: str, median: float, _number: int) -> StageRun:
        out = name == "stage2" and chance.random() < 0.4  # noqa: PLR2004
        duration = median * lognormal(chance, 0.25)
        return StageRun(name, duration, duration / 4, skipped=out)

    return make(chance, stage)


def retries(chance: random.Random) -> Operation:
    """In one stage of five the first attempt fails somewhere on its way."""

    def stage(chance: random.Random, name: str, median: float, _number: int) -> StageRun:
        duration = median * lognormal(chance, 0.25)
        failed = [duration * chance.uniform(0.3, 1.0)] if chance.random() < 0.2 else []  # noqa: PLR2004
        return StageRun(name, duration, duration / 4, failed_attempts=failed)

    return make(chance, stage)


def bursts(chance: random.Random) -> Operation:
    """Stop and go: nothing is written for long, then much at once; lengths vary by half."""

    def stage(chance: random.Random, name: str, median: float, _number: int) -> StageRun:
        duration = median * lognormal(chance, 0.35)
        lengths: list[int | list[int]] = [int(FIELD_LENGTH * lognormal(chance, 0.4)) for _ in range(FIELDS)]
        stops = sorted(chance.random() for _ in range(3))

        def written(share: float) -> float:
            passed = sum(stop <= share for stop in stops)
            return (passed + share) / 4 if share < 1 else 1.0

        return StageRun(name, duration, duration * chance.uniform(0.1, 0.3), lengths, written)

    return make(chance, stage)


def sudden_change(chance: random.Random) -> Operation:
    """Since the run before last the model is another: its stages take half or twice as long."""
    factors: dict[str, float] = {}

    def stage(chance: random.Random, name: str, median: float, number: int) -> StageRun:
        changed = factors[name] if number >= 4 else 1.0  # noqa: PLR2004
        return StageRun(name, changed * median * lognormal(chance, 0.2))

    operation = make(chance, stage)
    factors.update({name: chance.choice([0.5, 1.0, 2.0]) for name in operation.medians})
    return operation


HELD_OUT: dict[str, Callable[[random.Random], Operation]] = {
    "gamma": gamma,
    "cached": cached,
    "heavy tail": heavy_tail,
    "skipped": skipped,
    "retries": retries,
    "bursts": bursts,
    "sudden change": sudden_change,
}
