"""The people of the resumes: everybody here is made up."""

P = []


def R(file, layout, name, head, contact, summary, jobs, extra=(), work="Experience"):
    P.append(
        dict(
            file=file,
            layout=layout,
            name=name,
            head=head,
            contact=contact,
            summary=summary,
            jobs=jobs,
            extra=list(extra),
            work=work,
        )
    )


R(
    "01_nurse.pdf",
    "sidebar",
    "Marisol Okafor-Lund",
    "Registered Nurse, BSN",
    ["Tacoma, WA", "(253) 555-0142", "marisol.ol@example.com", "RN license WA 60-xxx, active"],
    "Med-surg nurse who moved to cardiac step-down four years ago and stayed. I like busy floors and I chart as I go.",
    [
        (
            "Staff RN, Cardiac Step-Down",
            "Puget Hollow Medical Center",
            "Tacoma",
            "Mar 2021 – Present",
            "2021-03",
            "present",
            [
                "Care for 4 to 5 telemetry patients per shift, mostly post-PCI and heart failure",
                "Precept new grads (7 so far) through their first 12 weeks",
                "Helped rewrite the discharge teaching sheet; readmits within 30 days went from 19% to 14% on our unit",
            ],
        ),
        (
            "Registered Nurse, Med-Surg",
            "St. Brannoch Hospital",
            "Olympia",
            "Jul 2017 – Feb 2021",
            "2017-07",
            "2021-02",
            [
                "Worked nights on a 32-bed floor",
                "Relief charge about two shifts a month",
                "Switched the floor over from paper MAR to Epic with the superuser group",
            ],
        ),
        (
            "CNA",
            "Larch Street Care Home",
            "Olympia",
            "2015 – 2017",
            "2015",
            "2017",
            ["Bathing, feeding, transfers, vitals for 11 residents"],
        ),
    ],
    [
        ("Education", ["BSN, Cedar Inlet College, 2017"]),
        ("Certs", ["BLS", "ACLS (exp. 2027)"]),
        ("Skills", ["Epic", "telemetry", "wound vac", "IV starts"]),
    ],
)

R(
    "02_electrician.pdf",
    "table_left",
    "Dougal Petherick",
    "Electrician",
    ["14 Mill Row, Truro", "07700 900 118", "d.petherick@example.co.uk", "Full clean UK licence, own van"],
    "",
    [
        (
            "Approved Electrician",
            "Carrow & Tibbs Electrical Ltd",
            "Truro",
            "09/2018 to date",
            "2018-09",
            "present",
            [
                "Domestic rewires, consumer unit changes and fault finding, usually on my own",
                "EICR testing on around 250 rented properties a year for two letting agents",
                "Fitted 60+ EV chargers since doing the course in 2021",
            ],
        ),
        (
            "Electrician's Improver",
            "Hensbarrow Contracts",
            "St Austell",
            "06/2016 – 08/2018",
            "2016-06",
            "2018-08",
            ["First and second fix on new builds (plots of 20-40)", "Tray and trunking on the Penhale school job"],
        ),
        (
            "Apprentice",
            "Hensbarrow Contracts",
            "St Austell",
            "08/2012 – 05/2016",
            "2012-08",
            "2016-05",
            ["Made tea, pulled cable, learned the trade. NVQ L3 finished 2016."],
        ),
    ],
    [
        (
            "Qualifications",
            [
                "NVQ Level 3 Electrotechnical",
                "AM2",
                "18th Edition (BS 7671)",
                "2391 Inspection & Testing",
                "ECS Gold Card",
            ],
        ),
        ("Other", ["First aider. Cornish pilot gig rower."]),
    ],
    "Work history",
)

