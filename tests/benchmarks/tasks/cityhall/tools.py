"""The tools that somebody in the city hall has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks.tasks.world import World

COUNTERS = {"passports": 17, "registry": 8, "parking": 5}
GAUGES = {"stone bridge": 2.87, "weir": 1.94}
FREE_PERMITS = {"old town": 12, "north": 40, "riverside": 0}
WINDOWS = {"社保窗口": 13, "户籍窗口": 4, "综合窗口": 7}
LAMPS_OFF = {"桃源村": 1, "石桥村": 3, "竹林村": 0}
CALLS = {"东街社区": 6, "西河社区": 11, "南坪社区": 2}


def tools(world: World) -> list[Callable[..., Any]]:
    def counter_queue(counter: str) -> int:
        """People waiting at a counter of the town office now: passports, registry or parking."""
        return COUNTERS[counter.lower()]

    def river_level(gauge: str) -> float:
        """Level of the river at a gauge now, in metres: Stone Bridge or Weir."""
        return GAUGES[gauge.lower()]

    def permits_left(zone: str) -> int:
        """Parking permits that can still be issued in a zone this year."""
        return FREE_PERMITS[zone.lower()]

    def report_problem(street: str, problem: str) -> str:
        """Report something broken in a street to the works department."""
        return f"Report M-{300 + world.did('report_problem', street=street, problem=problem)} received."

    def people_waiting(window: str) -> int:
        """某窗口此刻的等候人数，如“户籍窗口”。"""
        return WINDOWS[window]

    def lamps_off(village: str) -> int:
        """某村此刻不亮的路灯盏数。"""
        return LAMPS_OFF[village]

    def hotline_calls(community: str) -> int:
        """某社区今天打进热线的电话次数。"""
        return CALLS[community]

    def book_appointment(service: str, people: int) -> dict[str, str]:
        """预约办理事项。"""
        return {"预约号": f"Y-{200 + world.did('book_appointment', service=service, people=people)}"}

    return [
        counter_queue,
        river_level,
        permits_left,
        report_problem,
        people_waiting,
        lamps_off,
        hotline_calls,
        book_appointment,
    ]
