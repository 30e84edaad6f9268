"""Write postings.json. In the texts [m ...] is a must, [s ...] a should, [n ...] nice to have, {...} noise."""

import json
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
X = []


def N(trade, text, good, bad):
    req, noise = [], []
    kinds = dict(m="must", s="should", n="nice")

    def r(m):
        if m.group(2) is not None:
            req.append(dict(text=m.group(2), kind=kinds[m.group(1)]))
            return m.group(2)
        noise.append(m.group(3))
        return m.group(3)

    plain = re.sub(r"\[([msn]) ([^\]]*)\]|\{([^}]*)\}", r, text.strip())
    X.append(dict(trade=trade, text=plain, requirements=req, noise=noise, good=good, bad=bad))


N(
    "plumber",
    """
Plumber (service & repair), Bexford Home Services

{Tired of being just a number?} {At Bexford we treat our people like family, and we have the company picnic photos to prove it.} We look after about 3,000 homes in the county and the phone doesn't stop.

What you'll do: leaks, water heaters, drain clearing, fixture swaps, the occasional repipe. You will be alone in the van most days and you'll talk to homeowners, so manners count.

Must have
- [m Journeyman plumber license in this state]
- [m 4 years of residential service plumbing]
- [m Valid driver's license and clean record]
- [m Able to lift 75 lb and work in crawl spaces]
Good to have
- [s experience with tankless water heaters]
- [s camera inspection and jetting]
- [n backflow tester certification]
- [n Spanish]

What you get
- {$34 to $46 an hour depending on experience, plus spiffs}
- {Take-home van and gas card}
- {Health, dental, 401(k) with 4% match}
- {Paid holidays and your birthday off}

How to apply: {text PIPE to the number on our site or send anything that looks like a resume.} {We do a phone call, then a ride-along day (paid).} {Bexford is an equal opportunity employer and does not discriminate on the basis of race, color, religion, sex, age, disability or veteran status.} {Bexford started in 1974 with one truck and a borrowed pipe wrench, and three generations later we have 38 trucks, our own training shop behind the office and a parts counter that opens at six.} {Every spring we fix a veteran's bathroom for free and the whole crew turns up.} {People ask what makes us different and we say it is the culture, then we hand them a donut.} {Our online reviews average 4.8 stars, and the ones that aren't five are mostly about parking.} {Nobody here works on commission only, and nobody gets yelled at for telling a customer that a repair can wait.} {If you refer a friend who stays six months we'll pay you $1,000.} Your week: Monday meeting at 7:15 with breakfast, then four to six calls a day. You order parts from the tablet. One weekend in five you carry the on-call phone, for which there is a flat fee whether or not it rings. {After a year you can move to the training shop, to estimating or to new construction if that is your thing.} {We know that changing jobs is a big step, so come by, kick the tires and ask anybody anything.} {Offers depend on a background check and drug screen.}
""",
    [
        "Journeyman plumber, 6 years with a residential service outfit. Leaks, drains, water heaters incl. tankless (Navien, Rinnai), jetter and camera. Clean MVR, run my own van.",
        "Licensed plumber since 2016. Service calls in older homes, repipes in PEX and copper, backflow tester. I don't mind crawl spaces. Some Spanish from the job.",
    ],
    [
        "HVAC installer, EPA 608, five years of residential change-outs, ductwork, charging and startup. Valid license, good with customers.",
        "Pipefitter on refineries, 9 years. Stick and TIG welding, isometrics, steam tracing, TWIC card. Traveled for shutdowns.",
    ],
)

N(
    "registered nurse ICU",
    """
Critical Care RN – nights – Harrow Point Hospital

{Harrow Point Hospital is a 310-bed not-for-profit that has cared for the bay since 1922.} {We were voted one of the region's best places to work three years in a row!}

Our 18-bed mixed ICU needs a night nurse. You'll take one or two patients: vents, pressors, CRRT now and then, fresh hearts on Tuesdays and Thursdays. We round together, we have a real break nurse, and our intensivist is in house all night. To do well here [m you need an unencumbered RN license for this state and at least two years of recent adult ICU work]. [m BLS and ACLS must be current on day one]. [s CCRN is strongly preferred], and [s we would love someone who has run CRRT]. [n Balloon pump experience is a bonus]. [m Twelve-hour nights, every third weekend, is the schedule and it isn't flexible]. New to Epic? Fine, we teach it.

{We offer a $10,000 sign-on bonus paid over two years, tuition help and free parking.} {Relocation can be discussed.} {Apply online; a recruiter will reach out within five business days.} {Harrow Point is committed to a diverse and inclusive workplace.} {All employees must have an annual flu shot or approved exemption.} {No agencies please.}
""",
    [
        "RN, 5 years adult MICU nights at a 24-bed unit. Vents, pressors, CRRT trained. CCRN, ACLS, BLS current. Two weekends a month.",
        "ICU nurse, cardiac surgery recovery for three years, balloon pumps, fresh hearts, CRRT. State RN license, ACLS. Charge sometimes, nights by choice.",
    ],
    [
        "Outpatient clinic RN for 8 years: allergy shots, phone triage, diabetes teaching. BLS. Monday to Friday.",
        "Respiratory therapist in a 20-bed ICU, vent management, ABGs, intubation assist. RRT, ACLS. Nights for six years.",
    ],
)

