"""The tools that somebody in the garden has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks.tasks.world import World

VOLUNTEERS = {"saturday": 19, "sunday": 14, "monday": 3}
HOUSES = {"palm house": 740, "fern house": 410}
COACHES = {"城北馆": 14, "滨河馆": 11, "南山馆": 8}
POOLS = {"标准池": 26.5, "儿童池": 28.5}
RATES = {("EUR", "USD"): 1.08, ("USD", "EUR"): 0.925926, ("USD", "CNY"): 7.2, ("CNY", "USD"): 0.138889}


def tools(world: World) -> list[Callable[..., Any]]:
    def volunteers_on(day: str) -> int:
        """Number of volunteers on duty on a day of the week, such as Monday."""
        return VOLUNTEERS[day.lower()]

    def tank_litres(house: str) -> int:
        """Current content of a greenhouse's irrigation tank in litres."""
        return HOUSES[house.lower()]

    def fx_rate(base: str, quote: str) -> float:
        """What one unit of the base currency is worth in the quote currency; both as ISO codes like USD."""
        return RATES[base.upper(), quote.upper()]

    def order_plants(plant: str, pieces: int) -> dict[str, str]:
        """Order plants from the nursery."""
        return {"status": "ordered", "number": f"P-{800 + world.did('order_plants', plant=plant, pieces=pieces)}"}

    def coach_count(venue: str) -> int:
        """场馆现有教练人数。"""
        return COACHES[venue]

    def water_temperature(pool: str) -> float:
        """泳池当前水温（摄氏度）。"""
        return POOLS[pool]

    def reserve_court(venue: str, hours: int) -> str:
        """预约场馆的场地。"""
        return f"预约成功，预约号 R-{300 + world.did('reserve_court', venue=venue, hours=hours)}"

    return [volunteers_on, tank_litres, fx_rate, order_plants, coach_count, water_temperature, reserve_court]
