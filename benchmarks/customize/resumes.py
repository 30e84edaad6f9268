"""Resumes of several trades with several jobs each, written for the benchmark of the truth check."""

# Tables of sentences, and functions of one signature.
# ruff: noqa: E501, RUF028
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import JsonValue

NURSE: dict[str, JsonValue] = {
    "basics": {
        "name": "Maria Keller",
        "label": "Registered Nurse",
        "email": "maria.keller@example.org",
        "summary": "Registered nurse with 7 years in intensive care. Trained 14 new colleagues and reduced falls by 18%.",
    },
    "work": [
        {
            "name": "St. Anna Hospital",
            "position": "Staff Nurse, Intensive Care",
            "startDate": "2018-03",
            "endDate": "2023-06",
            "highlights": [
                "Cared for up to 4 ventilated patients per shift on a 16-bed ward",
                "Reduced patient falls by 18% with a new handover checklist",
                "Trained 14 new nurses in wound care and medication rounds",
                "Documented care in Epic and coordinated with 3 surgical teams",
            ],
        },
        {
            "name": "Riverside Clinic",
            "position": "Assistant Nurse",
            "startDate": "2015-09",
            "endDate": "2018-02",
            "summary": "Outpatient clinic with 120 visits a day.",
            "highlights": [
                "Took blood samples and vital signs of 35 patients a day",
                "Managed the stock of dressings with a budget of €20,000",
                "Shortened waiting times from 45 to 25 minutes",
            ],
        },
    ],
    "education": [
        {
            "institution": "University of Graz",
            "studyType": "Bachelor",
            "area": "Nursing Science",
            "startDate": "2012-10",
            "endDate": "2015-07",
        },
        {
            "institution": "Vienna School of Care",
            "studyType": "Diploma",
            "area": "Intensive Care",
            "endDate": "2019-05",
        },
    ],
    "certificates": [
        {"name": "Basic Life Support", "issuer": "Red Cross", "date": "2022-04"},
        {"name": "Advanced Cardiac Life Support", "issuer": "American Heart Association", "date": "2021-11"},
    ],
    "skills": [
        {"name": "Clinical", "keywords": ["Ventilation", "Wound care", "Triage", "ECG"]},
        {"name": "Systems", "keywords": ["Epic", "MS Office"]},
    ],
    "languages": [{"language": "German", "fluency": "Native"}, {"language": "English", "fluency": "Fluent"}],
}

ENGINEER: dict[str, JsonValue] = {
    "basics": {
        "name": "Daniel Osei",
        "label": "Backend Developer",
        "email": "daniel@example.net",
        "summary": "Backend developer with 6 years of experience in payments. Led a team of 2 and likes clean interfaces.",
    },
    "work": [
        {
            "name": "Payfold GmbH",
            "position": "Backend Developer",
            "startDate": "2020-01",
            "endDate": "2024-03",
            "highlights": [
                "Rewrote the billing service in Python and cut response times by 40%",
                "Led a team of 2 developers across 3 releases",
                "Moved 25 services to K8s and saved $150,000 a year",
                "Wrote 300 tests and raised coverage from 55% to 85%",
            ],
        },
        {
            "name": "Harbor Logistics",
            "position": "Junior Programmer",
            "startDate": "2017-06",
            "endDate": "2019-12",
            "highlights": [
                "Maintained a tracking system in PHP and Postgres for 12 warehouses",
                "Automated reports that 60 clerks had typed by hand",
                "Answered support requests within 24 hours",
            ],
        },
        {
            "name": "City Library",
            "position": "IT Intern",
            "startDate": "2016-03",
            "endDate": "2016-09",
            "highlights": ["Set up 30 computers and a network for readers", "Taught 5 courses in office software"],
        },
    ],
    "education": [
        {
            "institution": "Technical University of Hamburg",
            "studyType": "B.Sc.",
            "area": "Computer Science",
            "startDate": "2013",
            "endDate": "2017",
            "score": "2.1",
        },
    ],  # fmt: skip
    "certificates": [{"name": "Oracle Certified Associate", "issuer": "Oracle", "date": "2018-05"}],
    "skills": [
        {"name": "Languages", "level": "Advanced", "keywords": ["Python", "PHP", "SQL", "JS"]},
        {"name": "Tools", "level": "Intermediate", "keywords": ["Docker", "K8s", "Git", "Postgres"]},
    ],
    "projects": [
        {
            "name": "Tide Tables",
            "startDate": "2021-04",
            "description": "A web site with the tides of 80 harbours.",
            "highlights": ["Reached 9,000 visitors a month", "Wrote the importer with FastAPI"],
            "keywords": ["Python", "FastAPI"],
        },
    ],  # fmt: skip
}

