"""The tools that somebody in the bakery has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks.tasks.world import World

PROOFERS = {"mill lane": 25.4}
SHELVES = {"rye sourdough": 11, "white tin loaf": 6, "oat & honey": 3, "spelt & walnut": 0}
CUSTOMERS_TODAY = {"station kiosk": 214, "mill lane": 97}
OVENS = {"一号烤箱": 198, "二号烤箱": 217}
FRIDGE = {"提拉米苏": 9, "芒果千层": 14}
SALES_TODAY = {"解放路店": 2310, "大学城店": 4475, "火车站店": 3060}


def tools(world: World) -> list[Callable[..., Any]]:
    def proofer_temperature() -> float:
        """Temperature in the proofing cabinet now, in degrees."""
        return PROOFERS["mill lane"]

    def loaves_on_shelf(bread: str) -> int:
        """Loaves of a kind that lie on the shelf at this moment."""
        return SHELVES[bread.lower()]

    def customers_today(branch: str) -> int:
        """Customers that a branch has served today up to now."""
        return CUSTOMERS_TODAY[branch.lower()]

    def order_ingredients(ingredient: str, sacks: int) -> dict[str, str]:
        """Order sacks of an ingredient."""
        return {"order": f"F-{600 + world.did('order_ingredients', ingredient=ingredient, sacks=sacks)}"}

    def oven_temperature(oven: str) -> int:
        """烤箱当前的炉温（摄氏度），如“一号烤箱”。"""
        return OVENS[oven]

    def left_in_fridge(dessert: str) -> int:
        """冷柜里某种甜点此刻剩余的份数。"""
        return FRIDGE[dessert]

    def sales_today(store: str) -> int:
        """门店今天到目前为止的营业额（元）。"""
        return SALES_TODAY[store]

    def book_cake(cake: str, count: int) -> str:
        """预订蛋糕。"""
        return f"已预订，单号 D-{200 + world.did('book_cake', cake=cake, count=count)}"

    return [
        proofer_temperature,
        loaves_on_shelf,
        customers_today,
        order_ingredients,
        oven_temperature,
        left_in_fridge,
        sales_today,
        book_cake,
    ]
