"""The check of claims with a judge: the prompts of the stage "verification", and figures of the answers.

    python -m benchmarks.customize.judged --write prompts.jsonl FOLDER
    python -m benchmarks.customize.judged --read answers.jsonl FOLDER [--misses]

A person or any model answers the prompts. Each line of prompts.jsonl has `id` (a number) and `prompt`; the first one
has `instructions` and the `schema` of an answer. Each line of answers.jsonl has the `id` and the `answer`, an object
of that schema. The answers are taken as the operation takes them; a rewrite without an answer is left to the rules.
A line may have `doubts` too, the texts that were numbered in its prompt: where rules have changed since, an answer goes
to the doubt with the same words, and what the model found unsupported and no rule doubts any more is a claim of the
model's own.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.customize.apart import share
from benchmarks.customize.strangers import rewrites
from progressnb.operations.resume.prompts import INSTRUCTIONS, verification_prompt
from progressnb.operations.resume.schemas import Claim, Judgement, Review
from progressnb.operations.resume.truth.judging import judge
from progressnb.operations.resume.truth.verification import Checked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.customize.strangers import Rewrite
    from progressnb.operations.resume.truth.segment import Found


def _checked(one: Rewrite) -> Checked:
    return Checked.of(one.found)


def lines(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what is written: instructions and schema, then each prompt."""
    yield {"instructions": INSTRUCTIONS, "schema": Review.model_json_schema()}
    for number, one in enumerate(rewrites(folder)):
        yield {"id": number, "prompt": verification_prompt(one.resume, one.text, _checked(one).doubts)}


def renumbered(review: Review, then: list[str], now: list[Found]) -> Review:
    """Return an answer to the doubts of the rules of another day as one to those of now."""
    judged: list[Judgement] = []
    own = [*review.unsupported]
    for one in (one for one in review.judged if one.number <= len(then)):
        text = then[one.number - 1]
        same = [number for number, found in enumerate(now, start=1) if share(text, found.text) == 1]
        judged += [one.model_copy(update={"number": number}) for number in same]
        if not same and not one.supported:
            own.append(Claim(text=text, place="basics.summary", why="The model does not find it in the old resume."))
    return review.model_copy(update={"judged": judged, "unsupported": own})


def report(folder: Path, answers: dict[int, dict[str, Any]], *, misses: bool) -> Iterator[str]:
    """Yield the share of rewrites with a claim, by rules alone and with the judge, and the doubts that were cleared."""
    counts: dict[str, Counter[str]] = {"invented": Counter(), "honest": Counter()}
    for number, one in enumerate(rewrites(folder)):
        checked = _checked(one)
        answer = answers.get(number, {"answer": {"unsupported": [], "summary": ""}})
        review = Review.model_validate(answer["answer"])
        if "doubts" in answer:
            review = renumbered(review, answer["doubts"], checked.doubts)
        judged = judge(one.old, checked, review, [one.text])
        kind = "invented" if one.invented else "honest"
        counts[kind].update(
            all=1, answered=number in answers, rules=bool(checked.claims), judged=bool(judged.claims),
            told=bool(judged.claims or judged.unchecked), doubts=len(checked.doubts), cleared=len(judged.cleared),
        )  # fmt: skip
        if misses and bool(judged.claims) == (kind == "honest"):
            claims = [(claim.source, claim.text, claim.why) for claim in judged.claims]
            print(f"\n{number} {kind}: {one.note} {one.invented}\n   > {one.text}\n   {claims}")
    for kind, count in counts.items():
        rules, both, told = (count[name] / max(1, count["all"]) for name in ("rules", "judged", "told"))
        yield (
            f"{kind} {count['all']}, answered {count['answered']}: claimed by rules {rules:.1%}, with the judge "
            f"{both:.1%}, or told {told:.1%}; cleared {count['cleared']} of {count['doubts']} doubts"
        )


def main() -> None:
    """Write the prompts, or print the figures of the answers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="a folder with claims.json")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--write", type=Path, metavar="PROMPTS", help="write the prompts to this file")
    way.add_argument("--read", type=Path, metavar="ANSWERS", help="read the answers from this file")
    parser.add_argument("--misses", action="store_true", help="print what is not right")
    given = parser.parse_args()
    if given.write:
        text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines(given.folder))
        given.write.write_text(text, encoding="utf-8")
        return
    read = [json.loads(line) for line in given.read.read_text(encoding="utf-8").split("\n") if line.strip()]
    answers = {int(one["id"]): one for one in read}
    for line in report(given.folder, answers, misses=given.misses):
        print(line)


if __name__ == "__main__":
    main()
