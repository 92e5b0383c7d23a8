"""The tools that somebody at the aquarium has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks.tasks.world import World

SALINITY = {"ray pool": 36.4, "cold reef": 33.1, "tunnel": 34.9}
HALLS = {"海豚馆": 312, "极地馆": 85, "珊瑚馆": 47}
TEMPERATURES = {"珊瑚缸": 27.8, "鲨鱼缸": 23.5, "水母缸": 18.2}


def tools(world: World) -> list[Callable[..., Any]]:
    def salinity(pool: str) -> float:
        """Salinity of a pool now, in g/kg."""
        return SALINITY[pool.lower()]

    def free_lockers() -> int:
        """Lockers at the entrance that nobody uses at present."""
        return 58

    def reserve_session(group: str, people: int) -> str:
        """Reserve a session at the touch pool for a group."""
        return f"Reserved, code TP-{70 + world.did('reserve_session', group=group, people=people)}."

    def order_food(food: str, kilos: int) -> str:
        """Order food for the animals."""
        return f"Order no. {world.did('order_food', food=food, kilos=kilos)}"

    def visitors_inside(hall: str) -> int:
        """某个馆里现在的观众人数。"""
        return HALLS[hall]

    def tank_temperature(tank: str) -> dict[str, float]:
        """某个缸当前的水温（摄氏度）。"""
        return {"水温": TEMPERATURES[tank]}

    def report_fault(hall: str, fault: str) -> str:
        """向设备科报修。"""
        return f"报修单 {world.did('report_fault', hall=hall, fault=fault)}"

    return [
        salinity,
        free_lockers,
        reserve_session,
        order_food,
        visitors_inside,
        tank_temperature,
        report_fault,
    ]
