"""What is imported is what one sees: the four names, the wheel, the lock."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
ROOMS = ("app", "ingest", "agents", "prompts")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_each_name_is_our_folder_from_anywhere(tmp_path: Path) -> None:
    """`openai-agents` installs a top-level `agents`, `app` is everybody's name: from another folder, in a
    fresh interpreter that ignores the environment, ours must still be what is found."""
    code = f"import importlib.util as u, json;print(json.dumps({{n: u.find_spec(n).origin for n in {ROOMS!r}}}))"
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found == {name: str(ROOT / name / "__init__.py") for name in ROOMS}


def test_no_page_shadows_a_package() -> None:
    """Streamlit puts app/ first on `sys.path`: a page called agents.py would hide the package."""
    stems = {path.stem for path in (ROOT / "app").rglob("*.py")} - {"__init__", "__main__"}
    assert stems.isdisjoint(ROOMS)
    assert stems.isdisjoint(sys.stdlib_module_names)


def test_it_cannot_be_uploaded_by_mistake() -> None:
    assert "Private :: Do Not Upload" in PROJECT["project"]["classifiers"]


def test_both_commands_are_declared() -> None:
    assert PROJECT["project"]["scripts"] == {"ingest": "ingest.cli:main", "zhiku": "agents.cli:main"}


def test_the_wheel_holds_every_file_of_the_four_rooms(tmp_path: Path) -> None:
    hatchling = pytest.importorskip("hatchling.build", reason="the build backend is not in this environment")
    import os

    before = Path.cwd()
    os.chdir(ROOT)
    try:
        wheel = tmp_path / hatchling.build_wheel(str(tmp_path))
    finally:
        os.chdir(before)
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    tracked = subprocess.run(
        ["git", "-c", "core.quotepath=off", "ls-files", *ROOMS], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert not sorted(set(tracked) - inside)
    assert {name.split("/")[0] for name in inside} - {f"zhiku-{PROJECT['project']['version']}.dist-info"} == set(ROOMS)


class TestLock:
    """requirements.lock pins everything, for every machine, and names no place to fetch it from."""

    LINES = (ROOT / "requirements.lock").read_text("utf-8").splitlines()

    def test_every_line_pins_one_version(self) -> None:
        for line in self.LINES:
            assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*==[0-9][0-9A-Za-z.]*( ; .+)?", line), line

    def test_no_address_and_no_cuda(self) -> None:
        text = "\n".join(self.LINES)
        assert "//" not in text
        assert "+cpu" not in text
        assert not re.search(r"^(nvidia-|cuda-|triton)", text, re.MULTILINE)

    def test_it_answers_what_the_project_asks_for(self) -> None:
        pinned = {}
        for line in self.LINES:
            requirement = Requirement(line)
            pinned[canonicalize_name(requirement.name)] = next(iter(requirement.specifier)).version
        groups = PROJECT["dependency-groups"]["dev"]
        for wanted in map(Requirement, [*PROJECT["project"]["dependencies"], *groups]):
            name = canonicalize_name(wanted.name)
            assert name in pinned, f"{name} is missing from the lock: make lock"
            assert wanted.specifier.contains(pinned[name], prereleases=True), f"{wanted} against {pinned[name]}"


def test_every_dependency_is_used() -> None:
    """A dependency that nobody imports is a burden on everyone's disk."""
    module_of = {
        "llama-cpp-python": "llama_cpp",
        "python-docx": "docx",
        "python-pptx": "pptx",
        "pyyaml": "yaml",
        "markdown-it-py": "markdown_it",
        "python-dateutil": "dateutil",
        "opentelemetry-api": "opentelemetry",
    }
    # Used through another library: transformers runs sentence-transformers' models; tzdata are zoneinfo's files.
    unseen = {"transformers", "tzdata"}
    sources = "\n".join(path.read_text("utf-8") for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    unused = []
    for wanted in map(Requirement, PROJECT["project"]["dependencies"]):
        module = module_of.get(wanted.name, wanted.name.replace("-", "_"))
        pattern = rf"(from|import) {re.escape(module)}\b|[\"']{re.escape(module)}[\"']"
        if wanted.name not in unseen and not re.search(pattern, sources):
            unused.append(wanted.name)
    assert not unused
