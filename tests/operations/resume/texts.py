"""Resumes as Markdown and as plain text."""

MARKDOWN = """# Jane Doe
Registered Nurse
San Francisco, CA | (912) 555-4321 | jane.doe@example.com | [LinkedIn](https://linkedin.com/in/janedoe)

## Profile
ICU nurse with 6 years of experience.

## Professional Experience

### Staff Nurse, St. Mary's Hospital — Jan 2018 – Present
- Cared for up to 4 ventilated patients
- Trained 12 nurses

### Nursing Assistant | Sunrise Care Home | 2015 – 2017
Helped residents with daily living.

## Education
Bachelor of Science in Nursing, University of California, 2017

## Certifications
- BLS, American Heart Association, 2023

## Skills
- Clinical: ventilators, IV therapy
- Epic, Cerner

## Languages
English (native), Spanish

## Things I like
Sailing and jazz.
"""
PLAIN = """BOB SMITH
12 Main Street, Leeds
bob@smith.org    07700 900123

SUMMARY
Reliable chef.

WORK HISTORY
HEAD CHEF
The Golden Lion Restaurant, Leeds
March 2015 - present
• Ran a brigade of 8

Sous Chef
Hotel Grand, York
06/2010 to 02/2015
Prepared banquets for up to 300 guests.

EDUCATION
City College Leeds
NVQ Level 3 Professional Cookery, 2009

KEY SKILLS
Menu planning, HACCP
"""
