"""Runs one process and says what it took; owns the order of rounds.

Wall time is around the whole process, CPU time (user + system) and peak memory are the
kernel's own figures for that process from `os.wait4`. The kernel counts the memory of the
process that starts another into the other's peak, so whoever measures must stay small: this
module imports the standard library alone and never holds a result.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Usage:
    """What one process took: seconds, seconds, MiB."""

    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class Contender:
    """A command that takes part in the rounds of one input."""

    name: str
    command: list[str]
    threads: int
    # Where its standard output goes; none is thrown away.
    output: Path | None = None
    # A file that it writes, which is removed before, so that it is a new one.
    fresh: Path | None = None


def run(contender: Contender) -> Usage:
    """Runs a command to its end. Fails loudly when it fails."""
    command = contender.command
    if contender.fresh:
        contender.fresh.unlink(missing_ok=True)
    environment = dict(os.environ, POLARS_MAX_THREADS=str(contender.threads))
    with open(contender.output or os.devnull, "wb") as output:
        begun = time.perf_counter()
        child = subprocess.Popen(command, stdout=output, env=environment)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"side_by_side: exit code {child.returncode} from: {' '.join(command)}")
    return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def warm(path: Path) -> None:
    """Reads a file once, so that it lies in the page cache."""
    subprocess.run(["cat", str(path)], stdout=subprocess.DEVNULL, check=True)


def rounds(
    contenders: list[Contender], count: int, warm_ups: int, say: Callable[[str], None]
) -> dict[str, list[Usage]]:
    """Interleaves: every contender once, then all again. The warm-up rounds are not counted."""
    taken: dict[str, list[Usage]] = {contender.name: [] for contender in contenders}
    for number in range(count + warm_ups):
        counted = number >= warm_ups
        label = f"round {number - warm_ups + 1}" if counted else "warm-up"
        for contender in contenders:
            usage = run(contender)
            say(f"  {label}: {contender.name}: {usage.wall:.3f} s, CPU {usage.cpu:.3f} s")
            if counted:
                taken[contender.name].append(usage)
    return taken


def median(values: list[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def ratio(of: list[Usage], to: list[Usage], what: str) -> float:
    """The median of the ratios round by round, which a drift of the machine touches least."""
    pairs = zip(of, to, strict=True)
    return median([getattr(one, what) / max(getattr(other, what), 1e-9) for one, other in pairs])