R(
    "03_lehrerin.docx",
    "docx_table",
    "Annegret Wiesenhöfer",
    "Lehrerin für Mathematik und Physik (Sek. I/II)",
    ["Buchenweg 7, 35037 Marburg", "a.wiesenhoefer@example.de", "geb. 12.04.1986"],
    "",
    [
        (
            "Oberstudienrätin",
            "Gymnasium am Lahnbogen",
            "Marburg",
            "08/2019 – heute",
            "2019-08",
            "present",
            [
                "Fachleitung Mathematik, ein Kollegium von neun Lehrkräften",
                "Leistungskurse Mathematik und Grundkurse Physik",
                "Einführung von GeoGebra und Tablets in den Klassen 7 bis 9",
            ],
        ),
        (
            "Studienrätin",
            "Elisabeth-Selbach-Schule",
            "Gießen",
            "02/2014 – 07/2019",
            "2014-02",
            "2019-07",
            [
                "Unterricht in den Klassen 5 bis 13",
                "Betreuung der Mathe-AG, zweimal Landesrunde der Mathematik-Olympiade",
            ],
        ),
        (
            "Referendarin",
            "Studienseminar Kassel",
            "Kassel",
            "05/2012 – 01/2014",
            "2012-05",
            "2014-01",
            ["Zweites Staatsexamen, Note 1,4"],
        ),
    ],
    [
        ("Ausbildung", ["2005–2011 Lehramt an Gymnasien, Universität Marburg"]),
        ("Sprachen", ["Deutsch (Muttersprache), Englisch C1, Polnisch A2"]),
    ],
    "Beruflicher Werdegang",
)

R(
    "04_ingenieur.pdf",
    "lebenslauf",
    "Tjark Brunkhorst",
    "Dipl.-Ing. Maschinenbau",
    ["Hafenstr. 88, 26721 Emden", "0151 00000000", "tjark.brunkhorst@example.de"],
    "Konstrukteur mit Schwerpunkt Blechteile und Schweißbaugruppen, seit 2020 mit Projektverantwortung.",
    [
        (
            "Projektingenieur",
            "Norderweg Anlagenbau GmbH",
            "Emden",
            "seit 01.2020",
            "2020-01",
            "present",
            [
                "Auslegung von Förderanlagen für Schüttgut, Budget bis 1,2 Mio. Euro je Projekt",
                "Abstimmung mit Kunden in NL und DK",
                "CE-Konformität und Risikobeurteilung nach ISO 12100",
            ],
        ),
        (
            "Konstrukteur",
            "Ossenbrink & Söhne KG",
            "Leer",
            "10.2013 – 12.2019",
            "2013-10",
            "2019-12",
            ["3D-Konstruktion mit SolidWorks, Stücklisten in SAP", "Senkung der Blechvarianten von 140 auf 85"],
        ),
        ("Praktikant", "Ossenbrink & Söhne KG", "Leer", "03.2013 – 09.2013", "2013-03", "2013-09", []),
    ],
    [
        ("Studium", ["2008–2013 Hochschule Emden, Maschinenbau"]),
        ("Kenntnisse", ["SolidWorks, AutoCAD, SAP MM, MS Project"]),
    ],
    "Berufserfahrung",
)

R(
    "05_cuisinier.pdf",
    "typ_grid",
    "Gaëtan Morvilliers",
    "Chef de partie – poissons et sauces",
    ["Nantes", "06 00 00 00 00", "gaetan.morv@example.fr"],
    "Cuisinier formé en brasserie, passé en gastronomique. Rapide au passe, calme le samedi soir.",
    [
        (
            "Chef de partie",
            "Le Quai aux Ormes",
            "Nantes",
            "avril 2022 – aujourd'hui",
            "2022-04",
            "present",
            [
                "Poste poissons, 90 couverts le soir",
                "Formation de deux apprentis",
                "Commandes marée et suivi des pertes, passées de 9 % à 5 %",
            ],
        ),
        (
            "Commis puis demi-chef",
            "Brasserie Lanvaux",
            "Rennes",
            "sept. 2018 – mars 2022",
            "2018-09",
            "2022-03",
            ["Garde-manger, puis chaud à partir de 2020", "Mise en place du plan HACCP avec la cheffe"],
        ),
        (
            "Saisonnier",
            "Camping des Genêts",
            "Pornic",
            "étés 2016 et 2017",
            "2016",
            "2017",
            ["Snack, frites, pizzas, plonge"],
        ),
    ],
    [
        ("Formation", ["CAP Cuisine, CFA de Saint-Herblain, 2018"]),
        ("Langues", ["Anglais de cuisine, un peu d'espagnol"]),
    ],
    "Expérience",
)

