"""Run every benchmark and write one Markdown document, to stdout and to bench/bench.md, and its figures to bench/bench.json:
under 40 minutes, as each is sized for it and none asks a large model unless `model=FILE` names one.
`compare=OLD.json` (a kept bench.json) shows at its end what changed beyond noise.

Each module beside this one offers `run() -> str`: its own Markdown table with a heading, measured on this machine.
A benchmark that needs something that is not here (the measuring sets, a model) says so in its text; one that
breaks is reported in its place and the rest go on.
"""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import json
import os
import platform
import subprocess
import sys
import time
import traceback
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.benchmarks.comparing import compared, figures
from tests.benchmarks.runs import ROOT, processor

ORDER = (
    "ingest_peers",
    "retrieval",
    "start",
    "clicks",
    "scale",
    "filters",
    "embedders",
    "ingest_speed",
    "churn",
    "reranking",
    "answers",
    "adversarial",
    "reading",
    "ocr",
    "generation",
    "busy",
    "sandbox",
    "follow_ups",
    "conversations",
    "tools",
    "bfcl",
    "agents_peers",
    "real",
    "tasks",
    "crashes",
)
_PACKAGES = (
    "langchain-core", "langchain-text-splitters", "llama-index-core", "sentence-transformers", "torch", "onnxruntime",
    "chromadb", "llama-cpp-python", "numpy",
)  # fmt: skip
"""Whose versions decide about the figures: peers, and what computes."""


def _machine() -> str:
    import psutil

    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        processor = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        processor = platform.processor() or platform.machine()
    memory = psutil.virtual_memory().total / 2**30
    return f"{processor}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def _versions() -> str:
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    told = [f"commit {commit.stdout.strip() or '?'}"]
    for package in _PACKAGES:
        try:
            told.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    if peer := os.environ.get("LLAMAINDEX_PYTHON"):
        command = [peer, "-c", "from importlib.metadata import version; print(version('llama-index-core'))"]
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
        told.append(f"llama-index-core {found or '?'}")
    return ", ".join(told)


def _section(name: str, options: dict[str, str]) -> tuple[str, bool]:
    """One benchmark's Markdown and whether it ran. It is given those of the options that it has."""
    begun, used = time.monotonic(), processor()
    try:
        part = importlib.import_module(f"tests.benchmarks.{name}").run
        known = inspect.signature(part).parameters
        text = str(part(**{key: value for key, value in options.items() if key in known or "options" in known}))
    except Exception:
        print(traceback.format_exc(), file=sys.stderr)
        reason = traceback.format_exc().strip().splitlines()[-1]
        return f"## {name}\n\nDid not run: `{reason}`\n", False
    return f"{text.strip()}\n\n_{name}: {_spent(begun, used)}_\n", True


def _spent(begun: float, used: float) -> str:
    return f"measured in {time.monotonic() - begun:.0f} s, {processor() - used:.0f} s of a processor"


def main(arguments: list[str]) -> int:
    """Run the named benchmarks, or all, with the options given as key=value; the status says whether every one ran."""
    options = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    names = [argument for argument in arguments if "=" not in argument] + options.pop("only", "").split()
    old = options.pop("compare") if options.get("compare", "").endswith(".json") else ""
    before = json.loads(Path(old).read_text("utf-8"))["figures"] if old else {}
    unknown = [name for name in names if name not in ORDER]
    if unknown:
        print(f"No benchmark {', '.join(unknown)}; there are {', '.join(ORDER)}.", file=sys.stderr)
        return 2
    today = dt.datetime.now(dt.UTC).date()
    about = f"{today.isoformat()}. {_machine()}. {_versions()}."
    print(f"# Benchmarks\n\n{about}\n", flush=True)
    parts: list[str] = []
    fine, begun = True, time.monotonic()
    for name in names or ORDER:
        print(f"{name} …", file=sys.stderr, flush=True)
        text, ran = _section(name, options)
        fine = fine and ran
        parts.append(text)
        print(text, flush=True)
        _write(f"{about} All of it {_spent(begun, 0.0)}.", parts)  # after each: a run that is cut short has a page too
    if old:
        parts.append(compared(before, figures("\n".join(parts))))
        print(parts[-1], flush=True)
        _write(f"{about} All of it {_spent(begun, 0.0)}.", parts)
    return 0 if fine else 1


def _write(about: str, parts: list[str]) -> None:
    """bench/bench.md and bench/bench.json."""
    target = ROOT / "bench" / "bench.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join([f"# Benchmarks\n\n{about}\n", *parts]), "utf-8")
    record = json.dumps({"about": about, "figures": figures("\n".join(parts))}, ensure_ascii=False, indent=1)
    target.with_suffix(".json").write_text(record, "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
