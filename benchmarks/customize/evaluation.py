"""Measure how well the rule-based evaluation tells which job a resume is for, without a model.

    python -m benchmarks.customize.evaluation resumes.csv

The file is a CSV with the columns Category and Resume; it is not part of the project, because its
licence is not stated. Below is what jobs in each category ask for: lists of five skills, as three
people would write them, and a short posting. Each resume is judged against each job of a set. Two
figures say whether `match_score` ranks them rightly:

- AUC: how often a pair of a resume and its own trade's job scores above a pair that doesn't belong
  together, ties half.
- first: how often a resume's own trade comes first among all jobs, a tie counting its share.

Beside it: TF-IDF with cosine (as in scikit-learn's defaults, fitted to resumes and jobs, with English
stop words) and counting which of the skills' words stand in the resume. Neither is told which trades
there are. The rules have a vocabulary of trades, so they are measured without it too: without the
trade in question (what happens to a trade that it lacks) and without any. Whoever wrote the
vocabulary had seen these resumes and wrote these lists too, so the first column is the friendliest
figure and those two are the strictest.

Figures fail nothing: the exit code is 1 only if the file can't be used.
"""

from __future__ import annotations

import argparse
import csv
import math
import re
import statistics
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from progressnb.operations.resume.reading.inputs import read_job, read_resume
from progressnb.operations.resume.rules import evaluate
from progressnb.operations.resume.words import trade_vocabulary as trades

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from progressnb.operations.resume.reading.inputs import JobDocument, ResumeDocument

Scores = list[list[float]]  # a row for each resume, a column for each job

LISTS: dict[str, tuple[str, str, str]] = {
    "Advocate": (
        "litigation, legal research, drafting, contracts, court",
        "civil law, criminal law, legal drafting, arbitration, client counseling",
        "llb, pleadings, legal advice, property law, compliance",
    ),
    "Arts": (
        "painting, drawing, fine arts, sketching, creativity",
        "art, craft, teaching, exhibition, design",
        "visual arts, illustration, photoshop, music, performing arts",
    ),
    "Civil Engineer": (
        "autocad, site supervision, concrete, surveying, structural design",
        "construction, estimation, billing, quality control, staad pro",
        "rcc, bar bending schedule, quantity surveying, project planning, ms project",
    ),
    "DotNet Developer": (
        "c#, asp.net, sql server, mvc, entity framework",
        ".net, web api, linq, javascript, visual studio",
        "dot net, ado.net, jquery, wcf, html",
    ),
    "Electrical Engineering": (
        "plc, scada, transformers, power systems, electrical maintenance",
        "electrical design, switchgear, circuit breakers, autocad, testing and commissioning",
        "wiring, motors, control panels, substation, power distribution",
    ),
    "HR": (
        "recruitment, payroll, onboarding, employee relations, training",
        "talent acquisition, performance management, hr policies, statutory compliance, communication",
        "human resources, sourcing, induction, attendance, employee engagement",
    ),
    "Health and fitness": (
        "personal training, nutrition, fitness, yoga, diet planning",
        "exercise, gym, wellness, weight management, health",
        "strength training, cardio, aerobics, first aid, client counseling",
    ),
    "Mechanical Engineer": (
        "solidworks, autocad, manufacturing, catia, machine design",
        "cad, ansys, production, quality control, maintenance",
        "thermodynamics, cnc, gd&t, creo, product design",
    ),
    "Operations Manager": (
        "operations management, process improvement, team management, vendor management, budgeting",
        "supply chain, logistics, kpi, customer service, leadership",
        "service delivery, sla, six sigma, people management, client relationship",
    ),
    "PMO": (
        "project management, pmo, risk management, governance, reporting",
        "project planning, ms project, stakeholder management, scheduling, resource management",
        "project tracking, itil, dashboards, change management, status reports",
    ),
    "Sales": (
        "sales, negotiation, lead generation, customer relationship, business development",
        "cold calling, crm, marketing, sales targets, communication",
        "client acquisition, direct sales, channel sales, market research, presentation",
    ),
    "Testing": (
        "manual testing, test cases, selenium, bug tracking, jira",
        "software testing, regression testing, functional testing, quality assurance, test plan",
        "sdlc, stlc, defect tracking, sql, test execution",
    ),
}

