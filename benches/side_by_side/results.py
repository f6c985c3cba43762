"""The results as a Markdown document. Owns its shape; measures nothing."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from measure import Usage, median, ratio

TIERWISE, ONE_THREAD, DUCKDB, POLARS = "tierwise", "tierwise, 1 thread", "DuckDB", "Polars"
AS_JSON, PRICE = "tierwise, as JSON", "tierwise, `price` as Parquet"


@dataclass(frozen=True)
class InputResult:
    """What was found on one input."""

    title: str
    rows: int
    size: int
    agreed: str
    taken: dict[str, list[Usage]]
    floors: list[str]


@dataclass(frozen=True)
class Run:
    """A whole run."""

    command: str
    rounds: int
    warm_ups: int
    threads: int
    machine: dict[str, str]
    versions: dict[str, str]
    inputs: list[InputResult]
    startup: dict[str, list[Usage]]


def values(taken: list[Usage], what: str) -> list[float]:
    """One figure of every round."""
    return [getattr(usage, what) for usage in taken]


def spread(taken: list[Usage], what: str, digits: int) -> str:
    """Median (least-most)."""
    found = values(taken, what)
    low, high = min(found), max(found)
    return f"{median(found):.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def summary(run: Run) -> list[str]:
    """One line an input: tierwise as a share of the others."""
    lines = [
        "| input | of DuckDB's wall | CPU | of Polars' wall | CPU | 2 threads over 1 | peak MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in run.inputs:
        own = one.taken[TIERWISE]
        shares = [
            f"{ratio(own, one.taken[other], what):.2f}"
            for other in (DUCKDB, POLARS)
            for what in ("wall", "cpu")
        ]
        gain = ratio(one.taken[ONE_THREAD], own, "wall")
        peak = median(values(own, "memory"))
        lines.append(f"| {one.title} | {' | '.join(shares)} | {gain:.2f}x | {peak:.0f} |")
    return lines


def table(one: InputResult) -> list[str]:
    """Every contender of one input."""
    lines = [
        "| | wall s | CPU s | peak MiB | MB/s wall | rows/s wall | tierwise's wall to it |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, taken in one.taken.items():
        wall = median(values(taken, "wall"))
        speed = f"{one.size / wall / 1e6:,.0f} | {one.rows / wall:,.0f}"
        share = f"{ratio(one.taken[TIERWISE], taken, 'wall'):.2f}"
        figures = f"{spread(taken, 'wall', 2)} | {spread(taken, 'cpu', 2)}"
        peak = median(values(taken, "memory"))
        name = f"floor: `{name}`" if name in one.floors else name
        lines.append(f"| {name} | {figures} | {peak:.0f} | {speed} | {share} |")
    return lines


def section(one: InputResult) -> list[str]:
    """The part of one input."""
    head = f"{one.size / 1e6:,.1f} MB of text; {one.agreed}."
    return [f"## {one.title}", "", head, "", *table(one), ""]


def startup(run: Run) -> list[str]:
    """The part of the small file."""
    lines = [
        "## Start to finish on 1,000 rows",
        "",
        "| | wall ms | CPU ms | peak MiB |",
        "|---|---|---|---|",
    ]
    for name, taken in run.startup.items():
        wall, cpu = (1000 * median(values(taken, what)) for what in ("wall", "cpu"))
        peak = median(values(taken, "memory"))
        lines.append(f"| {name} | {wall:.1f} | {cpu:.1f} | {peak:.0f} |")
    return [*lines, ""]


def document(run: Run) -> str:
    """The whole document."""
    machine, versions = run.machine, run.versions
    head = [
        "# Side by side with DuckDB and Polars",
        "",
        f"{datetime.date.today().isoformat()}, {machine['cpu']}, {machine['cores']} cores,"
        f" {machine['memory']}, {machine['system']}.",
        f"tierwise {versions['tierwise']} ({versions['commit']}), DuckDB {versions['duckdb']},"
        f" Polars {versions['polars']}, Python {versions['python']}.",
        "",
        f"Repeat with `{run.command}`.",
        "",
        "The job: ten costs (as recorded, Standard, Flex, Priority, Batch; each with recorded"
        " caching and without) by model x project x day, a tier without a price taking Standard's."
        " tierwise runs `report --by model,project,day --format csv` into a file, with everything"
        " on; the others sum tokens by group first and price the sums, with rates from tierwise's"
        " cards, and write the groups as CSV too. The file is tierwise's standard output: with"
        " `-o` it would wait for the disk too, which the others do not. The same report as JSON,"
        " which has more than the others write, is a row of its own, and so is `price`, which"
        " writes every row with all its costs to a new file and waits for the disk. Before"
        " anything was timed, all amounts were the same to the last digit, in both forms.",
        "",
        f"Medians of {run.rounds} interleaved rounds after {run.warm_ups} to warm up,"
        f" {run.threads} threads, warm page cache, whole processes; in parentheses the"
        " least and the most. Shares are medians of the shares round by round. MB are of"
        " decoded text. The kernel counts the measuring process's own memory into each peak, so"
        " none is smaller than that of `cat`.",
        "",
        "## tierwise as a share of the others",
        "",
        *summary(run),
        "",
    ]
    sections = [line for one in run.inputs for line in section(one)]
    return "\n".join([*head, *sections, *startup(run)])


def write(run: Run, path: Path) -> None:
    """Writes the document."""
    path.write_text(document(run), encoding="utf-8")
