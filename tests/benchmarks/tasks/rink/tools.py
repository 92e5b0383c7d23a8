"""The tools that somebody at the ice rink has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks.tasks.world import World

ICE = {"main rink": -4.7, "training rink": -3.2}
SKATERS = {"东馆": 187, "西馆": 41}
HUMIDITY = {"东馆": 53, "西馆": 68}


def tools(world: World) -> list[Callable[..., Any]]:
    def ice_temperature(rink: str) -> float:
        """Temperature of a rink's ice surface now, in °C."""
        return ICE[rink.lower()]

    def free_parking() -> int:
        """Spaces in the car park that are free at present."""
        return 63

    def book_ice(team: str, hours: int) -> str:
        """Book ice time for a team."""
        return f"Booked, number ICE-{40 + world.did('book_ice', team=team, hours=hours)}."

    def order_skates(skate: str, pairs: int) -> str:
        """Order hire skates from the dealer."""
        return f"Order no. {world.did('order_skates', skate=skate, pairs=pairs)}"

    def skaters_inside(hall: str) -> int:
        """某个馆里现在冰上的人数。"""
        return SKATERS[hall]

    def air_humidity(hall: str) -> dict[str, int]:
        """某个馆当前的空气湿度（百分比）。"""
        return {"湿度": HUMIDITY[hall]}

    def keep_locker(name: str, days: int) -> str:
        """替客人长期保留一个存包柜。"""
        return f"已保留，柜号 G-{210 + world.did('keep_locker', name=name, days=days)}。"

    return [
        ice_temperature,
        free_parking,
        book_ice,
        order_skates,
        skaters_inside,
        air_humidity,
        keep_locker,
    ]
