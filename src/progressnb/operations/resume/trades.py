"""What belongs together in working life: the trades with their titles and terms, and what is near what.

General knowledge, kept to be read and corrected by people. It was not fitted to labelled resumes, but
its author had read some of the trades that benchmarks/evaluation.py measures; see there. A term
may stand in several trades; the more it does, the less it says about any of them.
"""

from __future__ import annotations

__all__ = ["NEAR", "SOFT", "TRADES"]

# A trade: its titles | its tools, tasks, subjects and certificates. A backslash ends a line that goes on.
_TRADES_TEXT = """
software developer, software engineer, programmer, application developer | object oriented programming, oop, data \
structures, algorithms, design patterns, git, sdlc, unit testing, debugging, code review, software development, \
agile, api, multithreading, uml
java developer, java programmer, j2ee developer, java engineer | java, core java, java ee, spring, spring boot, \
spring mvc, hibernate, jpa, jsp, servlet, struts, maven, gradle, tomcat, jdbc, junit, microservices, jboss, \
weblogic, websphere, eclipse, ejb, jsf, swing, soap, rest api, web services, log4j, multithreading, intellij, \
mybatis, kafka, applet
python developer, python programmer, django developer, python engineer | python, django, flask, fastapi, pandas, \
numpy, celery, sqlalchemy, rest api, pycharm, pytest, tkinter, web scraping, beautifulsoup, scrapy, selenium, orm, \
redis, scripting, anaconda, jupyter, postgresql, django rest framework, matplotlib
.net developer, dotnet developer, c# developer | c#, .net, asp .net, asp .net mvc, mvc, ado .net, entity framework, \
linq, wcf, wpf, vb .net, web forms, winforms, web api, visual studio, sql server, iis, .net core, crystal reports, \
ssrs, razor, blazor, telerik, web services, stored procedures, jquery, sharepoint, tfs, nunit
web developer, front end developer, web designer, ui developer, frontend engineer | html, css, javascript, jquery, \
bootstrap, react, angular, vue, typescript, sass, less, ajax, json, node.js, responsive design, photoshop, \
dreamweaver, wordpress, web design, user interface, figma, adobe xd, illustrator, wireframes, php, website, material \
design, cross browser, corel draw, redux, webpack, npm, user experience, html email, search engine optimization
php developer, laravel developer | php, mysql, laravel, codeigniter, wordpress, magento, drupal, joomla, symfony, \
ajax, jquery, json, yii, cakephp, cms, javascript, html, css, xampp, zend
full stack developer, mean stack developer, mern stack developer | javascript, node.js, express, mongodb, react, \
angular, rest api, typescript, html, css, mysql, git, mean stack, mern stack
mobile developer, android developer, ios developer, app developer | android, ios, swift, kotlin, objective c, \
flutter, react native, xcode, android studio, mobile app, firebase, ionic, dart, play store, app store, android sdk, \
push notifications, sqlite, xamarin
devops engineer, site reliability engineer, release engineer, build engineer, cloud engineer | devops, docker, \
kubernetes, jenkins, ansible, terraform, ci cd, aws, git, linux, puppet, chef, maven, nagios, shell scripting, \
azure, cloudformation, prometheus, grafana, ec2, s3, vagrant, helm, gitlab, bitbucket, sonarqube, nexus, \
artifactory, configuration management, deployment automation, infrastructure as code, docker swarm, openshift, \
cloudwatch, bash, elk, vpc, load balancing, release management, build automation, containers, monitoring tools, ant, \
version control, gcp, iam, yaml, microservices, groovy, splunk
system administrator, linux administrator, windows administrator, it support engineer, desktop support engineer, \
help desk technician | linux, unix, windows server, active directory, vmware, red hat, shell scripting, dns, dhcp, \
troubleshooting, virtualization, backup, office 365, exchange server, patch management, hyper v, ubuntu, centos, \
ticketing, servicenow, help desk, technical support, group policy, desktop support, system administration, itil, \
hardware, operating systems, printers, remote desktop, sccm
network security engineer, network engineer, security engineer, cyber security analyst, network administrator, \
information security analyst | firewall, vpn, cisco, routing, switching, network security, checkpoint, palo alto, \
fortigate, cisco asa, juniper, ccna, ccnp, ospf, bgp, eigrp, ids, ips, siem, ipsec, vlan, stp, hsrp, acl, nat, tcp \
ip, lan, wan, wireshark, f5, load balancer, proxy, endpoint security, vulnerability assessment, penetration testing, \
cyber security, intrusion detection, splunk, antivirus, mpls, network monitoring, incident response, information \
security, iso 27001, ceh, cissp, encryption, ssl, nmap, nessus, metasploit, kali linux, bluecoat, zscaler, qradar, \
security operations center, malware, dns, dhcp, routers, switches, wireless, ripv2, access control, rip, threat \
intelligence, ethical hacking, network troubleshooting, sophos, symantec
data scientist, machine learning engineer, data science consultant, ai engineer, research scientist | machine \
learning, python, r programming, statistics, deep learning, natural language processing, data science, predictive \
modeling, regression, classification, clustering, random forest, logistic regression, neural networks, tensorflow, \
keras, pytorch, scikit learn, pandas, numpy, data visualization, data mining, computer vision, nltk, time series, \
decision tree, svm, k means, naive bayes, matplotlib, sentiment analysis, text mining, data analysis, hypothesis \
testing, feature engineering, tableau, cnn, rnn, lstm, recommendation system, artificial intelligence, big data, \
opencv, forecasting, exploratory data analysis, xgboost, knn, principal component analysis, topic modeling, chatbot, \
jupyter, statistical modeling, model deployment, spacy, seaborn, scipy, text analytics, image processing
data analyst, business intelligence analyst, reporting analyst, bi developer, mis executive | data analysis, excel, \
sql, tableau, power bi, dashboards, data visualization, reporting, pivot tables, business intelligence, qlikview, \
vlookup, statistics, data cleaning, mis, sas, google analytics, looker, cognos, dax, microstrategy, macros, vba
data engineer, hadoop developer, big data engineer, spark developer, hadoop administrator | hadoop, hive, spark, \
hdfs, mapreduce, pig, sqoop, hbase, flume, oozie, kafka, scala, big data, yarn, cloudera, hortonworks, impala, \
zookeeper, data lake, pyspark, data ingestion, airflow, ambari, cassandra, spark streaming, spark sql, emr, nifi, \
parquet, data pipelines, databricks, hue, mapr, cluster, avro, kerberos, apache, hiveql, elasticsearch, redshift, \
snowflake, unix
etl developer, data warehouse developer, informatica developer, datastage developer | etl, informatica, informatica \
powercenter, data warehouse, ssis, talend, datastage, ab initio, data integration, data modeling, star schema, \
mappings, oracle, sql, unix, teradata, pl sql, data mart, workflows, mapplets, slowly changing dimensions, staging, \
source to target, data migration, dimensional modeling, pentaho, transformations, odi, data extraction, data \
loading, fact tables, snowflake schema, shell scripting, autosys, workflow manager, session, sql server, cognos, \
obiee, control m, data quality, flat files, toad, lookup transformation, bteq, fastload, scd, ssrs, ssas, data \
profiling, jobs scheduling
database administrator, database developer, sql developer, oracle dba, pl sql developer, dba | sql, oracle, sql \
server, mysql, postgresql, pl sql, t sql, database administration, backup and recovery, performance tuning, stored \
procedures, triggers, indexes, replication, rman, data guard, high availability, query optimization, mongodb, db2, \
log shipping, mirroring, clustering, database design, schema, rac, asm, ssms, database migration, oracle 11g, oracle \
10g, oracle 12c, cloning, patching, data pump, exadata, tablespace, database security, ssis, ssrs, database, views, \
cursors, user management, goldengate, normalization, relational database, disaster recovery, always on, sybase, \
toad, sql tuning, awr, restore, crs, dbms, maintenance plans, alert log, failover
blockchain developer, blockchain engineer, smart contract developer | blockchain, ethereum, solidity, smart \
contracts, hyperledger, hyperledger fabric, cryptocurrency, bitcoin, web3, truffle, dapp, node.js, distributed \
ledger, decentralized, metamask, ganache, ipfs, golang, cryptography, corda, consensus, wallet, ico, token, erc20, \
hyperledger composer, defi, nft, remix, chaincode, mining, rust, hashgraph, geth
sap consultant, sap developer, sap abap developer, sap functional consultant, sap analyst | sap, abap, sap hana, sap \
fico, sap mm, sap sd, sap bw, sap erp, bapi, idoc, alv, smart forms, s 4 hana, sap ui5, fiori, odata, sap basis, sap \
hr, sap pp, sap crm, netweaver, bdc, user exits, badi, rfc, data dictionary, sapscript, sap hcm, functional modules, \
lsmw, enhancements, module pool, sap bo, business objects, sap pi, cds views, reports, ricef, sap ariba, \
successfactors, erp, implementation, general ledger, sap bpc, sap bi, web dynpro, adobe forms, ale, procure to pay, \
order to cash, blueprint, sap screens, lumira
crm developer, salesforce developer, salesforce administrator | salesforce, apex, visualforce, lightning, soql, crm, \
microsoft dynamics, sales cloud, service cloud, triggers, zoho, siebel
automation tester, test automation engineer, sdet | selenium, selenium webdriver, test automation, testng, cucumber, \
automation testing, appium, junit, qtp, uft, jmeter, automation framework, page object model, bdd, data driven \
framework, regression testing, java, maven, jenkins, loadrunner, postman, api testing, soapui, keyword driven \
framework, hybrid framework, katalon, robot framework, protractor, gherkin, test scripts, selenium grid, cypress, \
playwright, performance testing, extent reports, vb script, rest assured, xpath, autoit, apache poi
tester, software tester, test engineer, quality assurance engineer, quality assurance analyst, test analyst, test \
lead | manual testing, test cases, test plan, regression testing, functional testing, smoke testing, sanity testing, \
jira, bug tracking, defect tracking, quality assurance, bugzilla, test scenarios, black box testing, system testing, \
integration testing, user acceptance testing, stlc, defect life cycle, hp alm, quality center, software testing, \
test execution, database testing, web testing, gui testing, mobile testing, test design, mantis, istqb, testing, \
retesting, ad hoc testing, compatibility testing, usability testing, bug report, performance testing, white box \
testing
business analyst, it business analyst, systems analyst, functional analyst, product owner | business analysis, \
requirements gathering, requirement analysis, brd, frd, use cases, user stories, stakeholder management, uml, gap \
analysis, process mapping, business requirements, functional specifications, visio, srs, user acceptance testing, \
agile, scrum, jira, wireframes, data analysis, process improvement, business process, sql, documentation, \
requirement elicitation, traceability matrix, product backlog, mockups, workflow, feasibility study, process \
modeling, bpmn, confluence, client interaction, swot analysis, scrum master, change requests, balsamiq, sdlc, \
waterfall, axure, rtm, cost benefit analysis, brainstorming, business process modeling, user manual, kpi, srs
project manager, project management officer, pmo, program manager, pmo analyst, project coordinator, delivery \
manager | project management, pmp, prince2, project planning, risk management, ms project, scheduling, project \
tracking, budgeting, resource management, status reports, governance, stakeholder management, agile, scrum, program \
management, project management office, milestones, portfolio management, resource allocation, change management, \
project scheduling, issue management, dashboards, project reporting, forecasting, itil, primavera, project plan, \
timesheet, revenue, sow, risk register, invoicing, project delivery, cost control, audits, project governance, \
metrics, capacity planning, project documentation, steering committee, clarity, billing, escalation, sharepoint, \
raid, kick off
operations manager, operations head, process manager, team leader, operations executive, branch manager | operations \
management, process improvement, team management, vendor management, customer service, service level agreement, sla, \
six sigma, lean, budgeting, people management, operations, kpi, supply chain, performance management, business \
operations, back office, transition, cost reduction, process excellence, quality control, bpo, mis, escalation, \
inventory management, workforce management, strategic planning, client relationship, service delivery, attrition, \
profit and loss, logistics, continuous improvement, operational efficiency, capacity planning, rostering, customer \
satisfaction, compliance, standard operating procedures, productivity, front office, resource planning
human resources, human resources manager, human resources executive, human resources generalist, recruiter, human \
resources assistant, talent acquisition specialist | recruitment, payroll, talent acquisition, employee relations, \
onboarding, induction, performance appraisal, statutory compliance, employee engagement, training and development, \
hris, sourcing, screening, interviews, joining formalities, attendance, compensation, benefits, human resources \
management, labor law, exit interview, leave management, salary, human resources policies, naukri, head hunting, \
provident fund, employee welfare, grievance, manpower planning, performance management, job description, \
organizational development, background verification, industrial relations, workday, succession planning, human \
resources operations, employee records, personnel, offer letter, end to end recruitment, applicant tracking, \
gratuity, staffing, hiring, job posting
sales manager, sales executive, sales representative, business development manager, sales officer, account manager, \
sales associate | sales, lead generation, business development, cold calling, negotiation, customer relationship \
management, client acquisition, b2b, sales targets, key account management, direct sales, channel sales, market \
research, retail sales, territory management, crm, sales management, revenue, dealers, distributors, product \
demonstration, closing deals, client relationship, sales planning, corporate sales, target achievement, up selling, \
cross selling, marketing, pre sales, after sales, promotions, salesforce, prospecting, pipeline, customer service, \
sales and marketing, inside sales, insurance, dealer network, customers, relationship management, quotations
retail manager, store manager, shop assistant, cashier, visual merchandiser | retail, merchandising, point of sale, \
cash handling, inventory, stock, customer service, store operations, visual merchandising, loss prevention, billing, \
stocktaking, till, window display
marketing manager, digital marketing specialist, seo specialist, brand manager, content marketer, marketing \
executive | marketing, digital marketing, search engine optimization, sem, social media, google analytics, content \
marketing, email marketing, google ads, adwords, campaigns, brand management, copywriting, market research, ppc, \
branding, facebook ads, advertising, public relations, events, hubspot, lead generation, media planning, content \
writing
accountant, chartered accountant, bookkeeper, accounts executive, auditor, finance manager, cost accountant | \
accounting, tally, taxation, gst, tds, bookkeeping, accounts payable, accounts receivable, general ledger, financial \
reporting, audit, bank reconciliation, income tax, balance sheet, invoicing, quickbooks, journal entries, budgeting, \
financial statements, cost accounting, ifrs, gaap, vat, finance, excel, month end closing, internal audit, sap fico, \
xero, statutory audit, voucher, petty cash
financial analyst, investment analyst, banker, relationship manager, credit analyst | financial analysis, financial \
modeling, valuation, equity research, investment, banking, portfolio management, risk management, bloomberg, credit \
analysis, loans, mutual funds, derivatives, forecasting, budgeting, kyc, anti money laundering, capital markets, \
wealth management, trade finance, cfa, underwriting, variance analysis
insurance agent, claims adjuster, underwriter, actuary | insurance, claims, underwriting, policies, actuarial, \
reinsurance, life insurance, premium, risk assessment
lawyer, advocate, attorney, legal advisor, legal associate, solicitor, legal counsel, paralegal, law clerk, \
barrister | litigation, legal research, drafting, contracts, civil law, criminal law, legal drafting, corporate law, \
court, pleadings, arbitration, legal advice, high court, llb, llm, legal, law, petitions, family law, property law, \
supreme court, labor law, agreements, contract law, legal notices, affidavits, bar council, district court, \
conveyancing, intellectual property, due diligence, constitutional law, compliance, hearings, tribunal, negotiable \
instruments, trial, plaint, bail, legal opinion, mediation, clients, written statements, legal writing, session \
court, vetting, judicial, title search, law firm, consumer forum, jurisprudence, legal documentation, notary, \
trademark
artist, art teacher, painter, fine artist, illustrator, sculptor, craft teacher, drawing teacher | painting, \
drawing, fine arts, sketching, sculpture, art, arts, exhibition, illustration, creativity, craft, visual arts, \
ceramics, printmaking, watercolor, art education, calligraphy, oil painting, art history, gallery, bfa, mfa, drama, \
theatre, murals, pottery, applied art, design, color theory, art direction, canvas, art exhibition, portrait, music, \
dance, performing arts, arts and crafts, photography, literature, history, martial arts, textile design, culture
graphic designer, ux designer, multimedia artist, animator, video editor | photoshop, illustrator, indesign, graphic \
design, corel draw, after effects, premiere pro, typography, branding, logo design, animation, 3d modeling, maya, \
figma, user experience, adobe creative suite, video editing, layout, print design, storyboard, motion graphics, \
blender
musician, music teacher, dancer, actor, singer | music, singing, dance, choreography, piano, guitar, theatre, drama, \
acting, stage, performance, composition, vocals, orchestra, rehearsal
fitness trainer, personal trainer, gym instructor, nutritionist, dietitian, yoga instructor, fitness manager, health \
coach, wellness coach, physical trainer, gym trainer | personal training, nutrition, fitness, yoga, diet planning, \
strength training, weight loss, exercise, gym, wellness, health, cardio, weight training, aerobics, zumba, \
dietetics, group classes, pilates, fitness assessment, cpr, first aid, sports, health and fitness, physical fitness, \
body composition, workout, diet, physiology, health club, anatomy, crossfit, bodybuilding, clinical nutrition, \
weight management, sports nutrition, lifestyle, rehabilitation, meditation, functional training, obesity, \
counseling, kickboxing, spa, massage, nutrition counseling, meal planning, injury prevention, diabetes, physical \
education
nurse, registered nurse, staff nurse, nursing assistant, midwife, licensed practical nurse | nursing, patient care, \
medication administration, vital signs, wound care, bls, acls, icu, patient assessment, electronic health records, \
iv therapy, infection control, emergency room, clinical, epic systems, hospital, care plan, triage, phlebotomy, \
patient safety, pediatrics, bedside, nursing care, patient education, ward, injections
doctor, physician, surgeon, medical officer, resident doctor | medicine, diagnosis, surgery, patient care, mbbs, \
clinical, treatment, emergency medicine, internal medicine, outpatient, hospital, cardiology, anesthesia, radiology, \
prescriptions, ward rounds
pharmacist, pharmacy technician, medical representative | pharmacy, dispensing, prescriptions, drugs, pharmacology, \
inventory, patient counseling, compounding, pharmacovigilance, pharmaceutical, over the counter
physiotherapist, occupational therapist, physical therapist | physiotherapy, rehabilitation, manual therapy, \
electrotherapy, exercise therapy, musculoskeletal, patient assessment, orthopedic, occupational therapy
medical coder, medical biller, healthcare administrator, health information technician | icd 10, cpt, medical \
billing, medical coding, hipaa, medical records, electronic health records, claims, medical terminology, insurance \
verification
laboratory technician, chemist, biologist, microbiologist, research associate, biotechnologist | laboratory, pcr, \
hplc, chromatography, microbiology, molecular biology, cell culture, gmp, titration, spectroscopy, quality control, \
chemistry, elisa, glp, biotechnology, sample preparation, biochemistry, gas chromatography, microscopy, assays, \
genetics
psychologist, counselor, social worker, therapist | counseling, psychology, case management, crisis intervention, \
mental health, psychotherapy, social work, cbt, assessment, child protection, community outreach, group therapy
teacher, school teacher, lecturer, professor, tutor, trainer, instructor, early childhood educator | teaching, \
lesson planning, classroom management, curriculum development, education, students, lecture, assessment, tutoring, \
special education, b.ed, e learning, curriculum, grading, school, parent communication, mentoring, child \
development, training
civil engineer, site engineer, structural engineer, construction manager, quantity surveyor, site supervisor, \
construction engineer, project engineer | autocad, construction, site supervision, surveying, structural design, \
estimation, staad pro, civil engineering, concrete, quantity surveying, billing, rcc, bar bending schedule, revit, \
primavera, structural analysis, site execution, highway, bridge, building, foundation, tendering, reinforcement, \
quality control, contractors, drawings, structural engineering, infrastructure, road, steel structure, total \
station, estimation and costing, bill of quantities, etabs, ms project, soil testing, excavation, plastering, \
residential building, masonry, geotechnical, safety, project planning, water supply, drainage, site inspection, \
levels, shuttering, brickwork, boq, slab, column, waterproofing, subcontractors
architect, interior designer, urban planner, landscape architect | architecture, autocad, revit, sketchup, 3ds max, \
interior design, space planning, rendering, floor plans, building codes, bim, urban planning, landscape, v ray, site \
analysis, elevations
mechanical engineer, design engineer, production engineer, maintenance engineer, manufacturing engineer, quality \
engineer, mechanical design engineer, automobile engineer | solidworks, autocad, catia, manufacturing, mechanical \
engineering, cad, ansys, product design, maintenance, thermodynamics, creo, cnc, machining, quality control, sheet \
metal, gd t, 3d modeling, hvac, production, machine design, pro e, unigraphics, tool design, preventive maintenance, \
welding, inspection, hydraulics, pneumatics, fixtures, lathe, six sigma, fabrication, cnc programming, assembly, \
engineering drawing, casting, piping, automobile, production planning, fea, kaizen, 5s, cam, machines, milling, \
jigs, inventor, solid edge, injection molding, bill of materials, heat transfer, pumps, gauges, lean manufacturing, \
compressors, finite element analysis, cnc machine, drilling, grinding, mechanical design
electrical engineer, electrical design engineer, electrician, electrical supervisor, electrical maintenance \
engineer, electrical project engineer | plc, scada, transformers, electrical engineering, power systems, switchgear, \
electrical maintenance, circuit breakers, electrical design, electrical installation, substation, power \
distribution, motors, wiring, autocad electrical, control panels, generators, cables, ht, lt, relays, testing and \
commissioning, solar, protection, high voltage, power plant, panels, vfd, lighting, electrical machines, \
transmission line, earthing, dg sets, energy audit, matlab, hvac, ups, load calculation, voltage, electrical, power \
electronics, commissioning, electrical safety, automation, single line diagram, acb, vcb, cable laying, etap, \
preventive maintenance, electricity, energy management, meters, troubleshooting
electronics engineer, embedded engineer, embedded software engineer, hardware engineer, instrumentation engineer | \
embedded systems, microcontroller, embedded c, pcb design, vhdl, verilog, matlab, arduino, raspberry pi, iot, \
circuit design, firmware, rtos, signal processing, electronics, multisim, proteus, fpga, arm, instrumentation, keil, \
sensors, calibration, oscilloscope, vlsi, soldering, labview, communication protocols
chemical engineer, process engineer, petroleum engineer | process engineering, chemical engineering, aspen, hysys, \
distillation, refinery, p id, mass transfer, process safety, hazop, oil and gas, reactors, heat exchangers, piping
aerospace engineer, pilot, aircraft maintenance engineer, flight attendant, cabin crew | aviation, aircraft, flight, \
avionics, aerodynamics, airworthiness, navigation, faa, cabin safety, air traffic control, instrument rating
supply chain manager, logistics coordinator, procurement manager, purchasing officer, warehouse manager, buyer | \
supply chain, logistics, procurement, inventory management, warehouse, vendor management, purchasing, shipping, \
freight, import export, customs, demand planning, transportation, wms, purchase orders, sourcing, distribution, \
materials management, forklift, order fulfillment, supplier, dispatch, tender
driver, truck driver, delivery driver, chauffeur | driving, driving licence, cdl, delivery, vehicle maintenance, \
route planning, forklift, road safety, logistics, defensive driving, freight
chef, cook, kitchen manager, baker, pastry chef, sous chef | cooking, food preparation, menu planning, kitchen, food \
safety, haccp, baking, culinary arts, catering, food hygiene, pastry, plating, grill, recipes, food cost
hotel manager, receptionist, waiter, bartender, housekeeper, front desk agent, restaurant manager, guest relations | \
hospitality, front office, guest service, housekeeping, food and beverage, hotel, reservations, front desk, opera \
pms, banquet, restaurant, bartending, table service, check in, guest relations, room service, concierge
tour guide, travel agent, travel consultant | travel, tourism, itinerary, ticketing, amadeus, galileo, reservations, \
visa, tour packages
administrative assistant, secretary, office manager, executive assistant, data entry operator, personal assistant, \
clerk | office administration, data entry, typing, filing, calendar management, microsoft office, travel \
arrangements, correspondence, reception, record keeping, scheduling, minutes, clerical, front desk, office \
management, word, phone
customer service representative, call center agent, customer support executive, customer care executive | customer \
service, call center, customer support, inbound calls, complaints, customer satisfaction, ticketing, live chat, \
phone, voice process, technical support, zendesk, outbound calls, telecalling, customer care, bpo, query resolution
journalist, writer, content writer, editor, copywriter, reporter, technical writer | writing, editing, journalism, \
content writing, copywriting, proofreading, blogging, reporting, research, news, media, storytelling, publishing, \
press releases, creative writing, technical writing
translator, interpreter, language teacher | translation, interpreting, localization, subtitling, bilingual, \
linguistics, proofreading, trados, transcription
librarian, archivist | library, cataloguing, archives, information retrieval, collection development, reference \
services
photographer, videographer, film director | photography, lightroom, photoshop, camera, lighting, video production, \
portrait, studio, photo editing, cinematography, film
fashion designer, tailor, textile designer, merchandiser, pattern maker | fashion design, garments, textile, sewing, \
pattern making, draping, apparel, fabric, embroidery, merchandising, tailoring, stitching
hairdresser, beautician, makeup artist, massage therapist | hair styling, makeup, skin care, massage, beauty, spa, \
manicure, hair coloring, aromatherapy, facial, salon
police officer, security guard, firefighter, soldier, military officer | security, patrol, surveillance, law \
enforcement, firearms, emergency response, cctv, access control, firefighting, military, investigations, first aid, \
crowd control
safety officer, health and safety manager, environmental engineer | nebosh, osha, iosh, hse, health and safety, risk \
assessment, incident investigation, environmental impact, waste management, iso 14001, safety training, hazard, fire \
safety, ppe, permit to work, accident
farmer, agronomist, horticulturist, gardener, veterinarian, agricultural officer | agriculture, crops, irrigation, \
soil science, livestock, horticulture, farming, pesticides, fertilizers, gardening, animal care, landscaping, \
veterinary, dairy
carpenter, plumber, welder, mechanic, painter decorator, mason, machinist | carpentry, plumbing, welding, woodwork, \
blueprint reading, pipe fitting, power tools, tig welding, mig welding, vehicle repair, engine repair, brakes, \
masonry, roofing, tiling, lathe, hand tools, diagnostics
real estate agent, property manager | real estate, property management, leasing, tenants, residential property, site \
visit, rentals, brokerage, valuation
game developer, unity developer | unity, unreal engine, game development, game design, c#, c++, 3d modeling, \
blender, virtual reality, shaders
gis analyst, geologist, surveyor, geographer | gis, arcgis, qgis, remote sensing, cartography, geology, surveying, \
autocad, spatial analysis, mapping, drilling, mineral
statistician, economist, mathematician, researcher | statistics, econometrics, spss, stata, sas, r programming, \
survey design, regression, economics, research, hypothesis testing, sampling, mathematics, research and development
"""

