"""Who gets computed when, step by step and without a clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from agents.llm.engine.loading import Loaded, load
from agents.llm.engine.options import EngineOptions
from agents.llm.engine.sampling import Sampling
from agents.llm.engine.scheduler import Scheduler
from agents.llm.engine.tickets import Ticket
from agents.llm.names import bundled_file
from agents.llm.placing.choice import Wish


class _Logged(Ticket):
    """Writes its number into a common log with every token, and the negative number at the end."""

    def __init__(self, number: int, log: list[int], tokens: Sequence[int], most: int) -> None:
        super().__init__(tokens, Sampling(), most)
        self._number, self._log = number, log
        self.said: list[int] = []

    def deliver(self, event: int | str | BaseException) -> None:
        if isinstance(event, int):
            self.said.append(event)
        self._log.append(self._number if isinstance(event, int) else -self._number)


@pytest.fixture(scope="module")
def loaded() -> Iterator[Loaded]:
    loaded = load(EngineOptions.of(bundled_file(), Wish(4096), threads=1))
    yield loaded
    loaded.context.close()
    loaded.weights.close()


def _run(loaded: Loaded, tickets: list[_Logged], *, after: int = 0) -> None:
    """All but the last at once; the last when `after` tokens have been written."""
    scheduler = Scheduler(loaded.weights, loaded.context, 4, loaded.threads, turn=6)
    log = tickets[0]._log
    for ticket in tickets[:-1]:
        scheduler.add(ticket)
    while len(log) < after:
        scheduler.step()
    scheduler.add(tickets[-1])
    while not scheduler.idle:
        scheduler.step()
    loaded.context.clear()


def _counting(loaded: Loaded, start: int) -> list[int]:
    return loaded.weights.tokenize(" ".join(map(str, range(start, start + 12))), special=False)


def test_others_write_on_while_one_reads_a_long_prompt(loaded) -> None:
    log: list[int] = []
    long = loaded.weights.tokenize("one two three four " * 500, special=False)[:400]
    writers = [_Logged(number, log, _counting(loaded, 100 * number), 400) for number in (1, 2, 3)]
    reader = _Logged(4, log, long, 1)
    scheduler = Scheduler(loaded.weights, loaded.context, 4, loaded.threads, turn=6)
    for ticket in writers:
        scheduler.add(ticket)
    while len(log) < 9:
        scheduler.step()
    begun = len(log)
    scheduler.add(reader)
    while 4 not in log:
        before = len(log)
        scheduler.step()
        assert len(log) - before >= 3  # whatever is read, every writer's token is in the same batch
    for ticket in writers:
        ticket.cancel()
    while not scheduler.idle:
        scheduler.step()
    loaded.context.clear()
    assert (len(log) - begun) / 3 >= 2  # in pieces, not in one go


def test_a_fifth_does_not_wait_for_a_whole_answer(loaded) -> None:
    log: list[int] = []
    tickets = [_Logged(number, log, _counting(loaded, 100 * number), 20) for number in (1, 2, 3, 4, 5)]
    _run(loaded, tickets, after=8)
    first_end = min(log.index(-number) for number in (1, 2, 3, 4, 5))
    assert log.index(5) < first_end
    assert all(len(ticket.said) == 20 for ticket in tickets)


def test_a_pause_changes_nothing_of_what_is_written(loaded) -> None:
    alone = []
    for number in (1, 2, 3, 4, 5, 6):
        ticket = _Logged(number, [], _counting(loaded, 100 * number), 16)
        _run(loaded, [ticket])
        alone.append(ticket.said)
    log: list[int] = []
    tickets = [_Logged(number, log, _counting(loaded, 100 * number), 16) for number in (1, 2, 3, 4, 5, 6)]
    _run(loaded, tickets, after=8)
    assert log.index(6) < min(log.index(-number) for number in (1, 2, 3, 4))
    same = [ticket.said == said for ticket, said in zip(tickets, alone, strict=True)]
    assert sum(same) >= 4, same  # a close call may fall otherwise; a lost cache would write nonsense in most


def test_whoever_pauses_may_be_cancelled(loaded) -> None:
    log: list[int] = []
    tickets = [_Logged(number, log, _counting(loaded, 100 * number), 400) for number in (1, 2, 3, 4, 5)]
    scheduler = Scheduler(loaded.weights, loaded.context, 4, loaded.threads, turn=6)
    for ticket in tickets:
        scheduler.add(ticket)
    while 5 not in log:
        scheduler.step()
    for ticket in tickets:
        ticket.cancel()
    scheduler.step()
    assert scheduler.idle
    assert sorted(log)[:5] == [-5, -4, -3, -2, -1]
    loaded.context.clear()
