"""What the truth check knows of words: skills of many trades, words of no weight, words that claim a fact.

Skills that are not here are still found by their shape (SketchUp, C++), by the words before them
("proficient in …") and in the posting. Words of no weight are what honest rewriting adds.
"""

from __future__ import annotations

from .terms import stem, words
from .vocabulary import FILLER, POSITION_WORDS

__all__ = ["CUES", "DIMINISHERS", "EVENTS", "ORDINARY", "SKILLS", "TITLE_STEMS"]

_SKILLS_TEXT = """
    haskell, rust, elixir, erlang, clojure, julia, cobol, fortran, groovy, helm charts, prometheus, grafana, nginx,
    istio, pulumi, dbt, bigquery, redshift, neo4j, qlik, alteryx, wireshark, splunk, servicenow, zendesk, shopify,
    magento, wordpress, drupal, woocommerce, sketch, invision, canva, lightroom, final cut pro, maya, unity, unreal
    engine, dialysis, chemotherapy, intubation, dermatology, oncology, cardiology, pediatrics, geriatrics,
    psychotherapy, acupuncture, massage therapy, sourdough, fermentation, charcuterie, sushi, barista training,
    sommelier, upholstery, tailoring, pattern making, knitting, embroidery, hydroponics, horticulture, beekeeping,
    anaplan, hyperion, essbase, peoplesoft, lean six sigma, javascript, typescript, python, java, kotlin, scala,
    golang, ruby, rails, php, laravel, perl, matlab, sql, nosql, mysql, postgresql, mongodb, oracle, redis,
    cassandra, elasticsearch, kafka, rabbitmq, spark, hadoop, hive, airflow, snowflake, databricks, tableau, power
    bi, looker, excel, vba, powerpoint, sharepoint, salesforce, hubspot, sap, netsuite, quickbooks, xero, sage,
    tally, docker, kubernetes, terraform, ansible, jenkins, git, github, gitlab, ci cd, linux, unix, bash,
    powershell, aws, azure, google cloud, lambda, serverless, microservices, graphql, grpc, rest api, html, css,
    sass, react, angular, vue, svelte, next.js, node.js, express.js, django, flask, fastapi, spring boot, .net, c++,
    c#, objective c, swiftui, android, ios, flutter, react native, webpack, figma, sketchup, photoshop, illustrator,
    indesign, after effects, premiere pro, blender, autocad, revit, solidworks, catia, ansys, arcgis, plc, scada,
    labview, simulink, verilog, vhdl, fpga, pcb design, machine learning, deep learning, tensorflow, pytorch, keras,
    scikit-learn, pandas, numpy, computer vision, natural language processing, data mining, data warehousing, data
    modeling, etl, business intelligence, statistics, spss, stata, selenium, cypress, junit, cucumber, postman,
    jmeter, appium, test automation, penetration testing, cybersecurity, siem, firewalls, active directory, vmware,
    networking protocols, tcp ip, cisco, blockchain, solidity, ethereum, agile, scrum, kanban, jira, confluence,
    devops, lean manufacturing, six sigma, kaizen, itil, prince2, project management, risk management, change
    management, supply chain management, procurement, inventory management, logistics planning, demand planning,
    warehousing, forklift, quality assurance, quality control, iso 9001, haccp, food safety, food handling, menu
    planning, pastry, sous vide, butchery, catering, wine pairing, mixology, patient care, triage, phlebotomy, wound
    care, venipuncture, catheterization, iv therapy, medication administration, vital signs, electronic health
    records, cpr, first aid, bls, acls, pals, midwifery, radiography, ultrasound, physiotherapy, pharmacology,
    dental hygiene, epic, cerner, curriculum development, lesson planning, classroom management, special education,
    e-learning, litigation, contract drafting, contract law, legal research, conveyancing, arbitration, mediation,
    due diligence, paralegal, intellectual property, financial modeling, financial reporting, financial analysis,
    budgeting, forecasting, bookkeeping, payroll, auditing, taxation, accounts payable, accounts receivable, gaap,
    ifrs, underwriting, portfolio management, investment banking, bloomberg, recruitment, talent acquisition,
    onboarding, performance management, compensation and benefits, labour law, employee relations, workday, seo,
    sem, google ads, google analytics, content marketing, email marketing, social media marketing, copywriting,
    public relations, event planning, market research, crm, b2b sales, cold calling, account management,
    negotiation, telemarketing, merchandising, point of sale, welding, soldering, plumbing, carpentry, masonry,
    hvac, electrical wiring, blueprint reading, cnc, milling, cad, structural analysis, surveying, quantity
    surveying, estimating, concreting, scaffolding, yoga, pilates, nutrition counseling, strength training, personal
    training, aerobics, zumba, crossfit, photography, video editing, animation, illustration, typography,
    choreography, painting, sculpture, calligraphy, translation, interpreting, transcription, proofreading,
    simultaneous interpretation, german, french, spanish, italian, mandarin, japanese, arabic, portuguese, russian,
    korean
"""
SKILLS = {tuple(keys): name for name in " ".join(_SKILLS_TEXT.split()).split(", ") if (keys := words(name))}
"""Comparison keys of a skill -> its name."""

