"""`generate`: text or data from a prompt, by any model, and by rules without one."""

import asyncio
import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, create_model
from pydantic_ai import NativeOutput, TextOutput
from typing_extensions import TypedDict

from progressnb import generate
from progressnb.agents.offline import OfflineModel
from progressnb.errors import InputError, ModelError
from progressnb.operations.text.rules import answer_by_rules
from progressnb.testing import scripted_model
from progressnb.wire.events import ContentEvent

FAST = OfflineModel(pace=0)

INVOICE = """Dear Ms. Kim,

please find our invoice below. Write to billing@tidal.example with any questions.

Invoice number: A-1742
Date: 2026-03-14
Currency: EUR
Due in days: 30
Paid: no
Items:
- Tide gauge, quantity: 2, price: 1,249.50
- Cable, quantity: 10, price: 4.20
Total: 2,541.00
"""


class Item(BaseModel):
    """A line of an invoice."""

    quantity: int = Field(title="quantity")
    price: float


class Invoice(BaseModel):
    """An invoice."""

    invoice_number: str
    date: date
    currency: Literal["USD", "EUR", "GBP"]
    total: float
    paid: bool
    email: str
    note: str | None = None


# --- by rules ---------------------------------------------------------------------------------------


async def test_an_invoice_by_rules() -> None:
    """Without a model rules read the labelled values, the date, the number, the option and the address."""
    run = generate(INVOICE, output_type=Invoice, model=FAST, show=False)
    invoice = await run
    assert invoice == Invoice(
        invoice_number="A-1742",
        date=date(2026, 3, 14),
        currency="EUR",
        total=2541.0,
        paid=False,
        email="billing@tidal.example",
    )
    stage = run.state.stages[0]
    assert stage.data["source"] == "offline"
    assert stage.message == "read out of the prompt by rules, without a language model"


async def test_required_fields_stream() -> None:
    """The output of a model whose fields are all required arrives field by field."""
    run = generate(INVOICE, output_type=Invoice, model=FAST, show=False)
    await run
    text = "".join(event.delta or "" for event in run.log if isinstance(event, ContentEvent))
    assert text.startswith('{"invoice_number":"A-1742","date"')


class Level(Enum):
    """How bad it is."""

    LOW = "low"
    HIGH = "high"


class Ticket(BaseModel):
    """What a report says."""

    level: Level
    pages: int
    tags: list[str]
    link: str | None = None


TICKET = "Severity is high: the report of 12 pages is lost.\nTags: disk, backup and tape\nSee https://example.org/t/7."


async def test_words_near_the_value() -> None:
    """An option named in the text, a number next to its word, a list of commas and a link are found."""
    ticket = await generate(TICKET, output_type=Ticket, model=FAST, show=False)
    assert ticket == Ticket(level=Level.HIGH, pages=12, tags=["disk", "backup", "tape"], link="https://example.org/t/7")


async def test_lists_and_plain_types() -> None:
    """Lists of models, lists of text and numbers are outputs too."""
    items = await generate(INVOICE, output_type=list[Item], model=FAST, show=False)
    assert items == [Item(quantity=2, price=1249.5), Item(quantity=10, price=4.2)]
    names = await generate("- one\n- two\n", output_type=list[str], model=FAST, show=False)
    assert names == ["one", "two"]


async def test_several_types() -> None:
    """Of several types the first that the prompt has enough for is taken."""
    found = await generate(TICKET, output_type=[Invoice, Ticket], model=FAST, show=False)
    assert isinstance(found, Ticket)


async def test_nothing_is_invented() -> None:
    """A required field that the prompt does not mention is an error that names it and says how to go on."""
    with pytest.raises(ModelError, match=r"'total'.*PROGRESSNB_MODEL"):
        await generate(INVOICE.replace("Total", "Sum"), output_type=Invoice, model=FAST, show=False)


async def test_a_text_is_shortened() -> None:
    """Asked for text, rules give sentences of the prompt, in order, unchanged."""
    text = (
        "Tides are the rise and fall of sea levels. The moon causes most tides on the sea. "
        "My aunt likes tea. Sea levels change twice a day under the moon. It rained. We went home."
    )
    short = await generate(text, model=FAST, show=False)
    assert 0 < len(short) < len(text)
    assert all(sentence.rstrip(".") in text for sentence in short.split(". "))
    assert "tides" in short.lower()
    assert "aunt" not in short


async def test_a_prompt_that_needs_a_model() -> None:
    """A prompt that only a language model can answer says so."""
    with pytest.raises(ModelError, match="language model"):
        await generate("Write a haiku about tides.", model=FAST, show=False)


