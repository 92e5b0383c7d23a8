"""What this process may compute with: cores, and how busy others keep them. Linux knows more (affinity, quotas of a
container) than other systems; what can't be read counts as not there."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cores:
    """Those of this machine that are ours to use."""

    count: float
    """Physical cores we may run on, or the part of them that a container is granted. Not hyper-threads: two threads of
    one core fight for the same vector units."""
    numbers: frozenset[int] = frozenset()
    """Of the logical ones, where only some are allowed; empty: all."""

    @classmethod
    def ours(cls) -> Cores:
        """As they are granted to this process."""
        import psutil

        every = os.cpu_count() or 1
        allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(every))
        physical = min(psutil.cpu_count(logical=False) or every, len(allowed))
        return cls(min(float(physical), _quota(Path("/"))), frozenset(allowed if len(allowed) < every else ()))

    def now(self) -> float:
        """Seconds on a clock that only goes forward."""
        return time.monotonic()

    def worked(self) -> float:
        """Seconds that these cores have worked for whomever, together. What a host takes away from a virtual machine
        (steal) isn't among them: it falls on every thread alike, however many there are."""
        import psutil

        with contextlib.suppress(OSError):
            each = psutil.cpu_times(percpu=True) if self.numbers else [psutil.cpu_times()]
            mine = [times for number, times in enumerate(each) if not self.numbers or number in self.numbers]
            kinds = ("user", "nice", "system", "irq", "softirq")
            return sum(getattr(times, kind, 0.0) for times in mine for kind in kinds)
        return 0.0

    def spent(self) -> float:
        """CPU seconds of the calling thread."""
        return time.thread_time()


@cache
def threads() -> int:
    """How many threads may compute at once in this process, at least one."""
    return max(1, round(Cores.ours().count))


def _quota(root: Path) -> float:
    """Cores' worth of CPU time that control groups grant this process (a container's `--cpus`); infinite without."""
    with contextlib.suppress(OSError, ValueError):
        groups = (root / "proc/self/cgroup").read_text("utf-8")
        return min(_grants(root / "sys/fs/cgroup", groups), default=float("inf"))
    return float("inf")


def _grants(mounted: Path, groups: str) -> Iterator[float]:
    """What our group and those above it grant, in both versions of control groups. A container often sees its own as
    the root, under whatever path the host has it: folders that aren't there are passed over."""
    for line in groups.splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        top = mounted / controllers if controllers else mounted
        group = top / path.strip("/")
        for folder in (group, *group.parents):
            with contextlib.suppress(OSError, ValueError, ZeroDivisionError):
                if controllers:
                    quota, period = ((folder / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
                else:
                    quota, period = (folder / "cpu.max").read_text().split()
                if quota != "max" and int(quota) > 0:
                    yield int(quota) / int(period)
            if folder == top:
                break
