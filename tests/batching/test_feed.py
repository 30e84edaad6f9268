"""Live events of items in other processes: in order, none twice, without contents unless they are wanted."""

from typing import Any

import pytest

from progressnb.batching.feed import Feed, Feeds
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.codec import encode


class Far:
    """A worker with one item, and the place where its news come."""

    def __init__(self, clock: ManualClock, *, contents: bool = False) -> None:
        self.run = ProgressTracker("item", clock=clock, show=False)
        self.messages: list[Any] = []
        self.feed = Feed(self.messages.append, contents=contents)
        self.feed.add(7, self.run.log)
        self.cancelled: list[Any] = []
        self.heard: list[Any] = []
        self.feeds = Feeds(
            lambda *args: self.cancelled.append(args), lambda index, event: self.heard.append((index, event.seq))
        )

    async def work(self) -> None:
        """Begin, and write something."""
        self.run.start()
        async with self.run.stage("write") as stage:
            await stage.update(40, "looking for the lighthouse")
            stage.write("the lighthouse")

    def deliver(self) -> None:
        """Send what is new."""
        self.feed.send()
        for message in self.messages:
            self.feeds.take(message)
        self.messages.clear()


@pytest.mark.parametrize("contents", [False, True])
async def test_the_same_events_arrive(clock: ManualClock, contents: bool) -> None:
    """The run here has the events of the run there, with what it writes only where contents are sent."""
    far = Far(clock, contents=contents)
    await far.work()
    far.deliver()
    run = far.feeds.run(7)
    assert run is not None
    assert (run.id, run.status, len(run.log)) == (far.run.id, "running", len(far.run.log))
    assert far.heard == [(7, seq) for seq in range(len(far.run.log))]
    assert (b"lighthouse" in b"".join(run.log.encoded())) is contents
    assert not far.feed.send() or far.messages == []
    far.run.done("the lighthouse")
    far.deliver()
    assert run.status == "finished"
    assert (run.result == "the lighthouse") is contents
    assert not far.feed.send()


async def test_events_that_come_late_or_twice(clock: ManualClock) -> None:
    """The last events may come after the end of the attempt; what comes twice or in the middle changes nothing."""
    far = Far(clock)
    await far.work()
    far.feed.send()
    (first,) = far.messages
    far.feeds.take(first)
    far.feeds.take([(7, first[0][1][1:])])
    run = far.feeds.run(7)
    assert run is not None
    assert len(run.log) == len(far.run.log)
    far.messages.clear()
    far.feeds.end(7)
    assert far.feeds.run(7) is None
    far.run.done()
    far.deliver()
    assert run.status == "finished"
    far.feeds.take([(9, [encode(far.run.log[2])]), (9, [b"no event"])])
    assert far.feeds.run(9) is None


async def test_a_worker_that_is_gone(clock: ManualClock) -> None:
    """The run of an item whose worker is gone ends, and a further attempt is another run."""
    far = Far(clock)
    await far.work()
    far.deliver()
    run = far.feeds.run(7)
    assert run is not None
    run.cancel("enough")
    assert far.cancelled == [(7, "enough")]
    far.feeds.lose(7)
    assert run.status == "failed"
    again = Far(clock)
    await again.work()
    again.feed.send()
    far.feeds.take(again.messages[0])
    other = far.feeds.run(7)
    assert other is not None
    assert other.id == again.run.id
    far.feeds.close()
    assert other.log.ended
    far.feeds.lose(7)
