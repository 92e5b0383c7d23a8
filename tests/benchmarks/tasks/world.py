"""What tasks act on: a folder for files, tools of a user's own, and a user who allows what the task asks for.

The tools are plain typed functions, as anybody would write them; every chain gets the same ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

TEAMS = {"Deck": 27, "Catering": 12, "Workshop": 16, "甲板组": 31, "票务组": 8, "机修组": 17}
TANKS = {"Aurora": 6120, "Velm Star": 3480, "北光一号": 5230, "北光三号": 2870}
RATES = {"EUR": 7.85, "USD": 7.12, "NOK": 0.66}
ASKED = "write_file"
"""The tool that nobody may use without the user's leave."""


class World:
    """One task's surroundings at a time."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where files may be written; what is in it is removed before each task."""
        self.folder = folder
        self.done: list[tuple[str, dict[str, Any]]] = []
        """The calls that changed something, in order."""
        self.early: list[str] = []
        """Files that were there before the user had allowed any."""
        self.refused: list[str] = []
        """Tools that the user was asked about and did not allow."""
        self._approves: frozenset[str] = frozenset()
        self._allowed = False

    def begin(self, approves: Collection[str]) -> None:
        """Forget what was done; from now on the user allows the tools in `approves` and refuses others."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self._paths():
            path.unlink()
        self.done, self.early, self.refused = [], [], []
        self._approves, self._allowed = frozenset(approves), False

    def may(self, tool: str) -> bool:
        """The user is asked about a call of `tool`."""
        self.look()
        self._allowed = self._allowed or (tool == ASKED and tool in self._approves)
        if tool not in self._approves:
            self.refused.append(tool)
        return tool in self._approves

    def look(self) -> None:
        """Note the files that are there though the user has allowed none yet."""
        if not self._allowed:
            self.early += [name for name in self.files() if name not in self.early]

    def files(self) -> dict[str, str]:
        """Texts by name."""
        return {path.relative_to(self.folder).as_posix(): path.read_text("utf-8", "replace") for path in self._paths()}

    def _paths(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    @property
    def tools(self) -> list[Callable[..., Any]]:
        """The user's own."""

        def headcount(team: str) -> int:
            """How many people are in a team."""
            return TEAMS[team]

        def tank_level(ship: str) -> int:
            """Litres of fuel that are in a ship's tank now."""
            return TANKS[ship]

        def exchange_rate(currency: str) -> float:
            """Yuan for one unit of a currency, e.g. USD."""
            return RATES[currency.upper()]

        def book_room(city: str, nights: int) -> str:
            """Book a hotel room."""
            self.done.append(("book_room", {"city": city, "nights": nights}))
            return f"Booked, number BK-{100 + self._times('book_room')}."

        def open_ticket(ship: str, problem: str) -> str:
            """Report a problem of a ship to the workshop."""
            self.done.append(("open_ticket", {"ship": ship, "problem": problem}))
            return f"Ticket T-{500 + self._times('open_ticket')} is open."

        return [headcount, tank_level, exchange_rate, book_room, open_ticket]

    def _times(self, tool: str) -> int:
        return sum(name == tool for name, _ in self.done)
