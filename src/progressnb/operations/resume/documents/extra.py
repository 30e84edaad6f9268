"""The extra `documents`: PDF and Word files need libraries that not everybody has."""

from __future__ import annotations

from progressnb.errors import MissingExtraError

__all__ = ["missing_documents"]


def missing_documents(purpose: str, module: str) -> MissingExtraError:
    """Say that the extra is needed; `purpose` is such as "to read cv.pdf"."""
    return MissingExtraError(
        f"the extra documents {purpose}", f"no module {module}", 'pip install "progressnb[documents]"'
    )
