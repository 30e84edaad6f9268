"""A short resume, a posting, and what a model answers at each stage."""

NAMES = ["evaluation", "planning", "implementation", "verification"]
RESUME = "Ada Lovelace\nada@example.com\n\nSkills\n- Python\n- SQL\n\nWork\nAnalyst, Babbage Ltd, 1840 – 1843\n"
JOB = "Analyst\n\nRequirements\n- Python\n- Rust\n"
EVALUATION = {
    "match_score": 50,
    "strengths": [{"requirement": "Python", "evidence": "Python"}],
    "gaps": [{"requirement": "Rust", "advice": "Learn it."}],
    "overall_assessment": "Half of it.",
}
PLAN = {
    "improvements": [{"change": "Python first.", "section": "skills", "requirement": "Python", "evidence": "Python"}]
}
DRAFT = {
    "resume": {"basics": {"name": "Ada Lovelace"}, "skills": [{"name": "Python"}, {"name": "SQL"}]},
    "changes": [{"before": "", "after": "Python", "why": "It is asked for."}],
}
VERIFICATION = {"unsupported": [{"text": "x", "place": "skills[0]", "why": "Not there."}], "summary": "One claim."}
ANSWERS = [EVALUATION, PLAN, DRAFT, VERIFICATION]
