"""The samples: there, unchanged, and safe to change by whoever asks for them."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from progressnb import samples


def test_resume_and_job_are_the_json_resume_samples() -> None:
    """The samples are the fictional pair of the JSON Resume project."""
    basics = samples.resume["basics"]
    assert isinstance(basics, dict)
    assert basics["name"] == "Richard Hendriks"
    assert samples.job["title"] == "Web Developer"


def test_each_access_gives_a_fresh_copy() -> None:
    """Who changes a sample changes nobody else's."""
    mine = samples.resume
    mine.clear()
    assert samples.resume["work"]


def test_paths_lead_to_the_same_content() -> None:
    """The paths are for what wants files, such as the command line."""
    assert json.loads(samples.resume_path.read_text("utf-8")) == samples.resume
    assert json.loads(samples.job_path.read_text("utf-8")) == samples.job


def test_openapi_is_a_specification() -> None:
    """The petstore is text, as files and addresses give it, with its own licence beside it."""
    assert samples.openapi.startswith('openapi: "3.0.0"')
    assert samples.openapi_path.read_text("utf-8") == samples.openapi
    assert "Apache License" in (files(samples) / "LICENSE.openapi").read_text("utf-8")


def test_licence_ships_with_the_samples() -> None:
    """MIT asks that the notice goes where the text goes."""
    assert "Permission is hereby granted" in (files(samples) / "LICENSE").read_text("utf-8")


def test_other_names_do_not_exist() -> None:
    """A typo is an AttributeError, as with any module."""
    with pytest.raises(AttributeError, match="no attribute 'resumee'"):
        getattr(samples, "resume" + "e")


def test_dir_lists_the_samples() -> None:
    """Completion in a notebook finds what is loaded on demand."""
    assert {"resume", "job", "resume_path", "job_path"} <= set(dir(samples))
