"""Write claims.json: lines of a resume, a rewrite of them, and what the rewrite invented."""

import json
import os

from people import P

HERE = os.path.dirname(os.path.abspath(__file__))
BY = {p["file"][:2]: p for p in P}
OUT = []


def C(n, job, bl, rewrite, *invented):
    p = BY[n]
    if job == "S":
        lines = [p["summary"]]
    elif isinstance(job, str):
        lines = next(ls for t, ls in p["extra"] if t == job)
        lines = [lines[i] for i in bl] if bl else lines
    else:
        t, em, pl, d, a, z, b = p["jobs"][job]
        lines = [" | ".join(x for x in (t, em, d) if x)] + [b[i] for i in bl]
    OUT.append(dict(file=p["file"], original="\n".join(lines), rewrite=rewrite, invented=list(invented)))


C(
    "01",
    0,
    [0],
    "Staff RN, Cardiac Step-Down, Puget Hollow Medical Center (03/2021 to present)\nManage four to five telemetry patients each shift, chiefly post-PCI and heart failure",
)
C("01", 0, [1], "Preceptor for seven new graduate nurses during their first twelve weeks")
C(
    "01",
    0,
    [2],
    "Led the hospital-wide redesign of discharge teaching, reducing 30-day readmissions from 19% to 14%",
    "hospital-wide",
)
C("01", 0, [0, 1], "Care for 4–5 telemetry patients; CCRN-certified preceptor to 7 new grads", "CCRN-certified")
C(
    "01",
    1,
    [0, 1],
    "RN, Med-Surg, St. Brannoch Hospital, July 2017 to February 2021. Night shift on a 32-bed unit, relief charge nurse roughly twice monthly",
)
C(
    "01",
    1,
    [2],
    "EHR superuser: supported the floor's move from a paper medication record to Epic and trained 60 nurses",
    "trained 60 nurses",
)
C("01", "S", [], "Cardiac step-down nurse with a med-surg background. Comfortable on busy floors, charts in real time.")
C(
    "02",
    0,
    [0, 1],
    "Rewires, board changes and fault-finding in homes, mostly unsupervised. Around 250 EICRs on let properties every year.",
)
C("02", 0, [2], "Installed more than 60 electric vehicle charging points since training in 2021")
C("02", 0, [1], "Periodic inspection (EICR) of about 250 rentals a year for five letting agents", "five letting agents")
C(
    "02",
    0,
    [0],
    "Supervised a gang of three electricians on domestic rewires, consumer unit changes and fault finding",
    "Supervised a gang of three electricians",
)
C(
    "02",
    1,
    [0, 1],
    "Improver, Hensbarrow Contracts (June 2016 to Aug 2018): 1st and 2nd fix on new-build plots; tray and trunking at Penhale school",
)
C("02", "Qualifications", [], "18th Edition BS 7671, 2391 test and inspect, AM2, NVQ 3, ECS Gold Card, SSSTS", "SSSTS")
C(
    "03",
    0,
    [0, 1],
    "Head of mathematics (nine teachers); taught advanced maths courses and basic physics courses at Gymnasium am Lahnbogen",
)
C("03", 0, [2], "Digitaler Unterricht: GeoGebra und Tablets für Klasse 7–9 eingeführt")
C("03", 0, [0], "Oberstudienrätin, Fachleitung Mathematik und Physik mit neun Lehrkräften", "und Physik")
C(
    "03",
    1,
    [0, 1],
    "Mathematik-AG betreut; zwei Mal in der Landesrunde der Mathe-Olympiade, einmal Bundessieg",
    "einmal Bundessieg",
)
C("03", 2, [0], "Referendariat in Kassel (2012–2014), 2. Staatsexamen mit 1,4 abgeschlossen")
C("03", "Sprachen", [], "German native, English C2, Polish A2", "C2")
C(
    "04",
    0,
    [0, 1],
    "Project engineer since January 2020: bulk material conveyors, project budgets up to EUR 1.2m, clients in the Netherlands and Denmark",
)
C("04", 0, [2], "CE-Konformitätsbewertung inklusive Risikobeurteilung (EN ISO 12100)")
C("04", 0, [0], "Auslegung von Schüttgut-Förderanlagen mit Budgets bis 12 Mio. Euro", "12 Mio. Euro")
C(
    "04",
    1,
    [0, 1],
    "Konstrukteur: 3D mit SolidWorks, Stücklisten in SAP, Blechvarianten um rund 39 % gesenkt (140 → 85)",
)
C("04", 1, [0], "3D-Konstruktion in SolidWorks und CATIA V5, Pflege der SAP-Stücklisten", "CATIA V5")
C(
    "04",
    1,
    [1],
    "Konstruktionsleiter bei Ossenbrink & Söhne, Blechvarianten von 140 auf 85 reduziert",
    "Konstruktionsleiter",
)
C("05", 0, [0, 1], "Fish station, 90 covers per evening; trained 2 apprentices")
C("05", 0, [2], "Responsable des commandes de marée ; pertes ramenées de 9 à 5 %")
C("05", 0, [0, 1], "Second de cuisine au Quai aux Ormes, poste poissons, 90 couverts", "Second de cuisine")
C("05", 1, [1], "Contribution au plan HACCP auprès de la cheffe, brasserie Lanvaux (2018-2022)")
C("05", 1, [0], "Garde-manger puis chaud dans un restaurant une étoile au Guide", "une étoile au Guide")
C("05", "Formation", [], "CAP Cuisine (2018) et Brevet Professionnel", "Brevet Professionnel")
C("06", 0, [0], "Represented clients in 120+ dismissal and wage claim hearings")
C(
    "06",
    0,
    [1, 2],
    "Asesora a 15 empresas del sector del metal; negociadora en dos expedientes de regulación (80 y 210 personas)",
)
C("06", 0, [0], "Más de 120 juicios por despido, con un 85 % de sentencias favorables", "85 % de sentencias favorables")
C("06", 0, [2], "Negociación de dos ERE que afectaron a 2.100 trabajadores", "2.100 trabajadores")
C("06", 1, [0, 1], "Abogada júnior (2015-2018): demandas, recursos de suplicación y turno de oficio")
C("06", 0, [1], "Socia de Larrabide Abogados, asesora de 15 empresas del metal", "Socia")
C(
    "07",
    0,
    [0, 1],
    "Разработала техпроцессы механической обработки деталей насосов; переналадка стала быстрее: 60 минут вместо 95",
)
C(
    "07",
    0,
    [1],
    "Сократила время переналадки с 95 до 60 минут, экономия 4 млн рублей в год",
    "экономия 4 млн рублей в год",
)
C("07", 0, [2], "Mentored three young process engineers")
C(
    "07",
    0,
    [2],
    "Начальник бюро из восьми технологов, наставник молодых специалистов",
    "Начальник бюро из восьми технологов",
)
C("07", 1, [0], "CNC programming (Fanuc, Siemens) as process engineer")
C("07", 1, [0], "Программирование ЧПУ: Fanuc, Siemens, Heidenhain", "Heidenhain")
C("08", 0, [0], "Beat quota two years running: 118% of $1.1M (2023) and 104% (2024)")
C("08", 0, [0], "Beat quota two years running: 128% of $1.1M (2023) and 104% (2024)", "128%")
C(
    "08",
    0,
    [1, 2],
    "Full-cycle AE, discovery through close, $38,000 average deal; author of the team's objection-handling guide",
)
C("08", 0, [1], "Run the full sales cycle with Fortune 500 accounts; average contract $38K", "Fortune 500 accounts")
C("08", 1, [0, 1], "SDR: 70 calls daily, 14 qualified meetings monthly, two promotions")
C("08", 1, [0], "Managed six SDRs making 70 dials a day and booking 14 meetings a month", "Managed six SDRs")
C(
    "08",
    "S",
    [],
    "B2B software seller with six years of mid-market experience. Closed a $410,000 ARR deal from a cold call.",
)
C(
    "08",
    "S",
    [],
    "B2B software seller with ten years of mid-market experience. Closed a $410K ARR deal from a cold call.",
    "ten years",
)
C(
    "09",
    "Projects",
    [0],
    "Built a web map of bus delays in Flask and SQLite from three months of scraped open data; about 40 users in student halls",
)
C("09", "Projects", [0], "Built a bus delay map (Flask, SQLite, React) with roughly 40 users", "React")
C("09", "Projects", [1], "Sixth out of 31 teams in a game jam using Godot")
C("09", "Projects", [1], "Won a 31-team game jam with an entry built in Godot", "Won")
C(
    "09",
    "Education",
    [0],
    "Computer Science student, University of Airedale, due to graduate 2027, averaging 71%, Dean's List",
    "Dean's List",
)
C(
    "10",
    0,
    [0, 2],
    "Instructor for Ecology 201 (180 students) plus a kelp graduate seminar; advise 8 graduate students (3 doctoral, 5 master's)",
)
C("10", 0, [1], "Principal investigator of two grants worth $640K overall")
C("10", 0, [1], "Principal investigator of two NSF grants totalling $640,000", "NSF")
C("10", 0, [0], "Associate Professor at Skarnes University since 2020", "Associate Professor")
C(
    "10",
    1,
    [0, 1],
    "Postdoc: led a four-season sea urchin survey (22 sites); author of the group's transect data package in R",
)
C("10", 1, [0], "Postdoc: six-season sea urchin field survey at 22 sites", "six-season")
C(
    "11",
    0,
    [0, 1],
    "Direct 2 shifts with 85 associates and four supervisors in a 310K sq ft building; raised order accuracy from 99.1% to 99.7%",
)
C("11", 0, [2], "Reduced overtime costs by $420,000 in fiscal 2022")
C("11", 0, [2], "Reduced overtime costs by $420K every year", "every year")
C("11", 0, [3, 4], "Replaced RF guns with voice picking in under three months; brought recordable injuries from 9 to 2")
C("11", 0, [0], "Regional operations director over 85 associates and 4 supervisors", "Regional operations director")
C("11", 1, [0, 1], "Second-shift supervisor of 28 order pickers; created the cross-training matrix")
C("11", 2, [0, 1], "Cycle counting of 6,200 SKUs; cut shrink by two thirds, 1.8% to 0.6%")
C("11", "Certs", [], "Six Sigma Black Belt (2018), OSHA 30", "Black Belt")
C(
    "12",
    "What I can do – buildings",
    [0, 2],
    "With one colleague maintained 212 apartments; daily checks and minor repairs on boilers, pumps and RTUs",
)
C(
    "12",
    "What I can do – buildings",
    [0],
    "Boilers, chillers, pumps and rooftop units: daily checks and small repairs",
    "chillers",
)
C("12", 0, [], "Maintenance Technician at Escarpment Towers for seven years (2014–2021)")
C("12", 0, [], "Maintenance Supervisor, Escarpment Towers, 2014 to 2021", "Supervisor")
C("12", "Tickets", [2], "Holds a current G3 gas fitter licence", "current")
C(
    "13",
    0,
    [0, 1],
    "Business partner to three divisions (total budget GBP 24 million); month end cut from nine to four working days",
)
C("13", 0, [2], "Eleven spreadsheets replaced with one Power BI reporting pack")
C("13", 0, [2], "Eleven spreadsheets replaced by Power BI and Anaplan", "Anaplan")
C(
    "13",
    0,
    [0],
    "Finance business partner for three divisions, budget £24m, managing four analysts",
    "managing four analysts",
)
C("13", 1, [0, 1], "Valued maturing whisky stock (c. 400k casks), prepared VAT and excise returns")
C("13", 2, [0], "Accounts Assistant at Moray Car Hire, 2012 to August 2016: purchase ledger on Sage 50", "2012")
C("13", "Qualifications", [], "ACMA and ACCA; MA in Economics (2:1)", "ACCA")
C("14", 0, [0], "Responsible for a ledger service processing 30 million rows daily with p99 latency below 80ms")
C("14", 0, [1, 2], "Broke a settlement monolith into four microservices with zero downtime; on-call every sixth week")
C("14", 0, [1], "Broke a settlement monolith into four microservices on Kubernetes with zero downtime", "Kubernetes")
C("14", 0, [0], "Tech lead for the ledger service (30M rows/day, p99 < 80 ms)", "Tech lead")
C(
    "14",
    1,
    [0, 1],
    "Python REST APIs (Flask/FastAPI); CI migration Jenkins → GitLab shortened builds from 25 to 7 minutes",
)
C("14", 1, [1], "Moved CI from Jenkins to GitLab, making deploys 10x more frequent", "10x more frequent")
C("14", 2, [0], "Some 20 PHP web shops for small businesses")
C(
    "15",
    0,
    [0, 1],
    "Maths lead (from 2021), twice-yearly INSET; pupils at expected standard in maths SATs up twelve points, 74% to 86%",
)
C("15", 0, [1], "Deputy head and maths lead since 2021, INSET twice a year", "Deputy head")
C("15", 0, [2], "Mentor to early career teachers")
C("15", 0, [2], "Mentor to 12 early career teachers", "12")
C(
    "15",
    1,
    [0, 1],
    "Taught 31 pupils in Year 4, 9 of them learning English as an additional language; founded a chess club",
)
C("15", "Training", [], "PGCE Primary (2015), BA History (2012), NPQ in Leading Teaching", "NPQ in Leading Teaching")
C(
    "16",
    0,
    [0, 1],
    "Run email and text programme to 260,000 subscribers; win-back automation earns approx. $55K monthly",
)
C("16", 0, [0], "Run email and SMS for 620k subscribers", "620k")
C("16", 0, [2], "Lead a designer and one freelance")
C("16", 0, [1], "Win-back flow in Klaviyo and Braze worth about $55,000 a month", "Braze")
C("16", 1, [0, 1], "More than doubled organic traffic in 2 years with two weekly blog articles and catalog copywriting")
C("16", 1, [1], "Organic traffic up 2.3x and revenue up 40% in two years", "revenue up 40%")
C(
    "17",
    0,
    [0, 1],
    "Discovery management on 20–25 live matters; prepare motions, subpoenas, privilege logs for 3 attorneys",
)
C("17", 0, [2], "Responsible for trial binders; all four delivered on time")
C("17", 0, [2], "First-chaired the binder prep in fourteen trials, none late", "fourteen trials")
C("17", 1, [0, 1], "Notary public; legal secretary to two lawyers: phones, deadline calendar, time billing")
C("17", 0, [0], "Paralegal Manager overseeing discovery for 20 to 25 active files", "Paralegal Manager")
C(
    "18",
    0,
    [0, 1],
    "Night-shift Class 1 driver, refrigerated articulated trailers, mainly Felixstowe–Leeds; no infringements on tacho, licence free of points",
)
C("18", 0, [0], "Night trunking with fridge trailers across the UK and Europe", "and Europe")
C("18", 1, [0], "Multi-drop van driver, Parcelhop, 2016–2019, 110 deliveries daily")
C("18", 1, [0], "Van driver, Parcelhop, 110 drops a day, voted Driver of the Year", "Driver of the Year")
C(
    "19",
    0,
    [0, 1],
    "Sole accountant since May 2017: full books to year end (EUR 6m turnover), payroll for 42 staff in Silae",
)
C("19", 0, [1, 2], "Paie (42 salariés, Silae) ; mise en place de la facturation électronique en 2024")
C("19", 0, [0], "Chef comptable depuis 2017, tenue jusqu'au bilan, CA 6 M€", "Chef comptable")
C("19", 1, [0, 1], "30 dossiers d'artisans et de commerçants, TVA et liasses fiscales", "liasses fiscales")
C(
    "20",
    0,
    [0, 2],
    "Packaging for three olive oil brands (one sold in fourteen countries); brief 2 junior designers and review their work",
)
C("20", 0, [0], "Packaging for 3 olive oil brands, winner of a Laus award", "winner of a Laus award")
C("20", 1, [0, 1], "Designed about 35 books yearly, cover and inside; InDesign templates halved layout time")
C("20", 1, [0], "Covers and interiors of 35 books a year, plus e-books for Penguin", "e-books for Penguin")
C(
    "21",
    0,
    [0, 2],
    "Twelve Tableau dashboards on emergency wait times and bed flow; monthly presentation to the chief operating officer",
)
C("21", 0, [1], "Identified $0.9M in annual missed billing caused by a coding error")
C("21", 0, [1], "Identified $9M in annual missed billing caused by a coding error", "$9M")
C("21", 0, [0], "Senior Data Analyst: 12 Tableau dashboards for ED wait times", "Senior Data Analyst")
C("21", 1, [0, 1], "Demand forecasting in R (480 stations); price A/B test lifted day pass sales by 11 percent")
C("21", 1, [0], "Forecast demand at 480 stations in R, Python and Spark", "Python and Spark")
C("21", "Education", [], "PhD Statistics, Prairie Tech, 2019; BA Mathematics, 2017", "PhD")
C("22", 0, [0, 1], "Started as the only HR person, now one of three; 95 hires over 2022–23")
C("22", 0, [1], "Hired 95 people across four countries in 2022 and 2023", "across four countries")
C("22", 0, [2], "Rolled out BambooHR plus a new leave policy")
C("22", 0, [0], "Head of HR, leading a team of thirteen", "Head of HR", "thirteen")
C("22", 1, [0, 2], "ER for 230 production employees; absenteeism reduced from 7.2 to 5 percent")
C("22", 1, [1], "Represented management before the Labour Court and in union meetings", "before the Labour Court")
C(
    "23",
    0,
    [0, 2],
    "Designed stormwater systems for fourteen subdivisions and 2 schools; check work of two engineers in training",
)
C("23", 0, [1], "Floodplain modelling in HEC-RAS, including a no-rise analysis for Dry Slough")
C("23", 0, [1], "Floodplain modelling in HEC-RAS and FLO-2D, incl. a no-rise for Dry Slough", "FLO-2D")
C("23", 1, [0, 1], "GIS inventory of 1,900 culverts; grading permit plan review for Marlowe County")
C("23", "Licenses", [], "Licensed Professional Engineer in California and Nevada", "and Nevada")
C("24", 0, [0, 1], "Approx. 60 arrivals on peak days; complaint resolution with authority to comp stays up to $200")
C("24", 0, [2], "Cover the night audit when needed")
C("24", 0, [1], "Front Office Manager resolving complaints and comping up to $200", "Front Office Manager")
C("24", 1, [0, 1], "Scheduling for seven dental providers (3 dentists, 4 hygienists), insurance claims in Dentrix")
C(
    "24",
    1,
    [0, 1],
    "Booked for 3 dentists and 4 hygienists, trained new receptionists, did claims in Dentrix",
    "trained new receptionists",
)
C("24", "S", [], "Trilingual receptionist (English, French, Spanish), organised and friendly", "Trilingual", "Spanish")
json.dump(OUT, open(HERE + "/claims.json", "w"), ensure_ascii=False, indent=1)
