"""The places where tasks play: each a folder with documents and tasks, and the tools that somebody there has.

The rules were mended while the tasks of the harbour were read, then those of the garden. Each place was written after the
rules of its time, and its first figures tell how they do on what they were not made for: mend kinds of tasks, never one of
these.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.tasks.world import World


@dataclass(frozen=True)
class Place:
    """Where tasks play."""

    name: str
    tools: Callable[[World], list[Callable[..., Any]]]
    """The user's own, in a world that notes what they change: plain typed functions, as anybody would write them."""

    @property
    def tasks(self) -> Path:
        return Path(__file__).with_name(self.name) / "tasks.jsonl"

    @property
    def documents(self) -> list[Path]:
        return sorted((Path(__file__).with_name(self.name) / "corpus").iterdir())


TEAMS = {"Deck": 27, "Catering": 12, "Workshop": 16, "甲板组": 31, "票务组": 8, "机修组": 17}
TANKS = {"Aurora": 6120, "Velm Star": 3480, "北光一号": 5230, "北光三号": 2870}
YUAN = {"EUR": 7.85, "USD": 7.12, "NOK": 0.66}


def _harbour(world: World) -> list[Callable[..., Any]]:
    def headcount(team: str) -> int:
        """How many people are in a team."""
        return TEAMS[team]

    def tank_level(ship: str) -> int:
        """Litres of fuel that are in a ship's tank now."""
        return TANKS[ship]

    def exchange_rate(currency: str) -> float:
        """Yuan for one unit of a currency, e.g. USD."""
        return YUAN[currency.upper()]

    def book_room(city: str, nights: int) -> str:
        """Book a hotel room."""
        return f"Booked, number BK-{100 + world.did('book_room', city=city, nights=nights)}."

    def open_ticket(ship: str, problem: str) -> str:
        """Report a problem of a ship to the workshop."""
        return f"Ticket T-{500 + world.did('open_ticket', ship=ship, problem=problem)} is open."

    return [headcount, tank_level, exchange_rate, book_room, open_ticket]


VOLUNTEERS = {"saturday": 19, "sunday": 14, "monday": 3}
HOUSES = {"palm house": 740, "fern house": 410}
COACHES = {"城北馆": 14, "滨河馆": 11, "南山馆": 8}
POOLS = {"标准池": 26.5, "儿童池": 28.5}
RATES = {("EUR", "USD"): 1.08, ("USD", "EUR"): 0.925926, ("USD", "CNY"): 7.2, ("CNY", "USD"): 0.138889}


def _garden(world: World) -> list[Callable[..., Any]]:
    def volunteers_on(day: str) -> int:
        """Number of volunteers on duty on a day of the week, such as Monday."""
        return VOLUNTEERS[day.lower()]

    def tank_litres(house: str) -> int:
        """Current content of a greenhouse's irrigation tank in litres."""
        return HOUSES[house.lower()]

    def fx_rate(base: str, quote: str) -> float:
        """What one unit of the base currency is worth in the quote currency; both as ISO codes like USD."""
        return RATES[base.upper(), quote.upper()]

    def order_plants(plant: str, pieces: int) -> dict[str, str]:
        """Order plants from the nursery."""
        return {"status": "ordered", "number": f"P-{800 + world.did('order_plants', plant=plant, pieces=pieces)}"}

    def coach_count(venue: str) -> int:
        """场馆现有教练人数。"""
        return COACHES[venue]

    def water_temperature(pool: str) -> float:
        """泳池当前水温（摄氏度）。"""
        return POOLS[pool]

    def reserve_court(venue: str, hours: int) -> str:
        """预约场馆的场地。"""
        return f"预约成功，预约号 R-{300 + world.did('reserve_court', venue=venue, hours=hours)}"

    return [volunteers_on, tank_litres, fx_rate, order_plants, coach_count, water_temperature, reserve_court]


WAITING = {"harp": 23, "piano": 61, "flute": 9}
HUMIDITY = {"concert hall": 41.0, "hall a": 48.5, "hall b": 51.0}
BEDS = {"一号宿舍楼": 5, "二号宿舍楼": 13, "三号宿舍楼": 21}
PRESSURES = {"数控车间": 0.52, "焊接车间": 0.71}


def _school(world: World) -> list[Callable[..., Any]]:
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


ROOMS = {"alder street": 6, "brook lane": 2, "quarry road": 4}
QUEUES = {"内科": 11, "儿科": 16, "中医科": 7}


def _clinic(world: World) -> list[Callable[..., Any]]:
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


PLACES = {
    place.name: place
    for place in (
        Place("harbour", _harbour),
        Place("garden", _garden),
        Place("school", _school),
        Place("clinic", _clinic),
    )
}
HARBOUR = PLACES["harbour"]