_ORDINARY_TEXT = """
    able accomplish accomplished accurate accurately achieve achieved achievement achieving across act acted active
    activities activity add added additionally address addressed adept aim allow along also amount analyse analysed
    analyze analyzed answer apply applied approach area arrange arranged assist assisted associated assure attend
    author authored available aware background balance based became began build building built bring broad business
    career carried carry case cause challenge change clear clearly client clients close closely collaborate
    collaborated collaborating collaboration collaborative combine combined commitment common communicate
    communicated communication company companies competent complete completed comprehensive conduct conducted
    conscientious consistent consistently contribute contributed control controlled coordinate coordinated core
    cover covered craft crafted create created creating creative cross-functional current currently customer
    customers cut daily data day decision dedicated deliver delivered delivering delivery demand demonstrated
    department departments design designed designing detail detailed detail-oriented determine develop developed
    developing development different direct directed document documented drive driven drove duties duty earlier earn
    earned educated education effective effectively efficiency efficient efficiently effort employ employed employee
    employees enable enabled enabling end-to-end engage engaged enhance enhanced enjoy ensure ensured ensuring
    enthusiastic entire environment establish established evaluate evaluated event every everyday excellence execute
    executed existing expand experience experienced expertise explain extend extensive facilitate facilitated fast
    field focus focused focusing follow followed formerly found foster fostered full function gain gained gather
    general generate generated goal goals grew group grow growth guide guided handle handled handling hands-on
    hardworking headed held help helped helping hold holds holding honed identify identified implement implemented
    implementing improve improved improvement improving include included including increase increased increasing
    independent individual industry initiate initiated initiative inside insight install involve involved involving
    issue issues job jobs join joined keen keep kept key know knowledge knowledgeable large later launch launched
    lead leader leadership leading learn led level leverage leveraged leveraging liaise liaised local look lower
    lowered made main maintain maintained maintaining make making manage managed management manager managing many
    matter mean measure meet meeting meetings member members mentor mentored met method methods minimize modern
    monitor monitored month monthly motivated multiple need negotiate new objective objectives obtain obtained offer
    offered office ongoing onward open operate operated operation operational operations opportunity optimise
    optimised optimize optimized order organisation organise organised organization organize organized outcome
    outcomes overall oversaw oversee overseeing own part participate participated particular partner partnered
    people perform performance performed performing period person personal personnel place plan planned planning
    play played point policy position positive practical practice practices prepare prepared preparing present
    presented previously primary prior proactive problem problems procedure procedures process processes produce
    produced product production productive products professional proficient program progress project projects prove
    proven provide provided providing purpose quality quick quickly raise raised ran range record reduce reduced
    reducing refine regular relevant reliable remain report reported reporting reports represent request require
    required requirement requirements resolve resolved resource respond response responsibilities responsibility
    responsible result resulted resulting results review reviewed role roles run running same save saved saving
    schedule scheduled scope section secure secured seek select serve served service services serving set setup
    several share shared shift show showed significant significantly skill skilled skills small smooth smoothly
    solid solution solutions solve solved source specialised specialist specialize specialized spearheaded specific
    staff stage stakeholder stakeholders standard standards start started state strategic strategies strategy
    streamline streamlined strengthen strong strongly structure student studied study style subject submit succeed
    succeeded success successful successfully supervise supervised supervising supply support supported supporting
    system systems take taken task tasks taught teach team teams technical technique techniques tested therefore
    thorough time timely together tool tools took total track train trained training transform transformed trusted
    type understand understanding undertake undertook unit update updated upgrade use used useful user users using
    utilise utilised utilize utilized value variety various verify version versatile via week weekly well wide win
    with work worked worker working workplace write writing written drew drawn ate began chose caught fell felt
    fought gave gone got heard knew laid lent lost meant met paid put read rode rose saw sent shot slept sold spent
    spoke stood stuck swept thought told went withdrew rolled trimmed boosted compassionate passionate dedicated
    wrote year yearly years young january february march april may june july august september october november
    december summary profile objective present he she they his her their i my me we our candidate owner graduate
    graduated degree university college school institute company firm employer experience keywords level native
    speaker monday english
"""
ORDINARY = frozenset(stem(word) for word in _ORDINARY_TEXT.split()) | {stem(word) for word in FILLER}
"""Stems of words that rewriting may add: they say nothing that could be checked."""

TITLE_STEMS = frozenset(
    stem(word)
    for word in (POSITION_WORDS | {"senior", "junior", "vp", "vice", "principal"})
    - {"lead", "leader", "staff", "head", "partner", "owner", "server", "chief", "operator", "worker", "specialist"}
)
"""Stems of words that are a title wherever they stand."""

_EVENTS_TEXT = {
    "certificate": "certified certificate certification certifications licensed license licence accredited chartered",
    "award": "award awards awarded prize medal honored honoured winner trophy scholarship",
    "promotion": "promoted promotion",
    "patent": "patent patents patented",
    "publication": "published publication publications",
    "graduation": "graduated graduate alumnus",
}
EVENTS = {stem(word): kind for kind, names in _EVENTS_TEXT.items() for word in names.split()}
"""Stem of a word that claims an event -> the kind of the event."""

DIMINISHERS = frozenset(
    stem(word)
    for word in [
        "assistant",
        "junior",
        "deputy",
        "associate",
        "vice",
        "acting",
        "interim",
        "trainee",
        "intern",
        "apprentice",
        "student",
        "aspiring",
    ]
)
"""Words that make a title a lower one: "Assistant Manager" is no evidence for "Manager"."""

_CUES_TEXT = (
    "proficient in, proficient with, proficiency in, skilled in, skilled with, skilled at, experience in, "
    "experience with, experienced in, experienced with, knowledge of, expertise in, expert in, familiar with, "
    "familiarity with, fluent in, certified in, trained in, trained on, specialising in, specializing in, "
    "specialised in, specialized in, background in, technologies such as, tools such as, using, via, leveraging, "
    "hands-on with, versed in, command of, training in, competent in, adept at, adept in, mastery of"
)
CUES = tuple(cue.split() for cue in _CUES_TEXT.split(", "))
"""Words before a skill, as folded words."""
