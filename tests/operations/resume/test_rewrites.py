"""Rewrites of a whole paper: what follows from it passes in any words, what it does not bear out is found."""

# Letters of several languages.
# ruff: noqa: RUF001

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.operations.resume.reading.inputs import read_resume
from progressnb.operations.resume.rules import verify
from tests.operations.resume.helpers import TODAY, drafted

ENGLISH = """Noor Haddad

EXPERIENCE

Ward Clerk, Elmstead Hospital
2018 - 2022
- Answered 40 calls a day, complaints fell from 9 to 3 a month
- Employee relations for 120 staff, with two colleagues
- Took part in the fire drill

Porter, Elmstead Hospital
2014 - 2018
- Moved beds, KS3 badge, 690V locker

EDUCATION
Access course, Northern Trades College, BSc Nursing, not finished (2012)
CIPD L5

SKILLS
SystmOne, Excel, SMSTS not held
Languages: English, French B1, Polish (native), German (basic)
"""
GERMAN = """Jan Petersen

BERUFSERFAHRUNG

Techniker bei der Nordhafen GmbH
2015 - 2021
- Wartung von 30 Kränen für die Werft und den Hafen
- Betreuung der Lehrlinge in der Werkstatt

SPRACHEN
Deutsch (Muttersprache), Englisch (gut)
"""


def _claims(paper: str, summary: str) -> list[str]:
    data = {"basics": {"name": "x", "summary": summary}}
    found = verify(read_resume(paper, files=False), drafted(data), today=TODAY).unsupported
    return [claim.text for claim in found if claim.place == "basics.summary"]


@pytest.mark.parametrize(
    "summary",
    [
        "Eight years at Elmstead Hospital, four of them as a ward clerk.",
        "Cut complaints by six, from nine to three a month.",
        "Cut complaints by two thirds.",
        "Answered some 200 calls a week.",
        "Three of us looked after ER for 120 people.",
        "Key Stage 3 badge and a locker at 690 volts.",
        "CIPD Level 5 holder who speaks Polish as a mother tongue and good French.",
        "Worked on Monday shifts. Uses Microsoft Excel.",
        "EXPERIENCE\nWard Clerk at Elmstead Hospital",
        "Assistante au service de Elmstead Hospital de 2018 à 2022, avec 40 appels par jour.",
        "Stationssekretärin im Elmstead Hospital mit täglich 40 Anrufen von Patienten und Angehörigen.",
        "Secretaria de planta en el Elmstead Hospital, con 40 llamadas al día y francés B1.",
        "Секретарь отделения в больнице с 2018 по 2022 год, по 40 звонков в день.",
    ],
)
def test_what_follows_from_the_paper_is_no_claim(summary: str) -> None:
    """Spans, differences, shares, rates, acronyms, headings and translations of what the paper says are supported."""
    assert _claims(ENGLISH, summary) == []


@pytest.mark.parametrize(
    "summary",
    [
        "Led the fire drill.",
        "Managed six clerks.",
        "BSc in Nursing from Northern Trades College.",
        "Trained in SMSTS and SystmOne.",
        "CIPD Level 7 holder.",
        "Fluent in German.",
        "Speaks English, French and Spanish.",
        "Senior ward clerk.",
        "Fifteen years at Elmstead Hospital.",
        "Employee of the Year 2021.",
        "Introduced a hospital-wide rota.",
        "BSc Nursing, first-class.",
        "Sworn interpreter.",
        "Answered 55 calls a day.",
        "Übersetzt für das Krankenhaus, Deutsch verhandlungssicher.",
    ],
)
def test_what_the_paper_does_not_bear_out_is_found(summary: str) -> None:
    """Acts, ranks, levels, standing, denied and unfinished things that the paper does not have are unsupported."""
    assert _claims(ENGLISH, summary)


