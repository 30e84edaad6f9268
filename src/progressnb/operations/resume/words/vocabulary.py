"""The word lists that the rules know: other names, stop words, degrees, fields, titles.

They are small on purpose. What they lack is matched word by word.
"""

from __future__ import annotations

import re

__all__ = [
    "ALIASES",
    "AMBIGUOUS",
    "DEGREES",
    "DEGREE_NAMES",
    "FIELD_FAMILIES",
    "FILLER",
    "GENERIC",
    "LOOKALIKES",
    "NUMBER_WORDS",
    "POSITION_WORDS",
    "STOPWORDS",
]

# Another name -> the name that is compared. Keys are folded words separated by spaces.
ALIASES = {
    "js": "javascript",
    "ecmascript": "javascript",
    "java script": "javascript",
    "node": "node.js",
    "nodejs": "node.js",
    "node js": "node.js",
    "reactjs": "react",
    "react.js": "react",
    "react js": "react",
    "vuejs": "vue",
    "vue.js": "vue",
    "angularjs": "angular",
    "angular.js": "angular",
    "golang": "go",
    "cpp": "c++",
    "c sharp": "c#",
    "csharp": "c#",
    "dotnet": ".net",
    "dot net": ".net",
    "asp.net": "asp .net",
    "k8s": "kubernetes",
    "postgres": "postgresql",
    "mongo": "mongodb",
    "no sql": "nosql",
    "ms sql": "sql server",
    "mssql": "sql server",
    "aws": "amazon web services",
    "gcp": "google cloud platform",
    "cicd": "ci cd",
    "continuous integration": "ci",
    "continuous delivery": "cd",
    "continuous deployment": "cd",
    "restful": "rest",
    "ml": "machine learning",
    "ai": "artificial intelligence",
    "nlp": "natural language processing",
    "ui": "user interface",
    "ux": "user experience",
    "frontend": "front end",
    "backend": "back end",
    "fullstack": "full stack",
    "web site": "website",
    "web sites": "website",
    "e commerce": "ecommerce",
    "e mail": "email",
    "ms excel": "excel",
    "microsoft excel": "excel",
    "ms word": "microsoft word",
    "ms office": "microsoft office",
    "power point": "powerpoint",
    "ms powerpoint": "powerpoint",
    "qa": "quality assurance",
    "hr": "human resources",
    "crm": "customer relationship management",
    "erp": "enterprise resource planning",
    "seo": "search engine optimization",
    "pos": "point of sale",
    "bi": "business intelligence",
    "cad": "computer aided design",
    "rn": "registered nurse",
    "icu": "intensive care unit",
    "er": "emergency room",
    "cpr": "cardiopulmonary resuscitation",
    "bls": "basic life support",
    "acls": "advanced cardiac life support",
    "ehr": "electronic health records",
    "emr": "electronic medical records",
    "cpa": "certified public accountant",
    "gaap": "generally accepted accounting principles",
    "drivers license": "driving licence",
    "driver's license": "driving licence",
    "driver license": "driving licence",
    "drivers licence": "driving licence",
    "driver's licence": "driving licence",
    "driving license": "driving licence",
    "cv": "resume",
    "html5": "html",
    "css3": "css",
    "python3": "python",
    "j2ee": "java ee",
    "jee": "java ee",
    "springboot": "spring boot",
    "webservices": "web services",
    "micro services": "microservices",
    "sklearn": "scikit learn",
    "powerbi": "power bi",
    "data ware house": "data warehouse",
    "data warehousing": "data warehouse",
    "dwh": "data warehouse",
    "extract transform load": "etl",
    "extraction transformation loading": "etl",
    "extraction transformation and loading": "etl",
    "plsql": "pl sql",
    "tsql": "t sql",
    "transact sql": "t sql",
    "dba": "database administrator",
    "rdbms": "relational database",
    "db": "database",
    "data base": "database",
    "my sql": "mysql",
    "mongo db": "mongodb",
    "map reduce": "mapreduce",
    "hadoop distributed file system": "hdfs",
    "apache spark": "spark",
    "apache hadoop": "hadoop",
    "apache hive": "hive",
    "apache kafka": "kafka",
    "eda": "exploratory data analysis",
    "pca": "principal component analysis",
    "oops": "oop",
    "object oriented programming": "oop",
    "object oriented": "oop",
    "software development life cycle": "sdlc",
    "software development lifecycle": "sdlc",
    "software testing life cycle": "stlc",
    "uat": "user acceptance testing",
    "defect life cycle": "bug life cycle",
    "defect tracking": "bug tracking",
    "business requirement document": "brd",
    "business requirements document": "brd",
    "functional requirement document": "frd",
    "functional requirements document": "frd",
    "software requirement specification": "srs",
    "software requirements specification": "srs",
    "rtm": "traceability matrix",
    "checkpoint": "check point",
    "fire wall": "firewall",
    "load balancer": "load balancing",
    "pen testing": "penetration testing",
    "cybersecurity": "cyber security",
    "infosec": "information security",
    "block chain": "blockchain",
    "dapps": "dapp",
    "decentralized application": "dapp",
    "s4 hana": "s 4 hana",
    "s4hana": "s 4 hana",
    "fico": "sap fico",
    "sap fi co": "sap fico",
    "project management office": "pmo",
    "project management officer": "pmo",
    "project management professional": "pmp",
    "microsoft project": "ms project",
    "sla": "service level agreement",
    "sop": "standard operating procedure",
    "p and l": "profit and loss",
    "labour": "labor",
    "auto cad": "autocad",
    "solid works": "solidworks",
    "staad": "staad pro",
    "reinforced cement concrete": "rcc",
    "reinforced concrete": "rcc",
    "bbs": "bar bending schedule",
    "boq": "bill of quantities",
    "bom": "bill of materials",
    "fea": "finite element analysis",
    "finite element method": "finite element analysis",
    "hvac": "heating ventilation air conditioning",
    "plcs": "plc",
    "programmable logic controller": "plc",
    "variable frequency drive": "vfd",
    "dg set": "diesel generator",
    "diesel generator set": "diesel generator",
    "fnb": "food and beverage",
    "ll b": "llb",
    "bachelor of law": "llb",
    "bachelor of laws": "llb",
    "ll m": "llm",
    "master of law": "llm",
    "master of laws": "llm",
    "dietician": "dietitian",
    "counselling": "counseling",
    "counsellor": "counselor",
    "programme": "program",
    "colour": "color",
    "behaviour": "behavior",
    "modelling": "modeling",
}

