#!/usr/bin/env python3
"""tierwise beside DuckDB and Polars: the same job, the same data, the same totals, then the clock.

    python3 benches/side_by_side/run.py             # all of it, about 7 GB of data
    python3 benches/side_by_side/run.py --scale 50  # a quick trial

Builds tierwise, makes the logs with the project's own generator, installs DuckDB and Polars into
target/side_by_side/venv with pip, checks that all three find the same to the last digit, and only
then measures interleaved rounds. Full runs write RESULTS.md beside this file; trials write it
under target/side_by_side. This module owns the order of the steps.
"""

import argparse
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import data
import environment
import measure
import pricing
import results
from data import Input
from environment import Programs
from measure import Contender

HERE = Path(__file__).resolve().parent
BASE = environment.REPOSITORY / "target" / "side_by_side"
STARTUP_ROUNDS = 20


def say(message: str) -> None:
    """Tells how far the run is."""
    print(message, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    names = [one.name for one in data.INPUTS]
    parser = argparse.ArgumentParser(description="tierwise beside DuckDB and Polars.")
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds (5)")
    parser.add_argument("--warm-ups", type=int, default=1, help="rounds before them (1)")
    parser.add_argument("--scale", type=int, default=1, help="a fraction of the rows: 50 for 1/50")
    parser.add_argument("--small", action="store_true", help="the same as --scale 50")
    parser.add_argument("--threads", type=int, default=2, help="for every tool (2)")
    parser.add_argument("--inputs", default=",".join(names), help=f"of {','.join(names)}")
    parser.add_argument("--check-only", action="store_true", help="compare totals, time nothing")
    parser.add_argument("--upgrade", action="store_true", help="install the newest packages again")
    parser.add_argument("--programs", type=Path, help="folder with tierwise, generate_logs, decode")
    parser.add_argument("--base", type=Path, default=BASE, help="where data and packages are kept")
    parser.add_argument("-o", "--output", type=Path, help="where the results are written")
    asked = parser.parse_args()
    asked.scale = 50 if asked.small else asked.scale
    unknown = set(asked.inputs.split(",")) - set(names)
    if unknown:
        parser.error(f"--inputs: no {', '.join(sorted(unknown))} among {', '.join(names)}")
    if min(asked.rounds, asked.scale, asked.threads) < 1:
        parser.error("--rounds, --scale and --threads are at least 1")
    return asked


@dataclass(frozen=True)
class Bench:
    """One input, ready to run."""

    wanted: Input
    path: Path
    programs: Programs
    python: Path
    rates: Path
    threshold: int
    work: Path
    threads: int

    def tierwise(self, threads: int) -> Contender:
        """tierwise's own report as a table of groups, which is what the others write."""
        name = results.TIERWISE if threads == self.threads else results.ONE_THREAD
        return self.report(name, "csv", threads)

    def everything(self) -> Contender:
        """The same report as JSON, which has more than the others write."""
        return self.report(results.AS_JSON, "json", self.threads)

    def price(self) -> Contender:
        """Every row with its costs, as Parquet: a new file on the disk, which it waits for."""
        rows = self.work / "rows.parquet"
        command = [str(self.programs.tierwise), "price", str(self.path), "-o", str(rows)]
        command += ["--threads", str(self.threads), "-q"]
        return Contender(results.PRICE, command, self.threads, fresh=rows)

    def report(self, name: str, form: str, threads: int) -> Contender:
        """A report on standard output: with `-o` it waits for the disk too, which the others
        do not."""
        options = ["--by", "model,project,day", "--format", form, "--threads", str(threads)]
        command = [str(self.programs.tierwise), "report", str(self.path), *options]
        return Contender(name, [*command, "-q"], threads, self.work / f"tierwise.{form}")

    def duckdb(self) -> Contender:
        """The job in DuckDB."""
        job = [str(self.python), str(HERE / "duckdb_job.py"), self.wanted.kind, str(self.path)]
        rest = [str(self.rates), str(self.threshold), str(self.threads)]
        command = [*job, *rest, str(self.work / "duckdb.csv")]
        return Contender(results.DUCKDB, command, self.threads)

    def polars(self) -> Contender:
        """The job in Polars."""
        job = [str(self.python), str(HERE / "polars_job.py"), self.wanted.kind, str(self.path)]
        command = [*job, str(self.rates), str(self.threshold), str(self.work / "polars.csv")]
        return Contender(results.POLARS, command, self.threads)

    def tools(self) -> list[Contender]:
        """The three, in the order of the rounds."""
        return [self.tierwise(self.threads), self.duckdb(), self.polars()]

    def floors(self) -> list[Contender]:
        """What the machine needs to read, scan or decode the file at all."""
        path, found = str(self.path), [Contender("cat", ["cat", str(self.path)], 1)]
        if not self.wanted.packer:
            return [*found, Contender("wc -l", ["wc", "-l", path], 1)]
        decoder = self.wanted.packer[0]
        own = Contender("decode", [str(self.programs.decoder), path], 1)
        return [*found, own, Contender(f"{decoder} -dc", [decoder, "-dc", path], 1)]


def models(python: Path, wanted: Input, path: Path) -> list[str]:
    """The models that an input names."""
    command = [str(python), str(HERE / "duckdb_job.py"), "models", wanted.kind, str(path)]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return found.stdout.splitlines()


def prepare(
    wanted: Input, asked: argparse.Namespace, programs: Programs, python: Path, folder: Path
) -> Bench:
    """Makes an input and the rates for it. The file for the start-up time is never scaled."""
    scale = 1 if wanted is data.STARTUP else asked.scale
    path = data.make(wanted, scale, folder, programs.generator, say)
    work = asked.base / "work" / wanted.name.replace(" ", "-")
    work.mkdir(parents=True, exist_ok=True)
    rates = work / "rates.csv"
    threshold = pricing.write(programs.tierwise, models(python, wanted, path), rates)
    return Bench(wanted, path, programs, python, rates, threshold, work, asked.threads)


def check(bench: Bench) -> str:
    """Runs the three once and compares what they found. Ends the run where they differ."""
    say(f"{bench.wanted.name}: comparing totals")
    for tool in [*bench.tools(), bench.everything()]:
        measure.run(tool)
    names = ("tierwise.json", "tierwise.csv", "duckdb.csv", "polars.csv")
    command = [sys.executable, str(HERE / "agree.py"), *(str(bench.work / name) for name in names)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    say(f"  {answer.stdout.strip()}")
    if answer.returncode != 0:
        sys.exit(f"side_by_side: STOPPED, nothing was timed: on {bench.wanted.name} they differ.")
    return answer.stdout.strip()


def time_input(
    bench: Bench, agreed: str, asked: argparse.Namespace, size: int
) -> results.InputResult:
    """The rounds of one input."""
    measure.warm(bench.path)
    floors = bench.floors()
    single = [bench.tierwise(1)] if asked.threads != 1 else []
    # What writes gigabytes comes last in each round.
    priced = [] if bench.wanted.packer else [bench.price()]
    contenders = [*bench.tools(), bench.everything(), *single, *floors, *priced]
    taken = measure.rounds(contenders, asked.rounds, asked.warm_ups, say)
    taken.setdefault(results.ONE_THREAD, taken[results.TIERWISE])
    rows = max(bench.wanted.rows // asked.scale, 1)
    names = [one.name for one in floors]
    return results.InputResult(bench.wanted.title, rows, size, agreed, taken, names)


def output_path(asked: argparse.Namespace, benches: list[Bench]) -> Path:
    """Where the results go: only a full run is written beside this file."""
    full = asked.scale == 1 and len(benches) == len(data.INPUTS) and asked.rounds >= 5
    return asked.output or (HERE if full else asked.base) / "RESULTS.md"


def main() -> None:
    """All steps."""
    asked = arguments()
    asked.base = asked.base.resolve()
    for command in ("cat", "wc", *([] if asked.programs else ["cargo"])):
        if shutil.which(command) is None:
            sys.exit(f"side_by_side: there is no command {command}")
    programs = environment.build(asked.programs, say)
    python = environment.packages(asked.base, asked.upgrade, say)
    folder = data.folder(asked.base, environment.REPOSITORY / "benches" / "generate_logs.rs")
    wanted = [one for one in data.INPUTS if one.name in asked.inputs.split(",")]
    benches = [prepare(one, asked, programs, python, folder) for one in wanted]
    small = prepare(data.STARTUP, asked, programs, python, folder)
    # Nothing is timed before everything agrees.
    agreed = [check(bench) for bench in [*benches, small]]
    if asked.check_only:
        return
    timed = []
    for bench, words in zip(benches, agreed):
        say(f"{bench.wanted.name}: {asked.warm_ups} warm-up and {asked.rounds} counted rounds")
        unpacked = data.unpacked(bench.wanted).path(folder, asked.scale)
        timed.append(time_input(bench, words, asked, unpacked.stat().st_size))
    say("1,000 rows: start to finish")
    plain = Contender("tierwise, plain `report`", [*small.tierwise(2).command[:3], "-q"], 2)
    startup = measure.rounds([*small.tools(), plain], STARTUP_ROUNDS, 1, lambda _: None)
    command = shlex.join(["python3", "benches/side_by_side/run.py", *sys.argv[1:]])
    machine = environment.machine()
    versions = environment.versions(programs, python, built=asked.programs is None)
    settings = (command, asked.rounds, asked.warm_ups, asked.threads)
    whole = results.Run(*settings, machine, versions, timed, startup)
    path = output_path(asked, benches)
    results.write(whole, path)
    say(f"results in {path}")


if __name__ == "__main__":
    main()