N(
    "Steuerfachangestellte",
    """
Steuerfachangestellte (m/w/d) in Vollzeit oder Teilzeit – Kanzlei Brömmelhaupt & Partner

{Wir sind eine moderne Kanzlei mit Herz und 22 Kolleginnen und Kollegen im Zentrum von Oldenburg.} {Bei uns gibt es keine Fristenpanik, dafür Obstkorb und gute Laune.}

Ihre Aufgaben
- Finanz- und Lohnbuchhaltung für kleine und mittlere Betriebe
- Vorbereitung von Jahresabschlüssen und Steuererklärungen
- Kontakt mit Mandanten und Finanzamt

Ihr Profil
- [m Abgeschlossene Ausbildung als Steuerfachangestellte/r]
- [m Sicherer Umgang mit DATEV]
- [m mindestens zwei Jahre Berufserfahrung in einer Steuerkanzlei]
- [m Sehr gute Deutschkenntnisse]
- [s Erfahrung in der Lohnabrechnung (auch Baulohn)]
- [s Kenntnisse in DATEV Unternehmen online]
- [n Weiterbildung zum Steuerfachwirt oder Bilanzbuchhalter]

Wir bieten
- {30 Tage Urlaub und frei an Heiligabend und Silvester}
- {Bis zu drei Tage Homeoffice in der Woche}
- {Jobrad, Parkplatz und Zuschuss zum Fitnessstudio}
- {Übernahme der Fortbildungskosten}

{Bewerben Sie sich formlos per E-Mail, ein Anschreiben brauchen wir nicht.} {Frau Janßen beantwortet Ihre Fragen gern am Telefon.} {Wir freuen uns über Bewerbungen aller Menschen, unabhängig von Herkunft, Geschlecht, Alter oder Behinderung.} {Hinweise zum Datenschutz finden Sie auf unserer Webseite.} {Eine Einarbeitung mit festem Ansprechpartner ist bei uns selbstverständlich, denn niemand soll am ersten Tag allein vor dem Bildschirm sitzen.} Beginn: ab sofort oder nach Vereinbarung, die Stelle ist unbefristet und umfasst 25 bis 40 Stunden in der Woche.
""",
    [
        "Steuerfachangestellte seit 2017, Kanzlei mit 12 Leuten. FiBu und Lohn in DATEV, Jahresabschlüsse für Handwerker, Baulohn, Unternehmen online.",
        "Gelernter Steuerfachangestellter, 5 Jahre Kanzlei, DATEV, Steuererklärungen, derzeit Kurs zum Bilanzbuchhalter. Muttersprache Deutsch.",
    ],
    [
        "Industriekauffrau, Kreditorenbuchhaltung in SAP bei einem Großhändler, Mahnwesen, Reisekosten.",
        "Controller, M.Sc. BWL, Planung und Reporting für einen Automobilzulieferer, SAP CO, Power BI.",
    ],
)

N(
    "frontend developer",
    """
Frontend Engineer at Quillbasket

{Quillbasket is on a mission to make invoices delightful.} {We just raised our Series B and we're growing like a weed.}

You would join a squad of five that owns the invoice editor: a big React app, some of it lovely, some of it from 2018. Most of your week goes into TypeScript components, accessibility fixes and arguing kindly in code review. [m We expect solid, production-level TypeScript and React], [m at least three years of building web interfaces for paying users], and [m a habit of writing tests (we use Vitest and Playwright)]. [m You understand web accessibility well enough to explain ARIA roles to a colleague]. [s Experience with GraphQL would help from week one], and [s so would having worked with a design system]. [n If you have ever written a rich text editor, we want to buy you coffee].

{We're remote across UTC-5 to UTC+2 and meet twice a year somewhere sunny.} {Compensation is $120k to $155k plus equity.} {You'll get a laptop, a home office budget and unlimited PTO, which people really take.} The process: {intro call, a two-hour pairing session, then a chat with the founders.} {We reply to everyone, even if it takes us a while.} {Quillbasket celebrates difference; we especially encourage people from underrepresented groups to apply even if they don't tick every box.}
""",
    [
        "Frontend dev 5 yrs, React + TypeScript at a payroll startup, Playwright and Vitest suites, led our WCAG audit, GraphQL via Apollo.",
        "UI engineer: built the design system (React, TS, Storybook) for a bank, keyboard and screen reader testing, jest then vitest, four years.",
    ],
    [
        "Backend engineer, Go and Postgres, gRPC, Kafka. Seven years. Some HTML templates.",
        "Graphic designer, landing pages in Webflow and Figma, brand kits, basic CSS.",
    ],
)

