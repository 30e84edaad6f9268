"""Inputs of every type that pydantic reads from JSON: an operation gets what its annotation says."""

import enum
import ipaddress
import uuid
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal, NamedTuple, NewType, Optional

import pytest
from pydantic import (
    UUID4,
    AnyUrl,
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    RootModel,
    SecretStr,
    StrictInt,
    StringConstraints,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict

from progressnb import ProgressTracker, operation
from progressnb.errors import InputError
from progressnb.execution.operation import Operation
from progressnb.web import Text
from progressnb.web.server.inputs import Inputs


class Style(str, enum.Enum):  # noqa: UP042 - such as many have
    """An enumeration of texts."""

    short = "s"
    long = "l"


class Modern(enum.StrEnum):
    """An enumeration of texts, as Python has it today."""

    A = "a"


class Number(enum.IntEnum):
    """An enumeration of numbers."""

    ONE = 1


class Flag(enum.Flag):
    """Flags."""

    X = 1
    Y = 2


class Plain(enum.Enum):
    """An enumeration."""

    T = (1, 2)
    U = "u"


class Model(BaseModel):
    """A model."""

    name: str
    style: Style = Style.short


class Strict(BaseModel):
    """A model whose types are strict."""

    model_config = ConfigDict(strict=True)
    day: date
    key: uuid.UUID
    style: Style
    names: set[str]
    pair: tuple[int, int]
    lasted: timedelta


class Root(RootModel[list[int]]):
    """A model of a list."""


@dataclass
class Data:
    """A dataclass."""

    name: str
    day: date


@pydantic_dataclass
class Checked:
    """A dataclass of pydantic."""

    number: int


class Extended(TypedDict, total=False):
    """A typed dictionary without all keys."""

    b: str


class Named(NamedTuple):
    """A named tuple."""

    x: int
    y: str = "y"


UserId = NewType("UserId", str)
KEY = uuid.UUID("12345678-1234-4678-9234-567812345678")
STRICT = {"day": "2026-01-02", "key": str(KEY), "style": "l", "names": ["a"], "pair": [1, 2], "lasted": "PT5S"}
TYPES: list[tuple[Any, Any, Any]] = [
    (Style, "s", Style.short),
    (Style | None, "l", Style.long),
    (list[Style], ["s", "l"], [Style.short, Style.long]),
    (dict[Style, Modern], {"s": "a"}, {Style.short: Modern.A}),
    (Literal[Style.short], "s", Style.short),
    (Modern, "a", Modern.A),
    (Number, 1, Number.ONE),
    (Flag, 1, Flag.X),
    (Plain, "u", Plain.U),
    (Literal["a", "b"], "a", "a"),
    (Annotated[Style, Field(description="how")], "s", Style.short),
    (str, "a", "a"),
    (Annotated[str, StringConstraints(to_upper=True, max_length=3)], "abc", "ABC"),
    (UserId, "u1", "u1"),
    (SecretStr, "hush", SecretStr("hush")),
    (bytes, "é", "é".encode()),
    (date, "2026-01-02", date(2026, 1, 2)),
    (datetime, "2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
    (time, "03:04", time(3, 4)),
    (timedelta, "PT5S", timedelta(seconds=5)),
    (Decimal, "1.10", Decimal("1.10")),
    (Fraction, "1/3", Fraction(1, 3)),
    (complex, "1+2j", 1 + 2j),
    (uuid.UUID, str(KEY), KEY),
    (UUID4, str(KEY), KEY),
    (AnyUrl, "https://a.b/c", AnyUrl("https://a.b/c")),
    (ipaddress.IPv4Address, "1.2.3.4", ipaddress.IPv4Address("1.2.3.4")),
    (ByteSize, "1KB", ByteSize(1000)),
    (int, 3, 3),
    (StrictInt, 3, 3),
    (float, 1, 1.0),
    (bool, True, True),
    (tuple[int, str], [1, "a"], (1, "a")),
    (set[str], ["a"], {"a"}),
    (frozenset[int], [1], frozenset({1})),
    (deque[int], [1], deque([1])),
    (Sequence[int], [1], [1]),
    (Mapping[str, int], {"a": 1}, {"a": 1}),
    (OrderedDict[str, int], {"a": 1}, OrderedDict(a=1)),
    (dict[int, str], {"1": "a"}, {1: "a"}),
    (Model, {"name": "n", "style": "l"}, Model(name="n", style=Style.long)),
    (
        Strict,
        STRICT,
        Strict(day=date(2026, 1, 2), key=KEY, style=Style.long, names={"a"}, pair=(1, 2), lasted=timedelta(0, 5)),
    ),
    (Root, [1], Root([1])),
    (Data, {"name": "n", "day": "2026-01-02"}, Data("n", date(2026, 1, 2))),
    (Checked, {"number": 1}, Checked(1)),
    (Extended, {"b": "x"}, {"b": "x"}),
    (Named, [1, "z"], Named(1, "z")),
    (Annotated[date, Field(strict=True)], "2026-01-02", date(2026, 1, 2)),
    (Model | Root, [1], Root([1])),
    (int | str, "a", "a"),
    (Any, {"a": [1]}, {"a": [1]}),
]


def operation_of(annotation: Any) -> Operation[..., Any]:
    """Return an operation with one input of a type."""

    async def work(tracker: ProgressTracker, given: Any) -> Any:
        del tracker
        return given

    work.__annotations__["given"] = annotation
    return operation(work)


@pytest.mark.parametrize(("annotation", "sent", "expected"), TYPES, ids=lambda value: str(value)[:40])
async def test_every_type(annotation: Any, sent: Any, expected: Any) -> None:
    """An operation that is served gets the very value that its annotation makes of what was sent."""
    taken = Inputs(operation_of(annotation), {}).checked({"given": sent})["given"]
    assert taken == expected
    if not isinstance(expected, str) or isinstance(expected, enum.Enum):
        assert type(taken) is type(expected)
    else:
        assert type(taken) is Text  # of plain text alone: it is never the name of a file
        assert str(taken) == expected
    assert await operation_of(annotation).using(show=False)(taken) == expected


@pytest.mark.parametrize(
    ("annotation", "sent"),
    [
        (Style, "short"),
        (Style, "Style.short"),
        (Literal["a"], "b"),
        (StrictInt, "3"),
        (Strict, {**STRICT, "pair": [1, "2"]}),
    ],
)
def test_what_does_not_fit(annotation: Any, sent: Any) -> None:
    """A value that the annotation does not take is refused."""
    with pytest.raises(InputError, match="given"):
        Inputs(operation_of(annotation), {}).checked({"given": sent})


def test_a_default_stays() -> None:
    """A default that is no plain text is the operation's own object."""

    @operation
    async def work(tracker: ProgressTracker, style: Style = Style.short, other: Optional[Style] = None) -> str:  # noqa: UP045
        del tracker, other
        return style.name

    assert Inputs(work, {}).checked({}) == {}
    assert Inputs(work, {}).checked({"other": "l"}) == {"other": Style.long}
    assert Inputs(work, {}).schema()["properties"]["style"]["default"] == "s"
