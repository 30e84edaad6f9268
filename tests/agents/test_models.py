"""Which model does the work, and what is said when there is none."""

import sys
from typing import Any

import pytest
from pydantic_ai.models import Model

from progressnb.agents.models import VARIABLE, resolve_model
from progressnb.agents.offline import OfflineModel
from progressnb.errors import ModelError, ProgressError
from progressnb.testing import scripted_model


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (VARIABLE, "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL", "CO_API_KEY", "GROQ_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def refused(model: Any) -> ModelError:
    """Return the error of a model that is none: one line with what was expected, what came, what to do."""
    with pytest.raises(ModelError) as caught:
        resolve_model(model)
    error = caught.value
    assert isinstance(error, ProgressError)
    assert isinstance(error, ValueError)
    assert str(error).startswith("expected ")
    assert error.got
    assert error.remedy
    assert "\n" not in str(error)
    assert len(str(error)) < 600
    assert not str(error).endswith((" ", ",", ":"))
    assert ".." not in str(error).replace("...", "")
    return error


def test_default() -> None:
    """Without a model and without the variable, rules do the work."""
    assert isinstance(resolve_model(None), OfflineModel)
    assert isinstance(resolve_model("offline"), OfflineModel)


def test_the_environment_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable names the default; what is passed wins; an empty one is none."""
    monkeypatch.setenv(VARIABLE, "test")
    assert resolve_model(None).model_name == "test"
    assert isinstance(resolve_model("offline"), OfflineModel)
    monkeypatch.setenv(VARIABLE, "")
    assert isinstance(resolve_model(None), OfflineModel)
    monkeypatch.setenv(VARIABLE, "  ")
    assert isinstance(resolve_model(None), OfflineModel)
    monkeypatch.setenv(VARIABLE, " offline ")
    assert isinstance(resolve_model(None), OfflineModel)
    monkeypatch.setenv(VARIABLE, "nonsense")
    assert "nonsense" in str(refused(None))


def test_a_model_is_taken_as_it_is() -> None:
    """A pydantic-ai model is the model."""
    model = scripted_model("x")
    assert resolve_model(model) is model


def test_a_key_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its key in the environment, a name becomes a model; no network is touched."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret")
    for name, model_name in (("openai:gpt-5", "gpt-5"), ("anthropic:claude-sonnet-4-6", "claude-sonnet-4-6")):
        model = resolve_model(name)
        assert isinstance(model, Model)
        assert model.model_name == model_name


@pytest.mark.parametrize(
    ("name", "variable"), [("openai:gpt-5", "OPENAI_API_KEY"), ("anthropic:claude-sonnet-4-6", "ANTHROPIC_API_KEY")]
)
def test_missing_key(name: str, variable: str) -> None:
    """A key that is missing is named by its variable."""
    error = refused(name)
    assert error.expected == f"a key for the model {name!r}"
    assert variable in error.remedy


@pytest.mark.parametrize(
    "name",
    ["gpt", "nonsense", "nosuch:gpt-5", ":", "openai:", ":gpt-5", "openai", "\x1b[31mred", "a\nb", "x" * 5000, "é:ü"],
    ids=lambda name: repr(name)[:14],
)
def test_unknown(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is unknown is refused with the form that a name has."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    error = refused(name)
    assert "provider:name" in error.remedy
    assert "sk-secret" not in str(error)


@pytest.mark.parametrize("name", ["", "   "])
def test_empty(name: str) -> None:
    """An empty name that was passed is a mistake, not the default."""
    assert refused(name).expected == "the name of a model"


@pytest.mark.parametrize("model", [3, b"offline", ["offline"], object, OfflineModel, {"model": "offline"}], ids=str)
def test_wrong_type(model: object) -> None:
    """What is neither a model nor a name is refused."""
    assert refused(model).expected == "a pydantic-ai model or its name"


def test_provider_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider whose package is missing is told with what to install."""
    for name in [name for name in sys.modules if name.startswith("pydantic_ai.models.groq")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "groq", None)
    monkeypatch.setenv("GROQ_API_KEY", "sk-secret")
    error = refused("groq:llama-3.3-70b-versatile")
    assert error.expected == "a provider that is installed for 'groq:llama-3.3-70b-versatile'"
    assert "groq" in error.remedy
    assert "install" in error.remedy
