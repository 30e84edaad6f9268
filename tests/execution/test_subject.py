"""The subject of a run: the argument that tells runs apart, never a secret, never a repr."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from progressnb.execution.subject import subject_of


class Paper(BaseModel):
    """A model with a title."""

    title: str
    pages: int = 1


@dataclass(slots=True)
class Person:
    """A dataclass with a name, in slots."""

    name: str


class Loud:
    """An object whose repr must not be read."""

    def __repr__(self) -> str:
        raise AssertionError


@pytest.mark.parametrize(
    ("arguments", "subject"),
    [
        ({"topic": "tides"}, "tides"),
        ({"topic": " two\nlines "}, "two lines"),
        ({"depth": 3, "topic": "tides"}, "tides"),
        ({"depth": 3, "verbose": True}, "depth=3"),
        ({"share": 0.25}, "share=0.25"),
        ({"day": date(2026, 1, 2)}, "2026-01-02"),
        ({"verbose": True, "topic": "tides"}, "tides"),
        ({"nothing": None, "empty": " "}, None),
        ({"path": Path("/home/me/paper.pdf")}, "paper.pdf"),
        ({"paper": Paper(title="The sea")}, "The sea"),
        ({"person": Person("Ada")}, "Ada"),
        ({"row": {"id": 3, "name": "Ada"}}, "Ada"),
        ({"topics": ["tides"]}, "tides"),
        ({"topics": ["tides", "moon", "sun"]}, "tides and 2 more"),
        ({"papers": [Paper(title="The sea"), Paper(title="b")]}, "The sea and 1 more"),
        ({"thing": Loud(), "things": [Loud()]}, None),
        ({"thing": SimpleNamespace(title="x")}, None),
        ({"document": "word " * 100, "topic": "tides"}, "tides"),
        ({"prompt": "word " * 100, "model": "openai:gpt-5"}, "word " * 11 + "word…"),
        ({"model": "openai:gpt-5"}, "openai:gpt-5"),
        ({}, None),
    ],
)
def test_what_tells_runs_apart(arguments: dict[str, Any], subject: str | None) -> None:
    """The first argument that says in a few words what a run is about is its subject."""
    assert subject_of(arguments) == subject


PYTHON = 'import os\n\n\ndef main():\n    """Do it."""\n    print(os.name)\n    return 1\n'
PROSE = "Dear Ada,\n\nthe tides of the North Sea are: high, low and high again.\nI am, as ever,\nyours"


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (
            'openapi: "3.0.0"\ninfo:\n  version: 1\n  title: Petstore # ours\npaths:\n  /pets: {}\n',
            "Petstore",
        ),
        ("# made by hand\nopenapi: 3.0.0\npaths:\n  /pets: {}\n", None),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: 'web'\n", "web"),
        ('{"openapi": "3.0.0",\n "info": {"version": "1", "title": "Petstore"}}', "Petstore"),
        ('{"openapi":"3.0.0","paths":{"/pets":{"get":{"parameters":[{"name":"limit"}]}}}}', None),
        ('[\n {"name": "Ada"}\n]', None),
        ('{"title": "Long", "rows": [' + "1, " * 20_000 + "1]}", "Long"),
        (
            "<!DOCTYPE html>\n<html><head><title>The &amp; sea</title></head><h1>No</h1></html>",
            "The & sea",
        ),
        ("<html>\n<body><h1 class='a'>The <b>sea</b></h1></body></html>", "The sea"),
        ("<div>\n<p>Tides rise and fall.</p>\n</div>", None),
        (PYTHON, None),
        ("const a = 1;\nfunction b() {\n  return a;\n}\n", None),
        ("SELECT name, age\nFROM people\nWHERE age > 3\n", None),
        ("id,name,age\n1,Ada,36\n2,Bob,40\n", None),
        ('[project]\nname = "tides"\nversion = "1"\n', "tides"),
        ("---\ntitle: The sea\nauthor: Ada\n---\n\n# Tides\n\nThey rise.\n", "The sea"),
        ("# Tides\n\nThey rise and fall twice a day.\n", "Tides"),
        ("Tides\n=====\n\nThey rise and fall twice a day.\n", "Tides"),
        ("\\documentclass{article}\n\\title{The sea}\n", "The sea"),
        (PROSE, "Dear Ada, the tides of the North Sea are: high, low and high"[:59].rstrip() + "…"),
        ("Task: sum it up\nText: the sea", "Task: sum it up Text: the sea"),
        ("two\nlines", "two lines"),
        ("[Draft] tides\nof the sea", "[Draft] tides of the sea"),
    ],
)
def test_a_document_gives_its_heading(text: str, subject: str | None) -> None:
    """The subject of a text that is data, markup or code is its title or first heading, never its raw beginning."""
    assert subject_of({"spec": text}) == subject


@given(st.text(alphabet=st.sampled_from("{}[]<>\"':#=-,;| \n\tab1"), max_size=200) | st.text())
def test_any_text_has_a_subject_or_none(text: str) -> None:
    """Whatever a text looks like, its subject is one short line or nothing."""
    subject = subject_of({"text": text})
    assert subject is None or (0 < len(subject) <= 60 and "\n" not in subject)


@pytest.mark.parametrize(
    "name", ["key", "api_key", "apiKey", "OPENAI_API_KEY", "token", "accessToken", "password", "client_secret", "auth"]
)
def test_a_secret_is_no_subject(name: str) -> None:
    """An argument with the name of a secret is passed over, for the next one."""
    assert subject_of({name: "tides", "topic": "moon"}) == "moon"
    assert subject_of({name: "tides"}) is None


@pytest.mark.parametrize("name", ["keyword", "monkey", "author", "keynote"])
def test_a_name_that_only_contains_such_a_word_is_no_secret(name: str) -> None:
    """Words are read whole."""
    assert subject_of({name: "tides"}) == "tides"


@pytest.mark.parametrize(
    "text",
    [
        "sk-proj-abcdefgh12345678",
        "Bearer abc",
        "https://ada:pass@example.com/",
        "https://example.com/?api_key=1",
        SecretStr("tides"),
    ],
)
def test_a_text_that_is_a_secret_is_no_subject(text: object) -> None:
    """Keys of known makers and addresses with a password are passed over, whatever their parameter is called."""
    assert subject_of({"source": text}) is None


@example({"\n": 0})
@given(st.dictionaries(st.text(), st.text() | st.integers() | st.floats() | st.lists(st.text()), max_size=3))
def test_one_short_line(arguments: dict[str, Any]) -> None:
    """A subject is one line of 1 to 60 characters, or None."""
    subject = subject_of(arguments)
    assert subject is None or (0 < len(subject) <= 60 and subject.split() and "\n" not in subject)