# Skills whose name is also a letter or a common word: only an item of a list counts as one.
AMBIGUOUS = frozenset(
    {"go", "r", "c", "d", "swift", "rust", "dart", "access", "word", "spring", "rail", "node", "chef"}
)

# Words of many terms that say little without the others: "management" of what?
_GENERIC_TEXT = """
    administration analysis analyst and application assistant basic business client computer control customer data
    developer development engineer engineering executive framework front information intelligence learning level line
    machine management manager method model officer of operation plan planning power process product program project
    quality relations report reporting resource service skills stack support system team technical technology to user
"""
GENERIC = frozenset(_GENERIC_TEXT.split())

# Real words that are one letter apart, so that neither is a typo of the other.
_LOOKALIKES_TEXT = """
    contract contact, computer commuter, personal personnel, planning planting, statistics statics, marketing marking
    conversion conversation, sprinting printing, casual causal, marital martial, tailor trailer, compliment complement
    adaptation adoption, affect effect, insure ensure, carrier career, electric electron, production reduction
    inventory inventor, principal principle, prescribe proscribe, commission omission, message massage, diary dairy
    expansion expulsion, industry industrial, organic organics, physical physics, optical optics, mission emission
"""
LOOKALIKES = frozenset(
    frozenset(pair.split()) for line in _LOOKALIKES_TEXT.strip().splitlines() for pair in line.split(",")
)

_STOPWORDS_TEXT = """
    a about above across after all also an and any are as at be been being both but by can could do does each either
    for from had has have he her his how i if in into is it its me more most my no nor not of off on once only or
    other our out over own per she should so some such than that the their them then there these they this those
    through to too under up upon us very via was we were what when where which while who whom why will with within
    without would you your
"""
STOPWORDS = frozenset(_STOPWORDS_TEXT.split())

# Words by which postings ask, which say nothing about what is asked for.
_FILLER_TEXT = """
    ability able active advanced certificate certification certifications certified current currently degree degrees
    seek seeking advanced advantage applicant appropriate background basic based bonus candidate comfortable command
    competence competency competent deep demonstrable demonstrated desirable desired direct eager equivalent
    essential etc excellent exceptional experience experienced expert expertise exposure extensive familiar
    familiarity first fluency fluent following general good great hands-on hands have high highly ideal ideally
    including interest intermediate job knowledge least level like looking love mandatory minimum must need needed
    new nice once one passion passionate plus possess practical preferably preferred previous prior professional
    proficiency proficient profound proven qualification qualified record related relevant required requirement
    requirements role similar skill skilled skills solid sound someone strong successful thorough tool tools track
    understanding use using valid variety well willing willingness work working year years
"""
FILLER = STOPWORDS | frozenset(_FILLER_TEXT.split())