N(
    "truck driver",
    """
CDL-A Regional Driver. HOME WEEKLY!!

{$1,550 average weekly pay!} {$5,000 sign on!} {Late model trucks, no slip seating!}

Marlin & Sons Transport runs dry van in six states out of Joplin. Loads are 70% drop and hook. You'd leave Sunday night or Monday morning and be home Friday.

REQUIREMENTS:
* [m Class A CDL]
* [m 12 months verifiable tractor-trailer experience in the last 3 years]
* [m No more than 2 moving violations in 3 years]
* [m Must pass DOT physical and hair test]
* [m 23 years or older]
PREFERRED:
* [s Hazmat endorsement]
* [n tanker endorsement]
* [s ELD experience (Samsara)]

BENEFITS:
* {Medical, vision, dental from day 30}
* {Rider and pet policy}
* {Detention and layover pay}
* {401k}

{Call Donna at the office any time, she picks up on weekends too.} {Apply in 3 minutes from your phone!} {Ask any of our drivers what they think of us, they'll tell you straight, and half of them came here because a buddy told them to.} {Marlin & Sons is an Equal Opportunity Employer.} {Veterans are encouraged to apply.} {Pay shown is an average and is not guaranteed; actual earnings depend on miles, loads and availability of the driver.} Terminal is at exit 11, with parking for your car and a shower that works. Dispatch is 24/7 and we don't force dispatch into New York City.
""",
    [
        "Class A driver, 4 years dry van OTR and regional, Samsara ELD, hazmat. One warning in 2021, no accidents. Age 34.",
        "CDL-A with tanker and hazmat, 2 years regional at a grocery carrier, drop and hook, clean MVR.",
    ],
    [
        "Box truck driver, 26 ft non-CDL, furniture delivery, 3 years.",
        "School bus driver, CDL B with P and S endorsements, 10 years, safety award.",
    ],
)

N(
    "pastry chef",
    """
Pâtissier / Pâtissière – Maison Corbeval, Angers

{Depuis 1987, la Maison Corbeval régale les Angevins et défend un artisanat sincère.} {Nous sommes une équipe de quinze passionnés et nous aimons rire au labo.}

Vous rejoignez notre laboratoire pour la production quotidienne : entremets, tartes, viennoiserie le week-end, et les commandes de mariage de mai à septembre. Vous travaillez avec le chef et un apprenti. [m Un CAP Pâtissier est indispensable], ainsi que [m trois ans d'expérience en laboratoire artisanal]. [m Vous maîtrisez le tourage et les entremets], [m vous appliquez les règles d'hygiène (HACCP) sans qu'on vous le rappelle] et [m vous acceptez de commencer à 4 h 30 et de travailler un week-end sur deux]. [s Une bonne pratique du chocolat serait un vrai plus pour Noël et Pâques]. [n Si vous avez déjà encadré un apprenti, tant mieux].

{Nous proposons un CDI de 39 heures, de 2 150 à 2 500 € brut par mois selon profil.} {Deux jours de repos consécutifs, mutuelle prise en charge à 60 %, remise de 30 % en boutique.} {Envoyez votre CV à la boutique ou passez nous voir l'après-midi.} {Un essai rémunéré d'une journée est prévu.} {Toutes nos offres sont ouvertes aux personnes en situation de handicap.} {Fermeture annuelle trois semaines en août, l'occasion de souffler au bord de la Loire avant la saison.}
""",
    [
        "Pâtissière, CAP 2018, cinq ans chez deux artisans. Tourage, entremets, chocolat (moulages de Pâques). Habituée au 4 h du matin. Un apprenti formé.",
        "CAP Pâtissier et BTM en cours, quatre ans en labo artisanal, viennoiserie et pièces montées, HACCP.",
    ],
    [
        "Boulanger, CAP Boulanger, six ans de fournil, pains spéciaux, levain, travail de nuit.",
        "Chef de rang en brasserie, service des desserts, encaissement, trois ans.",
    ],
)

N(
    "data engineer",
    """
Data Engineer II – Northgate Mutual

{Northgate Mutual has been protecting families for 90 years.} {Come be part of our digital transformation journey!}

Responsibilities: build and mend pipelines that feed claims reporting, move the last Informatica jobs to Airflow, keep the warehouse bills sane.

Required skills
• [m Python]
• [m advanced SQL]
• [m Airflow or a similar orchestrator]
• [m Snowflake, BigQuery or Redshift]
• [m 3+ years in data engineering]
• [m Git and code review]
Desired skills
• [s dbt]
• [s Spark]
• [s Terraform]
• [n insurance domain knowledge]
• [n Kafka]

Education: [s bachelor's degree in a technical field or equivalent experience]

{Hybrid, Tuesday to Thursday in the Hartford office.} {Range $105,000–$131,000, bonus target 8%.} {Benefits include medical, pension (yes, really), 20 days PTO and volunteer time.} {You must be authorized to work in the US; we do not sponsor visas for this role.} {Your recruiter will share the interview steps, usually three conversations over two weeks.} {Northgate Mutual is an Equal Employment Opportunity employer.} {If you need an accommodation during the application process, tell us and we will sort it out.} The team is eight people, split evenly between Hartford and Raleigh, with a manager who used to be a data engineer and still opens pull requests on a quiet Friday. {Founded by a handful of farmers who insured each other's barns, Northgate has grown into a company with 2,300 employees and policyholders in 31 states, and we still hold the annual meeting in a barn.} {Innovation is in our DNA.} {In 2024 our colleagues gave 11,000 hours to food banks, schools and animal shelters.} What the first six months look like: a month of reading and small fixes; then you own the pipelines for auto claims, about forty DAGs; by month five we'd expect you to have retired at least one Informatica job that everybody is scared of. {We run employee resource groups for veterans, caregivers, Black professionals, LGBTQ+ colleagues and early-career folks.} {Our headquarters has a cafeteria, a clinic, a walking trail and a surprising number of geese.} {The pay range reflects the Hartford market and may be adjusted by location, experience and internal equity.} {Northgate Mutual does not accept unsolicited resumes from agencies and will not pay fees for them.} {Beware of fraud: our recruiters only write from our own domain and never ask for money or gift cards.} {Job postings come down when filled.}
""",
    [
        "Data engineer, 4 yrs. Airflow, dbt, Snowflake, python, SQL all day. Migrated Informatica at a health insurer. Terraform a bit. BS CS.",
        "ETL dev turned data engineer: PySpark on EMR, Redshift, Airflow, Kafka ingest, git, five years, B.Sc. Physics.",
    ],
    [
        "Data analyst, Tableau and SQL, marketing dashboards, A/B tests, 3 years, some pandas.",
        "Database administrator, Oracle and SQL Server, backups, patching, tuning, 12 years.",
    ],
)

