"""Record the history that notebook 04 reads: 24 runs of an operation in four stages, by two stand-ins for models.

The work is simulated, with a seed; the times are real, of the machine that recorded them. Run it anew with
`python notebooks/data/record.py`.
"""

import asyncio
import random
from pathlib import Path

import progressnb as pnb

STAGES = {"research": 0.2, "outline": 0.2, "draft": 0.4, "review": 0.2}
RUNS = 12  # of each model
PRICES = {"swift-1": 0.4e-6, "swift-2": 0.3e-6}  # a token, in dollars
PACES = {"swift-1": 0.6, "swift-2": 1.0}  # swift-2 is cheaper, and slower
LENGTHS = {"research": 60, "outline": 30, "draft": 150, "review": 40}

chance = random.Random(4)  # noqa: S311 - it shapes times, not keys


@pnb.operation(stages=STAGES)
async def report(tracker: pnb.ProgressTracker, model: str) -> str:
    """Write a report: each stage waits for its first token, and then writes at its model's pace."""
    for name in STAGES:
        async with tracker.stage(name) as stage:
            stage.update(model=model)
            waited = 0.05 * PACES[model] * chance.lognormvariate(0, 0.4)
            await asyncio.sleep(waited)
            stage.update(message="writing", first_token=waited)
            words = round(LENGTHS[name] * chance.lognormvariate(0, 0.2))
            if name == "research":
                async with stage.stage("search") as tool:
                    await asyncio.sleep(0.08 * chance.lognormvariate(0, 0.5))
                    tool.update(100, "7 pages")
            for _ in range(words):
                await asyncio.sleep(0.002 * PACES[model])
                stage.write("word ")
            stage.add_usage(model, input_tokens=900, output_tokens=words, cost=PRICES[model] * (900 + 4 * words))
    return "a report"


async def main() -> None:
    """Record twelve runs a model, without what they wrote."""
    with pnb.History() as history:
        pnb.use_history(history)
        for number in range(2 * RUNS):
            await report("swift-1" if number < RUNS else "swift-2", show=False)
        pnb.use_history(None)
        history.export_jsonl(Path(__file__).with_name("reports.jsonl"))


if __name__ == "__main__":
    asyncio.run(main())
