"""Inputs from clients: data that fits the signature, a reason when it does not fit, and never a path or a model."""

from __future__ import annotations

import builtins
import io
import json
import os
import pathlib
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, FilePath

import progressnb as pnb
from progressnb.agents.offline import OfflineModel
from progressnb.cli.serve import load
from progressnb.errors import InputError, OperationError
from progressnb.operations.chart import tables
from progressnb.operations.resume.documents import source as resume_source
from progressnb.operations.testcases.spec import reading
from progressnb.web.server.inputs import DECIDED, Inputs
from progressnb.wire.text import Text

if TYPE_CHECKING:
    from tests.web.conftest import Serve


class Size(BaseModel):
    """A model as an annotation."""

    name: str
    numbers: list[int] = []


class Source(BaseModel):
    """A model with a path in it."""

    where: pathlib.Path


class Existing(BaseModel):
    """A model that would look at the disk."""

    inner: list[FilePath]


@pnb.operation
async def typed(
    tracker: pnb.ProgressTracker,
    topic: str,
    *,
    number: int = 1,
    ratio: float = 0.5,
    kind: Literal["short", "long"] = "short",
    size: Size | None = None,
    nested: dict[str, list[dict[str, int]]] | None = None,
    anything: Any = None,  # noqa: ARG001 - taken, and not read
) -> dict[str, Any]:
    """Return what came."""
    assert tracker.id
    return {"topic": topic, "number": number, "ratio": ratio, "kind": kind, "size": size, "nested": nested}


TYPED = Inputs(typed, {})
SHIPPED = {operation.name: Inputs(operation, {"model": OfflineModel(pace=0)}) for operation in load([])}

DOCUMENTS = [
    ("customize", "resume", {"job": pnb.samples.job}),
    ("customize", "job", {"resume": pnb.samples.resume}),
    ("chart", "data", {"question": "how many"}),
    ("generate_tests", "spec", {}),
]

PATHS = [
    *("/etc/passwd", "../x", "./x", "C:\\x", "C:/x y", "\\\\host\\share", "~/.ssh/id_rsa", "~root/a b", "resume.pdf"),
    *("file:///etc/passwd", "file:/etc/passwd", "http://169.254.169.254/", "S3://bucket/a b", "my resume.PDF"),
    *("/etc/passwd\n", "\n/etc/passwd", "/etc/passwd  ", "\t../x y", "/etc/passwd\r\n", "/etc/passwd\u2028"),
    *("/etc/pass wd", "/etc/passwd\0", "a\0b", "\uff0fetc\uff0fpasswd", "\u2215etc", "..\u2044x", "a.json\u00a0"),
]


@pytest.mark.parametrize(
    ("inputs", "names"),
    [
        ({}, "topic"),
        ({"topic": 7}, "topic"),
        ({"topic": None}, "topic"),
        ({"topic": "x", "other": 1}, "'other'"),
        ({"topic": "x", "number": "many"}, "number"),
        ({"topic": "x", "number": 1.5}, "number"),
        ({"topic": "x", "number": float("nan")}, "number"),
        ({"topic": "x", "ratio": float("inf")}, "ratio"),
        ({"topic": "x", "anything": {"a": [float("-inf")]}}, "anything"),
        ({"topic": "x", "kind": "middling"}, "kind"),
        ({"topic": "x", "size": {"name": "a", "numbers": [1, "b"]}}, "size['numbers'][1]"),
        ({"topic": "x", "size": {}}, "size['name']"),
        ({"topic": "x", "nested": {"a": [{"b": "c"}]}}, "nested['a'][0]['b']"),
        ({"topic": "\ud800"}, "topic"),
        ({"topic": "x", "anything": [{"\udfff": 1}]}, "anything"),
        ({"topic": "x", "\ud800": 1}, "'\\ud800'"),
    ],
)
def test_what_does_not_fit_is_named(inputs: dict[str, object], names: str) -> None:
    """An input that is missing, unknown or of another type is refused on one line that names it, as valid UTF-8."""
    with pytest.raises(InputError) as caught:
        TYPED.checked(inputs)
    said = str(caught.value)
    assert names in said
    assert len(said.splitlines()) == 1
    assert len(said.encode()) < 1_000


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ({"number": "3"}, {"number": 3}),
        ({"number": 10**400}, {"number": 10**400}),
        ({"ratio": 1}, {"ratio": 1.0}),
        ({"kind": "long"}, {"kind": "long"}),
        ({"size": {"name": "a", "numbers": ["1"]}}, {"size": Size(name="a", numbers=[1])}),
        ({"size": None}, {"size": None}),
        ({"nested": {"a": [{"b": 1}]}}, {"nested": {"a": [{"b": 1}]}}),
    ],
)
def test_what_fits_is_taken(sent: dict[str, object], taken: dict[str, object]) -> None:
    """Models, choices and containers are read as the annotation says; what is left out keeps its default."""
    assert TYPED.checked({"topic": "x", **sent}) == {"topic": "x", **taken}