R(
    "06_abogada.pdf",
    "centered",
    "Itziar Belmonte Arregui",
    "Abogada laboralista",
    ["Bilbao", "itziar.belmonte@example.es", "Colegiada n.º 00000"],
    "Defiendo a empresas medianas y a veces a trabajadores. Prefiero un buen acuerdo a un mal juicio.",
    [
        (
            "Asociada sénior",
            "Larrabide Abogados",
            "Bilbao",
            "enero de 2019 – actualidad",
            "2019-01",
            "present",
            [
                "Más de 120 juicios por despido y reclamación de cantidad",
                "Asesoramiento diario a 15 empresas del metal",
                "Negociación de dos ERE (80 y 210 afectados)",
            ],
        ),
        (
            "Abogada júnior",
            "Bufete Sotomonte",
            "Vitoria",
            "2015 – 2018",
            "2015",
            "2018",
            ["Redacción de demandas y recursos de suplicación", "Guardias del turno de oficio"],
        ),
    ],
    [
        ("Formación", ["Máster en Abogacía, 2015", "Grado en Derecho, Universidad de Deba, 2013"]),
        ("Idiomas", ["Español, euskera (C1), inglés B2"]),
    ],
    "Experiencia profesional",
)

R(
    "07_inzhener.txt",
    "hand",
    "Вероника Сухоложская",
    "",
    [],
    "",
    [
        (
            "Ведущий инженер-технолог",
            "ООО «Кампроммаш»",
            "",
            "",
            "2020-02",
            "present",
            [
                "Разработка техпроцессов мехобработки для деталей насосов",
                "Сократила время переналадки с 95 до 60 минут",
                "Наставник для трёх молодых технологов",
            ],
        ),
        (
            "Инженер-технолог",
            "Завод «Уралспецузел»",
            "",
            "",
            "2014-08",
            "2020-01",
            ["Программы для станков с ЧПУ (Fanuc, Siemens)", "Ведение документации по ЕСТД"],
        ),
    ],
)

R(
    "08_sales.pdf",
    "flex_right",
    "Brantley J. Oyelaran",
    "Account Executive | SaaS",
    ["Austin TX", "512-555-0177", "brantley.o@example.com"],
    "Quota carrier. 6 yrs in B2B software, mid-market mostly. Closed my biggest deal ($410K ARR) off a cold call.",
    [
        (
            "Account Executive, Mid-Market",
            "Tendrilworks",
            "Austin, TX",
            "Jan 2022 - Present",
            "2022-01",
            "present",
            [
                "118% of a $1.1M quota in 2023, 104% in 2024",
                "Run full cycle from discovery to signature, avg. deal $38K",
                "Built the objection handling doc everyone now steals",
            ],
        ),
        (
            "Sales Development Rep",
            "Tendrilworks",
            "Austin, TX",
            "Jun 2019 - Dec 2021",
            "2019-06",
            "2021-12",
            ["70 dials a day, 14 qualified meetings a month", "Promoted twice (SDR I to SDR II to AE)"],
        ),
        (
            "Server",
            "Lupe's Smokehouse",
            "San Marcos, TX",
            "2016 - 2019",
            "2016",
            "2019",
            ["Weekend tables, catering upsells"],
        ),
    ],
    [("Education", ["BA Communication, Balcones State, 2019"]), ("Tools", ["Salesforce, Outreach, Gong, ZoomInfo"])],
)

R(
    "09_student.docx",
    "docx_plain",
    "Priyanka Vellore",
    "2nd-year BSc Computer Science",
    ["Leeds", "p.vellore@example.ac.uk"],
    "Looking for a summer internship. No jobs yet apart from family shop, but I build things.",
    [],
    [
        (
            "Education",
            [
                "BSc Computer Science, University of Airedale, 2024 to 2027 (expected), averaging 71%",
                "A levels: Maths A*, Physics A, Art B",
            ],
        ),
        (
            "Projects",
            [
                "Bus delay map: scraped 3 months of open feed data, Flask + SQLite, used by maybe 40 people in my halls",
                "Game jam entry in Godot, came 6th of 31 teams",
                "Helped my uncle's shop to move stock list from notebook to spreadsheet",
            ],
        ),
        ("Skills", ["Python, Java (coursework), a bit of C, Git, Linux"]),
        ("Other", ["Treasurer, Women in Tech society", "Speak Tamil, English, school French"]),
    ],
)