# --- what rules read, and what they don't ------------------------------------------------------------


def read(prompt: str, kind: Any) -> Any:
    """Return what rules find, as plain data; the names of what is missing; or None where they find nothing."""
    try:
        return answer_by_rules(prompt, kind).model_dump()  # type: ignore[union-attr]
    except ModelError as error:
        return re.findall(r"'([\w.]+)'", error.expected) or None


@dataclass
class Place:
    """Where it is."""

    city: str
    zip_code: int


class Party(TypedDict):
    """Who it is."""

    name: str
    email: str


class Order(BaseModel):
    """Nested, and all of it required."""

    seller: Party
    buyer: Party
    place: Place
    issued: date
    due: date
    note: str | None


ORDER = """Seller name: Tidal Ltd
Seller email: a@tidal.example
Buyer:
- Name: Ms. Kim
- Email: kim@example.org
City: Busan
ZIP code: 48058
Issued: 3 March 2026
Due: April 2nd, 2026
"""


def test_nested_types() -> None:
    """Models, dataclasses and typed dicts are read below their label, by labels that begin with it, or where alone."""
    assert read(ORDER, Order) == {
        "seller": {"name": "Tidal Ltd", "email": "a@tidal.example"},
        "buyer": {"name": "Ms. Kim", "email": "kim@example.org"},
        "place": {"city": "Busan", "zip_code": 48058},
        "issued": "2026-03-03",
        "due": "2026-04-02",
        "note": None,
    }


def test_all_that_is_missing_is_named() -> None:
    """The error names every required value that is not there, by its path."""
    prompt = ORDER.replace("- Email: kim@example.org\n", "").replace("Due", "Later").replace("City", "Town")
    assert read(prompt, Order) == ["buyer.email", "place.city", "due"]


class Two(BaseModel):
    """Fields that one value would fit equally well."""

    sent_by_email: str
    copied_to_email: str


class Span(BaseModel):
    """A date, of which a text may have several."""

    due: date


class Choice(BaseModel):
    """An option."""

    size: Literal["small", "large"]


class Words(BaseModel):
    """Fields whose names end alike."""

    number: str
    order_number: str


@pytest.mark.parametrize(
    ("prompt", "kind", "found"),
    [
        ("Write to a@example.org.", Two, ["sent_by_email", "copied_to_email"]),
        ("Pay between 2026-01-02 and 2026-02-03.", Span, ["due"]),
        ("Date of birth: 1990-01-02\nHello.", Span, ["due"]),
        ("Please pay before 2 February 2026.", Span, {"due": "2026-02-02"}),
        ("Please pay before 03/04/2026.", Span, ["due"]),
        ("Please pay before 31 June 2026.", Span, ["due"]),
        ("A large one, and a small one.", Choice, ["size"]),
        ("A large one, and a LARGE one.", Choice, {"size": "large"}),
        ("Order number: 7", Words, ["number"]),
        ("There are 12 or 13 of them.", float, None),
        ("There are 12 of them.", float, {"response": 12}),
        ("Quantity: ten, price: 3", Item, ["quantity"]),
        ("- price: 3, quantity: 1\n- price: 4, quantity: ten", list[Item], ["1.quantity"]),
    ],
)
def test_what_is_not_clear_is_not_taken(prompt: str, kind: Any, found: Any) -> None:
    """What fits two fields goes to none, of two values none is taken, and what is said is not left out."""
    assert read(prompt, kind) == found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,249.50", 1249.5),
        ("1.249,50", 1249.5),
        ("1,249", 1249),
        ("1.249.500", 1249500),
        ("4,20", 4.2),
        ("$ -3", -3),
        ("12.50 EUR, 19 % VAT included", 12.5),
    ],
)
def test_numbers(text: str, value: float) -> None:
    """Numbers are read as they are written, on either side of the Atlantic."""
    assert read(f"Price: {text}", create_model("Price", price=(float, ...))) == {"price": value}


class Node(BaseModel):
    """A type within itself."""

    name: str
    child: "Node | None" = None


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (dict[str, int], {"response": {"Name": None}}),
        (Node, {"name": "Ada"}),
        (Place | Node, {"name": "Ada"}),
        (NativeOutput(Node), {"name": "Ada"}),
    ],
    ids=["dict", "recursive", "union", "native"],
)
def test_kinds_of_output(kind: Any, found: Any) -> None:
    """Mappings, recursive types, unions and pydantic-ai's markers are types too."""
    assert read("Name: Ada", kind) == (found if kind != dict[str, int] else ["Name"])


