"""Names for the same thing: each group has nothing in it that is only related.

A skill's other name is what a posting may call it; "JS" and "JavaScript" are one, "React" and "JavaScript" are not.
"""

from __future__ import annotations

__all__ = ["GROUPS", "other_name"]

_TEXT = """
    JavaScript = JS = ECMAScript; TypeScript = TS; Node.js = NodeJS; React = ReactJS = React.js; Vue.js = VueJS = Vue
    Angular = Angular2+; Go = Golang; C++ = CPP; C# = C Sharp; .NET = dotnet; Kubernetes = K8s; PostgreSQL = Postgres
    MongoDB = Mongo; SQL Server = MSSQL = MS SQL; Amazon Web Services = AWS; Google Cloud Platform = GCP
    Continuous integration = CI; Machine learning = ML; Natural language processing = NLP; User interface = UI
    User experience = UX; Front end = Frontend = Front-end
    Back end = Backend = Back-end; Full stack = Fullstack = Full-stack
    E-commerce = Ecommerce; Microsoft Excel = MS Excel = MS-Excel; Microsoft Word = MS Word = MS-Word
    Microsoft Office = MS Office = MS-Office; PowerPoint = MS PowerPoint = MS Power Point = Microsoft PowerPoint
    Quality assurance = QA; Human resources = HR; Customer relationship management = CRM
    Enterprise resource planning = ERP
    Search engine optimization = SEO = Search engine optimisation; Point of sale = POS; Computer-aided design = CAD
    Electronic health records = EHR; Electronic medical records = EMR; Cardiopulmonary resuscitation = CPR
    Basic life support = BLS; Advanced cardiac life support = ACLS; Intensive care unit = ICU; Registered nurse = RN
    Certified public accountant = CPA; Generally accepted accounting principles = GAAP
    International financial reporting standards = IFRS; Value added tax = VAT; Key performance indicators = KPIs
    Object-oriented programming = OOP; Application programming interface = API; Structured query language = SQL
    Service level agreement = SLA; Programmable logic controller = PLC; Printed circuit board = PCB; AutoCAD = Auto CAD
    Driving licence = Driver's license = Driving license; Customer service = Client service
    Heating, ventilation and air conditioning = HVAC; Master of Business Administration = MBA
"""
GROUPS = [[name.strip() for name in group.split("=")] for group in _TEXT.replace("\n", ";").split(";") if "=" in group]


def _key(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").split())


_GROUP_OF = {_key(name): group for group in GROUPS for name in group}


def other_name(name: str, asked: dict[str, str]) -> str | None:
    """Return what the posting calls a thing that the resume calls by another name, or None.

    `asked` has the posting's names as they are written there, by their folded form.
    """
    key = _key(name)
    if key in asked:
        written = asked[key]
        # JavaScript for Javascript: the posting has the spelling with capitals inside.
        inner = any(char.isupper() for char in written[1:]) and written.casefold() == name.casefold()
        return written if inner and written != name and not name.isupper() else None
    for other in _GROUP_OF.get(key, ()):
        if _key(other) in asked:
            return f"{asked[_key(other)]} ({name})"
    return None