N(
    "primary school teacher",
    """
Class Teacher (KS1), Marlpit Lane Primary School, Norwich

{Marlpit Lane is a happy, two-form entry school where every child is known.} {Ofsted said in 2023 that pupils "love coming to school".}

The governors want to appoint a teacher for Year 2 from September, maternity cover for a year in the first place. [m You must hold QTS] and [m be secure in teaching systematic synthetic phonics]; we use Little Wandle. [m We are looking for somebody with high expectations who knows the Key Stage 1 curriculum], [m can plan for a wide range of needs, including pupils with EHCPs], and gets on with parents at the gate. [s Experience of Year 2 would be an advantage], as would [s a willingness to lead music or PE]. [n Forest School training would be lovely]. ECTs are welcome to apply.

{We can offer supportive colleagues, a generous marking policy (hardly any) and cake on Fridays.} {Salary is main pay scale.} {Visits are warmly encouraged; please ring the office.} {Closing date is noon on Friday 16 May and interviews are the week after.} {The school is committed to safeguarding and all appointments are subject to an enhanced DBS check.} {We welcome applications from all sections of the community.} {CVs alone can't be accepted, please use the form.}
""",
    [
        "QTS 2019. Five years in Years 1 and 2, Little Wandle phonics, three pupils with EHCPs last year, lead for music.",
        "Infant teacher, PGCE with QTS, taught Y2 for two years, synthetic phonics, Forest School leader level 3.",
    ],
    [
        "Secondary maths teacher, QTS, KS3 to A level, head of year 9.",
        "Nursery practitioner level 3, rooms 0-3, key person, paediatric first aid.",
    ],
)

N(
    "account manager",
    """
Key Account Manager – Fresh Produce

{Verdello brings the taste of summer to shelves all year.} {We're proud to be a B Corp and prouder of our tomatoes.}

You'll look after two of the big four grocers: promotions, forecasts, price reviews, the Monday call when something didn't arrive. [m You have managed a national grocery account], [m you've negotiated annual terms on your own], and [m you can build a P&L by customer in Excel without help]. [m This role needs a driving licence, since you will be at depots and packhouses a lot]. [s We'd prefer produce or chilled, because short shelf life changes everything]. [s Nielsen or Kantar data should not scare you]. [n A second language, ideally Spanish, is useful with our growers].

{In return: £48–55k, car allowance, bonus, pension at 6% and a box of vegetables every week.} {We work from Spalding three days, home two.} {Interviews will be held in two stages, the second one with a short presentation.} {Applications are read as they come in and the advert may close early.} {Verdello is an inclusive employer and a Disability Confident one.} The role reports to the commercial director and sits next to the planners, which in this trade is the best seat in the building, and you will have one junior to lean on in peak weeks. {We do not accept speculative CVs from recruiters.}
""",
    [
        "National account manager, chilled soups into Tesco, 4 years, terms and promo plans, Kantar, customer P&L in Excel, full licence.",
        "Ran the Morrisons account for a berry importer, JBP negotiation, Nielsen, forecast every week, speak Spanish, drive.",
    ],
    [
        "Field sales rep for pet food to independents, 180 shops, van stock.",
        "Supply planner in a packhouse, forecasts for three grocers, SAP, no customer negotiation.",
    ],
)

