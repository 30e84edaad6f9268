"""Fixtures of the tests that watch other libraries."""

from collections.abc import Iterator
from typing import Any

import pytest

import progressnb as pnb
from progressnb.execution.driven import DrivenRun
from progressnb.interop.langchain import install


@pytest.fixture
def begun() -> Iterator[list[DrivenRun]]:
    """Watch LangChain and LangGraph, and collect the runs that begin."""
    seen: list[Any] = []
    pnb.configure(screen=seen.append)
    uninstall = install()
    yield seen
    uninstall()
