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

from tests.supply.lock import LOCKS, read

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


class TestLocks:
    """Both locks pin everything with hashes, for every machine, and name no place to fetch it from."""

    USERS, DEVELOPERS = (read(path) for path in LOCKS.values())

    def test_every_entry_is_one_version_with_the_hashes_of_its_files(self) -> None:
        for pin in (*self.USERS, *self.DEVELOPERS):
            assert pin.hashes, f"{pin.name} has no hash: make lock"
            assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in pin.hashes)

    def test_no_address_and_no_cuda(self) -> None:
        text = "".join(path.read_text("utf-8") for path in LOCKS.values())
        assert "//" not in text
        assert "+cpu" not in text
        assert not re.search(r"^(nvidia-|cuda-|triton)", text, re.MULTILINE)

    def test_they_answer_what_the_project_asks_for(self) -> None:
        for pins, wanted in (
            (self.USERS, PROJECT["project"]["dependencies"]),
            ([*self.USERS, *self.DEVELOPERS], PROJECT["dependency-groups"]["dev"]),
        ):
            pinned = {canonicalize_name(pin.name): pin.version for pin in pins}
            for requirement in map(Requirement, wanted):
                name = canonicalize_name(requirement.name)
                assert name in pinned, f"{name} is missing from the lock: make lock"
                assert requirement.specifier.contains(pinned[name], prereleases=True), f"{requirement}: {pinned[name]}"

    def test_users_get_no_tools_of_the_trade(self) -> None:
        everywhere = {pin.name for pin in self.USERS if not pin.marker}  # others developers may need on more systems
        assert everywhere.isdisjoint(pin.name for pin in self.DEVELOPERS)
        tools = {canonicalize_name(Requirement(wanted).name) for wanted in PROJECT["dependency-groups"]["dev"]}
        needed = {canonicalize_name(Requirement(wanted).name) for wanted in PROJECT["project"]["dependencies"]}
        beside = {pin.name for pin in self.USERS} & (tools - needed)
        assert beside <= THROUGH_OTHERS, f"{beside} come to users"
        assert {"pytest", "mypy", "selenium", "ruff", "hypothesis", "vcrpy"}.isdisjoint(p.name for p in self.USERS)


THROUGH_OTHERS = {"opentelemetry-sdk"}
"""Tools of ours that a dependency of users brings anyway: chromadb."""


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
        "argon2-cffi": "argon2",
    }
    # Used through another library: transformers runs sentence-transformers' models; tzdata are zoneinfo's files; FastAPI reads
    # uploads with python-multipart; Streamlit signs people in with Authlib.
    unseen = {"transformers", "tzdata", "python-multipart", "authlib"}
    sources = "\n".join(path.read_text("utf-8") for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    unused = []
    for wanted in map(Requirement, PROJECT["project"]["dependencies"]):
        module = module_of.get(wanted.name, wanted.name.replace("-", "_"))
        pattern = rf"(from|import) {re.escape(module)}\b|[\"']{re.escape(module)}[\"']"
        if wanted.name not in unseen and not re.search(pattern, sources):
            unused.append(wanted.name)
    assert not unused
