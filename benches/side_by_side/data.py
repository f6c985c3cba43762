"""The inputs: which logs are compared, how large they are, and how they are made.

Every log comes from the project's own generator with one fixed seed. Files are kept in a folder
that is named after the generator's source, so a changed generator never meets old data.
"""

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SEED = 1
STARTUP_ROWS = 1_000
GZIP = ("gzip", "-n", "-6", "-c")
ZSTD = ("zstd", "-q", "-3", "-T1", "-c")


@dataclass(frozen=True)
class Input:
    """One log: `kind` is how the jobs read it, `form` what the generator calls it."""

    name: str
    title: str
    kind: str
    form: str
    rows: int
    ending: str
    packer: tuple[str, ...] = ()

    def path(self, folder: Path, scale: int) -> Path:
        """Where it lies."""
        return folder / f"{self.form}-{max(self.rows // scale, 1)}.{self.ending}"


INPUTS = [
    Input("csv", "CSV", "csv", "csv", 10_000_000, "csv"),
    Input("jsonl", "flat JSONL", "jsonl", "jsonl", 5_000_000, "jsonl"),
    Input("chat", "chat-completion JSONL", "chat", "chat", 1_000_000, "jsonl"),
    Input("csv.gz", "CSV as .gz", "csv", "csv", 10_000_000, "csv.gz", GZIP),
    Input("csv.zst", "CSV as .zst", "csv", "csv", 10_000_000, "csv.zst", ZSTD),
]
STARTUP = Input("1,000 rows", "start-up", "csv", "csv", STARTUP_ROWS, "csv")


def unpacked(wanted: Input) -> Input:
    """The same log without compression."""
    return next(one for one in INPUTS if one.form == wanted.form and not one.packer)


def folder(base: Path, generator_source: Path) -> Path:
    """The folder for the data of this generator."""
    digest = hashlib.sha256(generator_source.read_bytes()).hexdigest()
    path = base / "data" / digest[:12]
    path.mkdir(parents=True, exist_ok=True)
    return path


def make(
    wanted: Input, scale: int, into: Path, generator: Path, say: Callable[[str], None]
) -> Path:
    """Makes an input unless it is there, and says where it is."""
    path = wanted.path(into, scale)
    if path.exists():
        return path
    say(f"making {path.name}")
    # A file appears whole or not at all, so what is there can be trusted.
    part = path.with_name(path.name + ".part")
    if wanted.packer:
        plain = make(unpacked(wanted), scale, into, generator, say)
        if shutil.which(wanted.packer[0]) is None:
            raise SystemExit(f"side_by_side: {wanted.name} needs the command {wanted.packer[0]}")
        with part.open("wb") as file:
            subprocess.run([*wanted.packer, str(plain)], stdout=file, check=True)
    else:
        rows = max(wanted.rows // scale, 1)
        options = ["--rows", str(rows), "--format", wanted.form, "--seed", str(SEED)]
        subprocess.run([str(generator), *options, "-o", str(part)], check=True)
    part.rename(path)
    return path
