"""The tools that somebody at the orchard has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.tasks.world import World


FIELDS = {"lower field": -0.6, "top field": 2.3, "old field": 1.4}
PICKERS = {"cherries": 18, "plums": 44, "pears": 27}
MOISTURE = {"猕猴桃园": 19.5, "桃园": 24.0, "葡萄园": 31.5}
STORES = {"一号库": -0.3, "二号库": 1.6, "三号库": 5.8}


def tools(world: World) -> list[Callable[..., Any]]:
    def field_temperature(field: str) -> float:
        """Air temperature in one of the fields now, in °C."""
        return FIELDS[field.lower()]

    def visitors_picking(fruit: str) -> int:
        """How many visitors are picking a fruit at present."""
        return PICKERS[fruit.lower()]

    def block_crates(customer: str, crates: int) -> str:
        """Set crates aside for a customer."""
        return f"Set aside, slip HB-{300 + world.did('block_crates', customer=customer, crates=crates)}."

    def soil_moisture(plot: str) -> dict[str, float]:
        """某个园子现在的土壤湿度（百分比）。"""
        return {"土壤湿度": MOISTURE[plot]}

    def store_temperature(store: str) -> float:
        """某个冷库现在的温度（摄氏度）。"""
        return STORES[store]

    def book_picking(group: str, people: int) -> str:
        """替一个团体预约采摘。"""
        return f"已预约，编号 C-{520 + world.did('book_picking', group=group, people=people)}。"

    def book_shipment(customer: str, boxes: int) -> str:
        """替一位客户预约发货。"""
        return f"已预约，发货单 F-{80 + world.did('book_shipment', customer=customer, boxes=boxes)}。"

    return [
        field_temperature,
        visitors_picking,
        block_crates,
        soil_moisture,
        store_temperature,
        book_picking,
        book_shipment,
    ]