R(
    "10_professor.pdf",
    "typ_academic",
    "Halvard Quist-Mbeki",
    "Assistant Professor of Marine Ecology",
    ["Dept. of Biology, Skarnes University", "hqm@example.edu"],
    "",
    [
        (
            "Assistant Professor",
            "Skarnes University",
            "Skarnes",
            "2020–present",
            "2020",
            "present",
            [
                "Teach Ecology 201 (180 students) and a graduate seminar on kelp systems",
                "PI on two grants, total 640,000 USD",
                "Supervise 3 PhD and 5 MSc students",
            ],
        ),
        (
            "Postdoctoral Fellow",
            "Institute for Cold Coasts",
            "Tromvik",
            "2017–2020",
            "2017",
            "2020",
            [
                "Ran the sea urchin field survey, 4 seasons, 22 sites",
                "Wrote the R package the group uses for transect data",
            ],
        ),
        (
            "Graduate Research Assistant",
            "University of Port Ellery",
            "Port Ellery",
            "2012–2017",
            "2012",
            "2017",
            ["Thesis on grazing thresholds in kelp forests"],
        ),
    ],
    [
        ("Education", ["PhD Marine Biology, University of Port Ellery, 2017", "BSc Biology, Skarnes University, 2011"]),
        (
            "Selected publications",
            [
                "Quist-Mbeki H. (2022) Urchins do not read models. Journal of Invented Ecology 14: 3–19.",
                "Quist-Mbeki H., Lowe T. (2019) Grazing thresholds revisited. Annals of Kelp 7: 101–122.",
                "Lowe T., Quist-Mbeki H. (2019) A transect is not a line. Methods in Made-up Biology 3: 44–58.",
                "Quist-Mbeki H., Arnesdotter S., Pell R. (2021) Recovery of sugar kelp after an urchin die-off at 22 sites. Cold Coast Letters 9: 1–15.",
                "Pell R., Quist-Mbeki H. (2021) Counting what hides: detection of juvenile urchins by divers and by camera. Cold Coast Letters 9: 77–91.",
                "Arnesdotter S., Quist-Mbeki H. (2023) Warm winters and spore survival. Annals of Kelp 11: 5–29.",
                "Quist-Mbeki H. (2016) Why we lost the north plots. Skarnes Field Notes 41: 2–4.",
                "Quist-Mbeki H., Idowu-Strand K. (2024) Grazers, currents and the shape of barrens. Journal of Invented Ecology 16: 210–236.",
                "Idowu-Strand K., Pell R., Quist-Mbeki H. (2024) kelptrack: an R package for repeated transects. Software for Shores 2: e14.",
                "Quist-Mbeki H. (2018) Four seasons in a drysuit (book review). Tidewater Review 12: 88.",
                "Quist-Mbeki H., Tallis B. (2020) Do marine reserves help kelp? A reply. Annals of Kelp 8: 201–203.",
                "Tallis B., Quist-Mbeki H., and 11 others (2022) A shared protocol for subtidal surveys in six countries. Methods in Made-up Biology 6: 1–40.",
            ],
        ),
        (
            "Grants",
            [
                "2021–2025 Kelp under pressure, Northern Sea Fund, 410,000 USD, PI",
                "2020–2023 Cameras for urchins, Skarnes Foundation, 230,000 USD, PI",
                "2018 Travel award, Society of Imaginary Oceans, 1,500 USD",
            ],
        ),
        ("Talks", ["Invited: Tromvik 2019, Port Ellery 2022, Halden 2023", "Contributed: eleven since 2014"]),
        ("Service", ["Reviewer for four journals", "Dive safety committee"]),
    ],
    "Appointments",
)

R(
    "11_dense.pdf",
    "dense",
    "Rosalind Achterberg",
    "Operations Manager, warehousing and distribution",
    ["Columbus OH", "614-555-0109", "r.achterberg@example.com"],
    "Fifteen years on the floor and above it. Lean without the buzzwords.",
    [
        (
            "Operations Manager",
            "Bluff Creek Logistics",
            "Columbus",
            "05/2019–present",
            "2019-05",
            "present",
            [
                "Two shifts, 85 associates, 4 supervisors, 310,000 sq ft",
                "Order accuracy 99.1% to 99.7% after slotting project",
                "Cut overtime spend by $420K in FY22",
                "Moved site from RF guns to voice picking in 11 weeks",
                "OSHA recordables: 9 in 2019, 2 in 2024",
            ],
        ),
        (
            "Shift Supervisor",
            "Bluff Creek Logistics",
            "Columbus",
            "02/2015–04/2019",
            "2015-02",
            "2019-04",
            [
                "Led 28 pickers on second shift",
                "Wrote the cross-training matrix still in use",
                "Peak 2017: 41k units in one day",
            ],
        ),
        (
            "Inventory Control Lead",
            "Danner Foods",
            "Dayton",
            "08/2011–01/2015",
            "2011-08",
            "2015-01",
            ["Cycle counts for 6,200 SKUs", "Shrink 1.8% down to 0.6%"],
        ),
        (
            "Forklift operator",
            "Danner Foods",
            "Dayton",
            "03/2009–07/2011",
            "2009-03",
            "2011-07",
            ["Reach truck and dock"],
        ),
    ],
    [
        ("Education", ["AAS Supply Chain, Scioto Community College 2014"]),
        ("Certs", ["Lean Six Sigma Green Belt 2018", "OSHA 30"]),
        ("Systems", ["Manhattan WMS, Kronos, Excel (pivots, a little VBA)"]),
    ],
)

