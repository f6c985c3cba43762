#!/usr/bin/env python3
"""How many instructions three fixed reports take, against the figures that were accepted.

    python3 benches/instructions/run.py            # ends with 1 where a job takes more than it may
    python3 benches/instructions/run.py --accept   # writes the figures of now to counts.json

valgrind's callgrind counts instructions, not time: what else the machine does is of no account. The
figures hold for one compiler and one C library; a new one of these shifts all jobs a little. Accept
new figures in the commit that explains them. Without valgrind nothing is checked, and that is said.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
ACCEPTED = HERE / "counts.json"
TOLERANCE = 0.05
# The form of the generator, and its rows.
JOBS = {"csv": 50_000, "jsonl": 30_000, "chat": 10_000}


def count(program: Path, log: Path, folder: Path) -> int:
    """The instructions of one report."""
    report = ["report", str(log), "--by", "model,project,day", "--format", "json", "-q"]
    outputs = ["--threads", "1", "-o", str(folder / "report.json")]
    valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder / 'calls'}"]
    command = [*valgrind, str(program), *report, *outputs]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        sys.exit(f"instructions: {' '.join(command)} failed:\n{done.stderr}")
    return int(found.group(1))


def main() -> None:
    """Counts all jobs and compares them."""
    parser = argparse.ArgumentParser(description="Instructions of three fixed reports.")
    parser.add_argument("--accept", action="store_true", help="write the figures of now")
    asked = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("instructions: SKIPPED, there is no valgrind (package valgrind)", file=sys.stderr)
        return
    build = ["cargo", "build", "--locked", "--release", "--quiet", "--bin", "tierwise"]
    subprocess.run([*build, "--example", "generate_logs"], cwd=REPOSITORY, check=True)
    release = REPOSITORY / "target" / "release"
    accepted = json.loads(ACCEPTED.read_text()) if ACCEPTED.exists() else {}
    counted, slower = {}, []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for form, rows in JOBS.items():
            log = folder / f"log.{form}"
            options = ["--rows", str(rows), "--format", form, "--seed", "1", "-o", str(log)]
            subprocess.run([str(release / "examples" / "generate_logs"), *options], check=True)
            counted[form] = count(release / "tierwise", log, folder)
            known = accepted.get(form)
            change = "new" if known is None else f"{counted[form] / known - 1:+.1%}"
            print(f"instructions: {form}, {rows} rows: {counted[form]:,} ({change})")
            if known is not None and counted[form] > known * (1 + TOLERANCE):
                slower.append(form)
    if asked.accept:
        ACCEPTED.write_text(json.dumps(counted, indent=2) + "\n")
    elif slower:
        sys.exit(f"instructions: more than {TOLERANCE:.0%} over what was accepted: {slower}")


if __name__ == "__main__":
    main()
