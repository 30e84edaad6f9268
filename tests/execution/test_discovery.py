"""Operations of installed packages: how they are found, and what a broken or a second one costs."""

from __future__ import annotations

import logging
import sys
from importlib.metadata import EntryPoint
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import progressnb as pnb
from progressnb.execution import discovery

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Install packages: each is a name and what its module `operations` holds, or an error that importing it raises."""
    points: list[EntryPoint] = []
    monkeypatch.setattr(discovery, "_warned", set())
    monkeypatch.setattr(discovery, "entry_points", lambda group: [each for each in points if each.group == group])

    def install(package: str, **names: object) -> None:
        module = ModuleType(f"{package}.operations")
        for name, value in names.items():
            setattr(module, name, value)
            point = EntryPoint(name, f"{package}.operations:{name}", discovery.OPERATIONS)
            vars(point)["dist"] = SimpleNamespace(name=package)
            points.append(point)
        monkeypatch.setitem(sys.modules, package, ModuleType(package))
        monkeypatch.setitem(sys.modules, f"{package}.operations", module)

    return install


def operation_named(name: str) -> pnb.Operation[..., str]:
    """Return an operation of a name."""

    @pnb.operation(name=name)
    async def work(tracker: pnb.ProgressTracker) -> str:
        return tracker.id

    return work


def test_an_installed_operation_is_found(install: Callable[..., None]) -> None:
    """An operation is found by its name, beside those of other packages; an unknown name is None."""
    greet, part = operation_named("greet"), operation_named("part")
    install("zebra", greet=greet)
    install("ant", part=part)
    assert list(discovery.find_operations()) == ["greet", "part"]
    assert discovery.load_operation("greet") is greet
    assert discovery.load_operation("part") is part
    assert discovery.load_operation("other") is None


def test_nothing_is_imported_to_find_it(install: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Listing what is installed imports none of it."""
    install("ant", part=operation_named("part"))
    monkeypatch.delitem(sys.modules, "ant.operations")
    assert list(discovery.find_operations()) == ["part"]


def test_a_name_that_two_packages_claim(install: Callable[..., None], caplog: pytest.LogCaptureFixture) -> None:
    """The first package by name has it, and one warning names both."""
    first, second = operation_named("greet"), operation_named("greet_too")
    install("zebra", greet=second)
    install("ant", greet=first)
    with caplog.at_level(logging.WARNING, "progressnb"):
        assert discovery.load_operation("greet") is discovery.load_operation("greet") is first
    assert caplog.messages == ["greet of the package zebra is not used, since ant has one of that name"]


def test_a_broken_package_is_a_warning(install: Callable[..., None], caplog: pytest.LogCaptureFixture) -> None:
    """What can't be imported or is no operation costs one warning with the package's name; the others work."""
    install("ant", part=operation_named("part"), number=3, renamed=operation_named("another"))
    install("zebra", greet=operation_named("greet"))
    sys.modules["ant.operations"].__dict__.pop("part")
    with caplog.at_level(logging.WARNING, "progressnb"):
        for _ in range(2):
            assert discovery.load_operation("part") is None
            assert discovery.load_operation("number") is None
            assert discovery.load_operation("renamed") is not None
        assert discovery.load_operation("greet") is not None
    texts = sorted(message.partition(": ")[0] for message in caplog.messages)
    assert texts == [
        "number of the package ant is not an operation but 3",
        "part of the package ant can't be loaded",
        "renamed of the package ant is the operation another",
    ]


def test_resume_run_asks_the_installed_ones(install: Callable[..., None], tmp_path: Any) -> None:
    """A run whose operation nobody has imported is taken up by the operation that is installed."""
    ready: list[bool] = []

    @pnb.operation(name="flaky")
    async def flaky(tracker: pnb.ProgressTracker) -> str:
        if not ready:
            raise RuntimeError(tracker.id)
        return "done"

    with pnb.History(tmp_path / "runs.db", contents=True) as history, pnb.configure.local(history=history):
        run = flaky.using(show=False)()
        with pytest.raises(RuntimeError):
            run.wait()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("progressnb.execution.resume.find_operation", lambda _: None)
            with pytest.raises(pnb.errors.ResumeError, match="install the package"):
                pnb.resume_run(run.id, show=False)
            ready.append(True)
            install("ant", flaky=flaky)
            assert pnb.resume_run(run.id, show=False).wait() == "done"