@pytest.mark.parametrize("depth", [100, 900, 100_000])
@pytest.mark.parametrize("name", ["topic", "number", "anything", "nested"])
async def test_depth_is_no_fault_of_the_server(serve: Serve, name: str, depth: int) -> None:
    """However deep an input is, the answer is a result or says that it does not fit."""
    served = await serve(typed)
    inputs = ["[" * depth + "]" * depth, '"x"']
    content = f'{{"operation": "typed", "inputs": {{"topic": {inputs[1]}, "{name}": {inputs[0]}}}}}'
    answer = await served.client.post("/runs?wait=1", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in ((200, 400) if name == "anything" else (400, 422))
    assert answer.status_code == 200 or "\n" not in answer.json()["detail"]


@pytest.mark.parametrize("operation", [*SHIPPED])
@pytest.mark.parametrize("name", [*sorted(DECIDED), "output_type", "fallback_model", "path"])
def test_what_the_server_decides_is_refused(operation: str, name: str) -> None:
    """A model, a timeout, a file to write or a type to make is no input of any operation that is shipped."""
    assert name not in SHIPPED[operation].schema()["properties"]
    with pytest.raises(InputError, match=name):
        SHIPPED[operation].checked({name: "x"})


def test_what_the_shipped_operations_take() -> None:
    """Every input that a client gives is plain data; a new parameter is decided on here before it is served."""
    assert {name: sorted(inputs.schema()["properties"]) for name, inputs in SHIPPED.items()} == {
        "customize": ["cover_letter", "fallback", "instructions", "job", "language", "reading", "resume", "strict"],
        "chart": ["aggregate", "color", "data", "question", "x", "y"],
        "generate": ["expected_length", "instructions", "prompt"],
        "generate_tests": ["endpoints", "spec"],
    }


@pytest.mark.parametrize("value", PATHS)
@pytest.mark.parametrize(("operation", "name", "others"), DOCUMENTS)
def test_no_name_of_a_file_is_a_document(operation: str, name: str, others: dict[str, object], value: str) -> None:
    """Text that looks like a path or a URL is refused as a document, or stays text that names no file."""
    try:
        taken = SHIPPED[operation].checked({**others, name: value})[name]
    except InputError as error:
        assert name in str(error)  # noqa: PT017 - both are right
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - both are right
    else:
        assert isinstance(taken, Text)
        assert not value.isascii() or "\0" in value


names = st.one_of(
    st.sampled_from(PATHS),
    st.text(max_size=30),
    st.builds("{}{}".format, st.sampled_from(["/", "../", "~/", "C:\\", "file:", "a b/", ""]), st.text(max_size=12)),
    st.builds("{}{}".format, st.text(max_size=12), st.sampled_from([".json", ".pdf", ".yaml ", ".csv\n", "\n.md"])),
)


@pytest.mark.parametrize(("operation", "name", "others"), DOCUMENTS)
@given(value=names)
def test_no_text_opens_a_file(operation: str, name: str, others: dict[str, object], value: str) -> None:
    """Whatever a client sends, neither the check nor the operation's own reading looks for it on the disk."""
    looked: list[object] = []

    def watch(kept: Any) -> Any:
        def watched(path: object, *arguments: Any, **options: Any) -> Any:
            # Libraries that are loaded late read their own files, which no client has named.
            if isinstance(path, str | os.PathLike) and value.strip() and os.fspath(path) in (value, value.strip()):
                looked.append(path)
            return kept(path, *arguments, **options)

        return watched

    places = [(builtins, "open"), (io, "open"), (os, "open"), (os, "stat"), (pathlib.Path, "open")]
    with pytest.MonkeyPatch.context() as patch:
        for place, attribute in places:
            patch.setattr(place, attribute, watch(getattr(place, attribute)))
        try:
            taken = SHIPPED[operation].checked({**others, name: value})
        except InputError:
            assert not looked
            return
        assert type(taken[name]) is Text
        _read(operation, taken[name])
    assert not looked


def _read(operation: str, value: object) -> None:
    """Read a document as the operation does, as far as it gets."""
    try:
        if operation == "customize":
            resume_source.read_source(value, "resume", files=True)
        elif operation == "chart":
            tables.read_tables(value)
        else:
            reading.read_source(value)
    except (pnb.ProgressError, ValueError):
        return


@pytest.mark.parametrize("kind", [Source, Existing, Source | None, list[Source], pathlib.Path, FilePath])
def test_models_with_paths_are_no_inputs(kind: Any) -> None:
    """A model with a path in it would hand one to the operation, or look for it: such an operation is not served."""

    async def reads(tracker: pnb.ProgressTracker, source: Any) -> None:
        assert tracker.id
        assert source

    reads.__annotations__["source"] = kind
    with pytest.raises(OperationError, match="source"):
        Inputs(pnb.operation(reads), {})


async def test_a_refusal_begins_nothing(serve: Serve) -> None:
    """Inputs that do not fit are a 422 with one line, and begin no run."""
    served = await serve(typed)
    for inputs in ({}, {"topic": "x", "number": "y"}, {"topic": "x", "out": "/tmp/x"}):  # noqa: S108 - never written
        content = json.dumps({"operation": "typed", "inputs": inputs})
        answer = await served.client.post("/runs", content=content, headers={"content-type": "application/json"})
        assert answer.status_code == 422
        assert len(answer.json()["detail"].splitlines()) == 1
    assert (await served.client.get("/runs")).json() == {"runs": []}