R(
    "12_functional.docx",
    "docx_functional",
    "Terrence Wachowiak",
    "Facilities and maintenance",
    ["Hamilton, Ontario", "905-555-0133"],
    "Returning to work after caring for a parent. Reliable, handy, own tools.",
    [
        ("Maintenance Technician", "Escarpment Towers", "", "2014 to 2021", "2014", "2021", []),
        ("Handyman (self employed)", "Wachowiak Repairs", "", "2008 to 2014", "2008", "2014", []),
    ],
    [
        (
            "What I can do – buildings",
            [
                "Boilers, pumps and rooftop units: daily checks and small repairs",
                "Drywall, paint, tile, doors and locks",
                "Kept 212 apartments running with one other guy",
            ],
        ),
        (
            "What I can do – people and paper",
            ["Work orders in Yardi", "Got tenants to like me, mostly", "Trained two summer students"],
        ),
        ("Tickets", ["WHMIS", "Working at heights", "Gas fitter G3 (lapsed 2022)"]),
    ],
    "Where I worked",
)

R(
    "13_accountant.pdf",
    "dates_below",
    "Eilidh Strachan-Moore",
    "Management Accountant (ACMA)",
    ["Perth, Scotland", "eilidh.sm@example.scot"],
    "Numbers person who can talk to engineers. Month end in four days.",
    [
        (
            "Finance Business Partner",
            "Tayfield Water Services",
            "Perth",
            "February 2020 – present",
            "2020-02",
            "present",
            [
                "Partner for 3 divisions with a combined budget of £24m",
                "Took month-end close from 9 working days to 4",
                "Power BI pack replaced eleven spreadsheets",
            ],
        ),
        (
            "Assistant Management Accountant",
            "Glenorrin Distillers",
            "Elgin",
            "September 2016 – January 2020",
            "2016-09",
            "2020-01",
            ["Stock valuation of maturing whisky, about 400,000 casks", "VAT and excise duty returns"],
        ),
        (
            "Accounts Assistant",
            "Moray Car Hire",
            "Elgin",
            "June 2014 – August 2016",
            "2014-06",
            "2016-08",
            ["Purchase ledger, 300 invoices a month on Sage 50"],
        ),
    ],
    [
        (
            "Qualifications",
            ["CIMA, passed finalist 2019, ACMA since 2020", "MA Economics, University of Strathorran, 2:1, 2014"],
        )
    ],
    "Employment",
)

R(
    "14_developer.pdf",
    "dark_right",
    "Kwabena Lindqvist",
    "Backend developer",
    ["Remote / Malmö", "kwabena@example.dev", "git: example.dev/kwl"],
    "I write boring services that stay up. Mostly Go and Postgres, Python when it's quicker.",
    [
        (
            "Senior Backend Engineer",
            "Fjordpay",
            "Malmö",
            "2021-08 → now",
            "2021-08",
            "present",
            [
                "Own the ledger service: 30M rows a day, p99 under 80 ms",
                "Split the settlement monolith into 4 services without downtime",
                "On call one week in six",
            ],
        ),
        (
            "Backend Developer",
            "Hyllie Data AB",
            "Malmö",
            "2018-01 → 2021-07",
            "2018-01",
            "2021-07",
            [
                "REST APIs in Python (Flask, later FastAPI)",
                "Moved CI from Jenkins to GitLab; build time 25 min to 7 min",
            ],
        ),
        (
            "Junior Developer",
            "Webbsmedjan",
            "Lund",
            "2016-06 → 2017-12",
            "2016-06",
            "2017-12",
            ["PHP shops for small businesses, around 20 of them"],
        ),
    ],
    [
        ("Tech", ["Go", "PostgreSQL", "Kafka", "Python", "Docker", "Terraform (some)"]),
        ("Languages", ["Swedish", "English", "Twi"]),
    ],
)