# A thing: what is a kind, a part, a tool or a practice of it, so that having it is some evidence of the thing.
_NEAR_TEXT = """
ci cd: jenkins, gitlab ci, github actions, circleci, travis ci, bamboo, teamcity, argo cd, azure pipelines, azure \
devops
devops: jenkins, docker, kubernetes, ansible, terraform, puppet, chef, ci cd
containers: docker, kubernetes, openshift, podman
cloud computing: aws, azure, gcp, openstack, ec2, heroku
aws: ec2, s3, cloudformation, lambda, cloudwatch, rds, vpc, redshift
configuration management: ansible, puppet, chef, saltstack
infrastructure as code: terraform, cloudformation, ansible
monitoring: nagios, prometheus, grafana, zabbix, cloudwatch, new relic, datadog, splunk
linux: ubuntu, red hat, centos, rhel, unix, debian, bash, shell scripting
unix: linux, solaris, aix, shell scripting
scripting: python, bash, shell scripting, perl, powershell
shell scripting: bash, unix, linux, powershell
version control: git, subversion, github, gitlab, bitbucket, mercurial, tfs
git: github, gitlab, bitbucket
etl: informatica, talend, ssis, datastage, ab initio, pentaho, odi, data warehouse, data integration, data \
extraction
data warehouse: etl, star schema, data mart, teradata, redshift, snowflake, dimensional modeling, obiee, data \
modeling
data integration: informatica, talend, ssis, etl, data migration
data modeling: star schema, er diagram, dimensional modeling, erwin, data mart
informatica: informatica powercenter, mapplets, workflow manager
big data: hadoop, spark, hive, hdfs, mapreduce, kafka, pig, hbase, cloudera, pyspark
hadoop: hdfs, mapreduce, hive, pig, sqoop, yarn, cloudera, hortonworks, hbase, oozie, flume, big data
spark: pyspark, spark sql, spark streaming, scala
nosql: mongodb, cassandra, hbase, couchdb, dynamodb, redis
sql: mysql, oracle, postgresql, sql server, pl sql, t sql, stored procedures, sqlite, sql queries
database: mysql, oracle, postgresql, sql server, mongodb, sql, dbms, db2, sqlite
database administration: dba, backup and recovery, rman, oracle, sql server, performance tuning, database \
administrator
oracle: pl sql, rman, oracle 11g, oracle 10g, oracle 12c, oracle dba, data guard
sql server: t sql, ssms, ssis, ssrs
relational database: mysql, oracle, postgresql, sql server, sql, dbms
backup and recovery: rman, backup, restore, disaster recovery, data guard, log shipping
performance tuning: query optimization, sql tuning, indexes, awr
pl sql: stored procedures, triggers, cursors, oracle
machine learning: scikit learn, tensorflow, keras, random forest, logistic regression, deep learning, decision tree, \
svm, xgboost, clustering, regression, classification, neural networks, naive bayes, k means, predictive modeling
deep learning: tensorflow, keras, pytorch, neural networks, cnn, rnn, lstm
data science: machine learning, data analysis, predictive modeling, statistics, data mining, deep learning
natural language processing: nltk, spacy, text mining, sentiment analysis, topic modeling, chatbot, text analytics
statistics: regression, hypothesis testing, spss, sas, statistical modeling, statistical analysis, probability
data visualization: tableau, power bi, matplotlib, seaborn, qlikview, d3, dashboards, plotly
data analysis: pandas, excel, tableau, exploratory data analysis, sql, data mining, statistics, data analytics
business intelligence: tableau, power bi, qlikview, cognos, ssrs, obiee, microstrategy, dashboards
computer vision: opencv, image processing, cnn, object detection
artificial intelligence: machine learning, deep learning, natural language processing, computer vision
blockchain: ethereum, hyperledger, solidity, smart contracts, bitcoin, cryptocurrency, distributed ledger, web3, \
dapp
smart contracts: solidity, ethereum, chaincode, web3, truffle
ethereum: solidity, web3, truffle, metamask, smart contracts, geth
cryptocurrency: bitcoin, ethereum, ico, wallet, token
hyperledger: hyperledger fabric, hyperledger composer, chaincode
distributed ledger: blockchain, hyperledger, corda, ethereum
cryptography: encryption, hashing, blockchain
network security: firewall, vpn, ids, ips, checkpoint, palo alto, fortigate, cisco asa, siem, cyber security, ccna \
security
firewall: checkpoint, palo alto, fortigate, cisco asa, sophos, juniper srx, fortinet, acl
vpn: ipsec, ssl vpn, site to site
routing: ospf, bgp, eigrp, routers, cisco, rip, ccna, routing protocols
switching: vlan, stp, switches, cisco, ccna
networking: tcp ip, lan, wan, ccna, cisco, routing, switching, vlan, dns, dhcp, computer networks
cisco: ccna, ccnp, cisco asa, routers, switches
intrusion detection: ids, ips, snort, siem
siem: splunk, qradar, arcsight
cyber security: network security, penetration testing, vulnerability assessment, information security, ethical \
hacking, siem
penetration testing: ethical hacking, metasploit, kali linux, burp suite, vulnerability assessment, ceh
test automation: selenium, testng, appium, cucumber, qtp, uft, katalon, robot framework, automation testing, \
automation framework
automation testing: selenium, test automation, testng, appium, qtp, uft, automation framework
selenium: selenium webdriver, testng, selenium grid, webdriver
testing: manual testing, software testing, test cases, regression testing, quality assurance, test engineer, tester
manual testing: test cases, functional testing, regression testing, smoke testing, sanity testing, black box \
testing, software testing, test scenarios
software testing: manual testing, test cases, regression testing, functional testing, stlc, test engineer, tester
quality assurance: testing, test cases, quality control, manual testing, inspection, quality engineer
test cases: test plan, test scenarios, test design, test scripts, manual testing, test execution
bug tracking: jira, bugzilla, mantis, defect tracking, hp alm, quality center, bug report
defect tracking: jira, bugzilla, mantis, bug tracking, hp alm, quality center, defect life cycle
api testing: postman, soapui, rest assured
performance testing: jmeter, loadrunner, load testing
bdd: cucumber, gherkin
java: core java, java ee, spring, hibernate, jsp, servlet, jdbc, struts
spring: spring boot, spring mvc
java ee: jsp, servlet, ejb, jdbc, struts, hibernate
web services: rest api, soap, wcf, web api, jax rs, rest
rest api: web services, rest, web api, django rest framework, json, fastapi, postman, spring boot
microservices: spring boot, docker, kubernetes, rest api
orm: hibernate, jpa, entity framework, sqlalchemy, django
python: django, flask, pandas, numpy, pyspark, pytest
.net: c#, asp .net, vb .net, ado .net, entity framework, wcf, .net core, visual studio
asp .net: .net, mvc, web forms, c#, razor
c#: .net, asp .net, linq, wpf
web development: html, css, javascript, php, django, asp .net, react, angular, website
web design: html, css, photoshop, bootstrap, wordpress, dreamweaver, website, responsive design, web designing
front end: html, css, javascript, react, angular, vue, bootstrap
javascript: jquery, react, angular, node.js, typescript, vue, ajax
html: css, website, web design
css: bootstrap, sass, html, less
responsive design: bootstrap, media queries, css, responsive website
user interface: wireframes, figma, adobe xd, html, css, user experience, bootstrap
user experience: wireframes, figma, user research, prototyping, usability, adobe xd
adobe creative suite: photoshop, illustrator, indesign, after effects, premiere pro
photoshop: adobe creative suite, illustrator, corel draw
graphic design: photoshop, illustrator, indesign, corel draw, logo design
mobile app: android, ios, flutter, react native, swift, kotlin
erp: sap, oracle apps, microsoft dynamics, tally, netsuite, odoo
sap: abap, sap hana, sap fico, sap mm, sap sd, sap bw, s 4 hana, fiori, netweaver, bapi, idoc
abap: alv, bapi, bdc, smart forms, badi, idoc, module pool, user exits
sap hana: s 4 hana, hana, cds views
crm: salesforce, zoho, microsoft dynamics, siebel, hubspot
requirements gathering: brd, frd, use cases, user stories, requirement analysis, srs, business requirements, \
requirement elicitation, functional specifications, business analysis
business analysis: requirements gathering, gap analysis, use cases, brd, frd, business analyst, user stories
documentation: brd, frd, srs, user manual, report writing, technical writing
process modeling: bpmn, visio, uml, process mapping
stakeholder management: stakeholder, client interaction, client relationship, stakeholder communication
user acceptance testing: test cases, uat testing
agile: scrum, kanban, sprint, jira, user stories, scrum master
scrum: agile, sprint, scrum master, product backlog
project management: pmp, prince2, ms project, project planning, project manager, project tracking, pmo, scheduling, \
project coordination
project planning: scheduling, primavera, ms project, milestones, project plan, project scheduling
project tracking: status reports, ms project, milestones, dashboards, project monitoring, project reporting
project management office: pmo, governance, project governance, project management officer
scheduling: ms project, primavera, rostering, planning
risk management: risk assessment, risk register, risk mitigation, raid, issue management
resource management: resource allocation, resource planning, capacity planning, staffing, rostering
governance: compliance, audits, steering committee, project governance
reporting: dashboards, mis, status reports, tableau, power bi, ssrs
budgeting: forecasting, cost control, budget, financial planning, profit and loss
operations management: operations manager, sla, process improvement, team management, operations, service delivery, \
business operations, kpi
process improvement: six sigma, lean, kaizen, process excellence, continuous improvement, process reengineering
team management: team leader, people management, rostering, supervision, team handling, mentoring, managing team
leadership: team leader, people management, mentoring, team management
vendor management: procurement, suppliers, contractors, purchase orders
supply chain: logistics, procurement, inventory management, warehouse, distribution
logistics: shipping, freight, warehouse, dispatch, transportation, distribution
inventory management: stock, warehouse, materials management, stocktaking
quality control: inspection, quality assurance, six sigma, calibration, testing
customer service: customer support, call center, customer care, customer satisfaction, complaints, guest service
human resources: recruitment, payroll, onboarding, employee relations, human resources management
recruitment: talent acquisition, sourcing, screening, hiring, head hunting, interviews, staffing, naukri, recruiter, \
joining formalities
talent acquisition: recruitment, sourcing, hiring, head hunting, recruiter
payroll: salary, attendance, compensation, provident fund, statutory compliance
onboarding: induction, joining formalities, orientation
employee relations: grievance, employee engagement, employee welfare, industrial relations, human resources
performance management: performance appraisal, appraisal, kpi, kra
training and development: training, training need analysis, induction, learning and development
compensation: salary, benefits, payroll
sales: sales manager, sales executive, business development, direct sales, cold calling, lead generation, selling, \
sales targets, retail sales
business development: client acquisition, lead generation, sales, new business, partnerships
lead generation: cold calling, prospecting, telecalling, leads, enquiry generation
negotiation: closing deals, contracts, convincing, vendor negotiation
client relationship: relationship management, key account management, customer relationship management, client \
servicing
customer relationship management: crm, client relationship, relationship management, customer relations
sales targets: target achievement, targets, revenue
marketing: digital marketing, branding, advertising, promotions, market research, social media, campaigns
digital marketing: search engine optimization, social media, google ads, email marketing, adwords, google analytics
accounting: tally, bookkeeping, accounts payable, accounts receivable, gst, balance sheet, accountant, journal \
entries
taxation: gst, tds, income tax, vat, tax returns
finance: accounting, budgeting, financial analysis, banking
microsoft office: excel, powerpoint, microsoft word, outlook
excel: vlookup, pivot tables, macros, microsoft office
litigation: court, high court, advocate, pleadings, trial, hearings, district court, petitions, civil cases, \
criminal cases, plaint, arbitration
court: high court, district court, supreme court, session court, tribunal, litigation, advocate
legal research: legal writing, legal, law, legal opinion, case law, legal advice
drafting: legal drafting, agreements, petitions, affidavits, pleadings, contracts, legal notices, written statements
legal drafting: drafting, agreements, petitions, affidavits, pleadings, legal notices
contracts: agreements, contract law, contract drafting, contract management
lawyer: advocate, attorney, solicitor, barrister, legal counsel
law: llb, llm, advocate, lawyer, legal, court
legal advice: legal advisor, legal opinion, legal consultant, advocate, lawyer
civil law: property law, family law, civil cases, civil litigation
criminal law: bail, criminal cases, criminal lawyer, criminal litigation
compliance: statutory compliance, audits, regulatory, governance
fine arts: painting, drawing, sculpture, bfa, mfa, sketching
painting: watercolor, oil painting, canvas, painter, murals
drawing: sketching, illustration, drawing teacher, sketch
art: painting, drawing, craft, sculpture, artist, fine arts
teaching: teacher, lecturer, tutor, trainer, lesson planning, classroom, professor, instructor
design: graphic design, interior design, photoshop, fashion design
creativity: creative, painting, craft, design
exhibition: art exhibition, gallery
performing arts: dance, drama, theatre, music, acting
fitness: gym, personal training, exercise, fitness trainer, workout, yoga, aerobics, health club
personal training: personal trainer, fitness trainer, gym trainer, strength training, weight training
nutrition: diet, dietetics, nutritionist, dietitian, clinical nutrition, meal planning, diet planning
diet planning: diet, nutrition, meal planning, dietitian, diet plans, dietetics
strength training: weight training, bodybuilding, crossfit, functional training, workout
yoga: meditation, pilates, yoga instructor
wellness: health, fitness, nutrition, wellness coach, spa, lifestyle
weight management: weight loss, obesity, diet
exercise: workout, cardio, aerobics, physiology, gym
patient care: nursing, vital signs, wound care, bedside, patient assessment, ward
nursing: registered nurse, patient care, staff nurse, vital signs
electronic health records: epic systems, cerner, medical records
food safety: haccp, food hygiene
cooking: food preparation, chef, culinary arts, kitchen, baking
hospitality: hotel, front office, guest service, housekeeping, food and beverage, restaurant
cad: autocad, solidworks, catia, creo, pro e, revit, unigraphics, inventor, solid edge
computer aided design: autocad, solidworks, catia, creo, revit, pro e
autocad: cad, autocad electrical, auto cad, civil 3d
solidworks: catia, creo, pro e, cad, unigraphics
construction: site engineer, civil engineering, building, concrete, rcc, contractors, brickwork, construction \
manager
site supervision: site engineer, site supervisor, site execution, site inspection, construction supervision, \
supervision, execution of work
structural design: staad pro, etabs, structural analysis, rcc, structural engineering
structural analysis: staad pro, etabs, structural design
estimation: quantity surveying, bill of quantities, estimation and costing, costing, boq, billing, rate analysis
surveying: total station, levels, survey, gis, auto level
quantity surveying: bill of quantities, estimation, boq, billing, bar bending schedule
concrete: rcc, reinforcement, slab, foundation
manufacturing: production, machining, assembly, fabrication, cnc, production engineer, lean manufacturing, casting
machining: cnc, lathe, milling, grinding, drilling
machine design: mechanical design, solidworks, catia, product design
product design: solidworks, catia, machine design, mechanical design, 3d modeling, creo
maintenance: preventive maintenance, maintenance engineer, repair, breakdown, servicing, electrical maintenance
preventive maintenance: maintenance, breakdown, servicing
finite element analysis: ansys, fea, abaqus, hypermesh
thermodynamics: heat transfer, hvac, thermal engineering
hvac: air conditioning, refrigeration, ventilation, chillers
plc: scada, allen bradley, siemens, automation, ladder logic, hmi
scada: plc, hmi, automation
power systems: transformers, switchgear, substation, transmission line, power distribution, relays, power plant
power distribution: substation, transformers, switchgear, distribution network, cables, panels, transmission line
electrical maintenance: transformers, motors, switchgear, circuit breakers, electrical engineer, panels, dg sets, \
electrical supervisor
electrical installation: wiring, cables, cable laying, earthing, commissioning, installation of electrical
electrical design: autocad electrical, load calculation, single line diagram, etap, eplan
switchgear: circuit breakers, relays, panels, vcb, acb
circuit design: pcb design, multisim, proteus
wiring: cables, cable laying, electrician, panel wiring
commissioning: testing and commissioning, installation
welding: tig welding, mig welding, fabrication
embedded systems: microcontroller, embedded c, arduino, rtos, firmware, raspberry pi
safety: osha, nebosh, risk assessment, hse, fire safety
data entry: typing, data entry operator, record keeping
object oriented programming: java, c++, c#, oop
"""