N(
    "warehouse supervisor",
    """
Warehouse Shift Supervisor (2nd shift)

{Join a winning team!} {Kestrel Fulfillment ships joy for over 200 brands.}

Job type: full time, 2:00 pm to 10:30 pm, Mon–Fri, overtime in Q4

Qualifications:
- [m 2 years leading a warehouse team of 10 or more]
- [m WMS experience]
- [m forklift certified or able to certify]
- [m basic Excel]
- [m able to stand and walk for a whole shift]
- [s bilingual English/Spanish]
- [s 5S or Lean exposure]
- [n OSHA 10]
- [n high school diploma]

Day to day: run the start-up meeting, move people between pick, pack and dock, watch the backlog, write up near misses, do reviews twice a year. You'd have 24 associates and two leads.

{Pay: $27.50 plus $1.25 shift differential.} {Benefits start on the first of the month after 60 days.} {Free snacks and a quarterly chili contest.} {We promote from within: our GM started on the dock.} {Background check required.} {Kestrel participates in E-Verify.} {We're an equal opportunity employer, including disability and veterans.} {This description is not a full list of duties and may change at any time.} {To apply, upload a resume or just fill in the short form, then watch for a text from our hiring bot, whose name is Gus.} The building is heated, half of it is air conditioned, and it's on the 14 bus line.
""",
    [
        "Shift lead at a 3PL, 18 pickers, Manhattan WMS, forklift card, 5S boards, Spanish speaker. 3 years.",
        "Warehouse supervisor nights, team of 30, Korber WMS, OSHA 10, Excel trackers, reach truck.",
    ],
    [
        "Retail store manager, clothing, staff of 14, scheduling, cash, visual merchandising.",
        "Freight broker, carrier sales, TMS, load boards, 5 years.",
    ],
)

N(
    "abogado mercantil",
    """
Abogado/a mercantil – Despacho Urrutia Salvatierra, Zaragoza

{Somos un despacho joven con alma de pueblo y clientes en toda España.} {Creemos en las personas, en el café y en los plazos, por ese orden.}

Buscamos a alguien para el área de sociedades. El trabajo: constituciones, pactos de socios, compraventas de empresas pequeñas y medianas, juntas y algún concurso. [m Es imprescindible estar colegiado/a como ejerciente] y [m contar con al menos tres años en derecho mercantil o societario]. [m Hace falta redactar contratos en castellano con soltura] y [m un inglés que permita negociar por teléfono (C1)]. [s Se valorará haber participado en operaciones de compraventa de empresas (due diligence incluida)] y [s un máster en derecho de la empresa]. [n El francés suma, por nuestros clientes de Pau].

{Ofrecemos contrato indefinido, entre 34.000 y 42.000 € según experiencia, y viernes por la tarde libre.} {Teletrabajo dos días a la semana.} {Plan de carrera real, no de folleto.} {El proceso son dos entrevistas y un caso práctico breve.} {Enviad el CV por correo antes del 30 de junio.} {El despacho garantiza la igualdad de oportunidades en la selección.} {Los datos personales se tratarán conforme al RGPD.} {Si no encajas en todo, escríbenos igual, que el papel lo aguanta todo y las personas son otra cosa.}
""",
    [
        "Abogada colegiada ejerciente, cuatro años en societario: pactos de socios, due diligence, compraventas de pymes. Inglés C1, máster en empresa.",
        "Abogado mercantil, 5 años, contratos y juntas, concursos, inglés C1, francés B2. Colegiado en Huesca.",
    ],
    [
        "Abogado penalista, turno de oficio, ocho años, juicios rápidos. Inglés B1.",
        "Gestora administrativa, altas de autónomos, impuestos trimestrales, escrituras en notaría.",
    ],
)

N(
    "civil engineer",
    """
Transportation Engineer (PE), City of Alder Falls

{Alder Falls is a city of 88,000 people, five rivers and one very good bakery.} {Public service is rewarding work and you can see your results on the drive home.}

The Public Works department needs an engineer for street and signal projects. You'd scope, design or manage consultants, and get things built: road diets, sidewalk infill, two bridges on the list. [m A PE license in civil engineering is required, or the ability to get one by comity within six months]. [m The position calls for five years in roadway design], [m proficiency in Civil 3D], and [m experience preparing plans, specifications and estimates]. [s The ideal candidate has handled federally funded projects] and [s is at ease presenting to neighborhood groups]. [n Synchro is a plus].

{Salary: $98,400 to $126,000, with step increases.} {The city pays 100% of employee medical and offers a pension.} {Flexible schedule with every other Friday off.} {Applications are taken online only and must include the supplemental questions.} {First review is on March 3.} {The eligibility list will stay in effect for one year.} {The City of Alder Falls is an equal opportunity employer and values diversity at all levels.} {Reasonable accommodation is available on request to the HR office.} You'll report to the city engineer and supervise nobody, unless you count the summer intern.
""",
    [
        "PE civil, 7 years roadway design at a consultant, Civil 3D, PS&E for two federal-aid corridors, open houses, Synchro.",
        "Transportation engineer for a county, sidewalks and intersections, plans specs estimates, Civil 3D, PE by comity possible (licensed in OR).",
    ],
    [
        "Structural engineer, building frames in steel, ETABS, SE license.",
        "Urban planner, zoning code, public meetings, ArcGIS, AICP.",
    ],
)