R(
    "15_teacher_uk.docx",
    "docx_tabs",
    "Oluwaseun Hartnoll",
    "Primary school teacher (KS2), QTS",
    ["Bristol BS5", "o.hartnoll@example.org"],
    "Year 5 and 6 specialist; phonics when needed. I run a loud but kind classroom.",
    [
        (
            "Class Teacher, Year 6",
            "Netham Vale Primary",
            "Bristol",
            "Sept 2019 – present",
            "2019-09",
            "present",
            [
                "SATs maths: 74% at expected standard in 2019, 86% in 2024",
                "Maths lead since 2021, run INSET twice a year",
                "Mentor for ECTs",
            ],
        ),
        (
            "Class Teacher, Year 4",
            "Hartcliffe Rise Academy",
            "Bristol",
            "Sept 2015 – Aug 2019",
            "2015-09",
            "2019-08",
            ["Class of 31, nine with EAL", "Set up the after-school chess club"],
        ),
        (
            "Teaching Assistant",
            "Hartcliffe Rise Academy",
            "Bristol",
            "Jan 2013 – Jul 2014",
            "2013-01",
            "2014-07",
            ["1:1 support for a pupil with ASD"],
        ),
    ],
    [("Training", ["PGCE Primary, University of the Severn, 2015", "BA History, 2012"])],
    "Teaching experience",
)

R(
    "16_marketing.pdf",
    "two_columns",
    "Delphine Castellanos",
    "Content + email marketer",
    ["Portland, OR", "delphine.c@example.com"],
    "Writer first. I learned SQL because nobody would pull my lists for me.",
    [
        (
            "Lifecycle Marketing Manager",
            "Pebblebox Coffee",
            "Portland",
            "Oct 2021 – Present",
            "2021-10",
            "present",
            [
                "Email + SMS program, list of 260k",
                "Win-back flow brings about $55K a month",
                "Manage one designer and a freelancer",
            ],
        ),
        (
            "Content Specialist",
            "Trailhead Outfitters Co-op",
            "Bend",
            "Apr 2018 – Sep 2021",
            "2018-04",
            "2021-09",
            ["2 blog posts a week plus the catalog copy", "Organic traffic up 2.3x in two years"],
        ),
        (
            "Freelance copywriter",
            "self-employed",
            "",
            "2015 – 2018",
            "2015",
            "2018",
            ["Dentists, bike shops, one winery"],
        ),
    ],
    [("Tools", ["Klaviyo, GA4, SQL, Figma (basic)"]), ("School", ["BFA Creative Writing, 2015, Willow River College"])],
)

R(
    "17_paralegal.txt",
    "hand",
    "JO-ANN TREMBLAY-FITCH",
    "",
    [],
    "",
    [
        (
            "Senior Paralegal",
            "ASHDOWN MERCER LLP",
            "",
            "",
            "2017-11",
            "present",
            [
                "Manage discovery for 20 to 25 active files",
                "Draft motions, subpoenas and privilege logs for three attorneys",
                "Trial binder person. Four trials, none late.",
            ],
        ),
        (
            "Legal Secretary",
            "LAW OFFICE OF R. PINTER",
            "",
            "",
            "2012-05",
            "2017-10",
            ["Answered phones, calendared deadlines, billed 2 lawyers' time", "Notary public"],
        ),
    ],
)

R(
    "18_driver.txt",
    "hand",
    "Casimir Dube",
    "",
    [],
    "",
    [
        (
            "HGV Class 1 driver",
            "Fenland Cold Chain",
            "",
            "",
            "2019",
            "present",
            ["nights, artic, fridge trailers, Felixstowe to Leeds mostly", "clean tacho record, no points"],
        ),
        ("Van driver", "Parcelhop", "", "", "2016", "2019", ["110 drops a day round Peterborough"]),
    ],
)

