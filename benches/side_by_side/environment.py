"""What the comparison needs, and where it runs: the built programs, the Python packages of the
other tools, and a description of the machine."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ["duckdb", "polars"]
REPOSITORY = Path(__file__).resolve().parents[2]

Say = Callable[[str], None]


@dataclass(frozen=True)
class Programs:
    """The programs of this project."""

    tierwise: Path
    generator: Path
    decoder: Path


def build(existing: Path | None, say: Say) -> Programs:
    """Builds tierwise and its two helpers in release, or takes them from a folder."""
    if existing is None:
        say("building in release (the first build takes some minutes)")
        helpers = ["--example", "generate_logs", "--example", "decode"]
        command = ["cargo", "build", "--release", "--bin", "tierwise", *helpers]
        subprocess.run(command, cwd=REPOSITORY, check=True)
        target = Path(os.environ.get("CARGO_TARGET_DIR", "target"))
        release = REPOSITORY / target / "release"
        examples = release / "examples"
    else:
        release = examples = existing.resolve()
    found = Programs(release / "tierwise", examples / "generate_logs", examples / "decode")
    for program in (found.tierwise, found.generator, found.decoder):
        if not program.exists():
            sys.exit(f"side_by_side: there is no {program}")
    return found


def packages(base: Path, upgrade: bool, say: Say) -> Path:
    """A Python with the other tools, in an environment of its own."""
    home = base / "venv"
    python = home / "bin" / "python"
    if not (home / "pip-done").exists() or upgrade:
        say(f"installing {' and '.join(PACKAGES)}")
        made = subprocess.run([sys.executable, "-m", "venv", str(home)])
        if made.returncode != 0:
            stop_without_pip()
        if subprocess.run([python, "-m", "pip", "--version"], stdout=subprocess.DEVNULL).returncode:
            stop_without_pip()
        command = [python, "-m", "pip", "install", "--quiet", "--upgrade", *PACKAGES]
        if subprocess.run(command).returncode != 0:
            sys.exit(f"side_by_side: pip could not install {' and '.join(PACKAGES)}; see above")
        (home / "pip-done").touch()
    return python


def stop_without_pip() -> None:
    """Ends the run where Python has no pip."""
    sys.exit(
        "side_by_side: STOPPED, nothing was measured.\n"
        f"The comparison needs {' and '.join(PACKAGES)}, and this Python has no pip (or no venv)\n"
        f"to install them with: {sys.executable}\n"
        "Install them, for example the packages python3-pip and python3-venv, and run again."
    )


def versions(programs: Programs, python: Path, built: bool) -> dict[str, str]:
    """The versions of everything that takes part. Only what was built here has a known commit."""
    code = "import duckdb, polars; print(duckdb.__version__, polars.__version__)"
    duckdb, polars = text([str(python), "-c", code]).split()
    commit = text(["git", "-C", str(REPOSITORY), "rev-parse", "--short=12", "HEAD"])
    sources = ["--", "src", "Cargo.toml", "Cargo.lock"]
    changed = text(["git", "-C", str(REPOSITORY), "status", "--porcelain", *sources])
    return {
        "tierwise": text([str(programs.tierwise), "--version"]).removeprefix("tierwise "),
        "commit": commit + (" with changes" if changed else "") if built else "commit unknown",
        "duckdb": duckdb,
        "polars": polars,
        "python": platform.python_version(),
    }


def machine() -> dict[str, str]:
    """The machine: processor, cores, memory, system."""
    return {
        "cpu": field("/proc/cpuinfo", "model name") or platform.processor() or "unknown",
        "cores": str(os.cpu_count()),
        "memory": memory(),
        "system": f"{platform.system()} {platform.release()}",
    }


def memory() -> str:
    """The memory in GiB."""
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{round(size / 2**30)} GiB"


def field(path: str, name: str) -> str | None:
    """The value of the first `name: value` line of a file."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    found = (line.partition(":")[2].strip() for line in lines if line.startswith(name))
    return next(found, None)


def text(command: list[str]) -> str:
    """What a command prints; empty when it fails."""
    if shutil.which(command[0]) is None:
        return ""
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()