# Jobs of trades that the file lacks, mostly near to those that it has: more lists to go wrong with.
OTHERS: tuple[str, ...] = (
    "java, spring, hibernate, sql, rest api",
    "python, django, flask, sql, git",
    "html, css, javascript, bootstrap, photoshop",
    "aws, docker, kubernetes, ci cd, linux",
    "machine learning, python, statistics, deep learning, data analysis",
    "hadoop, spark, hive, hdfs, sqoop",
    "etl, informatica, data warehouse, sql, oracle",
    "sql, oracle, database administration, backup, performance tuning",
    "firewall, vpn, cisco, routing, network security",
    "sap, abap, sap hana, fico, erp",
    "blockchain, ethereum, solidity, smart contracts, cryptography",
    "selenium, java, testng, test automation, jenkins",
    "requirements gathering, use cases, stakeholder management, agile, documentation",
)

POSTINGS: dict[str, str] = {
    "Advocate": """Legal Associate
We are a law firm in the city centre and advise private and business clients.
Responsibilities
- Draft pleadings, agreements and legal notices
- Represent clients in court and prepare cases for hearing
Requirements
- Law degree (LL.B or LL.M)
- 2+ years of experience in civil or criminal litigation
- Strong legal research and drafting skills
- Good communication in English""",
    "Arts": """Art Teacher
Our school is looking for somebody who loves to create and to teach.
What you will do
- Teach drawing, painting and craft to children of all ages
- Organize exhibitions and cultural events
Requirements
- Degree in Fine Arts or a related field
- Experience in teaching art
- Creativity and patience""",
    "Civil Engineer": """Civil Site Engineer
Responsibilities
- Supervise construction work at site and coordinate contractors
- Check reinforcement, shuttering and concrete work against drawings
- Prepare bills and estimates
Requirements
- Bachelor's degree or diploma in Civil Engineering
- 3 years of experience in building construction
- AutoCAD, MS Project and quantity surveying""",
    "DotNet Developer": """.NET Developer
You will build web applications for our customers.
Requirements
- 2+ years of experience with C# and ASP.NET MVC
- Entity Framework, LINQ and SQL Server
- JavaScript, jQuery, HTML and CSS
- Bachelor's degree in Computer Science or related field
Responsibilities
- Develop, test and maintain web applications and services""",
    "Electrical Engineering": """Electrical Engineer
Requirements
- Degree or diploma in Electrical Engineering
- Experience in maintenance of transformers, switchgear and motors
- Knowledge of PLC and SCADA
- Reading of electrical drawings
Responsibilities
- Install, test and commission electrical equipment
- Plan preventive maintenance of the substation""",
    "HR": """HR Executive
Responsibilities
- Source, screen and interview candidates
- Process payroll and keep employee records
- Organize induction and training
Requirements
- MBA in Human Resources or similar
- Experience in recruitment and employee relations
- Knowledge of labour law and statutory compliance""",
    "Health and fitness": """Fitness Trainer
Our gym is growing and needs trainers and nutrition coaches.
Responsibilities
- Train members one to one and in groups
- Plan diets and exercises for weight loss
Requirements
- Certificate in personal training, nutrition or sports science
- Experience in a gym or health club
- First aid""",
    "Mechanical Engineer": """Mechanical Design Engineer
Requirements
- B.E. or diploma in Mechanical Engineering
- SolidWorks, AutoCAD or CATIA
- Knowledge of manufacturing processes, machining and sheet metal
- 2 years of experience in production or design
Responsibilities
- Design parts and fixtures and prepare drawings
- Support production and quality control""",
    "Operations Manager": """Operations Manager
Responsibilities
- Lead the operations team and improve processes
- Meet service levels and keep costs within budget
- Manage vendors and clients
Requirements
- 8+ years of experience in operations management
- People management and customer service
- Six Sigma or Lean is a plus""",
    "PMO": """PMO Analyst
Responsibilities
- Track projects, milestones, risks and issues
- Prepare dashboards and status reports for the management
Requirements
- 4 years of experience in project management or a PMO
- MS Project, Excel and SharePoint
- Knowledge of project governance and resource planning
- PMP or PRINCE2 preferred""",
    "Sales": """Sales Manager
Responsibilities
- Generate leads, visit customers and close deals
- Reach monthly sales targets
Requirements
- 2+ years of experience in sales or business development
- Negotiation and communication skills
- Customer relationship management""",
    "Testing": """Software Test Engineer
Responsibilities
- Write and execute test cases and report defects
- Review requirements with developers
Requirements
- 1+ years of experience in manual testing
- Knowledge of SDLC, STLC and the defect life cycle
- Selenium and SQL are a plus
- JIRA or Bugzilla""",
}


