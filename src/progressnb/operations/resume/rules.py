"""The four stages of a customization by rules: evaluate, plan, implement, verify.

The rules need no model and no network, give the same answer each time, and never invent: a draft has only the facts of
the resume, in an order that serves the job.
"""

from .evaluation.match import evaluate
from .rewriting.draft import implement, plan
from .truth.verification import verify

__all__ = ["evaluate", "implement", "plan", "verify"]
