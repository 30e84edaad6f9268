"""The state that all cases of a run share."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .answers import Answers
from .callers import Callers
from .causes import Causes
from .fresh import new_seed
from .ways import choose_ways

if TYPE_CHECKING:
    from collections.abc import Callable

    from .suite import Suite

__all__ = ["Session"]


@dataclass
class Session:
    """The state that all cases of a run share.

    Attributes:
        suite: The files.
        seed: The text that new values depend on.
        credential: The secret of an environment variable.
        broken: Endpoints whose valid request was refused: by the status, where that is told.
        unmade: Endpoints whose valid request got such a status, which is right where what its path names can't be made.
        left: Addresses of things that could not be removed.

    """

    suite: Suite
    seed: str = field(default_factory=new_seed)
    credential: Callable[[str], str | None] = os.environ.get
    broken: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict[str, dict[int, str]](dict))
    unmade: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    left: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        """Read the schemas, and let each request be sent by whom its case names."""
        self.answers = Answers(self.suite)
        self.causes = Causes()
        choose_ways(self.suite, self.credential)
        self.callers = Callers(self.suite)