# --- the contestants: each returns the scores of all pairs --------------------------------------------

_STOP_TEXT = """
    a about above after all also an and any are as at be been but by can do each for from had has have he her his how
    i if in into is it its may me more most my no nor not of off on or other our out over own s she so some such than
    that the their them then there these they this those through to too under up very was we were what when where
    which while who whom why will with you your
"""
_STOP = frozenset(_STOP_TEXT.split())


def _tokens(text: str) -> list[str]:
    return [word for word in re.findall(r"\b\w\w+\b", text.lower()) if word not in _STOP]


def tfidf(resumes: Sequence[str], jobs: Sequence[str]) -> Scores:
    """Compare by cosine of TF-IDF vectors."""
    texts = [*resumes, *jobs]
    counts = [Counter(_tokens(text)) for text in texts]
    seen = Counter(word for count in counts for word in count)
    idf = {word: math.log((1 + len(texts)) / (1 + number)) + 1 for word, number in seen.items()}
    vectors = [{word: number * idf[word] for word, number in count.items()} for count in counts]
    norms = [math.sqrt(sum(value * value for value in vector.values())) or 1 for vector in vectors]
    half = len(resumes)
    return [
        [
            sum(value * vectors[i].get(word, 0) for word, value in vectors[j].items()) / (norms[i] * norms[j])
            for j in range(half, len(texts))
        ]
        for i in range(half)
    ]


def keywords(resumes: Sequence[str], jobs: Sequence[str]) -> Scores:
    """Count which of the job's words stand in the resume."""
    asked = [set(_tokens(job)) for job in jobs]
    held = [set(_tokens(resume)) for resume in resumes]
    return [[len(job & resume) / len(job) for job in asked] for resume in held]


def rules(resumes: Sequence[ResumeDocument], jobs: Sequence[JobDocument]) -> Scores:
    """Take the match_score of the evaluation by rules."""
    return [[evaluate(resume, job).match_score for job in jobs] for resume in resumes]


# --- the measures -------------------------------------------------------------------------------------


def auc(scores: Scores, own: Sequence[int]) -> float:
    """Return how often a pair that belongs together scores above one that doesn't, ties half."""
    ranked = sorted((score, column == mine) for row, mine in zip(scores, own, strict=True)
                    for column, score in enumerate(row))  # fmt: skip
    below, won, index = 0, 0.0, 0
    while index < len(ranked):
        end = index
        while end < len(ranked) and ranked[end][0] == ranked[index][0]:
            end += 1
        good = sum(mine for _, mine in ranked[index:end])
        bad = end - index - good
        won += good * (below + bad / 2)
        below += bad
        index = end
    return won / (below * (len(ranked) - below))


def first(scores: Scores, own: Sequence[int]) -> float:
    """Return the share of resumes whose own job scores highest; a tie counts its share."""
    return statistics.mean((row[mine] == max(row)) / row.count(max(row)) for row, mine in zip(scores, own, strict=True))


def job_sets() -> Iterator[tuple[str, list[str]]]:
    """Yield each set of jobs with its name; the jobs of the file's trades come first, in order."""
    variants = [[LISTS[trade][number] for trade in LISTS] for number in range(3)]
    for number, jobs in enumerate(variants, start=1):
        yield f"list {number}", jobs
    for number, jobs in enumerate(variants, start=1):
        yield f"list {number} +{len(OTHERS)}", [*jobs, *OTHERS]
    yield "postings", [POSTINGS[trade] for trade in LISTS]


class _Without:
    """The rules' vocabulary without some trades and all that is near to their terms, while it is entered."""

    def __init__(self, lost: Callable[[tuple[str, ...]], bool], *, near: bool) -> None:
        self.lost, self.near = lost, near
        self.before = (trades.TRADES, trades.NEAR)

    def __enter__(self) -> None:
        gone = {term for titles, terms in trades.TRADES if self.lost(titles) for term in (*titles, *terms)}
        trades.TRADES = [one for one in trades.TRADES if not self.lost(one[0])]
        trades.NEAR = {} if self.near else {
            head: kept for head, terms in trades.NEAR.items()
            if head not in gone and (kept := tuple(term for term in terms if term not in gone))
        }  # fmt: skip
        trades.trade_vocabulary.cache_clear()

    def __exit__(self, *_: object) -> None:
        trades.TRADES, trades.NEAR = self.before
        trades.trade_vocabulary.cache_clear()


