"""The models in this process's memory: one engine for each, kept while there is room and somebody asks for it."""

from __future__ import annotations

import logging
import threading
import weakref

from agents.llm import gguf
from agents.llm.engine.engine import Engine
from agents.llm.engine.options import EngineOptions
from agents.llm.native import supports_gpu
from agents.llm.placing import devices

_LOG = logging.getLogger(__name__)
_ROOM = 1.3
"""Times its weights that a model should find free: its cache, compute buffers, and what others take meanwhile."""
_AT_HAND = 10.0
"""Seconds after its last use in which a model is not taken away: its prompt may be being written."""

_engines: weakref.WeakValueDictionary[EngineOptions, Engine] = weakref.WeakValueDictionary()
_lock = threading.Lock()


def shared_engine(options: EngineOptions) -> Engine:
    """The process's one engine for these options: every platform and browser tab uses the same."""
    with _lock:
        engine = _engines.get(options)
        if engine is None:
            engine = _engines[options] = Engine(options, before=make_room)
        return engine


def loaded_engines() -> list[Engine]:
    """Those in memory now, the one used last first."""
    with _lock:
        held = list(_engines.values())
    return sorted((engine for engine in held if engine.loaded), key=lambda engine: engine.unused)


def size_of(engine: Engine) -> int:
    """Bytes of the model's files."""
    return sum(part.stat().st_size for part in gguf.parts(gguf.read(engine.options.path)))


def make_room(wanted: Engine) -> None:
    """Unload the models used longest ago until `wanted` finds room, or none is left that could go."""
    needed = int(_ROOM * size_of(wanted))
    for engine in reversed(loaded_engines()):
        if _free() >= needed:
            return
        if engine is not wanted and not engine.busy and engine.unused >= _AT_HAND:
            _LOG.info("%s is unloaded: %s needs its room", engine.options.path.name, wanted.options.path.name)
            engine.close()


def _free() -> int:
    """Bytes where a model would go first."""
    cards = devices.gpus() if supports_gpu() else ()
    return sum(card.free for card in cards) if cards else devices.free_memory()
