"""Which model does the work, and what is said when there is none."""

import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.models import Model

from progressnb.agents.models import VARIABLE, open_model, resolve_model
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


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("openai:gpt-5", "openai"),
        ("openai-chat:gpt-5", "openai"),
        ("openai-responses:gpt-5", "openai"),
        ("anthropic:claude-sonnet-4-6", "anthropic"),
    ],
)
def test_sdk_of_an_extra_that_is_not_installed(name: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the providers of our extras the remedy is the exact install line."""
    for loaded in [each for each in sys.modules if each.partition("_ai.")[2].endswith((f".{extra}", f"s.{extra}"))]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, extra, None)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret")
    error = refused(name)
    assert error.expected == f"a provider that is installed for {name!r}"
    assert error.remedy == f'Install it: pip install "progressnb[{extra}]"'


def test_extras_are_declared() -> None:
    """The extras that messages name exist, `all` has them, and the base installs no SDK of a provider."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    for extra in ("openai", "anthropic"):
        assert extras[extra] == [f"pydantic-ai-slim[{extra}]>=2.68"]
        assert extra in extras["all"][0]
        assert not any(extra in each for each in project["dependencies"])


async def test_named_model_is_closed_and_a_passed_one_stays_open() -> None:
    """A model that was made from a name belongs to the block; one that was passed belongs to its owner."""
    closed: list[str] = []

    class Watched(OfflineModel):
        async def __aexit__(self, *_: object) -> None:
            closed.append(self.model_name)

    passed = Watched()
    async with open_model(passed) as model:
        assert model is passed
    assert closed == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("progressnb.agents.models.OfflineModel", Watched)
        async with open_model("offline") as model:
            assert closed == []
    assert closed == [model.model_name]


async def test_unknown_model_opens_no_block() -> None:
    """A name that is unknown is an error before the block begins."""
    with pytest.raises(ModelError):
        async with open_model("nonsense"):
            raise AssertionError