R(
    "19_comptable.html",
    "html_semantic",
    "Solène Abgrall",
    "Comptable unique",
    ["Lorient", "solene.abgrall@example.fr"],
    "Douze ans de comptabilité en PME, de la saisie au bilan.",
    [
        (
            "Comptable unique",
            "Conserverie du Blavet",
            "Lorient",
            "depuis mai 2017",
            "2017-05",
            "present",
            [
                "Tenue complète jusqu'au bilan, CA 6 M€",
                "Paie de 42 salariés sur Silae",
                "Passage à la facture électronique en 2024",
            ],
        ),
        (
            "Aide-comptable",
            "Cabinet Le Floc'h",
            "Vannes",
            "10/2012 – 04/2017",
            "2012-10",
            "2017-04",
            ["Portefeuille de 30 dossiers (artisans, commerçants)", "Déclarations de TVA"],
        ),
    ],
    [("Diplômes", ["DCG, 2012", "BTS Comptabilité, 2010"])],
    "Parcours professionnel",
)

R(
    "20_designer.html",
    "html_table",
    "Mireia Solanas",
    "Graphic designer",
    ["Barcelona / remote", "mireia.solanas@example.com"],
    "Packaging, books, the odd poster.",
    [
        (
            "Senior Designer",
            "Estudi Gralla",
            "Barcelona",
            "2020 - now",
            "2020",
            "present",
            [
                "Packaging for 3 olive oil brands, one of them sold in 14 countries",
                "Art direct photo shoots",
                "Brief and review two juniors",
            ],
        ),
        (
            "Designer",
            "Editorial Mussol",
            "Barcelona",
            "2015 - 2020",
            "2015",
            "2020",
            ["Covers and interiors of ~35 books a year", "InDesign templates that cut layout time in half"],
        ),
    ],
    [
        ("Tools", ["Illustrator, InDesign, Photoshop, Glyphs"]),
        ("Languages", ["Catalan, Spanish, English, Italian so-so"]),
    ],
)

R(
    "21_dataanalyst.pdf",
    "typ_cols",
    "Farrukh Eszterhazy",
    "Data analyst",
    ["Chicago", "farrukh.e@example.com"],
    "Analyst for hospitals and before that for a bike share. SQL daily, R by preference, Tableau by request.",
    [
        (
            "Data Analyst II",
            "Lakeshore Health Network",
            "Chicago",
            "June 2022 – Present",
            "2022-06",
            "present",
            [
                "Built 12 Tableau dashboards for ED wait times and bed flow",
                "Found a coding error worth $900K a year in missed billing",
                "Present to the COO monthly",
            ],
        ),
        (
            "Data Analyst",
            "WheelShare Midwest",
            "Chicago",
            "Aug 2019 – May 2022",
            "2019-08",
            "2022-05",
            ["Forecast demand at 480 stations in R", "A/B tested pricing; day passes +11%"],
        ),
    ],
    [("Education", ["MS Statistics, Prairie Tech, 2019", "BA Mathematics, 2017"])],
)

R(
    "22_hr.pdf",
    "timeline",
    "Wilhelmina Abara",
    "People Operations Manager",
    ["Dublin 8", "w.abara@example.ie"],
    "Generalist HR in companies between 40 and 400 people.",
    [
        (
            "People Operations Manager",
            "Corvane Biotech",
            "Dublin",
            "03/2021 – Present",
            "2021-03",
            "present",
            [
                "Sole HR for the first year, now team of three",
                "Hired 95 people in 2022 and 2023",
                "Brought in BambooHR and a proper leave policy",
            ],
        ),
        (
            "HR Generalist",
            "Stillorgan Foods",
            "Dublin",
            "01/2017 – 02/2021",
            "2017-01",
            "2021-02",
            [
                "Employee relations for 230 factory staff",
                "Union meetings, note taking then leading",
                "Absence down from 7.2% to 5%",
            ],
        ),
        (
            "Recruitment Coordinator",
            "Talentgate",
            "Cork",
            "07/2014 – 12/2016",
            "2014-07",
            "2016-12",
            ["Scheduled interviews, chased references"],
        ),
    ],
    [("Qualifications", ["CIPD Level 5, 2018", "BA Psychology, 2014"])],
    "Career",
)

