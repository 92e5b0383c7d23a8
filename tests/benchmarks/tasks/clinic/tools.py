"""The tools that somebody in the clinic has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks.tasks.world import World

ROOMS = {"alder street": 6, "brook lane": 2, "quarry road": 4}
QUEUES = {"内科": 11, "儿科": 16, "中医科": 7}


def tools(world: World) -> list[Callable[..., Any]]:
    def animals_waiting(surgery: str) -> int:
        """Animals that sit in the waiting room of a surgery."""
        return ROOMS[surgery.lower()]

    def incubator_temperature() -> float:
        """Temperature in the incubator now, in degrees."""
        return 29.2

    def book_visit(animal: str, minutes: int) -> str:
        """Book a visit of an animal."""
        return f"Confirmed: V-{400 + world.did('book_visit', animal=animal, minutes=minutes)}"

    def order_supplies(item: str, quantity: int) -> str:
        """Order supplies for the clinic."""
        return f"Order no. {world.did('order_supplies', item=item, quantity=quantity)}"

    def queue_length(department: str) -> int:
        """某科室正在排队候诊的人数。"""
        return QUEUES[department]

    def fridge_temperature() -> dict[str, float]:
        """疫苗冰箱当前温度（摄氏度）。"""
        return {"温度": 9.1}

    def order_devices(device: str, count: int) -> str:
        """向供应商订购器械。"""
        return f"订单 {world.did('order_devices', device=device, count=count)}"

    return [
        animals_waiting,
        incubator_temperature,
        book_visit,
        order_supplies,
        queue_length,
        fridge_temperature,
        order_devices,
    ]
