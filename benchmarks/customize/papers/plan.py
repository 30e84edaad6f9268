"""Which files are generated: 23 layouts, each for three people, in languages that take turns."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PAPERS", "Paper"]


@dataclass(frozen=True)
class Paper:
    """One generated resume."""

    number: int
    template: str
    engine: str
    dates: str
    content: str
    held: bool

    @property
    def file(self) -> str:
        """The name of its file."""
        suffix = "docx" if self.engine == "word" else "pdf"
        return f"{self.template}-{self.engine}-{self.content}.{suffix}"


# Template, what makes the file, how dates are written. The rules were written without a look at those held apart.
_LAYOUTS = (
    ("typst_classic", "typst", "short"),
    ("typst_sidebar_left", "typst", "slash"),
    ("typst_dates_left", "typst", "slash"),
    ("typst_company_first", "typst", "long"),
    ("typst_one_line", "typst", "year"),
    ("typst_labels", "typst", "long"),
    ("html_flex", "chromium", "short"),
    ("html_sidebar", "chromium", "dot"),
    ("html_table", "chromium", "short"),
    ("html_timeline", "chromium", "slash"),
    ("word_styles", "word", "short"),
    ("word_table", "word", "slash"),
    ("word_typed", "word", "dot"),
    ("word_styles", "soffice", "long"),
    ("word_table", "soffice", "short"),
    ("latex_article", "lualatex", "short"),
    ("latex_modern", "xelatex", "slash"),
)
_HELD = (
    ("typst_sidebar_right", "typst", "short"),
    ("typst_narrow_dates", "typst", "short"),
    ("html_cards", "chromium", "quote"),
    ("word_columns", "word", "short"),
    ("word_typed", "soffice", "quote"),
    ("latex_compact", "lualatex", "short"),
)


def _papers() -> list[Paper]:
    made: list[Paper] = []
    for number, (template, engine, dates) in enumerate(_LAYOUTS + _HELD):
        languages = (("en", "de", "ru")[number % 3], ("en", "es")[number % 2], ("en", "fr")[number // 2 % 2])
        people = zip(("nurse", "developer", "accountant"), languages, strict=True)
        made += [
            Paper(number, template, engine, dates, f"{p}-{tongue}", number >= len(_LAYOUTS)) for p, tongue in people
        ]
    return made


PAPERS = _papers()
