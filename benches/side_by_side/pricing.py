"""The rate table of the other tools, made from the project's own cards.

Owns how `tierwise rates show` becomes one row a (logged model, served tier, context class,
interval) with an integer rate for each meter under each tier. No rate is typed in here, and none
is a float: amounts are parsed as decimals and become whole picodollars (1e-12 USD) a unit.

What a tier cannot price takes the Standard rates, as in the report. A meter without any rate
gets zero: should a row use it, tierwise has no price for that row, the totals differ, and the
check stops the run.
"""

import csv
import json
import subprocess
from decimal import Decimal
from pathlib import Path

TIERS = ["standard", "flex", "priority", "batch"]
CHOICES = ["recorded", *TIERS]
TOKENS = ["input", "cached_input", "output", "image_input"]
TOOLS = ["web_search_call", "code_interpreter_session"]
PICODOLLARS = 10**12
UNITS = {"1M tokens": 1_000_000, "1,000 calls": 1_000, "session": 1}
# Every generated log lies within this month, and its days are UTC days.
FIRST_DAY, LAST_DAY = "2026-10-01", "2026-10-31"

Sheet = dict
Rates = dict[str, int]


def columns() -> list[str]:
    """The columns of the rate table, keys first."""
    tokens = [f"{choice}_{meter}" for choice in CHOICES for meter in TOKENS]
    return ["model", "tier", "long", "since", "until", *tokens, *TOOLS]


def sheet(tierwise: Path, model: str, day: str) -> Sheet | None:
    """What the cards say of a model on a day; nothing for a model that they do not have."""
    command = [str(tierwise), "rates", "show", model, "--at", day, "--format", "json"]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode == 0:
        return json.loads(answer.stdout)
    if "is no model of the rate book" in answer.stderr:
        return None
    raise SystemExit(f"side_by_side: {' '.join(command)}: {answer.stderr.strip()}")


def picodollars(price: dict) -> int:
    """A published price as whole picodollars a unit, exact or not at all."""
    amount = Decimal(price["usd"]) * PICODOLLARS / UNITS[price["per"]]
    if amount != amount.to_integral_value():
        raise SystemExit(f"side_by_side: {price} is not a whole number of picodollars a unit")
    return int(amount)


def band_of(of: Sheet, threshold: int, long: bool) -> dict:
    """The table of the band that a request of this context class falls in."""
    base, *others = of["bands"]
    for other in others:
        if other["band"].get("over") != threshold:
            raise SystemExit(f"side_by_side: {of['model']} has a band that is not over {threshold}")
    return others[-1] if long and others else base


def tier_rates(of: Sheet, band: dict, tier: str) -> Rates | None:
    """The rate of every token meter under a tier, borrowed ones included; none where the tier
    has no price for text."""
    at = of["tiers"].index(tier)
    rates: Rates = {}
    for line in band["meters"]:
        if line["meter"] in TOKENS and line["prices"][at] is not None:
            rates[line["meter"]] = picodollars(line["prices"][at])
    name = band["band"] and band["band"]["name"]
    for loan in of["borrowing"]:
        wanted = loan["meter"] in TOKENS and loan["band"] == name and tier in loan["tiers"]
        if wanted and loan["meter"] not in rates:
            rates[loan["meter"]] = rates[loan["from"]]
    return rates if {"input", "cached_input", "output"} <= rates.keys() else None


def table_row(of: Sheet, served: str, band: dict) -> list[int] | None:
    """The rates of one served tier under every choice of tier; none where the row is unpriced."""
    standard, recorded = tier_rates(of, band, "standard"), tier_rates(of, band, served)
    if standard is None or recorded is None:
        return None
    chosen = [recorded, *(tier_rates(of, band, tier) or standard for tier in TIERS)]
    fees = {tool["meter"]: picodollars(tool) for tool in of["tools"] if tool["meter"] in TOOLS}
    tokens = [rates.get(meter, 0) for rates in chosen for meter in TOKENS]
    return [*tokens, *(fees.get(meter, 0) for meter in TOOLS)]


def boundaries(sheets: list[Sheet]) -> list[str]:
    """The days within the month on which a price of these models begins or ends."""
    cells = [cell for of in sheets for cell in (*of["history"], *of["tools"])]
    ends = {end for cell in cells for end in (cell["from"], cell["to"]) if end is not None}
    within = sorted(end for end in ends if FIRST_DAY < end[:10] <= LAST_DAY)
    if any(len(end) != 10 for end in within):
        raise SystemExit("side_by_side: a price changes within a day, which the jobs do not cut at")
    return within


def threshold_of(sheets: list[Sheet]) -> int:
    """The one context threshold that the models have."""
    starts = {band["band"].get("over") for of in sheets for band in of["bands"][1:]}
    if len(starts) > 1 or None in starts:
        raise SystemExit(f"side_by_side: the jobs know one threshold `over`, the cards {starts}")
    return starts.pop() if starts else 2**62


def write(tierwise: Path, models: list[str], path: Path) -> int:
    """Writes the rate table of these models, and returns the context threshold."""
    first = [sheet(tierwise, model, FIRST_DAY) for model in models]
    known = [of for of in first if of is not None]
    threshold = threshold_of(known)
    cuts = [FIRST_DAY, *boundaries(known), "9999-12-31"]
    rows = []
    for since, until in zip(cuts, cuts[1:]):
        for model in models:
            of = sheet(tierwise, model, since)
            if of is None:
                continue
            for long in (False, True):
                band = band_of(of, threshold, long)
                for served in TIERS:
                    rates = table_row(of, served, band)
                    if rates is not None:
                        rows.append([model, served, int(long), since, until, *rates])
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([columns(), *rows])
    return threshold
