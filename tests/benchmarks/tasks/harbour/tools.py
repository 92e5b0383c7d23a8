"""The tools that somebody at the harbour has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks.tasks.world import World

TEAMS = {"Deck": 27, "Catering": 12, "Workshop": 16, "甲板组": 31, "票务组": 8, "机修组": 17}
TANKS = {"Aurora": 6120, "Velm Star": 3480, "北光一号": 5230, "北光三号": 2870}
YUAN = {"EUR": 7.85, "USD": 7.12, "NOK": 0.66}


def tools(world: World) -> list[Callable[..., Any]]:
    def headcount(team: str) -> int:
        """How many people are in a team."""
        return TEAMS[team]

    def tank_level(ship: str) -> int:
        """Litres of fuel that are in a ship's tank now."""
        return TANKS[ship]

    def exchange_rate(currency: str) -> float:
        """Yuan for one unit of a currency, e.g. USD."""
        return YUAN[currency.upper()]

    def book_room(city: str, nights: int) -> str:
        """Book a hotel room."""
        return f"Booked, number BK-{100 + world.did('book_room', city=city, nights=nights)}."

    def open_ticket(ship: str, problem: str) -> str:
        """Report a problem of a ship to the workshop."""
        return f"Ticket T-{500 + world.did('open_ticket', ship=ship, problem=problem)} is open."

    return [headcount, tank_level, exchange_rate, book_room, open_ticket]