@pytest.mark.parametrize(
    "output_type",
    [[], None, 3, "str", TextOutput(lambda number: number)],
    ids=["empty", "none", "number", "text", "function"],
)
async def test_bad_output_type(output_type: Any) -> None:
    """What is no output type is refused with pydantic-ai's reason."""
    with pytest.raises(InputError, match="output_type"):
        await generate("p", output_type=output_type, model=FAST, show=False)


@given(
    st.text(max_size=300) | st.lists(st.sampled_from([*ORDER.split(), ",", "\n", ": ", "- ", "1,", "may"])).map("".join)
)
def test_any_prompt(prompt: str) -> None:
    """Whatever the prompt, rules give an output or an error of ours."""
    for kind in (str, Invoice, Ticket, Order, Node, list[str], list[Item], dict[str, str], int, date):
        try:
            answer = answer_by_rules(prompt, kind)
        except ModelError:
            continue
        assert isinstance(answer, str | BaseModel)


@pytest.mark.parametrize("piece", ["a", "1,", "9", "a: ", "- ", ", ", "12 pages ", "a@", "jan 1 ", "a.b", "\n"])
def test_long_prompts(piece: str) -> None:
    """A long text of one kind is read in one pass: this would take hours otherwise."""
    for kind in (Ticket, Order, list[Item], float, date):
        read(piece * (400_000 // len(piece)), kind)


# --- by a model -------------------------------------------------------------------------------------


class Person(TypedDict):
    """Somebody."""

    name: str
    age: int


async def test_any_output_type() -> None:
    """What pydantic-ai takes as an output type is taken: models, typed dicts, numbers, text."""
    whole = {"level": "low", "pages": 3, "tags": ["a"]}
    assert await generate("p", output_type=Ticket, model=scripted_model(whole), show=False) == Ticket(
        level=Level.LOW, pages=3, tags=["a"]
    )
    person = await generate("p", output_type=Person, model=scripted_model({"name": "Ada", "age": 36}), show=False)
    assert person == {"name": "Ada", "age": 36}
    assert await generate("p", output_type=int, model=scripted_model({"response": 7}), show=False) == 7
    assert await generate("p", model=scripted_model("some text"), show=False) == "some text"


async def test_partial_output() -> None:
    """While it is written, `run.partial` is what is there."""
    run = generate(
        "p", output_type=Ticket, model=scripted_model({"level": "low", "pages": 3, "tags": ["a"]}), show=False
    )
    await run
    assert run.partial == {"level": "low", "pages": 3, "tags": ["a"]}


@pytest.mark.parametrize("length", [100, 400])
async def test_expected_length(length: int) -> None:
    """With an expected length the percent is that of the characters, up to 90 before the output is validated."""
    run = generate("p", model=scripted_model("x" * 200, chunk=20), expected_length=length, show=False)
    await run
    shown = [event.stage_progress or 0 for event in run.log if isinstance(event, ContentEvent)]
    assert shown[-1] <= 90
    assert max(shown) == pytest.approx(90 if length == 100 else 50)


async def test_instructions_and_retries_reach_the_model() -> None:
    """An answer that does not validate is asked for again, as with any agent."""
    run = generate(
        "p",
        output_type=Ticket,
        model=scripted_model({"level": "?"}, {"level": "low", "pages": 1, "tags": []}),
        show=False,
    )
    assert (await run).pages == 1
    assert any(getattr(event, "status", None) == "retrying" for event in run.log)


@pytest.mark.parametrize(
    "prompt", ["", "  \n", "x" * 1_000_001, None, 5, b"p"], ids=["empty", "blank", "long", "none", "number", "bytes"]
)
async def test_bad_prompt(prompt: Any) -> None:
    """A prompt that is empty or too long is refused before any model is asked."""
    with pytest.raises(InputError, match="prompt"):
        await generate(prompt, show=False)


@pytest.mark.parametrize("length", [0, -1, float("nan"), "long", True])
async def test_bad_expected_length(length: Any) -> None:
    """An expected length that is none is refused."""
    with pytest.raises(InputError, match="expected_length"):
        await generate("p", expected_length=length, show=False)


def test_from_sync_code() -> None:
    """`wait()` gives the result where nothing is async."""
    assert generate("- a\n- b", output_type=list[str], model=FAST, show=False).wait() == ["a", "b"]
    assert asyncio.iscoroutinefunction(generate) is False
