"""What the generated resumes say: three people in five languages, with headings and dates as a template writes them."""

# The words of five languages.
# ruff: noqa: RUF001
from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Data", "load", "truth", "written"]

Data = dict[str, Any]

_HERE = Path(__file__).parent / "content"
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ru": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
}
_SHORT = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "de": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "es": "ene. feb. mar. abr. may. jun. jul. ago. sept. oct. nov. dic.",
    "ru": "янв. февр. март апр. май июнь июль авг. сент. окт. нояб. дек.",
}
_PRESENT = {"en": "Present", "de": "heute", "fr": "aujourd’hui", "es": "actualidad", "ru": "настоящее время"}
_TO = {"en": "to", "de": "bis", "fr": "à", "es": "a", "ru": "–"}
# Several headings a section: template number n takes the n-th.
_HEADINGS = {
    "en": (
        ("Profile", "Summary", "About me", "Professional Summary"),
        ("Experience", "Work Experience", "Employment History", "Professional Experience", "Career History"),
        ("Education", "Education and Training", "Academic Background"),
        ("Skills", "Key Skills", "Technical Skills"),
        ("Languages",),
        ("Certificates", "Certifications", "Licenses & Certifications"),
        ("Contact",),
    ),
    "de": (
        ("Profil", "Über mich", "Kurzprofil"),
        ("Berufserfahrung", "Beruflicher Werdegang", "Berufspraxis"),
        ("Ausbildung", "Bildungsweg", "Schulische Ausbildung"),
        ("Kenntnisse", "Fähigkeiten", "Kompetenzen"),
        ("Sprachen", "Sprachkenntnisse"),
        ("Zertifikate", "Weiterbildung"),
        ("Kontakt",),
    ),
    "fr": (
        ("Profil", "À propos"),
        ("Expérience professionnelle", "Expériences professionnelles", "Parcours professionnel"),
        ("Formation", "Études", "Diplômes et formations"),
        ("Compétences", "Compétences clés"),
        ("Langues",),
        ("Certifications", "Certificats"),
        ("Contact",),
    ),
    "es": (
        ("Perfil", "Perfil profesional", "Sobre mí"),
        ("Experiencia laboral", "Experiencia profesional", "Experiencia"),
        ("Formación", "Formación académica", "Estudios"),
        ("Competencias", "Habilidades", "Conocimientos"),
        ("Idiomas",),
        ("Certificados", "Certificaciones"),
        ("Contacto",),
    ),
    "ru": (
        ("О себе", "Обо мне", "Профиль"),
        ("Опыт работы", "Профессиональный опыт", "Трудовая деятельность"),
        ("Образование",),
        ("Навыки", "Ключевые навыки"),
        ("Языки", "Знание языков"),
        ("Сертификаты", "Повышение квалификации"),
        ("Контакты",),
    ),
}
_LABELS = {
    "en": ("Company", "Position", "Duration"),
    "de": ("Firma", "Position", "Zeitraum"),
    "fr": ("Entreprise", "Poste", "Période"),
    "es": ("Empresa", "Puesto", "Periodo"),
    "ru": ("Компания", "Должность", "Период"),
}
_TITLE = {"en": "Curriculum Vitae", "de": "Lebenslauf", "fr": "Curriculum vitæ", "es": "Currículum", "ru": "Резюме"}
_PAGE = {"en": "Page", "de": "Seite", "fr": "Page", "es": "Página", "ru": "Страница"}


def load(name: str) -> Data:
    """Return a person's resume, such as "nurse-de"."""
    data: Data = json.loads((_HERE / f"{name}.json").read_text(encoding="utf-8"))
    return data


def _date(style: str, language: str) -> Callable[[str], str]:
    def write(date: str) -> str:
        year, month = date.split("-")
        number = int(month) - 1
        return {
            "short": f"{_SHORT[language].split()[number]} {year}",
            "long": f"{_MONTHS[language].split()[number]} {year}",
            "slash": f"{month}/{year}",
            "dot": f"{month}.{year}",
            "year": year,
            "quote": f"{_SHORT['en'].split()[number]}'{year[2:]}" if language == "en" else f"{month}/{year}",
        }[style]

    return write


def written(data: Data, style: str, number: int) -> Data:
    """Return the data with the dates, headings and labels as template `number` writes them."""
    language = str(data["language"])
    date, to = _date(style, language), _TO[language] if style == "long" else "–"
    profile, work, education, skills, languages, certificates, contact = (
        names[number % len(names)] for names in _HEADINGS[language]
    )
    made = dict(data)
    for section in ("work", "education"):
        made[section] = [
            {
                **entry,
                "start": (start := date(entry["startDate"])),
                "end": (end := date(entry["endDate"]) if "endDate" in entry else _PRESENT[language]),
                "dates": start if start == end else f"{start} {to} {end}",
                "to": to,
            }
            for entry in data[section]
        ]
    made["certificates"] = [{**one, "on": date(one["date"])} for one in data["certificates"]]
    made["h"] = {
        "profile": profile, "work": work, "education": education, "skills": skills, "languages": languages,
        "certificates": certificates, "contact": contact, "title": _TITLE[language], "page": _PAGE[language],
    }  # fmt: skip
    made["labels"] = dict(zip(("name", "position", "dates"), _LABELS[language], strict=True))
    return made


def truth(data: Data, style: str) -> Data:
    """Return what a reader should read of a file: jobs and schools, with dates as precise as the file shows."""
    length = 4 if style == "year" else 7
    jobs = [
        {
            "name": job["name"],
            "position": job["position"],
            "location": job["location"],
            "start": job["startDate"][:length],
            "end": job.get("endDate", "")[:length],
            "bullets": job["highlights"],
        }
        for job in data["work"]
    ]
    schools = [
        {
            "institution": school["institution"],
            "degree": f"{school['studyType']} {school['area']}",
            "start": school["startDate"][:length],
            "end": school.get("endDate", "")[:length],
        }
        for school in data["education"]
    ]
    return {"name": data["basics"]["name"], "jobs": jobs, "schools": schools}
