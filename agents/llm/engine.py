"""One loaded model, one thread that owns it, and everybody else's requests in a queue.

`Engine.submit` gives a `Ticket` to iterate over; any thread may do so, and any thread may cancel. Conversations
decode together in one batch, so nobody waits for another's whole answer.
"""

from __future__ import annotations

import logging
import queue
import threading
import weakref
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agents.llm.errors import PromptTooLong, engine_failed
from agents.llm.loading import EngineOptions, load
from agents.llm.scheduler import Scheduler

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agents.llm.loading import Loaded
    from agents.llm.native import Weights
    from agents.llm.sampling import Sampling

_LOG = logging.getLogger(__name__)

Reason = Literal["stop", "length", "cancelled"]


@dataclass(frozen=True, slots=True)
class Finish:
    """How a reply ended."""

    reason: Reason


class Ticket:
    """One request: iterate for its tokens, then read `finish`."""

    def __init__(self, tokens: Sequence[int], sampling: Sampling, max_tokens: int) -> None:
        """`tokens` of the whole prompt; at most `max_tokens` of reply."""
        self.tokens = list(tokens)
        self.sampling = sampling
        self.max_tokens = max_tokens
        self.cancelled = False
        self.cached = 0
        """Prompt tokens taken from the cache, known when the first token comes."""
        self.finish: Finish | None = None
        self.on_cancel: list[weakref.ref[Scheduler]] = []
        self._events: queue.SimpleQueue[int | Finish | BaseException] = queue.SimpleQueue()

    def __iter__(self) -> Iterator[int]:
        """Tokens as they come. Raises `ModelError`. Leaving early must be followed by `cancel()`."""
        while (token := self.next(None)) is not None:
            if token >= 0:
                yield token

    def next(self, timeout: float | None) -> int | None:
        """The next token; None at the end; -1 when `timeout` seconds passed without any."""
        if self.finish:
            return None
        try:
            event = self._events.get(timeout=timeout)
        except queue.Empty:
            return -1
        if isinstance(event, BaseException):
            self.finish = Finish("stop")
            raise event
        if isinstance(event, Finish):
            self.finish = event
            return None
        return event

    def cancel(self) -> None:
        """Stop as soon as possible, in the middle of a prompt too. Harmless when finished."""
        self.cancelled = True
        if self.finish is None:
            for ref in self.on_cancel:
                if scheduler := ref():
                    scheduler.interrupt()

    def deliver(self, event: int | Finish | BaseException) -> None:
        """The owner's side: a token, the end, or what went wrong."""
        self._events.put(event)


class Engine:
    """A model that is loaded at the first need and freed when nobody holds it any more."""

    def __init__(self, options: EngineOptions) -> None:
        """Loads nothing yet."""
        self.options = options
        self._owner: _Owner | None = None
        self._lock = threading.Lock()

    @property
    def loaded(self) -> Loaded | None:
        """What was loaded and how, once it is."""
        owner = self._owner
        if owner is None or not owner.ready.done() or owner.ready.exception():
            return None
        return owner.ready.result()

    def load(self) -> Loaded:
        """Load now, if it isn't, and say what there is. Raises `ModelError`; a later call tries again."""
        with self._lock:
            if self._owner is None:
                self._owner = _Owner(self.options)
                weakref.finalize(self, self._owner.stop)
            owner = self._owner
        try:
            return owner.ready.result()
        except BaseException:
            with self._lock:
                if self._owner is owner:
                    self._owner = None
            raise

    @property
    def weights(self) -> Weights:
        """The loaded model, for its vocabulary."""
        return self.load().weights

    def submit(self, tokens: Sequence[int], sampling: Sampling, max_tokens: int) -> Ticket:
        """Queue a prompt. Raises `PromptTooLong`, or `ModelError` when the model can't be loaded."""
        loaded = self.load()
        owner = self._owner
        if owner is None or not owner.alive:
            raise engine_failed("it was unloaded")
        if len(tokens) >= loaded.context.tokens:
            raise PromptTooLong(len(tokens), loaded.context.tokens - 1)
        ticket = Ticket(tokens, sampling, max_tokens)
        owner.inbox.put(ticket)
        return ticket

    def close(self) -> None:
        """Cancel what runs and free the memory; the next use loads again."""
        with self._lock:
            owner, self._owner = self._owner, None
        if owner:
            owner.stop()


class _Owner:
    """The thread. It holds no reference to the `Engine`, so that an engine nobody uses goes away."""

    def __init__(self, options: EngineOptions) -> None:
        self.options = options
        self.ready: Future[Loaded] = Future()
        self.inbox: queue.SimpleQueue[Ticket | None] = queue.SimpleQueue()
        self._stopping = False
        self._scheduler: Scheduler | None = None
        self._thread = threading.Thread(target=self._run, name=f"llm-{options.path.stem}", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        return not self._stopping and self._thread.is_alive()

    def stop(self) -> None:
        """Free everything; also called at the interpreter's exit, while threads still may run."""
        self._stopping = True
        self.inbox.put(None)
        if self._scheduler:
            self._scheduler.interrupt()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=30)

    def _run(self) -> None:
        try:
            loaded = load(self.options)
        except BaseException as error:  # noqa: BLE001  # belongs to whoever waits for the model
            self.ready.set_exception(error)
            return
        self._scheduler = Scheduler(loaded.weights, loaded.context, self.options.sequences)
        try:
            self.ready.set_result(loaded)
            self._serve(self._scheduler)
        finally:
            self._refuse(self._scheduler)
            loaded.context.close()
            loaded.weights.close()

    def _serve(self, scheduler: Scheduler) -> None:
        me = weakref.ref(scheduler)
        while not self._stopping:
            while scheduler.idle or not self.inbox.empty():
                ticket = self.inbox.get()
                if ticket is None:
                    return
                ticket.on_cancel.append(me)
                scheduler.add(ticket)
            try:
                scheduler.step()
            except Exception as error:  # noqa: BLE001  # the thread must outlive what breaks one step
                _LOG.debug("The engine failed", exc_info=True)
                scheduler.fail_all(error)

    def _refuse(self, scheduler: Scheduler) -> None:
        error = engine_failed("it was unloaded")
        scheduler.fail_all(error)
        while not self.inbox.empty():
            if ticket := self.inbox.get():
                ticket.deliver(error)


_engines: weakref.WeakValueDictionary[EngineOptions, Engine] = weakref.WeakValueDictionary()
_engines_lock = threading.Lock()


def shared_engine(options: EngineOptions) -> Engine:
    """The process's one engine for these options: every platform and browser tab uses the same."""
    with _engines_lock:
        engine = _engines.get(options)
        if engine is None:
            engine = _engines[options] = Engine(options)
        return engine
