"""Cells that define an operation which does what later cells tell it, so that no test depends on time."""

PUPPET = """
import asyncio, time
import progressnb as pnb

@pnb.operation(stages=[pnb.Stage("read", 0.5, "Reading"), pnb.Stage("write", 0.5, "Writing")])
async def puppet(tracker, orders):
    for name in ("read", "write"):
        async with tracker.stage(name) as stage:
            while (order := await orders.get()) is not None:
                order(stage)
    return {"answer": 42}
"""

BEGIN = """
orders = asyncio.Queue()
run = puppet(orders)
"""


def tell(*orders: str) -> str:
    """Write a cell that tells the puppet what to do with its stage; "next" ends the stage."""
    told = ["None" if order == "next" else f"lambda stage: stage.{order}" for order in orders]
    return "\n".join(f"orders.put_nowait({order})" for order in told)
