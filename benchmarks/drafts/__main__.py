"""Print what becomes of drafts as a model writes them: `python -m benchmarks.drafts`."""

from __future__ import annotations

from benchmarks.drafts.keeping import SETS, drafts, outcome


def main() -> None:
    """Print each draft that is not kept whole, with the reason, and the figures of each set."""
    for name in SETS:
        found = drafts(name)
        whole = 0
        for at, draft in enumerate(found, 1):
            reason = outcome(name, draft)
            whole += not reason
            if reason:
                print(f"{name} {at}: {reason}")
        print(f"{name}: {whole} of {len(found)} drafts kept whole")


if __name__ == "__main__":
    main()
