"""One loaded model, one thread that owns it, and everybody else's requests in a queue.

`Engine.submit` gives a `Ticket` to iterate over; any thread may do so, and any thread may cancel. Conversations
decode together in one batch, so nobody waits for another's whole answer.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

from agents.llm.engine.loading import Loaded
from agents.llm.engine.options import EngineOptions
from agents.llm.engine.prefixes import Prefixes
from agents.llm.engine.sampling import Sampling
from agents.llm.engine.scheduler import Scheduler
from agents.llm.engine.tickets import Ticket
from agents.llm.engine.trial import load
from agents.llm.errors import PromptTooLong, engine_failed
from agents.llm.native import Weights, version

_LOG = logging.getLogger(__name__)
IDLE = 1800.0
"""Seconds after which a model nobody asks gives its memory back; the next question loads it again."""


class Engine:
    """A model that is loaded at the first need and freed when nobody holds it any more, or nobody asks for it."""

    def __init__(
        self, options: EngineOptions, *, before: Callable[[Engine], None] | None = None, idle: float = IDLE
    ) -> None:
        """Loads nothing yet. `before` is called before it does, to make room; `idle`: seconds until it rests."""
        self.options = options
        self._before, self._idle = before, idle
        self._owner: _Owner | None = None
        self._lock = threading.Lock()

    @property
    def loaded(self) -> Loaded | None:
        """What was loaded and how, once it is."""
        owner = self._owner
        if owner is None or owner.rested or not owner.ready.done() or owner.ready.exception():
            return None
        return owner.ready.result()

    @property
    def busy(self) -> bool:
        """Whether somebody is being answered at this moment."""
        owner = self._owner
        return owner is not None and owner.busy

    @property
    def unused(self) -> float:
        """Seconds since anybody asked for anything."""
        owner = self._owner
        return time.monotonic() - owner.used if owner else 0.0

    def load(self) -> Loaded:
        """Load now, if it isn't, and say what there is. Raises `ModelError`; a later call tries again."""
        return self._ready().ready.result()

    def _ready(self) -> _Owner:
        """The owner of the loaded model, started if there is none. Raises `ModelError`."""
        if self._before and self.loaded is None:  # before a plan is made, which counts what is free then
            self._before(self)
        with self._lock:
            if self._owner is None or not self._owner.touch():
                self._owner = _Owner(self.options, self._idle)
                weakref.finalize(self, self._owner.stop)
            owner = self._owner
        try:
            owner.ready.result()
        except BaseException:
            with self._lock:
                if self._owner is owner:
                    self._owner = None
            raise
        return owner

    @property
    def reading_speed(self) -> float:
        """Prompt tokens a second, as last measured; 0 when none has been read yet."""
        owner = self._owner
        return owner.reading_speed if owner else 0.0

    @property
    def weights(self) -> Weights:
        """The loaded model, for its vocabulary."""
        return self.load().weights

    def submit(
        self,
        tokens: Sequence[int],
        sampling: Sampling,
        max_tokens: int,
        *,
        stable: int = 0,
        choices: Sequence[Sequence[int]] = (),
    ) -> Ticket:
        """Queue a prompt, of which the first `stable` tokens will come again; a model closed in this very moment is loaded again.
        With `choices` (see `Ticket`) their chances are the reply. The ticket always comes to an end.
        Raises `PromptTooLong`, or `ModelError` when the model can't be loaded."""
        ticket = Ticket(tokens, sampling, max_tokens, stable=stable, choices=choices)
        while True:
            owner = self._ready()
            limit = owner.ready.result().context.tokens
            if len(tokens) >= limit:
                raise PromptTooLong(len(tokens), limit - 1)
            if owner.accept(ticket):
                return ticket
            if self._owner is owner and not owner.rested:  # ended by itself: the interpreter is leaving
                raise engine_failed("it was unloaded")

    def close(self) -> None:
        """Cancel what runs and free the memory; the next use loads again."""
        with self._lock:
            owner, self._owner = self._owner, None
        if owner:
            owner.stop()