N(
    "HR generalist",
    """
HR Generalist – Tullamore Precision

{We make tiny parts for big machines and we've done it for 40 years.} {Our people are our greatest asset.}

What we need from you
- [m 3 years in a generalist HR role]
- [m knowledge of Irish employment law]
- [m experience with disciplinary and grievance procedures]
- [m strong Excel and one HRIS]
- [s CIPD qualified or studying]
- [s manufacturing or other shift-based environment]
- [s payroll handover experience]
- [n Polish or Portuguese]

What the job is
You'd be the HR person on site for 160 people over three shifts. Recruitment for the floor, absence, onboarding, the canteen committee, and a lot of listening. The HR manager is in Galway and comes on Wednesdays.

What we offer
- {€42,000 to €48,000}
- {23 days plus public holidays}
- {Pension and bike to work}
- {Subsidised canteen, the soup is good}

{Send your CV to the address below with HR in the subject.} {Canvassing will disqualify.} {Only shortlisted candidates will be contacted.} {Tullamore Precision is an equal opportunities employer.} {We may hold your details for twelve months in line with GDPR.} {First interviews by video, second on site with a tour of the plant, for which you will be lent boots and a jacket that has never fitted anybody.}
""",
    [
        "HR generalist, 5 years in a meat plant with three shifts, grievances, investigations, BambooHR, CIPD level 5, Excel.",
        "HR officer, pharma packaging, Irish law, disciplinary meetings, payroll changes in Core, some Polish, four years.",
    ],
    [
        "Recruiter in an IT agency, sourcing and client calls, 4 yrs.",
        "Payroll specialist, weekly pay for 600, ROS submissions, no HR casework.",
    ],
)

N(
    "electrical technician",
    """
Elektroniker für Betriebstechnik (m/w/d), Wasserwerk Hollenbach

{Wasser ist Leben – und wir sorgen dafür, dass es läuft.} {Als kommunales Unternehmen bieten wir Sicherheit in unruhigen Zeiten.}

Sie warten und reparieren die elektrischen Anlagen in zwei Wasserwerken und 31 Pumpstationen, suchen Fehler, tauschen Frequenzumrichter, prüfen nach DGUV V3 und schreiben das auch auf. [m Voraussetzung ist eine abgeschlossene Ausbildung als Elektroniker für Betriebstechnik oder Energieanlagenelektroniker]. [m Ein Führerschein der Klasse B ist zwingend, weil die Stationen weit auseinander liegen]. [m Sie nehmen an der Rufbereitschaft teil, etwa jede fünfte Woche]. [s Wünschenswert sind Kenntnisse in Siemens S7] sowie [s Erfahrung mit Mittelspannungsanlagen und Schaltberechtigung]. [n Wer schon in der Wasserwirtschaft gearbeitet hat, ist schneller drin].

{Die Vergütung erfolgt nach TVöD, Entgeltgruppe 7, mit Jahressonderzahlung und Zusatzversorgung.} {Wir arbeiten 39 Stunden mit Gleitzeit, und am Freitag ist mittags Schluss.} {Sie bekommen Dienstwagen, Werkzeug und Arbeitskleidung gestellt.} {Schwerbehinderte Bewerberinnen und Bewerber werden bei gleicher Eignung bevorzugt.} {Ihre Unterlagen senden Sie bitte bis zum 15.09. als eine PDF-Datei.} {Reisekosten zum Vorstellungsgespräch erstatten wir nicht.} {Fragen beantwortet der technische Leiter gern, am besten vor acht Uhr, danach ist er meistens draußen.}
""",
    [
        "Elektroniker für Betriebstechnik, 6 Jahre Papierfabrik, S7, Frequenzumrichter, DGUV V3 Prüfungen, Schaltberechtigung 20 kV, Klasse B.",
        "Energieanlagenelektroniker, Kläranlage, Rufbereitschaft, Pumpen und Schaltschränke, S7-1200, Führerschein B und BE.",
    ],
    [
        "Anlagenmechaniker SHK, Heizungswartung, Bäder, Klasse B, acht Jahre.",
        "IT-Systemelektroniker, Netzwerke, Telefonanlagen, Glasfaser spleißen.",
    ],
)

N(
    "graphic designer",
    """
Mid-weight Graphic Designer, Otter & Pine

{We're a studio of nine in an old chapel, and yes, the light is as good as it sounds.} {We make brands people want to hug.}

It's mostly packaging and identity, mostly for food and drink. You'll take a job from the first sketch to the printer's proof, and you'll present some of it yourself. [m A portfolio with real packaging in it is the first thing we look at], so [m send a link or a PDF]. [m You'll need three or four years in a studio], [m complete ease with Illustrator and InDesign], and [m a proper understanding of print: dielines, spot colours, trapping]. [s We like people who can draw], and [s some motion (After Effects) is getting useful]. [n 3D mock-ups in Blender or Dimension are a bonus].

{£30–36k, pension, 25 days and your birthday.} {Studio days are Monday to Thursday, Fridays wherever you like.} {There is a dog; please tell us if that's a problem.} {We'll meet you once for an hour and pay you for a one-day trial.} {No recruiters, honestly.} {We want the studio to look like the world outside and welcome everybody.} {Deadline: when we find the right one.} The client list is on the website, but the nicest things we do are for a cheesemaker who pays partly in cheese.
""",
    [
        "Designer, 4 years at a packaging studio: craft beer, tea, biscuits. Illustrator, InDesign, dielines, press passes. I draw. Portfolio link inside.",
        "Mid-weight, branding and FMCG packs, print production, spot colours, After Effects basics. PDF portfolio attached.",
    ],
    [
        "UX designer, Figma, app flows, user tests, four years.",
        "Social media content creator, Canva, reels, captions, 3 years.",
    ],
)