R(
    "23_civil.pdf",
    "typ_plain",
    "Ngozi Vandersloot, PE",
    "Civil engineer – water resources",
    ["Sacramento, California", "ngozi.v@example.com"],
    "",
    [
        (
            "Project Engineer",
            "Delta Basin Consulting",
            "Sacramento",
            "Apr. 2019 to present",
            "2019-04",
            "present",
            [
                "Stormwater design for 14 subdivisions and two schools",
                "HEC-RAS floodplain models, incl. a no-rise for Dry Slough",
                "Review the work of 2 EITs",
            ],
        ),
        (
            "Staff Engineer (EIT)",
            "Marlowe County Public Works",
            "Yuba City",
            "Jul. 2015 to Mar. 2019",
            "2015-07",
            "2019-03",
            ["Culvert inventory, 1,900 of them, in ArcGIS", "Plan check for grading permits"],
        ),
    ],
    [
        ("Licenses", ["PE California (Civil), 2019"]),
        ("Education", ["BS Civil Engineering, Cal Delta, 2015"]),
        ("Software", ["Civil 3D, HEC-RAS, HEC-HMS, ArcGIS Pro"]),
    ],
    "Employment history",
)

R(
    "24_receptionist.docx",
    "docx_heading",
    "Tamsin Okonjo-Reyes",
    "Receptionist / front desk",
    ["Halifax, NS", "902-555-0160"],
    "Friendly, organised, bilingual English/French. Good with grumpy people.",
    [
        (
            "Front Desk Agent",
            "Harbourline Hotel",
            "Halifax",
            "May 2022 - present",
            "2022-05",
            "present",
            [
                "Check in about 60 guests on a busy day",
                "Handle complaints and comp nights up to $200",
                "Night audit when the auditor is off",
            ],
        ),
        (
            "Receptionist",
            "Dr. Amari Dental",
            "Dartmouth",
            "Sep 2019 - Apr 2022",
            "2019-09",
            "2022-04",
            ["Booked for 3 dentists and 4 hygienists", "Insurance claims, Dentrix"],
        ),
        ("Cashier", "Sobrook Grocery", "Dartmouth", "2017 - 2019", "2017", "2019", ["Cash, lottery, closing"]),
    ],
    [("Education", ["Office Admin Certificate, Bedford Basin College, 2019"])],
    "Jobs",
)

HAND = {}
HAND["07_inzhener.txt"] = """Вероника Сухоложская
г. Пермь, тел. +7 000 000-00-00, v.suholozhskaya@example.ru
Желаемая должность: ведущий технолог / начальник техбюро

ОПЫТ РАБОТЫ

Февраль 2020 — по настоящее время
ООО «Кампроммаш», Пермь
Ведущий инженер-технолог
— Разработка техпроцессов мехобработки для деталей насосов
— Сократила время переналадки с 95 до 60 минут
— Наставник для трёх молодых технологов

Август 2014 — январь 2020
Завод «Уралспецузел», Екатеринбург
Инженер-технолог
— Программы для станков с ЧПУ (Fanuc, Siemens)
— Ведение документации по ЕСТД

ОБРАЗОВАНИЕ
2014, Пермский технический институт, технология машиностроения, специалист

НАВЫКИ
Компас-3D, Вертикаль, NX CAM, английский — чтение чертежей
О себе: готова к командировкам.
"""
HAND["17_paralegal.txt"] = """JO-ANN TREMBLAY-FITCH
Providence RI      401-555-0121
jatf@example.com
==============================================================

EXPERIENCE
--------------------------------------------------------------
ASHDOWN MERCER LLP, Providence           Nov. 2017 to present
  Senior Paralegal, commercial litigation
   * Manage discovery for 20 to 25 active files
   * Draft motions, subpoenas and privilege logs for three attorneys
   * Trial binder person. Four trials, none late.

LAW OFFICE OF R. PINTER, Cranston        May 2012 to Oct. 2017
  Legal Secretary
   * Answered phones, calendared deadlines, billed 2 lawyers' time
   * Notary public

EDUCATION
--------------------------------------------------------------
Paralegal certificate (ABA approved), Narragansett Bay CC, 2016
SOFTWARE: Relativity, Clio, Word, Adobe Acrobat
"""
HAND["18_driver.txt"] = """hi, cv as asked. sorry no computer so typed on phone

Casimir Dube
Peterborough, 07700 900 163

2019 - present: HGV Class 1 driver, Fenland Cold Chain
nights, artic, fridge trailers, Felixstowe to Leeds mostly
clean tacho record, no points

2016 - 2019: Van driver, Parcelhop
110 drops a day round Peterborough

before that: warehouse bits through agencies, cant remember all the dates

got: Class 1 (C+E), CPC up to 2028, digi card, ADR tanks + packages
can start after two weeks notice
Casimir
"""