DEGREE_NAMES = ("", "high school", "associate degree or diploma", "bachelor's degree", "master's degree", "doctorate")


def _degree(level: int, names: str, *, any_case: bool) -> tuple[int, re.Pattern[str]]:
    return level, re.compile(rf"(?<![^\W_])(?:{names})(?![^\W_])", re.IGNORECASE if any_case else 0)


# "MS Excel" is no degree.
_NO_NAME = r"(?![ -][A-Z])"
# Level -> what says so. Short forms count only in capitals: "ma", "be" and "as" are also words.
DEGREES: tuple[tuple[int, re.Pattern[str]], ...] = (
    _degree(1, r"high[ -]school|secondary[ -]school|secondary education|GED|A[ -]levels?", any_case=True),
    _degree(2, r"associate(?:['\u2019]?s)?[ -]degree|associate of|diploma|apprenticeship", any_case=True),
    _degree(2, r"A\.?A\.?S|HND", any_case=False),
    _degree(3, r"bachelor(?:['\u2019]?s)?|b\.?[ ]?sc|b\.?[ ]?tech|b\.?[ ]?com|b\.?[ ]?eng", any_case=True),
    _degree(3, r"(?:undergraduate|university|college) degree", any_case=True),
    _degree(3, r"B\.?S\.?N|B\.?B\.?A|B\.?C\.?A|B\.A|B\.S|B\.E|B\.Ed|LL\.?B|(?:BA|BS)" + _NO_NAME, any_case=False),
    _degree(4, r"master['\u2019]s|masters? (?:of|in|degree)|masters|magister|(?:post)?graduate degree", any_case=True),
    _degree(4, r"m\.?[ ]?sc|m\.?[ ]?tech|m\.?[ ]?phil|m\.?[ ]?com", any_case=True),
    _degree(4, r"M\.?B\.?A|M\.?C\.?A|M\.A|M\.S|M\.Ed|MEng|LL\.?M|M\.?S\.?N|(?:MA|MS)" + _NO_NAME, any_case=False),
    _degree(5, r"ph\.?[ ]?d|doctorate|doctoral degree|doctor of", any_case=True),
    _degree(5, r"M\.?D|J\.?D|Ed\.?D|D\.?N\.?P|DPhil", any_case=False),
)

# Fields that count as related to each other when a posting says "or related field".
_FAMILIES_TEXT = """
    computer science, information technology, software engineering, computer engineering, information systems, \
informatics, data science, computer applications, computing, mathematics
    business, business administration, management, economics, marketing, finance, accounting, commerce
    mechanical engineering, civil engineering, electrical engineering, electronics, industrial engineering, \
chemical engineering, engineering, mechatronics
    nursing, medicine, public health, health science, physiotherapy, pharmacy, midwifery
    education, teaching, pedagogy, special education, early childhood education
    communications, journalism, english, media studies, public relations, linguistics
    biology, chemistry, biochemistry, physics, environmental science, biotechnology
    design, graphic design, fine arts, art, visual arts, interior design, fashion design, architecture
    psychology, sociology, social work, human resources, anthropology
    culinary arts, hospitality, hospitality management, hotel management, tourism
"""
FIELD_FAMILIES: tuple[frozenset[str], ...] = tuple(
    frozenset(line.strip().split(", ")) for line in _FAMILIES_TEXT.strip().splitlines()
)

_POSITION_WORDS_TEXT = """
    accountant actor administrator adviser advisor advocate agent analyst apprentice architect artist assistant
    associate attendant auditor baker barista bartender bookkeeper builder buyer captain caregiver carpenter cashier
    ceo cfo chef chemist chief clerk cleaner coach consultant contractor controller cook coordinator counselor cto
    curator dentist deputy designer developer director doctor driver editor electrician engineer executive farmer
    foreman founder freelancer gardener guard hairdresser head housekeeper instructor intern inspector interpreter
    janitor journalist lawyer lead leader lecturer librarian machinist manager mechanic midwife nanny nurse officer
    operator owner painter paralegal paramedic partner pharmacist photographer physician physiotherapist pilot
    planner plumber president principal producer professor programmer psychologist receptionist recruiter
    representative researcher salesperson scientist secretary server specialist staff stylist superintendent
    supervisor surgeon teacher technician technologist teller therapist tradesman trader trainee trainer translator
    treasurer tutor vet veterinarian volunteer waiter waitress warden welder worker writer
"""
POSITION_WORDS = frozenset(_POSITION_WORDS_TEXT.split())

NUMBER_WORDS = {
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
    "eleven": "11",
    "twelve": "12",
    "fifteen": "15",
    "twenty": "20",
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "hundred": "100",
    "thousand": "1000",
    "million": "1000000",
}
