"""A model may be closed while others ask: whoever asked is answered, or told."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from agents.llm import open_model
from agents.llm.engine.sampling import Sampling
from agents.llm.engine.tickets import Ticket
from ingest.errors import ModelError
from ingest.settings import Settings

if TYPE_CHECKING:
    from agents.llm.engine.engine import Engine


def test_every_ticket_ends_while_the_model_is_closed_again_and_again() -> None:
    engine = open_model("bundled", Settings(context=320)).engine
    words = engine.weights.tokenize("one two three four", special=False)
    closing = threading.Event()
    ended: list[str] = []

    def ask() -> None:
        while not closing.is_set():
            ticket = engine.submit(words, Sampling(), 3)
            try:
                ended.append("said" if len(list(ticket)) == 3 else "short")
            except ModelError:
                ended.append("told")

    askers = [threading.Thread(target=ask, daemon=True) for _ in range(12)]
    for asker in askers:
        asker.start()
    for _ in range(8):
        closing.wait(0.1)
        engine.close()
    closing.set()
    for asker in askers:
        asker.join(60)
    assert not any(asker.is_alive() for asker in askers)
    assert "said" in ended
    assert "short" not in ended
    engine.close()


class _Unlucky(list[int]):
    """Whoever asks for its length finds the model closed afterwards, three times."""

    def __init__(self, tokens: list[int], engine: Engine) -> None:
        super().__init__(tokens)
        self._engine, self._times = engine, 3

    def __len__(self) -> int:
        if self._times:
            self._times -= 1
            self._engine.close()
        return super().__len__()


def test_a_model_closed_between_the_look_and_the_request_is_loaded_again() -> None:
    engine = open_model("bundled", Settings(context=320)).engine
    ticket = engine.submit(_Unlucky([1, 2, 3], engine), Sampling(), 1)
    assert ticket.next(60) not in (None, -1)
    engine.close()


def test_an_owner_that_leaves_takes_nothing_more() -> None:
    engine = open_model("bundled", Settings(context=320)).engine
    engine.load()
    leaving = engine._owner
    engine.close()
    late = Ticket([1, 2, 3], Sampling(), 1)
    assert not leaving.accept(late)
    assert leaving.inbox.empty()
    assert len(list(engine.submit([1, 2, 3], Sampling(), 1))) == 1  # loaded again
    engine.close()
