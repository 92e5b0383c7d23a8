"""The tools that somebody at the campsite has: some act, and some tasks only ask about what these do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.tasks.world import World


WIND = {"cliff field": 31.5, "walled field": 14.0, "brook field": 18.5}
LEVELS = {"码头": 2.15, "北湾": 1.90, "水闸": 2.40}
USED = {"A3": 4.2, "A7": 9.6, "B2": 2.8}


def tools(world: World) -> list[Callable[..., Any]]:
    def wind_speed(field: str) -> float:
        """Wind on one of the fields now, in km/h."""
        return WIND[field.lower()]

    def book_pitch(name: str, nights: int) -> str:
        """Book a pitch for a guest."""
        return f"Booked, number TC-{400 + world.did('book_pitch', name=name, nights=nights)}."

    def cancel_booking(number: str) -> str:
        """Cancel a guest's booking."""
        world.did("cancel_booking", number=number)
        return f"Booking {number} is cancelled; the guest has been told."

    def send_plan(group: str) -> str:
        """Send a group the plan for its stay."""
        return f"Sent, message {world.did('send_plan', group=group)}."

    def water_level(place: str) -> dict[str, float]:
        """某处现在的水位（米）。"""
        return {"水位": LEVELS[place]}

    def power_used(site: str) -> float:
        """某个电源营位今天用了多少度电。"""
        return USED[site]

    def book_kayaks(group: str, boats: int) -> str:
        """替客人订划艇。"""
        return f"已订好，单号 K-{730 + world.did('book_kayaks', group=group, boats=boats)}。"

    def cancel_order(number: str) -> str:
        """替客人退掉订单。"""
        world.did("cancel_order", number=number)
        return f"订单 {number} 已退，款项原路退回。"

    def send_reminder(guest: str) -> str:
        """给客人发短信提醒。"""
        return f"已发出第 {world.did('send_reminder', guest=guest)} 条。"

    return [
        wind_speed,
        book_pitch,
        cancel_booking,
        send_plan,
        water_level,
        power_used,
        book_kayaks,
        cancel_order,
        send_reminder,
    ]