# A title that names the vocabulary's trade for a category of the file.
_TRADE = {
    "Advocate": "advocate",
    "Arts": "artist",
    "Civil Engineer": "civil engineer",
    "DotNet Developer": ".net developer",
    "Electrical Engineering": "electrical engineer",
    "HR": "human resources",
    "Health and fitness": "fitness trainer",
    "Mechanical Engineer": "mechanical engineer",
    "Operations Manager": "operations manager",
    "PMO": "pmo",
    "Sales": "sales manager",
    "Testing": "tester",
}


def _left_out(resumes: Sequence[ResumeDocument], jobs: Sequence[JobDocument], own: Sequence[int]) -> Scores:
    """Score each trade's resumes with that trade left out of the vocabulary."""
    scores: Scores = [[] for _ in resumes]
    for number, trade in enumerate(LISTS):
        mine = [index for index, one in enumerate(own) if one == number]
        title = _TRADE[trade]
        with _Without(lambda titles, title=title: title in titles, near=False):  # type: ignore[misc]
            for index, row in zip(mine, rules([resumes[index] for index in mine], jobs), strict=True):
                scores[index] = row
    return scores


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="a CSV with the columns Category and Resume")
    parser.add_argument("--misses", action="store_true", help="list the resumes whose own trade doesn't come first")
    options = parser.parse_args()
    with open(options.file, encoding="utf-8", newline="") as file:  # noqa: PTH123 - a path or what /dev has
        rows = [(row["Category"], row["Resume"]) for row in csv.DictReader(file)]
    names = list(LISTS)
    unknown = {category for category, _ in rows} - set(names)
    if unknown or not rows:
        print(f"No jobs are written for: {', '.join(sorted(unknown)) or 'an empty file'}.", file=sys.stderr)
        return 1
    own = [names.index(category) for category, _ in rows]
    texts = [text for _, text in rows]
    began = time.perf_counter()
    resumes = [read_resume(text, files=False) for text in texts]
    reading = time.perf_counter() - began
    print(f"{len(rows)} resumes of {len(names)} trades")
    print(f"{'AUC / first':<14}{'rules':>16}{'TF-IDF':>16}{'keywords':>16}{'not this trade':>16}{'no vocabulary':>16}")
    cells: dict[str, list[list[tuple[float, float]]]] = {"lists": [], f"lists +{len(OTHERS)}": []}
    judging = 0.0
    for name, jobs in job_sets():
        read = [read_job(job, files=False) for job in jobs]
        began = time.perf_counter()
        ours = rules(resumes, read)
        judging = (time.perf_counter() - began) / len(texts) / len(jobs)
        with _Without(lambda _: True, near=True):
            bare = rules(resumes, read)
        tables = [ours, tfidf(texts, jobs), keywords(texts, jobs), _left_out(resumes, read, own), bare]
        line = [(auc(table, own), first(table, own)) for table in tables]
        _print(name, line)
        if name.startswith("list"):
            cells["lists" if "+" not in name else f"lists +{len(OTHERS)}"].append(line)
        if options.misses:
            for index, row in enumerate(ours):
                if row[own[index]] < max(row) or row.count(max(row)) > 1:
                    best = row.index(max(row))
                    rival = names[best] if best < len(names) else jobs[best]
                    print(f"    {index:3} {names[own[index]]} {row[own[index]]:.0f}, {rival} {max(row):.0f}")
    for name, lines in cells.items():
        mean = [
            (statistics.mean(one[0] for one in column), statistics.mean(one[1] for one in column))
            for column in zip(*lines, strict=True)
        ]
        _print(f"{name}, mean", mean)
    print(f"reading a resume {1000 * reading / len(texts):.1f} ms, judging one against one job {1000 * judging:.1f} ms")
    return 0


def _print(name: str, line: Sequence[tuple[float, float]]) -> None:
    print(f"{name:<14}" + "".join(f"{f'{one:.3f} / {two:.2f}':>16}" for one, two in line))


if __name__ == "__main__":
    sys.exit(main())
