"""Tables of what tools found: a fault a row, then a kind a row, then a server a row."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from benchmarks.generate_tests.tools import Ran, Tool

__all__ = ["Results", "found", "tables"]

Results = dict[tuple[str, str | None, str], "Ran"]
"""By the name of a server, its fault if any, and the tool."""

WIDTH = 14


def found(results: Results, server: str, fault: str, tool: Tool) -> bool:
    """Tell whether a tool reports something that it does not report without the fault."""
    return bool(set(results[server, fault, tool].reported) - set(results[server, None, tool].reported))


def line(label: str, cells: Iterable[object]) -> str:
    """Return a row of a table."""
    return f"{label:66}" + "".join(f"{cell!s:>{WIDTH}}" for cell in cells)


def tables(faults: Mapping[str, Mapping[str, str]], tools: Sequence[Tool], results: Results) -> str:
    """Return the tables as a text: `faults` has for each server the kinds of its faults."""
    parts = [by_fault, by_kind, by_server]
    return "\n\n".join("\n".join(part(faults, tools, results)) for part in parts)


def by_fault(faults: Mapping[str, Mapping[str, str]], tools: Sequence[Tool], results: Results) -> Iterator[str]:
    """Yield the false alarms, and who found which fault."""
    for server in faults:
        for tool in tools:
            for alarm in results[server, None, tool].reported:
                yield f"false alarm of {tool} on {server}: {alarm}"
    yield line("fault", tools)
    for server, kinds in faults.items():
        for fault in kinds:
            cells = ["found" if found(results, server, fault, tool) else "-" for tool in tools]
            yield line(f"{server}  {fault}", cells)
    for server, kinds in faults.items():
        for planted in (None, *kinds):
            for tool in tools:
                if not results[server, planted, tool].ended:
                    yield f"{tool} came to no end on {server} with {planted or 'no fault'}"


def by_kind(faults: Mapping[str, Mapping[str, str]], tools: Sequence[Tool], results: Results) -> Iterator[str]:
    """Yield how many faults of each kind were found, and the kinds that others find and we don't."""
    planted: Counter[str] = Counter()
    hits: dict[str, Counter[str]] = defaultdict(Counter)
    for server, kinds in faults.items():
        for fault, kind in kinds.items():
            planted[kind] += 1
            hits[kind].update(tool for tool in tools if found(results, server, fault, tool))
    yield line(f"kind ({len(planted)})", ["planted", *tools])
    for kind, count in sorted(planted.items()):
        yield line(kind, [count, *(hits[kind][tool] for tool in tools)])
    if len(tools) > 1:
        ours, *others = tools
        for tool in others:
            only = [kind for kind in sorted(planted) if hits[kind][tool] and not hits[kind][ours]]
            yield f"kinds that {tool} finds and {ours} does not: {', '.join(only) or 'none'}"


def by_server(faults: Mapping[str, Mapping[str, str]], tools: Sequence[Tool], results: Results) -> Iterator[str]:
    """Yield found, false alarms and CPU seconds for each server, and for all."""

    def cells(names: Iterable[str]) -> list[object]:
        made: list[object] = []
        for tool in tools:
            runs = [(name, fault) for name in names for fault in faults[name]]
            hit = sum(found(results, *each, tool) for each in runs)
            alarms = sum(len(results[name, None, tool].reported) for name in names)
            cpu = sum(results[name, fault, tool].cpu for name in names for fault in (None, *faults[name]))
            made += [f"{hit} of {len(runs)}", alarms, f"{cpu:.0f}"]
        return made

    yield line("server", [each for tool in tools for each in (tool, "false alarms", "CPU s")])
    for server in faults:
        yield line(server, cells([server]))
    folders = list(dict.fromkeys(server.partition("/")[0] for server in faults))
    for folder in folders if len(folders) > 1 else []:
        yield line(f"all of {folder}/", cells([each for each in faults if each.partition("/")[0] == folder]))
    yield line("all", cells(list(faults)))
