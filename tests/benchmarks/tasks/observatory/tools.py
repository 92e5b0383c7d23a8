"""The tools that somebody at the observatory has: some act, and some tasks only ask about what these do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.tasks.world import World


HUMIDITY = {"big dome": 71, "little dome": 66, "roll-off shed": 74}
WIND = {"主圆顶": 9.2, "南圆顶": 7.5, "公众平台": 6.1}
BATTERIES = {"一组": 82, "二组": 57}


def tools(world: World) -> list[Callable[..., Any]]:
    def humidity_in(building: str) -> int:
        """Humidity in one of the domes or the shed now, in per cent."""
        return HUMIDITY[building.lower()]

    def book_viewing(name: str, places: int) -> str:
        """Book places at a viewing for a visitor or a group."""
        return f"Booked, number BO-{300 + world.did('book_viewing', name=name, places=places)}."

    def cancel_booking(number: str) -> str:
        """Cancel a viewing that was booked."""
        world.did("cancel_booking", number=number)
        return f"Booking {number} is cancelled; the visitor has been told."

    def send_clothing_sheet(group: str) -> str:
        """Send a group the sheet that says what to wear."""
        return f"Sent, message {world.did('send_clothing_sheet', group=group)}."

    def wind_at(place: str) -> dict[str, float]:
        """某个圆顶或平台现在的风速（米每秒）。"""
        return {"风速": WIND[place]}

    def battery_level(group: str) -> int:
        """某组蓄电池现在的电量（百分比）。"""
        return BATTERIES[group]

    def rent_telescopes(guest: str, count: int) -> str:
        """替客人租望远镜。"""
        return f"已租好，单号 Y-{340 + world.did('rent_telescopes', guest=guest, count=count)}。"

    def cancel_order(number: str) -> str:
        """替客人退掉订单。"""
        world.did("cancel_order", number=number)
        return f"订单 {number} 已退，款项原路退回。"

    def send_reminder(group: str) -> str:
        """给团队发穿衣提醒。"""
        return f"已发出第 {world.did('send_reminder', group=group)} 条。"

    return [
        humidity_in,
        book_viewing,
        cancel_booking,
        send_clothing_sheet,
        wind_at,
        battery_level,
        rent_telescopes,
        cancel_order,
        send_reminder,
    ]
