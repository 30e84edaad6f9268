"""Alarms: readers that wait for the same news are woken a few in each turn, and one timer serves them all."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from progressnb.web.streams.alarm import TURN, Alarm, Reader
from progressnb.web.streams.stalls import Room, StalledError

if TYPE_CHECKING:
    from collections.abc import Callable


class Post(Reader):
    """A reader of a list of letters."""

    def __init__(self, alarm: Alarm, letters: list[str], until: asyncio.Future[Any] | None = None) -> None:
        super().__init__(alarm, until)
        self.letters, self.read = letters, 0

    def has_news(self) -> bool:
        """Tell whether there are letters that were not read."""
        return self.read < len(self.letters)


@pytest.fixture
async def timers(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Count the timers of the loop that runs."""
    loop = asyncio.get_running_loop()
    made: list[float] = []
    call_at = loop.call_at

    def counted(when: float, callback: Callable[..., object], *args: Any, **options: Any) -> asyncio.TimerHandle:
        made.append(when)
        return call_at(when, callback, *args, **options)

    monkeypatch.setattr(loop, "call_at", counted)
    return made


async def test_readers_are_woken_in_turns() -> None:
    """Other work has its turn after each so many readers, and each reader is woken once."""
    alarm, letters = Alarm(asyncio.get_running_loop()), list[str]()
    woken: list[int] = []

    async def wait(number: int) -> None:
        with Post(alarm, letters) as post:
            assert await post.wait(60)
            woken.append(number)

    tasks = [asyncio.create_task(wait(number)) for number in range(4 * TURN)]
    await asyncio.sleep(0)
    letters.append("news")
    alarm.wake()
    most = before = 0
    while len(woken) < len(tasks):
        await asyncio.sleep(0)
        most, before = max(most, len(woken) - before), len(woken)
    assert 0 < most <= 2 * TURN
    assert woken == sorted(woken)
    await asyncio.gather(*tasks)
    assert alarm.readers == 0
    assert not alarm.waiting


async def test_news_in_the_middle_of_a_waking() -> None:
    """A reader that waits again while others are still to be woken hears the next news, too."""
    alarm, letters = Alarm(asyncio.get_running_loop()), list[str]()
    heard: list[int] = []

    async def wait() -> None:
        with Post(alarm, letters) as post:
            while post.read < 3:
                assert await post.wait(60)
                post.read = len(letters)
            heard.append(post.read)

    tasks = [asyncio.create_task(wait()) for _ in range(3 * TURN)]
    await asyncio.sleep(0)
    for word in ("one", "two", "three"):
        letters.append(word)
        alarm.wake()
        await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await asyncio.gather(*tasks)
    assert heard == [3] * len(tasks)


async def test_silence_has_one_timer(timers: list[float]) -> None:
    """However many readers wait and however often, one timer tells them of the silence, and each hears it."""
    alarm, letters = Alarm(asyncio.get_running_loop()), list[str]()
    with ExitStack() as stack:
        posts = [stack.enter_context(Post(alarm, letters)) for _ in range(200)]
        for _ in range(10):
            waits = [asyncio.ensure_future(post.wait(60)) for post in posts]
            await asyncio.sleep(0)
            alarm.wake()
            assert all(await asyncio.gather(*waits))
        assert len(timers) == 1
        assert await asyncio.gather(*[post.wait(0.001) for post in posts]) == [False] * 200
        assert len(timers) <= 4


async def test_who_leaves_waits_no_longer() -> None:
    """The future that ends a reader's waits ends the one that it is in, and each later one at once."""
    alarm = Alarm(asyncio.get_running_loop())
    gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    with Post(alarm, [], gone) as post:
        waiting = asyncio.ensure_future(post.wait(60))
        await asyncio.sleep(0)
        gone.set_result(None)
        assert await waiting
        assert await post.wait(60)
    assert not alarm.waiting


async def test_stalls_have_one_timer(timers: list[float]) -> None:
    """A connection that has room costs no timer of its own, however often it is sent to."""
    rooms = [Room({}, 60.0) for _ in range(100)]
    for _ in range(50):
        for room in rooms:
            with room:
                pass
    assert len(timers) <= 1


async def test_who_stalls_is_dropped_and_no_other() -> None:
    """Of many that wait for room those that wait for too long are dropped, each once; one that is sent to goes on."""
    dropped: list[int] = []

    async def send(number: int, seconds: float) -> int:
        room = Room({"extensions": {"progressnb.abort": lambda: dropped.append(number)}}, seconds)
        with room:
            await asyncio.sleep(0)
        with room:
            await asyncio.Event().wait()
        return number

    quick = [asyncio.create_task(send(number, 0.001)) for number in range(20)]
    slow = [asyncio.create_task(send(number, 60.0)) for number in range(20, 40)]
    results = await asyncio.gather(*quick, return_exceptions=True)
    assert all(isinstance(result, StalledError) for result in results)
    assert sorted(dropped) == list(range(20))
    for task in slow:
        assert not task.done()
        task.cancel()
    assert all(isinstance(each, asyncio.CancelledError) for each in await asyncio.gather(*slow, return_exceptions=True))