@pytest.mark.parametrize(
    ("summary", "honest"),
    [
        ("Technician at Nordhafen GmbH for six years: maintained 30 cranes for the shipyard.", True),
        ("Techniker mit sechs Jahren Erfahrung, gute Englischkenntnisse, Muttersprache Deutsch.", True),
        ("Lehrlinge in der Werkstatt betreut", True),
        ("Technicien chez Nordhafen GmbH : entretien de 30 grues, anglais bon niveau.", True),
        ("Technician at Nordhafen GmbH: maintained 45 cranes for the shipyard.", False),
        ("Techniker mit Englisch C2 und Deutsch", False),
        ("Technicien chez Nordhafen GmbH, parle anglais, allemand et espagnol.", False),
    ],
)
def test_a_paper_in_another_language(summary: str, *, honest: bool) -> None:
    """Numbers, languages and their levels are compared across languages; other words of a translation are not."""
    assert bool(_claims(GERMAN, summary)) != honest


STORES = """Ada

EXPERIENCE

Deputy Head of Stores, Acme
Jan - Aug 2019
- Drove lines 3, 5 and 11
- Taught 6 new drivers
- FOI requests

EDUCATION
BA History, cum laude
CAIB 1-3 passed, CAIB 4 in progress
Patent application pending
"""


@pytest.mark.parametrize(
    ("summary", "honest"),
    [
        ("Deputy head of stores at Acme.", True),
        ("Head of stores at Acme.", False),
        ("Freedom of Information requests", True),
        ("Eight months at Acme.", True),
        ("Taught 26 new drivers on lines 3, 5 and 11.", False),
        ("BA History, magna cum laude", False),
        ("CAIB 1-3 passed; working on CAIB 4", True),
        ("Full CAIB designation.", False),
        ("Patent pending.", True),
        ("Holder of a patent.", False),
        ("Drove lines 3, 5 and 11 with an accident-free record.", False),
    ],
)
def test_what_is_lower_or_unfinished(summary: str, *, honest: bool) -> None:
    """A lower post or honour and an unfinished thing bear out no more than they say."""
    assert bool(_claims(STORES, summary)) != honest


@given(st.integers(20, 400), st.integers(20, 400))
def test_what_two_numbers_of_a_sentence_give(one: int, other: int) -> None:
    """The difference, the sum and the change in per cent of two numbers of one sentence are supported."""
    high, low = max(one, other) + 7, min(one, other)
    job = "Ada\n\nEXPERIENCE\n\nClerk, Acme\n2018 - 2022\n"
    paper = f"{job}- Cut the waiting list of the clinic from {high} to {low} names\n"
    for text in (f"by {high - low}", f"by {(high - low) * 100 / high:.0f}%"):
        assert _claims(paper, f"Cut the waiting list of the clinic {text}.") == []


@given(st.integers(1980, 2010), st.integers(1, 12))
def test_a_span_of_dates_is_its_years(start: int, years: int) -> None:
    """The years between the dates of a job may be told in words and digits, many more may not."""
    paper = f"Ada\n\nEXPERIENCE\n\nClerk, Acme\n{start} - {start + years}\n- Filed letters of the clinic\n"
    assert _claims(paper, f"Clerk for {years} years at Acme.") == []
    assert _claims(paper, f"Clerk for {years * 2 + 30} years at Acme.")


ORCHARD = """Ada

EXPERIENCE

Crew lead, Dry Ridge Orchards
2019 - 2022
- 70 acres plum, drip lines
- 15 acres quince
- Comptable de la ferme: cycle clients et paie, de 8 à 61 clients
- GPA of the certificate 3.47
- Visits of school classes
"""


@pytest.mark.parametrize(
    ("summary", "honest"),
    [
        ("Crew lead on 85 acres of fruit.", True),
        ("Crew lead on 95 acres of fruit.", False),
        ("Certificate with a GPA of 3.5 (3.47).", True),
        ("Certificate (GPA 3.5).", True),
        ("Certificate (GPA 3.9).", False),
        ("Visits of K-12 classes.", True),
        ("Maîtrise du cycle clients et de la paie.", True),
        ("Maîtrise de la paie.", True),
        ("Maîtrise en droit.", False),
        ("Paie de la ferme, 8 jusqu'à 61 clients", True),
    ],
)
def test_what_a_careful_reader_reckons(summary: str, *, honest: bool) -> None:
    """Two counts of one thing may be added, decimals rounded; numbers in names and command of a trade are no facts."""
    assert bool(_claims(ORCHARD, summary)) != honest