N(
    "physiotherapist",
    """
Senior Physiotherapist (MSK outpatients), Kettle Moor Community Trust

{Kettle Moor Community Trust: caring closer to home.} {We're rated Good and aiming for Outstanding.}

Your caseload will be mixed musculoskeletal, 45 minutes new and 30 follow-up, across the health centre and one GP surgery. There's a class to run and a band 5 to supervise. [m You must be registered with the HCPC] and [m have broad postgraduate MSK experience, roughly two years at band 5 or more with rotations]. [m We need evidence of assessing and treating spinal and peripheral conditions independently]. [m The post includes supervising junior staff and students]. [s Postgraduate training in manual therapy or exercise rehabilitation is desirable], as is [s an injection therapy certificate]. [n Knowledge of SystmOne is handy]. [m Travel between sites means you need a car or another way to get about].

{Band 6, £37,338 to £44,962.} {NHS pension, 27 days' leave rising with service, and cycle scheme.} {Interviews are expected on 12 June.} {We reserve the right to close early when there are enough applications.} {The Trust is committed to equality, diversity and inclusion and guarantees an interview to disabled applicants meeting the essential criteria.} {This post is subject to the Rehabilitation of Offenders Act.} {The Trust serves 410,000 people over moor, market towns and one small island with a ferry that may or may not sail.} {We have 4,200 colleagues and a choir.} {Our values are kindness, courage and curiosity, and you will be asked about them at interview.} {Flexible working requests are considered from day one of employment.} You would have protected time for in-service training every other Wednesday afternoon, supervision monthly, and access to an advanced practitioner for the cases that keep you awake. The gym at the health centre is small yet well stocked. {Staff enjoy discounts in local shops and an on-site nursery at one of our hospitals.} {If you are new to the area, our housing officer can help with a room for the first three months.} {Applicants who need a visa should check their eligibility before applying, using the points calculator.} {All new starters are asked to subscribe to the DBS update service, and the cost is taken back from the first salary.} {The Trust operates a smoke-free policy in all of its buildings and grounds.} {Staff parking is, let us be honest, a sport.}
""",
    [
        "HCPC physio, three years band 5 rotations then MSK outpatients band 6, spinal clinics, supervised students, SystmOne, own car.",
        "Physiotherapist, private and NHS MSK 4 yrs, manual therapy MSc modules, ran a back class, educator for two placements, HCPC, drive.",
    ],
    [
        "Occupational therapist, HCPC, stroke rehab and home visits, splinting.",
        "Sports massage therapist level 4, football club, taping, soft tissue.",
    ],
)

N(
    "cybersecurity analyst",
    """
SOC Analyst (Tier 2)

{Bastion Reach keeps the bad guys out so our customers can sleep.} {Ranked in the Fast 500 two years running!}

Skills we require:
[m SIEM queries (Splunk or Sentinel)]
[m incident triage and escalation]
[m Windows and Linux log analysis]
[m TCP/IP and packet capture]
[m 2+ years in a SOC]
[m willing to work rotating 12-hour shifts]

Skills we'd like:
[s EDR (CrowdStrike, Defender)]
[s Python or PowerShell scripting]
[s MITRE ATT&CK mapping]
[s Security+ or CySA+]
[n GCIH]
[n cloud logs, mostly AWS CloudTrail]

The work: take what Tier 1 hands over, decide if it's real, write it so that a tired customer understands, tune the rule that cried wolf. Our floor handles some 60 customers, and every analyst gets one day in ten off the queue for hunting.

{Perks: shift premium of 12%, training budget of $4,000, parking.} {Candidates go through a 30-minute screen, a practical lab and a panel.} {US persons only due to contract rules.} {Bastion Reach is an EEO/AA employer.} {By applying you agree to our privacy notice.} {We know that imposter syndrome is a thing, so if most of this fits, please send it anyway and let us do the worrying.} {Salary depends on location, experience and the phase of the moon, but it's between $78k and $96k.}
""",
    [
        "SOC analyst 3 yrs, Splunk ES, CrowdStrike, pcap in Wireshark, rotating 12s, Security+, wrote Python enrichment scripts.",
        "Blue team: Sentinel KQL, Defender, triage and handover, Linux auth logs, ATT&CK tags, CySA+, 2.5 years at an MSSP.",
    ],
    [
        "Help desk tier 2, password resets, imaging, Office 365, A+.",
        "GRC analyst, ISO 27001 audits, vendor questionnaires, policy writing, CISA.",
    ],
)