CHEF: dict[str, JsonValue] = {
    "basics": {
        "name": "Lucie Moreau",
        "label": "Sous Chef",
        "phone": "+33 1 5555 0199",
        "summary": "Sous chef with a love of vegetables. Ran a kitchen of 9 cooks and kept food costs at 28%.",
    },
    "work": [
        {
            "name": "Le Petit Jardin",
            "position": "Sous Chef",
            "startDate": "2019-05-01",
            "endDate": "2024-05-01",
            "highlights": [
                "Supervised 9 cooks and 4 apprentices in a kitchen of 110 seats",
                "Kept food costs at 28% and reduced waste by a third",
                "Wrote a vegetarian menu of 12 dishes that brought 30% more guests",
            ],
        },
        {
            "name": "Hotel Bellevue",
            "position": "Commis Chef",
            "startDate": "2014-09-01",
            "endDate": "2019-04-01",
            "highlights": [
                "Prepared starters for banquets of 250 guests",
                "Ordered goods for €8,000 a week",
                "Won the hotel's prize for the best dessert in 2017",
            ],
        },
    ],
    "education": [
        {"institution": "Lycée Hôtelier de Lyon", "studyType": "Diploma", "area": "Culinary Arts", "endDate": "2014-06"}
    ],
    "awards": [{"title": "Best Young Chef of Lyon", "date": "2018-11", "awarder": "City of Lyon"}],
    "skills": [{"name": "Cooking", "keywords": ["Pastry", "Menu planning", "Food safety"]}],
    "languages": [{"language": "French", "fluency": "Native"}],
}

ACCOUNTANT: dict[str, JsonValue] = {
    "basics": {
        "name": "Priya Raman",
        "label": "Accountant",
        "summary": "Accountant for retail companies. Closed the books of 11 shops each month, usually in 4 days.",
    },
    "work": [
        {
            "name": "Northwind Retail Ltd",
            "position": "Accountant",
            "startDate": "2019-02",
            "endDate": "2024-02",
            "highlights": [
                "Closed the monthly accounts of 11 shops within 4 days",
                "Recovered £75,000 of overdue invoices",
                "Introduced QuickBooks and trained 6 clerks",
                "Prepared VAT returns and supported 2 audits",
            ],
        },
        {
            "name": "Patel & Sons",
            "position": "Accounts Clerk",
            "startDate": "2015-07",
            "endDate": "2019-01",
            "highlights": [
                "Posted 200 invoices a week in Excel",
                "Reconciled 8 bank accounts and found errors of £3,200",
                "Handled payroll for 45 employees",
            ],
        },
    ],
    "education": [
        {
            "institution": "University of Madras",
            "studyType": "Bachelor",
            "area": "Commerce",
            "startDate": "2012-06",
            "endDate": "2015-05",
        },
    ],  # fmt: skip
    "certificates": [{"name": "AAT Level 4", "issuer": "Association of Accounting Technicians", "date": "2018-09"}],
    "skills": [{"name": "Accounting", "keywords": ["Bookkeeping", "VAT", "Payroll", "QuickBooks", "MS Excel"]}],
}

RESUMES = [NURSE, ENGINEER, CHEF, ACCOUNTANT]

POSTINGS = [
    "Nurse\n\nRequirements\n- Degree in nursing\n- 5+ years of intensive care\n- ACLS, PALS\n- Dialysis\n- Cerner or Epic",
    "Senior Backend Engineer\n\nRequirements\n- Python, Go\n- Kubernetes, Terraform\n- PostgreSQL, Kafka\n- 5+ years of experience",
    "Head Chef\n\nRequirements\n- 5 years in a kitchen\n- Menu planning\n- HACCP\n- Sous vide\n- Cost control",
    "Senior Accountant\n\nRequirements\n- ACCA or CPA\n- SAP\n- Excel\n- Month-end close\n- IFRS, VAT",
]
