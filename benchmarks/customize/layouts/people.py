"""Nine fictional people, whose resumes `make.py` sets in sixteen layouts."""

from __future__ import annotations

from typing import Any

__all__ = ["PEOPLE"]

Person = dict[str, Any]


def _job(title: str, employer: str, place: str, start: str, end: str, *bullets: str) -> Person:
    return {"title": title, "employer": employer, "place": place, "start": start, "end": end, "bullets": bullets}


def _person(language: str, name: str, headings: str, months: str, now: str, **more: Any) -> Person:  # noqa: ANN401 - texts
    profile, work, education, skills, languages = headings.split("|")
    heads = {"profile": profile, "work": work, "education": education, "skills": skills, "languages": languages}
    return {"language": language, "name": name, "heads": heads, "months": months.split(), "now": now, **more}


_ENGLISH = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
PEOPLE: dict[str, Person] = {
    "harbour": _person(
        "en", "Marguerite Oyelaran-Pike", "Summary|Experience|Education|Skills|Languages", _ENGLISH, "Present",
        label="Harbour operations manager", contact=("m.oyelaran@example.org", "+44 7700 900312", "Lowestoft"),
        summary="Twelve years on quays and in control rooms, the last four in charge of a fishing port.",
        jobs=[
            _job("Harbour Operations Manager", "Port of Saltmarsh", "Lowestoft", "2021-02", "present",
                 "Run a team of 19 across three shifts, with one reportable incident in four years",
                 "Moved berth booking from a whiteboard to a shared calendar that skippers can see",
                 "Negotiated a dredging contract worth £1.3 million"),
            _job("Vessel Traffic Officer", "Thanet Approaches VTS", "Ramsgate", "2016-09", "2021-01",
                 "Kept watch over 40 movements a day in a channel of 180 metres",
                 "Wrote the fog procedure that is still in use"),
            _job("Deckhand", "Hesketh Towage", "Immingham", "2013-05", "2016-08",
                 "Made fast tows in all weathers",
                 "Maintained winches, lines and fenders"),
        ],
        education=[("BSc Maritime Studies", "University of Northgate", "2010", "2013")],
        skills=("VHF radio", "Passage planning", "Contract negotiation", "Excel"), languages=("English", "Yoruba"),
    ),
    "library": _person(
        "en", "Tobias Lindqvist-Marsh", "Profile|Employment|Education|Skills|Languages", _ENGLISH, "now",
        label="Archivist", contact=("tobias@example.net", "(503) 555-0184", "Astoria, OR"),
        summary="Archivist who makes collections findable and keeps them dry.",
        jobs=[
            _job("Digital Archivist", "Columbia River Historical Society", "Astoria, OR", "2019-06", "present",
                 "Catalogued 11,400 glass negatives, and put 9,200 of them online",
                 "Won two state grants for a cold room",
                 "Train volunteers on Wednesday evenings"),
            _job("Records Clerk", "Columbia River Historical Society", "Astoria, OR", "2017-01", "2019-05",
                 "Answered 600 letters a year",
                 "Labelled the map room from A to Z"),
            _job("Page", "Multnomah Falls Library", "Troutdale, OR", "2014-09", "2016-12",
                 "Shelved, mended and found books"),
        ],
        education=[("MLIS", "Cascade State College", "2015", "2017")],
        skills=("EAD", "ArchivesSpace", "Paper conservation"), languages=("English", "Swedish"),
    ),
    "designer": _person(
        "en", "Ezinne Prescott", "About me|Work history|Training|Tools|Languages", _ENGLISH, "today",
        label="Product designer", contact=("hello@ezinne.example", "555 0117", "Toronto"),
        summary="I design things that people use with one hand.",
        jobs=[
            _job("Lead Product Designer", "Fernhill Mobility", "Toronto", "2022-03", "present",
                 "Own the rider app, which 310,000 people use each week",
                 "Cut the steps of a booking from nine to four"),
            _job("Product Designer", "Quillon", "Montreal", "2019-10", "2022-02",
                 "Built the design system with two engineers",
                 "Ran usability tests in English and French"),
            _job("Junior Designer", "Studio Petrichor", "Montreal", "2018-01", "2019-09",
                 "Drew icons, packaging and one very large mural"),
            _job("Barista", "Third Rail Coffee", "Montreal", "2016-05", "2017-12",
                 "Opened the shop at five"),
        ],
        education=[("BDes", "Concordance University", "2014", "2018")],
        skills=("Figma", "Prototyping", "Swift"), languages=("English", "French", "Igbo"),
    ),
    "elektro": _person(
        "de", "Annegret Holzschuh", "Profil|Beruflicher Werdegang|Ausbildung|Kenntnisse|Sprachen",
        "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.", "heute",
        label="Elektrotechnikerin", contact=("holzschuh@example.de", "0341 5550172", "Leipzig"),
        summary="Elektrotechnikerin mit Schwerpunkt Schaltschrankbau und Prüftechnik.",
        jobs=[
            _job("Prüffeldleiterin", "Brandner Schaltanlagen GmbH", "Leipzig", "2020-04", "present",
                 "Leitung eines Prüffelds mit sieben Mitarbeitenden",
                 "Einführung eines digitalen Prüfprotokolls, das den Durchlauf um zwei Tage verkürzt",
                 "Abnahmen mit Kunden in Polen und Österreich"),
            _job("Elektrotechnikerin", "Stadtwerke Muldental", "Grimma", "2014-08", "2020-03",
                 "Wartung von 62 Ortsnetzstationen",
                 "Rufbereitschaft und Störungsbeseitigung"),
            _job("Elektronikerin für Betriebstechnik", "Kaltwalzwerk Zeitz KG", "Zeitz", "2011-09", "2014-07",
                 "Instandhaltung der Antriebe"),
        ],
        education=[("Staatlich geprüfte Technikerin", "Fachschule Gohlis", "2012", "2014")],
        skills=("EPLAN", "SPS-Programmierung", "DIN VDE 0100"), languages=("Deutsch", "Englisch"),
    ),
    "froid": _person(
        "fr", "Solène Kermarrec", "Profil|Expériences professionnelles|Formation|Compétences|Langues",
        "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.", "aujourd’hui",
        label="Responsable logistique", contact=("solene.k@example.fr", "06 55 00 12 34", "Lorient"),
        summary="Responsable logistique, dix ans d’expérience dans le froid et le frais.",
        jobs=[
            _job("Responsable logistique", "Criée de Kerroc’h", "Lorient", "2020-09", "present",
                 "Encadrement d’une équipe de 14 personnes",
                 "Réduction des retards de livraison de 18 % à 6 %",
                 "Mise en place d’un suivi des températures en temps réel"),
            _job("Gestionnaire de stocks", "Transports Le Bihan", "Vannes", "2016-01", "2020-08",
                 "Inventaires tournants et commandes de palettes",
                 "Formation de trois apprentis"),
            _job("Préparatrice de commandes", "Halles du Scorff", "Lanester", "2014-06", "2015-12",
                 "Préparation de 300 colis par jour"),
        ],
        education=[("DUT Gestion logistique", "IUT de Quimperlé", "2012", "2014")],
        skills=("SAP", "Chaîne du froid", "CACES 3"), languages=("Français", "Anglais", "Breton"),
    ),
    "fisio": _person(
        "pt", "Iracema Vilhena Couto", "Resumo|Experiência profissional|Formação académica|Competências|Idiomas",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro", "o momento",
        label="Fisioterapeuta", contact=("iracema@example.pt", "+351 912 555 018", "Setúbal"),
        summary="Fisioterapeuta com experiência em reabilitação de joelho e ombro.",
        jobs=[
            _job("Fisioterapeuta coordenadora", "Clínica Arrábida", "Setúbal", "2020-01", "present",
                 "Coordeno uma equipa de seis fisioterapeutas",
                 "Criei um programa de exercício em casa com vídeos curtos"),
            _job("Fisioterapeuta", "Hospital da Misericórdia de Palmela", "Palmela", "2015-03", "2019-12",
                 "Acompanhei cerca de 25 doentes por dia",
                 "Participei na consulta de ombro com dois ortopedistas",
                 "Orientei estagiários da escola superior de saúde"),
            _job("Monitora de natação", "Piscinas do Sado", "Setúbal", "2013-06", "2015-02",
                 "Dei aulas a crianças dos quatro aos dez anos"),
        ],
        education=[("Licenciatura em Fisioterapia", "Escola Superior de Saúde do Sado", "2011", "2015")],
        skills=("Terapia manual", "Pilates clínico", "Ligaduras"), languages=("Português", "Inglês", "Espanhol"),
    ),
    "molen": _person(
        "nl", "Jorrit van der Velde", "Profiel|Werkervaring|Opleiding|Vaardigheden|Talen",
        "jan feb mrt apr mei jun jul aug sep okt nov dec", "heden",
        label="Waterbouwkundige", contact=("jorrit@example.nl", "06 5550 0193", "Zwolle"),
        summary="Waterbouwkundige die graag buiten staat.",
        jobs=[
            _job("Projectleider dijkversterking", "Waterschap De Wetering", "Zwolle", "2018-05", "present",
                 "Leid de versterking van 8,4 kilometer dijk",
                 "Overleg met 46 grondeigenaren, zonder één rechtszaak"),
            _job("Adviseur hydrologie", "Ingenieursbureau Tolhuis", "Deventer", "2012-10", "2018-04",
                 "Maakte modellen van grondwaterstromen",
                 "Begeleidde afstudeerders"),
            _job("Landmeter", "Meetdienst Salland", "Raalte", "2010-02", "2012-09",
                 "Mat percelen en sloten in voor ruilverkaveling"),
        ],
        education=[("BSc Civiele Techniek", "Hogeschool IJsselstreek", "2006", "2010")],
        skills=("AutoCAD", "Modflow", "Omgevingsmanagement"), languages=("Nederlands", "Engels", "Duits"),
    ),
    "magazyn": _person(
        "pl", "Bożena Szczepańska-Rudnik", "Podsumowanie|Doświadczenie zawodowe|Wykształcenie|Umiejętności|Języki obce",
        "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień", "obecnie",
        label="Kierowniczka magazynu", contact=("bozena@example.pl", "+48 555 010 220", "Gdynia"),
        summary="Kierowniczka magazynu z doświadczeniem w handlu morskim.",
        jobs=[
            _job("Kierowniczka magazynu", "Baltfracht Sp. z o.o.", "Gdynia", "2019-03", "present",
                 "Zarządzanie zespołem 22 osób na dwóch zmianach",
                 "Wdrożenie systemu WMS w cztery miesiące",
                 "Zmniejszenie liczby reklamacji o jedną trzecią"),
            _job("Specjalistka ds. logistyki", "Hurtownia Kaszub", "Wejherowo", "2015-07", "2019-02",
                 "Planowanie tras dla dziewięciu kierowców",
                 "Rozliczanie faktur przewozowych"),
            _job("Sprzedawczyni", "Sklep Mewa", "Puck", "2013-06", "2015-06",
                 "Obsługa klientów i kasy"),
        ],
        education=[("Licencjat z logistyki", "Wyższa Szkoła Morska w Redzie", "2012", "2015")],
        skills=("WMS", "Excel", "Prawo jazdy kat. B"), languages=("Polski", "Angielski", "Niemiecki"),
    ),
    "vetro": _person(
        "it", "Ludovico Sartorelli", "Profilo|Esperienze lavorative|Istruzione e formazione|Competenze|Lingue",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre", "oggi",
        label="Responsabile qualità", contact=("l.sartorelli@example.it", "333 555 0147", "Treviso"),
        summary="Responsabile qualità nel settore del vetro e della ceramica.",
        jobs=[
            _job("Responsabile qualità", "Vetrerie del Montello S.r.l.", "Treviso", "2021-01", "present",
                 "Gestione di un laboratorio con cinque tecnici",
                 "Riduzione degli scarti dal 7 al 4 per cento"),
            _job("Tecnico di laboratorio", "Ceramiche Bassanesi", "Bassano del Grappa", "2016-05", "2020-12",
                 "Analisi degli smalti e prove di resistenza",
                 "Stesura delle procedure interne"),
            _job("Operaio specializzato", "Fornace Pellegrin", "Murano", "2014-01", "2016-04",
                 "Conduzione di due forni"),
        ],
        education=[("Diploma di perito chimico", "Istituto tecnico di Castelfranco", "2008", "2013")],
        skills=("ISO 9001", "Spettrometria", "Excel"), languages=("Italiano", "Inglese"),
    ),
}  # fmt: skip
