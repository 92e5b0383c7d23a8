"""The plan of the house: doors, floors, and no way back up. The order of the rooms is import-linter's (pyproject.toml)."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import subprocess
import sys
import types
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
HOUSE = ("app", "ingest", "agents", "prompts")
FLOORS = 7
"""ingest; proof, llm, tools; chat; tasks; platform, access; the door, serve; app."""


@cache
def imports() -> dict[str, set[str]]:
    """For each module those of ours that it imports, for type checkers too."""
    graph = grimp.build_graph(*HOUSE, cache_dir=None)
    return {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}


def room(module: str) -> str:
    """`agents.proof` for all that is in it; ingest, app and prompts are a room each, `agents` itself is the door."""
    first, *rest = module.split(".")
    return f"{first}.{rest[0]}" if first == "agents" and rest else first


def in_order(arrows: dict[str, set[str]]) -> list[str]:
    """What imports nothing first. Raises `graphlib.CycleError`, which names a circle."""
    return list(TopologicalSorter(arrows).static_order())


def test_no_two_modules_import_each_other() -> None:
    assert in_order(imports())


def test_the_rooms_stand_on_few_floors() -> None:
    rooms: dict[str, set[str]] = {}
    for module, imported in imports().items():
        rooms.setdefault(room(module), set()).update(room(other) for other in imported)
    for name, others in rooms.items():
        others.discard(name)
    floors: dict[str, int] = {}
    for name in in_order(rooms):
        floors[name] = 1 + max((floors[below] for below in rooms[name]), default=0)
    assert max(floors.values()) <= FLOORS, floors


def test_the_root_of_agents_holds_the_door_and_the_platform() -> None:
    listed = subprocess.run(["git", "ls-files", "agents"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    root = {name for name in listed.splitlines() if name.count("/") == 1 and (ROOT / name).exists()}
    assert root == {"agents/__init__.py", "agents/platform.py", "agents/py.typed"}


@pytest.mark.parametrize("name", ["ingest", "agents", "prompts"])
def test_all_is_exact(name: str) -> None:
    """What a package offers is what its front door says: every name is there, and no other public one is."""
    module = importlib.import_module(name)
    offered = list(module.__all__)
    assert offered == sorted(set(offered))
    for public in offered:
        assert getattr(module, public) is not None
        assert importlib.util.find_spec(f"{name}.{public}") is None, f"the module {name}.{public} hides it"
    source = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    own = {n.name for n in source.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_")}
    assert own <= set(offered)
    stray = {
        key
        for key, value in vars(module).items()
        if not key.startswith("_")
        and not isinstance(value, types.ModuleType)
        and key not in offered
        and getattr(value, "__module__", "").split(".")[0] == name
    }
    assert not stray


@pytest.mark.parametrize("name", ["ingest", "agents"])
def test_a_lazy_door_tells_everybody_the_same(name: str) -> None:
    """What it tells type checkers is what it opens: nothing is offered under another name."""
    module = importlib.import_module(name)
    source = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    [block] = [n for n in source.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
    aliases = [alias for line in block.body if isinstance(line, ast.ImportFrom) for alias in line.names]
    assert all(alias.asname in (None, alias.name) for alias in aliases)
    assert module._MODULES.keys() == {alias.name for alias in aliases if alias.asname}
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        module.nonsense  # noqa: B018
    assert set(module.__all__) <= set(dir(module))


@pytest.mark.parametrize("name", ["ingest", "agents"])
def test_a_door_opens_at_once(name: str) -> None:
    """Importing it imports none of its rooms."""
    code = f"import sys, {name}; print(*sorted(m for m in sys.modules if m.split('.')[0] in {HOUSE!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [name]


def through_the_wall(source: str) -> list[str]:
    """Imports of ours that do not come in by a front door."""
    found = []
    for node in ast.walk(ast.parse(source)):
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        found += [name for name in modules if name.partition(".")[0] in HOUSE and "." in name]
    return found


@pytest.mark.parametrize("page", sorted((ROOT / "app").glob("*.py")), ids=lambda path: path.name)
def test_the_application_comes_in_by_the_front_doors(page: Path) -> None:
    assert not [name for name in through_the_wall(page.read_text("utf-8")) if not name.startswith("app.")]


@pytest.mark.parametrize("page", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]), ids=lambda path: path.name)
def test_examples_come_in_by_the_front_doors(page: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert not [name for block in blocks for name in through_the_wall(block)]
