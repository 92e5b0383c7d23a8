"""The places where tasks play: each a folder beside this file with documents, tasks, and the tools that somebody there has.

The rules were mended while the tasks of the harbour were read, then those of the garden, and so on. Each place was written
after the rules of its time, and its first figures tell how they do on what they were not made for: mend kinds of tasks, never
one of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.tasks.world import World

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Place:
    """Where tasks play."""

    name: str

    @property
    def tasks(self) -> Path:
        return _FOLDER / self.name / "tasks.jsonl"

    @property
    def documents(self) -> list[Path]:
        return sorted((_FOLDER / self.name / "corpus").iterdir())

    def tools(self, world: World) -> list[Callable[..., Any]]:
        """The user's own, in a world that notes what they change: plain typed functions, as anybody would write them."""
        made: list[Callable[..., Any]] = import_module(f"{__package__}.{self.name}.tools").tools(world)
        return made


PLACES = {tasks.parent.name: Place(tasks.parent.name) for tasks in sorted(_FOLDER.glob("*/tasks.jsonl"))}
HARBOUR = PLACES["harbour"]
