"""Rules of the house that no tool checks."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("app", "ingest", "agents", "prompts")
LONGEST = 400
LARGEST = 1 << 20


@cache
def tracked() -> tuple[Path, ...]:
    """Every file under version control that is still there."""
    listed = subprocess.run(
        ["git", "-c", "core.quotepath=off", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def product() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in ROOMS]


def test_no_large_file() -> None:
    assert not [path for path in tracked() if path.stat().st_size > LARGEST]


def test_the_top_holds_no_scratch_work() -> None:
    top = {path.relative_to(ROOT).parts[0] for path in tracked()}
    folders = {name for name in top if (ROOT / name).is_dir()}
    assert folders == {*ROOMS, ".ci", "data", "deploy", "docs", "tests"}
    assert {Path(name).suffix for name in top - folders} <= {"", ".md", ".sh", ".yml", ".toml", ".lock"}


def test_files_can_be_read_in_one_sitting() -> None:
    long = {str(p.relative_to(ROOT)): n for p in product() if (n := len(p.read_text("utf-8").splitlines())) > LONGEST}
    assert not long


def test_no_room_for_odds_and_ends() -> None:
    vague = {"core", "utils", "util", "common", "helpers", "helper", "misc"}
    assert not [path for path in product() if vague & {path.stem, *path.relative_to(ROOT).parts}]


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in product()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if later.search(line)
    ]
    assert not found


def test_no_address_of_this_or_any_machine() -> None:
    """No registry, index or path of the machine that it was written on."""
    words = [
        "/wo" + "rk/",
        "/opt/" + "pypi",
        "/opt/" + "wheels",
        "pypi" + ".org",
        "pytho" + "nhosted.org",
        "/ro" + "ot/",
    ]
    found = []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {word}" for word in words if word in text]
    assert not found


def test_every_test_can_fail() -> None:
    """A test whose body holds no assertion, no expectation and no call proves nothing."""
    empty = []
    for path in tracked():
        if path.suffix != ".py" or "tests" not in path.relative_to(ROOT).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                alive = (ast.Assert, ast.Raise, ast.With, ast.Call)
                if not any(isinstance(inner, alive) for stmt in node.body for inner in ast.walk(stmt)):
                    empty.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not empty


def test_no_merge_leftovers() -> None:
    assert not [p for p in product() if re.search(r"^(<{7}|>{7}) ", p.read_text("utf-8"), re.MULTILINE)]


class TestSampleCorpus:
    """The questions beside the sample documents can be answered from them, as they claim."""

    QUESTIONS = [json.loads(line) for line in (ROOT / "data/questions.jsonl").read_text("utf-8").splitlines()]

    def test_there_are_enough_of_each_kind(self) -> None:
        assert len(self.QUESTIONS) >= 40
        assert len({q["id"] for q in self.QUESTIONS}) == len(self.QUESTIONS)
        for lang in ("zh", "en"):
            assert sum(q["lang"] == lang for q in self.QUESTIONS) >= 15
            assert sum(q["lang"] == lang and not q["answerable"] for q in self.QUESTIONS) >= 3

    def test_near_misses_have_no_answer(self) -> None:
        records = [json.loads(line) for line in (ROOT / "data/near-misses.jsonl").read_text("utf-8").splitlines()]
        assert len({r["id"] for r in records}) == len(records) >= 40
        assert not [r for r in records if r["answerable"] or r["answers"] or r["documents"]]
        assert not {r["question"] for r in records} & {q["question"] for q in self.QUESTIONS}

    def test_every_answer_is_in_its_document(self) -> None:
        from ingest.loaders import load

        texts: dict[str, list[str]] = {}
        for question in self.QUESTIONS:
            assert bool(question["documents"]) == bool(question["answers"]) == question["answerable"]
            for name in question["documents"]:
                if name not in texts:
                    texts[name] = [page.text for page in load(ROOT / "data/documents" / name).pages]
                pages = texts[name] if question["page"] is None else [texts[name][question["page"] - 1]]
                assert any(answer in page for answer in question["answers"] for page in pages), question

    def test_every_document_is_described(self) -> None:
        described = (ROOT / "data/README.md").read_text("utf-8")
        assert not [p.name for p in (ROOT / "data/documents").iterdir() if f"`{p.name}`" not in described]