N(
    "chef de rang",
    """
Head Waiter / Head Waitress – The Saltmarsh Table

{A small restaurant with a big view.} {Two rosettes, 42 seats, and a kitchen that says good morning.}

We need somebody to run the floor four evenings and Sunday lunch. You'd brief the team, look after the book, know the wine list well enough to sell it and step in when a table isn't happy. [m We ask for two years as a head waiter or section leader in a restaurant of this kind], [m good spoken English], and [m calm]. [m You should know allergens by law and by heart]. [s WSET level 2 would be welcome], and [s it helps if you've used ResDiary]. [n Anyone who can make a decent negroni moves up the pile]. [m There's no bus after nine, so you'll need your own transport].

{£14.50 an hour plus tronc, which last year came to about £3.20 on top.} {Staff meals that are actually dinner.} {Closed Monday and Tuesday, and for three weeks in January.} {Live-in room possible for £70 a week.} {Come and have a coffee with us, then do a trial shift, paid.} {We're a small team and treat everybody the same, whoever they love, wherever they're from.} {Please don't ring during service.} {Our guests write lovely things about us, some of which we have framed in the loo.}
""",
    [
        "Head waiter, country house hotel with two rosettes, 3 years, WSET 2, allergen matrix, ResDiary, have a car.",
        "Section leader fine dining then supervisor, wine service, briefings, fluent English and Italian, drive, cocktails too.",
    ],
    [
        "Barista and shift lead in a coffee chain, 4 years, latte art, tills.",
        "Sous chef in a gastropub, ordering, allergens, 5 years.",
    ],
)

N(
    "lab technician",
    """
Quality Control Laboratory Technician – Brightwell Dairies

{Brightwell: good milk, good people.} {Every pint tells a story.}

Hours: four on, four off, 6 to 6
Site: Melksham

Essential:
1. [m HNC or degree in a science subject, or three years in a food lab]
2. [m microbiological plating and counting]
3. [m aseptic technique]
4. [m accurate record keeping]
5. [m English and maths at GCSE grade C/4 or above]
Desirable:
6. [s HACCP level 2]
7. [s work under ISO 17025]
8. [s LIMS]
9. [n antibiotic residue tests such as Delvotest]
10. [n forklift licence]

About the work: samples from intake, line and finished product; fat, protein, freezing point; swabs; calibration of the pH meters; holding product when results are off and telling production, who won't be pleased. You'll be one of two on shift.

{£28,900 including shift allowance.} {33 days' holiday including bank holidays, life cover, cheap cheese.} {There's an on-site gym of sorts.} {Apply through the portal; we aim to answer in ten days.} {Agency workers on site are encouraged to apply.} {Right to work checks are carried out on all successful candidates.} {Brightwell is an equal opportunities employer.} {We have been a family business since the grandfather of the present chairman bought two cows and, people say, paid for one.}
""",
    [
        "QC tech in a yoghurt plant, 4 years: plates, swabs, Delvotest, pH calibration, LIMS, HND Applied Biology.",
        "Food micro lab assistant, ISO 17025, aseptic technique, TVC and coliform counts, BSc Biochemistry, HACCP 2.",
    ],
    [
        "Dairy process operator, pasteuriser, CIP, two years on nights.",
        "School science technician, prep rooms, chemicals, risk assessments.",
    ],
)

N(
    "project manager construction",
    """
Site Project Manager, Residential – Holloway & Brandt Builders

{Building communities, not just houses.} {We've won a stack of awards, ask us about them.}

You'd take over a 64-unit timber frame scheme at slab stage and then a second one next door. You run the programme, the subbies, the weekly report and the budget; there's a site manager and two assistants under you. [m Our insurers insist on SMSTS and a black or white CSCS card]. [m You've delivered at least one housing scheme of 40 units or more from groundworks to handover], and [m you've held commercial responsibility, valuations and variations included]. [m You plan in Asta or MS Project and can defend the plan to a board]. [s Timber frame experience is what we'd like most], then [s knowledge of NHBC standards]. [n A degree in construction is nice but we won't ask for the paper].

{£68–75k, car or allowance, 10% bonus on completion.} {26 days off and a shutdown at Christmas.} {Two interviews, one of them on site with mud.} {References will be taken up.} {Holloway & Brandt is an equal opportunity employer, and would like to see more women on its sites.} {We use an applicant tracking system; if it eats your CV, ring Petra.} {Founded in 1958 by a bricklayer and a schoolteacher who didn't get on, the firm has put up 9,000 homes between Ely and the coast.} {We are private, we don't answer to a stock market and our shareholders are mostly called Brandt.} {Every customer gets a tree.} {A day's volunteering each year is on us.} {Our values are on the wall in the canteen: safe, straight, on time.}
""",
    [
        "Project manager for a housebuilder: 52 timber frame homes, groundworks to handover, valuations, Asta, SMSTS, black CSCS, NHBC pride shortlist.",
        "Site PM, 70 units brick and block then timber frame, variations, MS Project, SMSTS, white card, 9 years.",
    ],
    [
        "IT project manager, PRINCE2, ERP rollouts, Jira, 8 years.",
        "Quantity surveyor, commercial fit-out, valuations and final accounts, MRICS.",
    ],
)
json.dump(X, open(HERE + "/postings.json", "w"), ensure_ascii=False, indent=1)
for x in X:
    print(x["trade"], len(x["text"].split()), len(x["requirements"]), len(x["noise"]))
