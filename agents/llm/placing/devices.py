"""The GPUs llama.cpp can use and what is free on them, as it counts them itself; NVIDIA's own library is asked too.

llama.cpp's list (ggml_backend_dev_*, ggml/include/ggml-backend.h) knows CUDA, ROCm, Metal, Vulkan and SYCL alike and
heeds CUDA_VISIBLE_DEVICES. NVML sees what other processes take at this moment without opening a context, so where both
speak of the same card, by its PCI address, the smaller figure counts.
"""

from __future__ import annotations

import ctypes
from typing import Any

from agents.llm.placing.plan import Device

_GPU = 1
"""GGML_BACKEND_DEVICE_TYPE_GPU; an integrated one (2) shares main memory and is taken when there is no other."""
_INTEGRATED = 2


class _Props(ctypes.Structure):
    """struct ggml_backend_dev_props, without its last member's details."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("description", ctypes.c_char_p),
        ("memory_free", ctypes.c_size_t),
        ("memory_total", ctypes.c_size_t),
        ("type", ctypes.c_int),
        ("device_id", ctypes.c_char_p),
        ("caps", ctypes.c_bool * 64),
    )


def gpus() -> tuple[Device, ...]:
    """What the model can be put on; empty with a build of llama.cpp for the CPU only."""
    found = _listed()
    proper = [props for props in found if props.type == _GPU] or [p for p in found if p.type == _INTEGRATED]
    if not proper:
        return ()
    seen = nvidia()
    devices = []
    for props in proper:
        free, total = int(props.memory_free), int(props.memory_total)
        address = (props.device_id or b"").decode("ascii", "replace").lower()
        if address in seen:
            free = min(free, seen[address].free)
        devices.append(Device((props.name or b"GPU").decode("utf-8", "replace"), free, total))
    return tuple(devices)


def nvidia() -> dict[str, Device]:
    """NVIDIA cards by PCI address ('0000:c1:00.0'), whether this build can use them or not; empty without NVML."""
    try:
        import pynvml  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return {}
    cards = {}
    try:
        pynvml.nvmlInit()
        for index in range(pynvml.nvmlDeviceGetCount()):
            card = pynvml.nvmlDeviceGetHandleByIndex(index)
            memory, address = pynvml.nvmlDeviceGetMemoryInfo(card), pynvml.nvmlDeviceGetPciInfo(card).busId
            name = pynvml.nvmlDeviceGetName(card)
            cards[_short(_text(address))] = Device(_text(name), int(memory.free), int(memory.total))
        pynvml.nvmlShutdown()
    except pynvml.NVMLError:
        return cards
    return cards


def free_memory() -> int:
    """Main memory that can be had without swapping, in bytes."""
    import psutil

    return int(psutil.virtual_memory().available)


def total_memory() -> int:
    """This machine's main memory, in bytes."""
    import psutil

    return int(psutil.virtual_memory().total)


def _listed() -> list[_Props]:
    from agents.llm.native import library

    library()
    from llama_cpp._ggml import libggml

    ggml: Any = libggml
    ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    ggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    ggml.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    ggml.ggml_backend_dev_get_props.restype = None
    ggml.ggml_backend_dev_get_props.argtypes = [ctypes.c_void_p, ctypes.POINTER(_Props)]
    found = []
    for index in range(ggml.ggml_backend_dev_count()):
        props = _Props()
        ggml.ggml_backend_dev_get_props(ggml.ggml_backend_dev_get(index), ctypes.byref(props))
        found.append(props)
    return found


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _short(address: str) -> str:
    """NVML writes the domain with eight digits, llama.cpp with four."""
    domain, _, rest = address.lower().partition(":")
    return f"{domain[-4:]}:{rest}"
