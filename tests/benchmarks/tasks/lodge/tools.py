"""The tools that somebody at the mountain lodge has: some act, and some tasks only ask about what these do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.tasks.world import World


SNOW = {"north gully": 64, "hut door": 87, "helicopter pad": 23}
WIND = {"山顶站": 13.5, "山腰站": 8.0, "山脚站": 4.5}
TANKS = {"一号": 41.5, "二号": 27.0}


def tools(world: World) -> list[Callable[..., Any]]:
    def snow_depth(gauge: str) -> int:
        """Depth of snow at one of the gauges now, in cm."""
        return SNOW[gauge.lower()]

    def book_bunks(name: str, beds: int) -> str:
        """Book bunks for a guest or a group."""
        return f"Booked, number LH-{500 + world.did('book_bunks', name=name, beds=beds)}."

    def cancel_stay(number: str) -> str:
        """Cancel a stay that was booked."""
        world.did("cancel_stay", number=number)
        return f"Stay {number} is cancelled; the guest has been told."

    def send_kit_list(group: str) -> str:
        """Send a group the list of what to bring."""
        return f"Sent, message {world.did('send_kit_list', group=group)}."

    def wind_at(station: str) -> dict[str, float]:
        """某个缆车站现在的风速（米每秒）。"""
        return {"风速": WIND[station]}

    def water_tank(tank: str) -> float:
        """某号造雪水箱现在有多少立方米水。"""
        return TANKS[tank]

    def rent_skis(guest: str, sets: int) -> str:
        """替客人租雪具。"""
        return f"已租好，单号 S-{820 + world.did('rent_skis', guest=guest, sets=sets)}。"

    def cancel_order(number: str) -> str:
        """替客人退掉订单。"""
        world.did("cancel_order", number=number)
        return f"订单 {number} 已退，款项原路退回。"

    def send_notice(group: str) -> str:
        """给团队发行程确认。"""
        return f"已发出第 {world.did('send_notice', group=group)} 条。"

    return [
        snow_depth,
        book_bunks,
        cancel_stay,
        send_kit_list,
        wind_at,
        water_tank,
        rent_skis,
        cancel_order,
        send_notice,
    ]
