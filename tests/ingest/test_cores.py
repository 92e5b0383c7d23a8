"""What a process may use: quotas in both versions of control groups, and only the cores that are allowed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from ingest import cores
from ingest.cores import Cores


def _machine(root: Path, groups: str, files: dict[str, str]) -> Path:
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(groups)
    for name, text in files.items():
        path = root / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("groups", "files", "granted"),
    [
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 1.5),
        ("0::/\n", {"cpu.max": "max 100000\n"}, float("inf")),
        # A group above ours grants less.
        ("0::/user.slice/job\n", {"user.slice/job/cpu.max": "max 100000", "user.slice/cpu.max": "200000 100000"}, 2.0),
        # A container that has the host's path in /proc and its own group as the root.
        ("0::/docker/4f5e\n", {"cpu.max": "50000 100000"}, 0.5),
        (
            "9:name=systemd:/\n4:cpu,cpuacct:/job\n0::/\n",
            {"cpu,cpuacct/job/cpu.cfs_quota_us": "300000\n", "cpu,cpuacct/job/cpu.cfs_period_us": "100000\n"},
            3.0,
        ),
        ("4:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, float("inf")),
        ("0::/\n", {"cpu.max": "nonsense"}, float("inf")),
        ("nonsense\n", {}, float("inf")),
    ],
)
def test_what_a_container_is_granted(tmp_path: Path, groups: str, files: dict[str, str], granted: float) -> None:
    assert cores._quota(_machine(tmp_path, groups, files)) == granted


def test_without_control_groups_there_is_no_quota(tmp_path: Path) -> None:
    assert cores._quota(tmp_path) == float("inf")


def test_a_quota_below_the_cores_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "_quota", lambda root: 0.5)
    assert Cores.ours().count == 0.5


def test_hyper_threads_and_forbidden_cores_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "_quota", lambda root: float("inf"))
    monkeypatch.setattr("os.cpu_count", lambda: 16)
    monkeypatch.setattr(psutil, "cpu_count", lambda logical: 16 if logical else 8)
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(16)), raising=False)
    assert Cores.ours() == Cores(8.0)
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {2, 3, 5}, raising=False)
    assert Cores.ours() == Cores(3.0, frozenset({2, 3, 5}))


def test_only_work_on_allowed_cores_counts_and_neither_waiting_nor_what_the_host_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    each = [
        SimpleNamespace(user=n, nice=0.5, system=1.0, idle=900.0, iowait=80.0, irq=0.0, softirq=0.25, steal=70.0)
        for n in (1000.0, 10.0, 20.0)
    ]
    monkeypatch.setattr(psutil, "cpu_times", lambda percpu=False: each if percpu else each[0])
    assert Cores(2.0, frozenset({1, 2})).worked() == 33.5
    assert Cores(2.0).worked() == 1001.75


def test_a_kernel_that_tells_nothing_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError("/proc/stat")

    monkeypatch.setattr(psutil, "cpu_times", refuse)
    assert Cores(2.0).worked() == 0.0


def test_the_real_machine_answers() -> None:
    here = Cores.ours()
    assert here.count > 0
    assert here.worked() >= 0
    assert here.now() > 0
    assert here.spent() > 0
