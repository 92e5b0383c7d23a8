"""What NVIDIA's library and llama.cpp's list say of the same cards. There is no card here: both are played."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from agents.llm.placing import devices

GIB = 2**30


class NVMLError(Exception):
    pass


def nvml(cards: list[tuple[object, object, int, int]], *, fails_at: int = -1) -> ModuleType:
    """pynvml with these cards: (name, PCI address, free, total), as its functions give them."""
    module = ModuleType("pynvml")
    state = SimpleNamespace(initialised=0)

    def handle(index: int) -> int:
        if index == fails_at:
            raise NVMLError("lost from the bus")
        return index

    def start() -> None:
        state.initialised += 1

    def stop() -> None:
        state.initialised -= 1

    functions = {
        "NVMLError": NVMLError,
        "nvmlInit": start,
        "nvmlShutdown": stop,
        "nvmlDeviceGetCount": lambda: len(cards),
        "nvmlDeviceGetHandleByIndex": handle,
        "nvmlDeviceGetMemoryInfo": lambda i: SimpleNamespace(free=cards[i][2], total=cards[i][3], used=0),
        "nvmlDeviceGetPciInfo": lambda i: SimpleNamespace(busId=cards[i][1]),
        "nvmlDeviceGetName": lambda i: cards[i][0],
    }
    for name, function in functions.items():
        setattr(module, name, function)
    module.state = state  # type: ignore[attr-defined]
    return module


def listed(*cards: tuple[bytes, int, bytes | None, int]) -> list[devices._Props]:
    """llama.cpp's list: (name, type, PCI address, free), 24 GiB each."""
    return [devices._Props(name, b"described", free, 24 * GIB, kind, address) for name, kind, address, free in cards]


@pytest.fixture
def library(monkeypatch):
    def put(module: ModuleType | None) -> None:
        monkeypatch.setitem(sys.modules, "pynvml", module)

    return put


def test_cards_by_address_whatever_version_of_the_library(library) -> None:
    module = nvml(
        [("NVIDIA L4", "00000000:C1:00.0", 20 * GIB, 24 * GIB), (b"NVIDIA T4", b"0000:02:00.0", 3 * GIB, 16 * GIB)]
    )
    library(module)
    cards = devices.nvidia()
    assert {address: (card.name, card.free, card.total) for address, card in cards.items()} == {
        "0000:c1:00.0": ("NVIDIA L4", 20 * GIB, 24 * GIB),
        "0000:02:00.0": ("NVIDIA T4", 3 * GIB, 16 * GIB),
    }
    assert module.state.initialised == 0


def test_without_the_library_or_its_driver_there_are_none(library) -> None:
    library(None)  # importing it raises ImportError
    assert devices.nvidia() == {}
    broken = nvml([])

    def no_driver() -> None:
        raise NVMLError("driver not loaded")

    broken.nvmlInit = no_driver  # type: ignore[attr-defined]
    library(broken)
    assert devices.nvidia() == {}


def test_a_card_that_fails_leaves_the_others(library) -> None:
    library(nvml([("A", "0000:01:00.0", GIB, GIB), ("B", "0000:02:00.0", GIB, GIB)], fails_at=1))
    assert list(devices.nvidia()) == ["0000:01:00.0"]


def test_the_smaller_figure_counts_where_both_speak_of_one_card(library, monkeypatch) -> None:
    """Another process has taken 10 GiB of the first card, which CUDA sees late; the second is no NVIDIA card."""
    library(nvml([("NVIDIA L4", "00000000:C1:00.0", 12 * GIB, 24 * GIB)]))
    two = listed((b"CUDA0", 1, b"0000:c1:00.0", 22 * GIB), (b"Vulkan0", 1, None, 20 * GIB))
    monkeypatch.setattr(devices, "_listed", lambda: two)
    assert [(card.name, card.free) for card in devices.gpus()] == [("CUDA0", 12 * GIB), ("Vulkan0", 20 * GIB)]


def test_an_integrated_gpu_is_taken_where_there_is_no_other(library, monkeypatch) -> None:
    """ROCm, Metal and Vulkan come through llama.cpp's list alone; type 2 shares main memory, 0 is the processor."""
    library(None)
    cpu, shared, own = ((b"CPU", 0, None, GIB), (b"Vulkan0", 2, None, 4 * GIB), (b"ROCm0", 1, None, 16 * GIB))
    for found, names in (((cpu,), []), ((cpu, shared), ["Vulkan0"]), ((cpu, shared, own), ["ROCm0"])):
        monkeypatch.setattr(devices, "_listed", lambda found=found: listed(*found))
        assert [card.name for card in devices.gpus()] == names


def test_of_main_memory_a_part_is_free() -> None:
    assert 0 < devices.free_memory() <= devices.total_memory()
