"""The job in DuckDB: one process, one input, one table of groups.

Owns DuckDB's best form of it: explicit column types, no insertion order, the token sums by
model, project, day, tier and context class first, and the rates joined to those sums. All
amounts are integers (picodollars) or decimals.

Usage: duckdb_job.py KIND INPUT RATES THRESHOLD THREADS OUTPUT   (KIND: csv, jsonl, chat)
       duckdb_job.py models KIND INPUT                           (the models, one a line)
"""

import sys

import duckdb

import pricing

FLAT = {
    "timestamp": "VARCHAR",
    "request_id": "VARCHAR",
    "project": "VARCHAR",
    "user": "VARCHAR",
    "api_key": "VARCHAR",
    "model": "VARCHAR",
    "service_tier": "VARCHAR",
    "input_tokens": "BIGINT",
    "cached_input_tokens": "BIGINT",
    "output_tokens": "BIGINT",
    "image_input_tokens": "BIGINT",
    "web_search_calls": "BIGINT",
    "code_interpreter_sessions": "BIGINT",
    "billed_cost": "DECIMAL(18,9)",
    "note": "VARCHAR",
}
# A JSON reader passes over the members that it is not asked for.
UNUSED = {"request_id", "user", "api_key", "note"}
CHAT = {
    "created": "BIGINT",
    "model": "VARCHAR",
    "service_tier": "VARCHAR",
    "usage": "STRUCT(prompt_tokens BIGINT, completion_tokens BIGINT,"
    " prompt_tokens_details STRUCT(cached_tokens BIGINT))",
    "metadata": "STRUCT(project VARCHAR)",
}


def text(value: str) -> str:
    """A SQL string."""
    return "'" + value.replace("'", "''") + "'"


def source(kind: str, path: str) -> str:
    """The reader of an input, with its column types."""
    if kind == "csv":
        return (
            f"read_csv({text(path)}, columns = {FLAT}, auto_detect = false, header = true,"
            " delim = ',', quote = '\"', escape = '\"')"
        )
    flat = {name: type_ for name, type_ in FLAT.items() if name not in UNUSED}
    columns = CHAT if kind == "chat" else flat
    return f"read_json({text(path)}, format = 'newline_delimited', columns = {columns})"


def sums(kind: str, path: str, threshold: int) -> str:
    """The token sums, as SQL. `served` is the tier as the cards call it."""
    if kind == "chat":
        prompt, cached = "usage.prompt_tokens", "usage.prompt_tokens_details.cached_tokens"
        return f"""
            SELECT model, metadata.project AS project, created // 86400 AS day,
                   service_tier AS served, ({prompt} > {threshold})::INT AS long,
                   count(*) AS n, sum({prompt}) AS input, sum({cached}) AS cached,
                   sum(usage.completion_tokens) AS output, 0 AS image, 0 AS searches,
                   0 AS sessions, NULL::DECIMAL(18,9) AS billed
            FROM {source(kind, path)} GROUP BY ALL"""
    return f"""
        SELECT model, project, substr(timestamp, 1, 10) AS day, service_tier AS served,
               (input_tokens > {threshold})::INT AS long, count(*) AS n,
               sum(input_tokens) AS input, sum(cached_input_tokens) AS cached,
               sum(output_tokens) AS output, sum(image_input_tokens) AS image,
               sum(web_search_calls) AS searches, sum(code_interpreter_sessions) AS sessions,
               sum(billed_cost) AS billed
        FROM {source(kind, path)} GROUP BY ALL"""


def costs() -> str:
    """The ten amounts of a sum, as SQL over its quantities and rates."""
    amounts = []
    for choice in pricing.CHOICES:
        plain = (
            f"(input - cached - image) * {choice}_input + output * {choice}_output"
            f" + image * {choice}_image_input + searches * web_search_call"
            " + sessions * code_interpreter_session"
        )
        for caching, rate in (("recorded", "cached_input"), ("none", "input")):
            amounts.append(f"sum({plain} + cached * {choice}_{rate}) AS {choice}_{caching}")
    return ", ".join(amounts)


def query(kind: str, path: str, rates: str, threshold: int) -> str:
    """The whole job, as SQL."""
    day = "strftime(make_timestamp(day * 86400000000), '%Y-%m-%d')" if kind == "chat" else "day"
    served = "CASE coalesce(served, 'default') WHEN 'default' THEN 'standard' ELSE served END"
    types = {name: "BIGINT" for name in pricing.columns()}
    types |= {name: "VARCHAR" for name in ("model", "tier", "since", "until")}
    return f"""
        WITH sums AS ({sums(kind, path, threshold)}),
        named AS (SELECT * EXCLUDE (day, served), {day} AS day, {served} AS tier FROM sums),
        rates AS (FROM read_csv({text(rates)}, columns = {types}, auto_detect = false,
                                header = true))
        SELECT s.model, s.project, s.day, sum(n) AS n, sum(billed) AS billed, {costs()},
               sum(CASE WHEN r.since IS NULL THEN 0 ELSE n END) AS priced
        FROM named s LEFT JOIN rates r ON s.model = r.model AND s.tier = r.tier
             AND s.long = r.long AND s.day >= r.since AND s.day < r.until
        GROUP BY s.model, s.project, s.day"""


def main(arguments: list[str]) -> None:
    """Runs what the arguments ask for."""
    if arguments[0] == "models":
        _, kind, path = arguments
        found = duckdb.sql(f"SELECT DISTINCT model FROM {source(kind, path)} ORDER BY 1")
        print("\n".join(name for (name,) in found.fetchall()))
        return
    kind, path, rates, threshold, threads, output = arguments
    session = duckdb.connect(config={"threads": int(threads)})
    session.execute("SET preserve_insertion_order = false")
    job = query(kind, path, rates, int(threshold))
    session.execute(f"COPY ({job}) TO {text(output)} (FORMAT csv, HEADER)")


if __name__ == "__main__":
    main(sys.argv[1:])
