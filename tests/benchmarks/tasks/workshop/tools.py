"""The tools that somebody in the bicycle workshop has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks.tasks.world import World

PRESSURE = {"T1": 3.1, "C7": 4.0, "E3": 4.8}
OPEN_JOBS = {"Lena": 7, "Marek": 12}
HIRED_TODAY = {"city": 18, "trekking": 5, "e-bike": 11}
PUMP = 5.4
WAITING = {"东门店": 9, "河滨店": 4, "大学店": 16}
FREE_BIKES = {"普通车": 31, "山地车": 6, "双人车": 3}


def tools(world: World) -> list[Callable[..., Any]]:
    def tyre_pressure(bike: str) -> float:
        """Tyre pressure of a hire bike now, in bar, e.g. "C7"."""
        return PRESSURE[bike.upper()]

    def open_jobs(mechanic: str) -> int:
        """Jobs that a mechanic still has to finish."""
        return OPEN_JOBS[mechanic]

    def hired_today(kind: str) -> int:
        """How many bikes of a kind ("city", "trekking", "e-bike") are out on hire today."""
        return HIRED_TODAY[kind.lower()]

    def order_parts(part: str, pieces: int) -> dict[str, str]:
        """Order pieces of a part."""
        return {"order": f"P-{300 + world.did('order_parts', part=part, pieces=pieces)}"}

    def pump_pressure() -> float:
        """气泵现在的压力（公斤）。"""
        return PUMP

    def bikes_waiting(store: str) -> int:
        """某家店里等着修的车有几辆，如“东门店”。"""
        return WAITING[store]

    def free_bikes(kind: str) -> int:
        """今天还能租出去的车有几辆，按车型查，如“普通车”。"""
        return FREE_BIKES[kind]

    def order_battery(model: str, count: int) -> str:
        """向厂家订购电瓶。"""
        return f"订单已提交，编号 B-{500 + world.did('order_battery', model=model, count=count)}"

    return [tyre_pressure, open_jobs, hired_today, order_parts, pump_pressure, bikes_waiting, free_bikes, order_battery]
