"""The tools that somebody at the school has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks.tasks.world import World

WAITING = {"harp": 23, "piano": 61, "flute": 9}
HUMIDITY = {"concert hall": 41.0, "hall a": 48.5, "hall b": 51.0}
BEDS = {"一号宿舍楼": 5, "二号宿舍楼": 13, "三号宿舍楼": 21}
PRESSURES = {"数控车间": 0.52, "焊接车间": 0.71}


def tools(world: World) -> list[Callable[..., Any]]:
    def waiting_list(instrument: str) -> dict[str, Any]:
        """Pupils on the waiting list for lessons on an instrument."""
        return {"instrument": instrument, "waiting": WAITING[instrument.lower()]}

    def humidity_now(room: str) -> float:
        """Relative humidity measured in a room at this moment, in per cent."""
        return HUMIDITY[room.lower()]

    def reserve_room(room: str, hours: int) -> str:
        """Reserve a hall or a practice room."""
        return f"Reserved. Code: H-{700 + world.did('reserve_room', room=room, hours=hours)}"

    def hire_out(instrument: str, person: str, months: int) -> str:
        """Hire out an instrument to somebody."""
        return f"Contract C-{world.did('hire_out', instrument=instrument, person=person, months=months)}"

    def free_beds(building: str) -> int:
        """某栋宿舍楼的空床位数。"""
        return BEDS[building]

    def air_pressure(workshop: str) -> float:
        """车间供气管路的当前气压，单位兆帕。"""
        return PRESSURES[workshop]

    def borrow_equipment(equipment: str, count: int) -> dict[str, str]:
        """登记借用设备。"""
        return {"借用单号": f"J-{900 + world.did('borrow_equipment', equipment=equipment, count=count)}"}

    def book_shuttle(destination: str, seats: int) -> str:
        """预订班车。"""
        return f"已预订，编号 B-{world.did('book_shuttle', destination=destination, seats=seats)}"

    return [waiting_list, humidity_now, reserve_room, hire_out, free_beds, air_pressure, borrow_equipment, book_shuttle]