# What anyone may claim of themselves and any posting may ask: it tells trades apart the least.
_SOFT_TEXT = """
communication, communication skills, written communication, verbal communication, teamwork, team player, leadership, \
problem solving, time management, interpersonal skills, organization, organizational skills, adaptability, \
creativity, multitasking, attention to detail, work ethic, self motivation, critical thinking, decision making, \
collaboration, flexibility, analytical skills, analytical thinking, presentation skills, customer focus, positive \
attitude, microsoft office, word, powerpoint, outlook, hard working, quick learner, punctuality, english, \
reliability, honesty
"""


def _items(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for part in text.split(",") if (item := " ".join(part.split()))))


def _trade(line: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    titles, _, terms = line.partition("|")
    return _items(titles), _items(terms)


TRADES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = tuple(
    _trade(line) for line in _TRADES_TEXT.strip().splitlines()
)
"""Each trade's titles, the usual one first, and its terms."""

NEAR: dict[str, tuple[str, ...]] = {
    head.strip(): _items(near) for head, _, near in (line.partition(":") for line in _NEAR_TEXT.strip().splitlines())
}
"""What is some evidence of a thing, though it is not the thing itself."""

SOFT: tuple[str, ...] = _items(_SOFT_TEXT)
"""What says little, because it is asked and claimed everywhere."""
