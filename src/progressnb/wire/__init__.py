"""What happened: the events of a run, their bytes, the output that they carry, and the log that keeps them."""

from .files import write_atomically
from .plain import clean_text, jsonable
from .text import Text

__all__ = ["Text", "clean_text", "jsonable", "write_atomically"]
