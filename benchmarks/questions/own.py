"""Questions of those who know the rules, with right answers by pandas."""

from __future__ import annotations

from benchmarks.questions.sets import Question as Q
from benchmarks.questions.sets import best, none

QUESTIONS: list[Q] = []
_ = (best, none)
