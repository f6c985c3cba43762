"""Says whether tierwise, DuckDB and Polars found the same, to the last digit.

Owns the comparison of one input: rows read, rows priced, the billed total, the ten scenario
totals, and the ten amounts and the rows of every group. Amounts are compared as whole
picodollars; a tierwise amount with a finer digit counts as a difference. It runs as a process of
its own, because a report of many groups is large.

Usage: agree.py TIERWISE_JSON TIERWISE_CSV DUCKDB_CSV POLARS_CSV   (exit 1 when they differ)
"""

import csv
import json
import sys
from dataclasses import dataclass
from decimal import Decimal, localcontext

import pricing

SCENARIOS = [(choice, caching) for choice in pricing.CHOICES for caching in ("recorded", "none")]
# What a column of the table says of caching.
NAMES = {"recorded": "", "none": "_no_caching"}
# More differences than this are not told one by one.
MOST_TOLD = 5

Key = tuple[str, str, str]
Group = tuple[int, ...]


@dataclass(frozen=True)
class Found:
    """What one tool found: groups are rows and ten amounts."""

    read: int
    billed: Decimal | None
    totals: Group
    groups: dict[Key, Group]


def picodollars(text: str) -> int:
    """An exact decimal amount as whole picodollars."""
    amount = Decimal(text).scaleb(12)
    if amount != amount.to_integral_value():
        sys.exit(f"side_by_side: {text} has a digit beyond 1e-12 USD")
    return int(amount)


def of_tierwise(path: str) -> Found:
    """What the JSON report says."""
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    groups = {}
    for group in report["groups"]:
        key = group["key"]
        groups[key["model"], key["project"], key["day"]] = (group["rows"], *amounts(group))
    billed = report.get("billed_usd")
    return Found(
        read=report["rows"]["read"],
        billed=None if billed is None else Decimal(billed),
        totals=(report["rows"]["priced"], *amounts(report)),
        groups=groups,
    )


def amounts(part: dict) -> Group:
    """The amounts of a report or of one of its groups, in the order of the scenarios."""
    by_name = {(one["tier"], one["caching"]): one["total_usd"] for one in part["scenarios"]}
    return tuple(picodollars(by_name[scenario]) for scenario in SCENARIOS)


def of_table(path: str, report: Found) -> Found:
    """What the report as a table says, and of the rest what the JSON report does."""
    columns = [f"{choice}{NAMES[caching]}_usd" for choice, caching in SCENARIOS]
    totals, groups = (), {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found = (int(row["rows"]), *(picodollars(row[column]) for column in columns))
            if row["row"] == "total":
                totals = found
            else:
                groups[row["model"], row["project"], row["day"]] = found
    return Found(report.read, report.billed, totals, groups)


def of_other(path: str) -> Found:
    """What the table of groups of DuckDB or Polars says."""
    read, billed, groups = 0, None, {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            read += int(row["n"])
            if row["billed"] and Decimal(row["billed"]) != 0:
                billed = (billed or Decimal(0)) + Decimal(row["billed"])
            if int(row["priced"]) > 0:
                numbers = (int(row[f"{choice}_{caching}"]) for choice, caching in SCENARIOS)
                groups[row["model"], row["project"], row["day"]] = (int(row["priced"]), *numbers)
    totals = tuple(sum(column) for column in zip(*groups.values(), strict=True))
    return Found(read, billed, totals, groups)


def differences(tierwise: Found, other: Found) -> list[str]:
    """Every way in which two tools differ."""
    told = []
    for what in ("read", "billed", "totals"):
        one, two = getattr(tierwise, what), getattr(other, what)
        if one != two:
            told.append(f"{what}: tierwise {one}, other {two}")
    for key in sorted(tierwise.groups.keys() | other.groups.keys()):
        one, two = tierwise.groups.get(key), other.groups.get(key)
        if one != two:
            told.append(f"{' / '.join(key)}: tierwise {one}, other {two}")
    return told


def main(paths: list[str]) -> int:
    """Compares tierwise's table, DuckDB and Polars with its JSON."""
    report, table, *others = paths
    tierwise, failed = of_tierwise(report), False
    found = {"tierwise's table": of_table(table, tierwise)}
    found |= {name: of_other(path) for name, path in zip(("DuckDB", "Polars"), others, strict=True)}
    for name, other in found.items():
        told = differences(tierwise, other)
        for difference in told[:MOST_TOLD]:
            print(f"  {name} differs in {difference}")
        if told:
            print(f"  {name} differs from tierwise in {len(told):,} places")
            failed = True
    if failed:
        return 1
    rows, groups = tierwise.read, len(tierwise.groups)
    total = Decimal(tierwise.totals[1]).scaleb(-12).normalize()
    print(
        f"{rows:,} rows, {tierwise.totals[0]:,} priced, {groups:,} groups of ten amounts and ten"
        f" totals the same in all three; as recorded {total:f} USD"
    )
    return 0


if __name__ == "__main__":
    with localcontext(prec=60):
        sys.exit(main(sys.argv[1:]))
