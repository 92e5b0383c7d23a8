"""How many threads compute beside other work: a played machine, a real decision. No clock is involved."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest

from agents.llm.engine.loading import load
from agents.llm.engine.options import EngineOptions
from agents.llm.engine.sampling import Sampling
from agents.llm.engine.scheduler import Scheduler
from agents.llm.engine.threads import Threads
from agents.llm.engine.tickets import Ticket
from agents.llm.names import bundled_file
from agents.llm.placing.choice import Wish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.llm.engine.loading import Loaded
    from agents.llm.native import Context


@dataclass
class _Played:
    """A machine on which others keep `others` cores busy, and a context whose every batch takes `batch` seconds on as
    many threads as it is told to use."""

    count: float = 2.0
    others: float = 0.0
    batch: float = 0.1
    used: list[int] = field(default_factory=lambda: [1])
    """Threads of each batch, after the number that the context was made with."""
    clock: float = 100.0
    all_worked: float = 5000.0
    owner: float = 7.0

    def now(self) -> float:
        return self.clock

    def worked(self) -> float:
        return self.all_worked

    def spent(self) -> float:
        return self.owner

    def pass_by(self, seconds: float, *, ours: float = 0.0) -> None:
        """So much time; we keep `ours` cores busy in it."""
        self.clock += seconds
        self.all_worked += seconds * (self.others + ours)
        self.owner += seconds * min(ours, 1.0)

    def compute_with(self, threads: int) -> None:
        self.used.append(threads)

    def decode(self) -> int:
        self.pass_by(self.batch, ours=self.used[-1])
        return 0

    def batches(self, threads: Threads, seconds: float) -> list[int]:
        """The numbers of threads they were computed with."""
        before, end = len(self.used), self.clock + seconds
        while self.clock < end:
            assert threads.decode(cast("Context", self)) == 0
        return self.used[before:]


def test_a_quiet_machine_is_used_whole() -> None:
    machine = _Played(count=8.0, others=0.2)  # a desktop's background
    assert set(machine.batches(Threads(machine=machine), 10)) == {8}


@pytest.mark.parametrize(
    ("cores", "others", "left"),
    [(2, 1.0, 1), (2, 0.7, 1), (2, 0.3, 2), (4, 1.1, 3), (16, 8.0, 8), (2, 2.0, 1), (1, 1.0, 1)],
)
def test_cores_of_others_are_left_to_them(cores: float, others: float, left: int) -> None:
    machine = _Played(count=cores, others=others)
    threads = Threads(machine=machine)
    machine.batches(threads, 2)
    assert machine.used[-1] == threads.number == left


def test_our_own_threads_are_nobody_else() -> None:
    """Two threads fill two cores; were the second one's work not known as ours, one would be left to it."""
    machine = _Played()
    assert set(machine.batches(Threads(machine=machine), 5)) == {2}


def test_fewer_at_once_and_more_only_when_it_stays_calm() -> None:
    machine = _Played()
    threads = Threads(machine=machine)
    machine.batches(threads, 5)
    machine.others = 1.0
    assert machine.batches(threads, 1).count(2) <= 4  # what is seen over a quarter of a second decides
    machine.others = 0.0
    assert set(machine.batches(threads, 1)) == {1}
    assert machine.batches(threads, 2)[-1] == 2


def test_work_that_comes_and_goes_does_not_make_it_flutter() -> None:
    machine = _Played()
    threads = Threads(machine=machine)
    for _ in range(10):
        machine.others = 1.0 - machine.others
        machine.batches(threads, 1)
    used = machine.used[1:]
    assert sum(a != b for a, b in itertools.pairwise(used)) == 1


def test_what_was_before_a_question_is_over_when_it_is_read() -> None:
    """Searching, a tool's call, another program while nobody asked: none of it says anything of now."""
    machine = _Played()
    threads = Threads(machine=machine)
    machine.batches(threads, 1)
    machine.others = 2.0
    machine.pass_by(30)
    machine.others = 0.0
    assert set(machine.batches(threads, 2)) == {2}


def test_after_a_pause_the_first_look_decides_both_ways() -> None:
    machine = _Played(others=1.0)
    threads = Threads(machine=machine)
    machine.batches(threads, 2)
    machine.others = 0.0
    machine.pass_by(30)
    assert machine.batches(threads, 0.5)[0] == 1
    assert machine.used[-1] == 2  # no calm of a second and a half is waited for


def test_after_a_pause_it_is_unsure_until_it_has_looked() -> None:
    machine = _Played(batch=0.3)
    threads = Threads(machine=machine)
    assert threads.unsure
    machine.batches(threads, 0.6)
    assert not threads.unsure
    machine.pass_by(1)
    assert threads.unsure


@pytest.mark.parametrize("fixed", [1, 2, 5])
def test_a_number_that_the_user_sets_is_kept(fixed: int) -> None:
    machine = _Played(others=2.0, used=[fixed])
    threads = Threads(fixed, machine)
    machine.batches(threads, 5)
    assert threads.number == fixed
    assert machine.used == [fixed], "nothing is changed while it runs"
    assert not threads.unsure


def test_where_the_kernel_does_not_count_all_cores_are_taken() -> None:
    """gVisor's /proc/stat has zeros only, Android's can't be read."""
    machine = _Played()
    threads = Threads(machine=machine)
    for _ in range(20):
        machine.all_worked = 0.0
        assert machine.batches(threads, 0.1) == [2]


@pytest.fixture(scope="module")
def loaded() -> Iterator[Loaded]:
    loaded = load(EngineOptions.of(bundled_file(), Wish(2048), threads=1))
    yield loaded
    loaded.context.close()
    loaded.weights.close()


def test_llama_cpp_is_told(loaded: Loaded) -> None:
    asked = [loaded.context._lib.llama_n_threads, loaded.context._lib.llama_n_threads_batch]
    assert [ask(loaded.context.pointer) for ask in asked] == [1, 1]
    loaded.context.compute_with(2)
    assert [ask(loaded.context.pointer) for ask in asked] == [2, 2]
    loaded.context.compute_with(1)


@pytest.mark.parametrize("fixed", [0, 1])
def test_a_prompt_begins_with_a_short_batch_while_it_is_unsure(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch, fixed: int
) -> None:
    sizes: list[int] = []
    decode = loaded.context.decode

    def counted() -> int:
        sizes.append(loaded.context.batch_tokens - loaded.context.room)
        return decode()

    monkeypatch.setattr(loaded.context, "decode", counted)
    monkeypatch.setattr(loaded.context, "compute_with", lambda threads: None)
    threads = Threads(fixed, _Clock())
    scheduler = Scheduler(loaded.weights, loaded.context, 4, threads)
    scheduler.add(Ticket([loaded.weights.vocabulary // 2] * 300, Sampling(), 2))
    while not scheduler.idle:
        scheduler.step()
    loaded.context.clear()
    assert sizes[:-1] == ([300] if fixed else [64, 236])


class _Clock(_Played):
    """A second goes by whenever somebody works, and nothing between."""

    def spent(self) -> float:
        self.clock += 0.15
        return super().spent()
