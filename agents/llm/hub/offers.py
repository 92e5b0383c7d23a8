"""The same model on several hubs: whichever answers first is fetched from."""

from __future__ import annotations

import concurrent.futures
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agents.llm.hub.hub_names import HubName
from agents.llm.hub.pull import Plan, Puller
from agents.llm.hub.remote import Hub, HuggingFace, ModelScope
from agents.llm.hub.transport import Transport
from ingest.errors import ModelError

Source = Literal["auto", "hf", "modelscope"]
MIRROR = "https://hf-mirror.com"
"""Of the Hugging Face hub, reached where that is not."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a hub has under a name, ready to be fetched. To be closed."""

    host: str
    plan: Plan
    _puller: Puller
    _transport: Transport

    def fetch(self, progress: Callable[[int, int], None]) -> Path:
        """As `Puller.fetch`."""
        return self._puller.fetch(self.plan, progress)

    def close(self) -> None:
        """Give the connections back."""
        self._transport.close()


def offer(wanted: HubName, home: Path, source: Source = "hf") -> Offer:
    """Ask the hub `source`, or with 'auto' all of them at once: the first that has it is taken. Raises `ModelError`, with
    'auto' the first hub's."""
    if source != "auto":
        return _asked(ModelScope if source == "modelscope" else HuggingFace, wanted, home)
    mirror = [] if os.environ.get("HF_ENDPOINT") else [lambda transport: HuggingFace(transport, MIRROR)]
    makers: list[Callable[[Transport], Hub]] = [HuggingFace, ModelScope, *mirror]
    pool = concurrent.futures.ThreadPoolExecutor(len(makers))
    asked = [pool.submit(_asked, maker, wanted, home) for maker in makers]
    pool.shutdown(wait=False)
    taken: Offer | None = None
    for done in concurrent.futures.as_completed(asked):
        if not done.exception():
            taken = done.result()
            break
    for late in asked:  # whoever answers now has nobody to tell
        late.add_done_callback(lambda one: None if one.exception() or one.result() is taken else one.result().close())
    return taken or asked[0].result()


def _asked(maker: Callable[[Transport], Hub], wanted: HubName, home: Path) -> Offer:
    transport = Transport()
    hub = maker(transport)
    puller = Puller(hub, transport, home)
    try:
        return Offer(hub.host, puller.plan(wanted), puller, transport)
    except ModelError:
        transport.close()
        raise
