"""What the documentation says is what the program does."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ingest.language import speaking
from ingest.settings import Settings, is_carried, load_settings, setting_meaning
from tests.house import reference

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
SETTINGS = ["docs/settings.md", "docs/settings.zh.md"]


def _blocks(language: str) -> list[object]:
    """Each block of the pages once: where both languages have it, from the English page."""
    pattern = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    found = {
        re.sub(r" *#.*", "", match[1]): pytest.param(match[1], id=f"{path.name}-{number}")
        for path in sorted(PAGES, key=lambda path: path.name.endswith(".zh.md"), reverse=True)
        for number, match in enumerate(pattern.finditer(path.read_text("utf-8")), 1)
    }
    return list(found.values())


@pytest.mark.parametrize("page", reference.HEADS)
def test_the_commands_page_is_the_real_help(page: str) -> None:
    written = (reference.DOCS / page).read_text("utf-8")
    assert written == reference.render(page), "Run: .venv/bin/python -m tests.house.reference"


def test_the_openapi_document_is_what_is_served() -> None:
    written = reference.OPENAPI.read_text("utf-8")
    assert written == reference.render_openapi(), "Run: .venv/bin/python -m tests.house.reference"


@pytest.mark.parametrize("page", SETTINGS)
def test_the_settings_page_has_every_setting_with_its_default(page: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(.+?)` \|", (ROOT / page).read_text("utf-8"), re.MULTILINE)
    documented = {key: tomllib.loads(f"value = {default}")["value"] for key, default in rows}
    assert documented == {field.name: field.default for field in dataclasses.fields(Settings)}


@pytest.mark.parametrize("page", SETTINGS)
def test_the_application_tells_of_each_setting_what_its_page_tells(page: str) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| `.+?` \| (.+) \|$", (ROOT / page).read_text("utf-8"), re.MULTILINE))
    with speaking("zh" if ".zh." in page else "en"):
        for key, told in rows.items():
            plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"\s?[(（]\[[^\]]*\]\([^)]*\)[)）]", "", told))
            assert setting_meaning(key) == plain.replace("`", "").replace("\\|", "|"), key


@pytest.mark.parametrize("block", _blocks("toml"))
def test_settings_in_the_docs_are_accepted(block: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(block, "utf-8")
    assert load_settings(tmp_path, file)


@pytest.mark.parametrize("block", _blocks("python"))
def test_examples_run(block: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Each block is a program of its own, run in the repository with a new home. Only the README's is run with the
    bundled embedder, which takes its time; the others are about names and fields."""
    program = tmp_path / "example.py"
    program.write_text(block, "utf-8")
    environment = {**os.environ, "ZHIKU_HOME": str(tmp_path / "home")}
    if "README" not in request.node.callspec.id:
        environment["ZHIKU_EMBEDDER"] = "hashing"
    done = subprocess.run([sys.executable, program], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() or "print" not in block


@pytest.mark.parametrize("page", SETTINGS)
def test_the_settings_page_says_which_come_along_with_a_backup(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    said = re.search(r"(?:A restored backup brings along|恢复备份时会采用其中的) (.+?)[:：]", text, re.DOTALL)
    assert said
    assert set(re.findall(r"`(\w+)`", said[1])) == {
        field.name for field in dataclasses.fields(Settings) if is_carried(field)
    }


def test_links_lead_somewhere() -> None:
    broken = [
        f"{path.name}: {target}"
        for path in PAGES
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text("utf-8"))
        if not (path.parent / target).exists()
    ]
    assert not broken


@pytest.mark.parametrize("page", ["README.md", "README.zh.md", "CONTRIBUTING.md"])
def test_files_that_are_named_exist(page: str) -> None:
    named = re.findall(r"`((?:app|agents|ingest|prompts|tests|docs|data)/[\w./-]*)`", (ROOT / page).read_text("utf-8"))
    assert not [name for name in named if not (ROOT / name).exists()]


def test_every_make_target_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {word for path in PAGES for word in re.findall(r"`make ([a-z-]+)", path.read_text("utf-8"))}
    assert named <= targets


def test_both_readmes_start_with_what_to_type() -> None:
    for name in ("README.md", "README.zh.md"):
        first = "\n".join((ROOT / name).read_text("utf-8").splitlines()[:40])
        assert "make demo" in first
        assert "ingest add" in first
