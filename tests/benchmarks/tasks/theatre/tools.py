"""The tools that somebody in the theatre has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks.tasks.world import World

SEATS = {"hedda": 87, "the tempest": 134, "three winters": 12}
STAGE = 26.5
LAMP_HOURS = {1: 412, 2: 893, 3: 655}
HUMIDITY = 72
CALLED = {"周五": 23, "周六": 31, "周日": 16}
TICKETS = {"夜航船": 208, "老街": 45, "断桥": 391}


def tools(world: World) -> list[Callable[..., Any]]:
    def seats_left(play: str) -> int:
        """Seats that are still free for the next evening of a play, e.g. "Three Winters"."""
        return SEATS[play.lower()]

    def stage_temperature() -> float:
        """Temperature on the stage now, in degrees Celsius."""
        return STAGE

    def lamp_hours(spot: int) -> int:
        """Hours that the lamp of follow spot 1, 2 or 3 has burnt."""
        return LAMP_HOURS[spot]

    def order_lamps(model: str, pieces: int) -> dict[str, str]:
        """Order lamps for the spots."""
        return {"order": f"L-{700 + world.did('order_lamps', model=model, pieces=pieces)}"}

    def props_humidity() -> int:
        """道具间现在的湿度（百分之几）。"""
        return HUMIDITY

    def actors_called(day: str) -> int:
        """某天通知了多少演员来排练，如“周五”。"""
        return CALLED[day]

    def tickets_sold(play: str) -> int:
        """某出戏下一场已经卖出多少张票，如“老街”。"""
        return TICKETS[play]

    def order_programmes(play: str, copies: int) -> str:
        """给某出戏印节目单。"""
        return f"已下单，单号 J-{40 + world.did('order_programmes', play=play, copies=copies)}"

    return [
        seats_left,
        stage_temperature,
        lamp_hours,
        order_lamps,
        props_humidity,
        actors_called,
        tickets_sold,
        order_programmes,
    ]