class _Owner:
    """The thread. It holds no reference to the `Engine`, so that an engine nobody uses goes away."""

    def __init__(self, options: EngineOptions, idle: float) -> None:
        self.options = options
        self.used = time.monotonic()
        self.rested = False
        """Whether it has left because nobody asked for anything."""
        self._idle = idle
        self.ready: Future[Loaded] = Future()
        self.inbox: queue.SimpleQueue[Ticket | None] = queue.SimpleQueue()
        self._stopping = False
        self._door = threading.RLock()
        """Between `accept` and the last look into the inbox: what is accepted is answered. Reentrant, since the
        garbage collector may call `stop` anywhere."""
        self._scheduler: Scheduler | None = None
        self._thread = threading.Thread(target=self._run, name=f"llm-{options.path.stem}", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether there is work; from any thread, true of this moment only."""
        return not self.inbox.empty() or (self._scheduler is not None and not self._scheduler.idle)

    def accept(self, ticket: Ticket) -> bool:
        """Take a ticket; False, and nothing done, once this owner is leaving."""
        with self._door:
            if self._stopping:
                return False
            self.inbox.put(ticket)
            return True

    def touch(self) -> bool:
        """Somebody asks: it stays for a while. False when it has left for a rest."""
        with self._door:
            self.used = time.monotonic()
            return not self.rested

    def _rests(self) -> bool:
        """Leave if nobody has asked for long enough."""
        with self._door:
            if self.inbox.empty() and time.monotonic() - self.used >= self._idle:
                self._stopping = self.rested = True
            return self.rested

    @property
    def reading_speed(self) -> float:
        """As its scheduler has measured it."""
        return self._scheduler.rate if self._scheduler else 0.0

    def stop(self) -> None:
        """Free everything; also called at the interpreter's exit, while threads still may run."""
        with self._door:
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
        prefixes = _prefixes(self.options, loaded)
        self._scheduler = Scheduler(
            loaded.weights, loaded.context, self.options.wish.parallel, loaded.threads, prefixes
        )
        try:
            self.ready.set_result(loaded)
            self._serve(self._scheduler)
        finally:
            self._refuse(self._scheduler)
            if prefixes:
                prefixes.close()
            loaded.context.close()
            loaded.weights.close()

    def _serve(self, scheduler: Scheduler) -> None:
        interrupt = weakref.WeakMethod(scheduler.interrupt)
        while not self._stopping:
            while scheduler.idle or not self.inbox.empty():
                try:
                    ticket = self.inbox.get(timeout=max(self.used + self._idle - time.monotonic(), 0.0))
                except queue.Empty:
                    if self._rests():
                        return
                    continue
                if ticket is None:
                    return
                ticket.on_cancel.append(interrupt)
                scheduler.add(ticket)
            self.used = time.monotonic()
            try:
                scheduler.step()
            except Exception as error:  # noqa: BLE001  # the thread must outlive what breaks one step
                _LOG.debug("The engine failed", exc_info=True)
                scheduler.fail_all(error)

    def _refuse(self, scheduler: Scheduler) -> None:
        with self._door:
            self._stopping = True
        error = engine_failed("it was unloaded")
        scheduler.fail_all(error)
        while not self.inbox.empty():
            if ticket := self.inbox.get():
                ticket.deliver(error)


def _prefixes(options: EngineOptions, loaded: Loaded) -> Prefixes | None:
    """None with layers on a GPU: that reads a prompt as quickly as a disk its cache."""
    if loaded.weights.gpu_layers or not options.prefixes:
        return None
    identity = (
        options.path.name,
        options.stamp,
        options.adapters,
        loaded.use.cache,
        loaded.use.flash_attention,
        version(),
    )
    return Prefixes(Path(options.prefixes), repr(identity))
