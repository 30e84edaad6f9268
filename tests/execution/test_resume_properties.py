"""`resume_run` never mixes: whatever fails, is killed or changes, results are those of a run that was never stopped.

Nothing sleeps: tasks are let go on in a drawn order of turns.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from progressnb import History, ProgressTracker, Run, operation, resume_run
from progressnb.errors import RunCancelled
from progressnb.tracking.session import configure

NAMES = "abcdef"


@dataclass
class World:
    """What an attempt meets: the list, the pace, the failures, the edition of the function, its argument."""

    names: list[str]
    turns: dict[str, int]
    broken: set[str] = field(default_factory=set)
    edition: int = 0
    year: int = 2026
    kill_after: int | None = None
    kill: asyncio.Event = field(default_factory=asyncio.Event)


world = World([], {})
fetched: list[str] = []


async def first_fetch(name: str, year: int) -> str:
    """Fetch a page."""
    await arrive(name)
    return f"page {name} of {year}"


async def second_fetch(name: str, year: int) -> str:
    """Fetch a page, otherwise."""
    await arrive(name)
    return f"page {name} of {year}, edited"


FETCH = [first_fetch, second_fetch]


async def arrive(name: str) -> None:
    """Take some turns, and count; fail where the world says so."""
    fetched.append(name)
    for _ in range(world.turns[name]):
        await asyncio.sleep(0)
    if name in world.broken:
        raise ConnectionError(name)


@operation
async def crawl_pages(tracker: ProgressTracker) -> dict[str, str]:
    """Fetch all pages at once."""
    async with tracker.stage("crawl") as stage:

        async def one(name: str) -> tuple[str, str]:
            for _ in range(world.turns[name] % 5):
                await asyncio.sleep(0)
            page = await stage.stage("page").run(FETCH[world.edition], name, world.year)
            if world.kill_after is not None and len(fetched) > world.kill_after:
                world.kill.set()
            return name, page

        return dict(await asyncio.gather(*map(one, world.names)))


def page(name: str) -> str:
    """Return what the world's function gives."""
    return f"page {name} of {world.year}{', edited' if world.edition else ''}"


names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True)
worlds = st.builds(
    World,
    names,
    st.fixed_dictionaries({name: st.integers(0, 9) for name in NAMES}),
    st.sets(st.sampled_from(NAMES), max_size=3),
    st.sampled_from([0, 0, 0, 1]),
    st.sampled_from([2026, 2026, 2026, 2027]),
    st.none() | st.integers(0, 4),
)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Show nothing."""
    configure(show=False)
    yield
    configure(history=None)


async def attempt(path: Path, before: str | None) -> Run[dict[str, str]]:
    """Begin or take up the run, and let it end, or be killed: nothing more of it is stored then."""
    kill = world.kill = asyncio.Event()
    fetched.clear()
    history = History(path, contents=True)
    with configure.local(history=history):
        run = crawl_pages() if before is None else resume_run(before)
        ended, killed = asyncio.ensure_future(run.log.wait_ended()), asyncio.ensure_future(kill.wait())
        await asyncio.wait([ended, killed], return_when=asyncio.FIRST_COMPLETED)
        killed.cancel()
        history.close()
        run.cancel()
        with pytest.MonkeyPatch.context(), suppressed():
            await run
        await ended
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
    return run


class suppressed:  # noqa: N801 - reads as contextlib's
    """Suppress how a run may end here."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> bool:
        """Let a connection fail and a run be cancelled."""
        return isinstance(error, ConnectionError | RunCancelled)


def kept_keys(path: Path, run_id: str) -> set[tuple[str, str]]:
    """Return which results a run could reuse, as stage and value."""
    with History(path) as history:
        return {("page", (each.value or b"").decode().strip(chr(34))) for each in history.kept_before(run_id).results}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(attempts=st.lists(worlds, min_size=1, max_size=4), from_first=st.booleans(), data=st.data())
def test_nothing_is_mixed_and_nothing_is_paid_twice(
    tmp_path_factory: pytest.TempPathFactory, attempts: list[World], from_first: bool, data: st.DataObject
) -> None:
    """After any failures and kills the result is `{name: page of name}`, and only what was not kept is fetched."""
    global world
    path = tmp_path_factory.mktemp("history") / "runs.db"
    last = World(data.draw(names), dict.fromkeys(NAMES, 1), edition=attempts[-1].edition, year=attempts[-1].year)
    first: str | None = None
    latest: str | None = None
    for world in [*attempts, last]:
        before = first if from_first else latest
        kept = kept_keys(path, before) if before is not None else set()
        run = asyncio.run(attempt(path, before))
        first, latest = first or run.id, run.id
        missing = [name for name in world.names if ("page", page(name)) not in kept]
        assert sorted(fetched) == sorted({*fetched}), "fetched twice"
        assert {*fetched} <= {*missing}
        finished = {stage.path for _, stage in run.state.walk() if stage.status == "finished" and stage.path != "crawl"}
        if run.status == "finished":
            assert run.result == {name: page(name) for name in world.names}
            assert sorted(fetched) == sorted(missing)
            assert len([path for path in run.reused if run.reused[path] == "reused"]) == len(world.names) - len(missing)
            return
        if world.kill_after is None:
            stored = {stage for stage, value in kept_keys(path, run.id)}
            assert stored or not finished
    raise AssertionError("the last attempt neither fails nor is killed")
