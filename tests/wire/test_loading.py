"""The import of jsonschema without the grammar of IRIs."""

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from progressnb.wire import grammar_later, loading

NAME = "rfc3987_syntax"


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Have a grammar that notes when it is loaded, and no jsonschema yet; return the notes."""
    notes: list[str] = []
    real = ModuleType(NAME)
    vars(real)["is_valid_syntax"] = lambda term, value: (term, value) == ("iri", "https://é.example")

    def load(name: str) -> ModuleType:
        notes.append(name)
        return sys.modules.setdefault(name, real)

    monkeypatch.setattr(loading, "import_module", load)
    monkeypatch.setattr(loading, "find_spec", lambda _: object())
    for name in ("jsonschema", NAME):
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield notes
    sys.modules.pop(NAME, None)


def test_it_loads_at_its_first_use(loaded: list[str]) -> None:
    """The function that is taken from the grammar is there at once; the grammar loads as it is asked, and answers."""
    with grammar_later():
        is_valid_syntax = sys.modules[NAME].is_valid_syntax
    assert loaded == []
    assert NAME not in sys.modules
    assert is_valid_syntax("iri", "https://é.example") is True
    assert is_valid_syntax("iri", "no iri") is False
    assert loaded == [NAME, NAME]


def test_what_else_is_taken_from_it(loaded: list[str]) -> None:
    """Whoever asks the grammar for anything else gets the grammar itself; special names are asked of nobody."""
    with grammar_later():
        module = sys.modules[NAME]
        assert not hasattr(module, "__wrapped__")
        assert not hasattr(module, "RULES")
        assert loaded == [NAME]
        assert sys.modules[NAME] is not module
    assert NAME in sys.modules


@pytest.mark.parametrize("there", ["jsonschema", NAME])
def test_what_is_loaded_stays(loaded: list[str], there: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where jsonschema or the grammar is loaded already nothing is changed."""
    monkeypatch.setitem(sys.modules, there, ModuleType(there))
    before = {**sys.modules}
    with grammar_later():
        assert sys.modules == before
    assert loaded == []


def test_where_there_is_none(loaded: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no grammar is installed none is feigned, also after an error in the block."""
    monkeypatch.setattr(loading, "find_spec", lambda _: None)
    with grammar_later():
        assert NAME not in sys.modules
    monkeypatch.setattr(loading, "find_spec", lambda _: object())
    with pytest.raises(ImportError), grammar_later():
        raise ImportError
    assert NAME not in sys.modules
    assert loaded == []
