"""The job in Polars: one process, one input, one table of groups.

Owns Polars' best form of it: a lazy scan with a schema on the streaming engine, the token sums by
model, project, day, tier and context class first, and the rates joined to those sums. All amounts
are integers (picodollars) or decimals. The NDJSON reader takes no decimal, so `billed_cost` is
read as its text there.

Usage: polars_job.py KIND INPUT RATES THRESHOLD OUTPUT   (KIND: csv, jsonl, chat)
The number of threads is that of POLARS_MAX_THREADS.
"""

import sys

import polars as pl

import pricing

FLAT = {
    "timestamp": pl.String,
    "request_id": pl.String,
    "project": pl.String,
    "user": pl.String,
    "api_key": pl.String,
    "model": pl.String,
    "service_tier": pl.String,
    "input_tokens": pl.Int64,
    "cached_input_tokens": pl.Int64,
    "output_tokens": pl.Int64,
    "image_input_tokens": pl.Int64,
    "web_search_calls": pl.Int64,
    "code_interpreter_sessions": pl.Int64,
    "billed_cost": pl.Decimal(18, 9),
    "note": pl.String,
}
# A JSON reader passes over the members that it is not asked for.
UNUSED = {"request_id", "user", "api_key", "note"}
CHAT = {
    "created": pl.Int64,
    "model": pl.String,
    "service_tier": pl.String,
    "usage": pl.Struct(
        {
            "prompt_tokens": pl.Int64,
            "completion_tokens": pl.Int64,
            "prompt_tokens_details": pl.Struct({"cached_tokens": pl.Int64}),
        }
    ),
    "metadata": pl.Struct({"project": pl.String}),
}
KEYS = ["model", "project", "day", "served", "long"]
COUNTS = ["input", "cached", "output", "image", "searches", "sessions"]


def flat_rows(kind: str, path: str) -> pl.LazyFrame:
    """The rows of tierwise's own log format."""
    if kind == "csv":
        scan = pl.scan_csv(path, schema=FLAT)
    else:
        schema = {name: type_ for name, type_ in FLAT.items() if name not in UNUSED}
        scan = pl.scan_ndjson(path, schema=schema | {"billed_cost": pl.String})
    return scan.select(
        "model",
        "project",
        day=pl.col("timestamp").str.head(10),
        served="service_tier",
        input="input_tokens",
        cached="cached_input_tokens",
        output="output_tokens",
        image="image_input_tokens",
        searches="web_search_calls",
        sessions="code_interpreter_sessions",
        billed=pl.col("billed_cost").cast(pl.Decimal(18, 9)),
    )


def chat_rows(path: str) -> pl.LazyFrame:
    """The rows of logged Chat Completions responses."""
    usage = pl.col("usage").struct
    none = pl.lit(0, pl.Int64)
    return pl.scan_ndjson(path, schema=CHAT).select(
        "model",
        project=pl.col("metadata").struct["project"],
        day=pl.col("created") // 86400,
        served="service_tier",
        input=usage["prompt_tokens"],
        cached=usage["prompt_tokens_details"].struct["cached_tokens"],
        output=usage["completion_tokens"],
        image=none,
        searches=none,
        sessions=none,
        billed=pl.lit(None, pl.Decimal(18, 9)),
    )


def sums(kind: str, path: str, threshold: int) -> pl.LazyFrame:
    """The token sums. `tier` is the served one as the cards call it."""
    rows = chat_rows(path) if kind == "chat" else flat_rows(kind, path)
    rows = rows.with_columns(long=pl.col("input") > threshold)
    grouped = rows.group_by(KEYS).agg(pl.col(*COUNTS, "billed").sum(), n=pl.len().cast(pl.Int64))
    if kind == "chat":
        day = pl.from_epoch("day", time_unit="d").dt.strftime("%Y-%m-%d")
        grouped = grouped.with_columns(day=day)
    served = pl.col("served").fill_null("default").replace("default", "standard")
    return grouped.with_columns(tier=served, long=pl.col("long").cast(pl.Int64))


def costs() -> list[pl.Expr]:
    """The ten amounts of a sum, over its quantities and rates."""
    col = pl.col
    tools = col("searches") * col("web_search_call")
    tools += col("sessions") * col("code_interpreter_session")
    amounts = []
    for choice in pricing.CHOICES:
        plain = (col("input") - col("cached") - col("image")) * col(f"{choice}_input")
        plain += col("output") * col(f"{choice}_output")
        plain += col("image") * col(f"{choice}_image_input") + tools
        for caching, rate in (("recorded", "cached_input"), ("none", "input")):
            amount = plain + col("cached") * col(f"{choice}_{rate}")
            amounts.append(amount.alias(f"{choice}_{caching}"))
    return amounts


def groups(kind: str, path: str, rates: str, threshold: int) -> pl.LazyFrame:
    """The whole job."""
    types = {name: pl.Int64 for name in pricing.columns()}
    types |= {name: pl.String for name in ("model", "tier", "since", "until")}
    table = pl.read_csv(rates, schema=types).lazy()
    holds = (pl.col("day") >= pl.col("since")) & (pl.col("day") < pl.col("until"))
    # A sum whose model has no rates keeps its rows, without amounts.
    rated = sums(kind, path, threshold).join(table, on=["model", "tier", "long"], how="left")
    rated = rated.filter(holds | pl.col("since").is_null())
    priced = pl.when(pl.col("since").is_null()).then(0).otherwise(pl.col("n"))
    amounts = rated.select("model", "project", "day", "n", "billed", *costs(), priced=priced)
    return amounts.group_by("model", "project", "day").agg(pl.all().sum())


def main(arguments: list[str]) -> None:
    """Runs the job that the arguments ask for."""
    kind, path, rates, threshold, output = arguments
    groups(kind, path, rates, int(threshold)).collect(engine="streaming").write_csv(output)


if __name__ == "__main__":
    main(sys.argv[1:])
