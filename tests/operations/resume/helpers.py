"""A resume and a posting for the truth check, and drafts of rewritten resumes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.schemas import Draft

SCHEMA = json.loads((Path(__file__).parents[2] / "data" / "jsonresume" / "schema.json").read_text("utf-8"))
TODAY = date(2024, 7, 1)

ENGINEER: dict[str, Any] = {
    "basics": {
        "name": "Daniel Osei",
        "label": "Backend Developer",
        "email": "daniel@example.net",
        "summary": "Backend developer with 6 years of experience in payments.",
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
                "Shortened builds from 45 to 25 minutes",
            ],
        },
        {
            "name": "Harbor Logistics",
            "position": "Assistant Programmer",
            "startDate": "2017-06",
            "endDate": "2019-12",
            "highlights": ["Maintained a tracking system in PHP for 12 warehouses", "Automated reports of 60 clerks"],
        },
    ],
    "education": [
        {"institution": "University of Hamburg", "studyType": "B.Sc.", "area": "Computer Science", "endDate": "2017"}
    ],
    "certificates": [{"name": "Oracle Certified Associate", "date": "2018-05"}],
    "skills": [{"name": "Tools", "level": "Advanced", "keywords": ["Python", "PHP", "JS", "Docker", "K8s"]}],
    "interests": [{"name": "Chess"}],
}
JOB = "Backend Developer\n\nRequirements\n- Python\n- Kafka\n- Terraform\n"


def drafted(data: dict[str, Any]) -> Draft:
    """Return a draft of a rewritten resume that lists no changes."""
    return Draft(resume=JSONResume.model_validate(data), changes=[])
