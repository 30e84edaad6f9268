"""The vocabulary of a view: how a result looks, as a list of blocks of plain data that every screen can draw.

All texts are data: screens escape them. Only a `markdown` block is rendered, with HTML and images off.

| `type` | fields |
| --- | --- |
| `headline` | `text` in bold, then an optional `verdict` in a `tone` |
| `text` | `text`, a paragraph in an optional `tone` |
| `markdown` | `text` in Markdown |
| `list` | `items`, each a text or `{"label", "text"}`; `bullets` false leaves out the bullets |
| `section` | a `title`, and `blocks` that are folded away below it |
| `comparison` | the texts `before` and `after`, with an optional `title`; words that differ are marked |
| `table` | names of `columns`, and `rows` of texts, numbers, true, false or null |

A `tone` is `"good"`, `"bad"` or `"warning"`; screens draw a sign for it, and a colour.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias, cast

from pydantic import BaseModel, Field, TypeAdapter

from progressnb.wire.plain import clean_text, shorten

__all__ = ["VIEW_LIMIT", "checked_view"]

VIEW_LIMIT = 20_000
"""Characters of a view; what comes after them is left out, so that a saved notebook stays small."""

_COST = 8  # characters that a text counts beside its own: a million empty items are a lot, too
_DEEPEST = 20  # levels of nesting; readers of JSON give up at 200
_MARKS = ("type", "tone")

Tone: TypeAlias = Literal["good", "bad", "warning"]
Cell: TypeAlias = str | int | float | bool | None


class _Headline(BaseModel):
    type: Literal["headline"]
    text: str
    verdict: str = ""
    tone: Tone | None = None


class _Text(BaseModel):
    type: Literal["text"]
    text: str
    tone: Tone | None = None


class _Markdown(BaseModel):
    type: Literal["markdown"]
    text: str


class _Item(BaseModel):
    label: str = ""
    text: str


class _List(BaseModel):
    type: Literal["list"]
    items: list[str | _Item]
    bullets: bool = True


class _Comparison(BaseModel):
    type: Literal["comparison"]
    before: str
    after: str
    title: str = ""


class _Table(BaseModel):
    type: Literal["table"]
    columns: list[str]
    rows: list[list[Cell]]


_Simple: TypeAlias = _Headline | _Text | _Markdown | _List | _Comparison | _Table


class _Section(BaseModel):
    type: Literal["section"]
    title: str
    blocks: list[Annotated[_Simple | _Section, Field(discriminator="type")]]


_adapter = TypeAdapter(list[Annotated[_Simple | _Section, Field(discriminator="type")]])


def checked_view(value: object, *, limit: int = VIEW_LIMIT) -> list[dict[str, Any]]:
    """Return a view as plain data of at most `limit` characters; a checked view comes back as it is.

    Raises `ValueError` for what is no list of known blocks.
    """
    blocks = [block.model_dump(exclude_none=True) for block in _adapter.validate_python(value)]
    return cast("list[dict[str, Any]]", _Budget(limit).cut(blocks))


class _Budget:
    def __init__(self, left: int) -> None:
        self._left = left

    def cut(self, value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - plain JSON data
        """Return as much of plain data as the budget allows; lists end where it is used up."""
        if isinstance(value, list):
            kept: list[Any] = []
            for item in cast("list[object]", value):
                if self._left <= 0 or depth > _DEEPEST:
                    break
                kept.append(self.cut(item, depth + 1))
            return kept
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value).items()
            return {name: field if name in _MARKS else self.cut(field, depth + 1) for name, field in fields}
        self._left -= _COST
        if isinstance(value, str):
            text = shorten(clean_text(value), self._left)
            self._left -= len(text)
            return text
        return value
