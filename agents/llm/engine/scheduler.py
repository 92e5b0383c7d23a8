"""Who computes next: prompts in chunks, replies a token each, all in one batch per step.

A request keeps its prompt and reply in one list of tokens. What is not in the cache yet is pending: a whole prompt
at first, later one token at a time; so reading a prompt, writing a reply and starting again after being pushed
out of a full cache are the same thing.
"""

from __future__ import annotations

import ctypes
import time
from collections import deque
from dataclasses import dataclass, field

from agents.llm.engine.prefixes import Prefixes
from agents.llm.engine.sampling import Sampler, chances
from agents.llm.engine.threads import Threads
from agents.llm.engine.tickets import Reason, Ticket
from agents.llm.native import ABORTED, NO_SLOT, Context, Weights
from agents.llm.placing.devices import free_memory

_OTHERS_WAIT = 0.15
"""Seconds that tokens of others may wait for a chunk of somebody's prompt."""
_RATE = 100.0
"""Prompt tokens per second, until they have been measured."""
_FIRST_CHUNK = 64
"""Tokens of a prompt to read before it is known how many cores are free. With too many threads they can take as long as
a whole batch does else."""
_WORTH_SHARING = 16
"""Tokens of common prefix below which a fresh sequence is not started from another one's cache."""


_TURN = 64
"""Tokens one writes while somebody waits for a place; then they change. Copying its cache out and in costs about one."""
_MOST_COPIED = 512 * 2**20
"""Bytes of such a copy, and never more than an eighth of the memory that is free."""


@dataclass(slots=True)
class _Request:
    ticket: Ticket
    tokens: list[int]
    sampler: Sampler
    written: int = 0
    cached: int | None = None
    turn: int = 0
    """Tokens written since it last got a place."""
    paused: ctypes.Array[ctypes.c_uint8] | None = None
    """Its cache, all tokens but the last, while it waits for its next turn."""
    keep_at: int = 0
    """Tokens after which the sequence's state is handed to the disk; 0: never."""


@dataclass(slots=True)
class _Slot:
    """One sequence of the cache; `tokens` are those in it, kept after the reply for the next turn."""

    sequence: int
    tokens: list[int] = field(default_factory=list)
    request: _Request | None = None
    used: int = 0

    @property
    def pending(self) -> int:
        return len(self.request.tokens) - len(self.tokens) if self.request else 0


class Scheduler:
    """Runs in the owner's thread, except `interrupt`."""

    def __init__(
        self,
        weights: Weights,
        context: Context,
        sequences: int,
        threads: Threads,
        prefixes: Prefixes | None = None,
        *,
        turn: int = _TURN,
    ) -> None:
        """`sequences` conversations at once; more take turns of `turn` tokens. What many prompts begin with goes to
        `prefixes` and comes from there."""
        self._turn = turn
        self._weights, self._context, self._threads, self._prefixes = weights, context, threads, prefixes
        self._slots = [_Slot(i) for i in range(sequences)]
        self._waiting: deque[_Request] = deque()
        self._clock = 0
        self._crowded = False
        self.rate = 0.0
        """Prompt tokens per second, as last measured; 0 before the first prompt."""

    @property
    def idle(self) -> bool:
        """Nothing to do until the next request."""
        return not self._waiting and not any(slot.request for slot in self._slots)

    def interrupt(self) -> None:
        """Stop the decode in progress; from any thread."""
        self._context.abort()

    def add(self, ticket: Ticket) -> None:
        """Take a request into the queue."""
        try:
            sampler = Sampler(self._weights, ticket.sampling, ticket.max_tokens)
        except Exception as error:  # noqa: BLE001  # only this request is at fault
            ticket.deliver(error)
            return
        self._waiting.append(_Request(ticket, ticket.tokens, sampler))

    def step(self) -> None:
        """One batch: a token for everyone who writes, the next chunk for those who read."""
        self._context.abort(wanted=False)  # before looking at who cancelled, so that no cancel is lost
        self._drop_cancelled()
        self._change_places()
        self._admit()
        plan = self._compose()
        if not plan:
            return
        reading = sum(count for _, count, _ in plan if count > 1)
        started = time.perf_counter()
        code = self._threads.decode(self._context)
        if code == NO_SLOT:
            self._make_room()
        elif code == ABORTED:
            for slot, _, _ in plan:
                self._trim(slot, len(slot.tokens))
        else:
            if reading >= 32:
                self.rate = reading / max(time.perf_counter() - started, 1e-6)
            self._advance(plan)

    def fail_all(self, error: BaseException) -> None:
        """Hand `error` to everybody and start afresh."""
        for request in [*(slot.request for slot in self._slots if slot.request), *self._waiting]:
            self._end(request, error)
        for slot in self._slots:
            slot.request, slot.tokens = None, []
        self._waiting.clear()
        self._context.clear()
        self._crowded = False

    def _drop_cancelled(self) -> None:
        for slot in self._slots:
            if slot.request and slot.request.ticket.cancelled:
                self._finish(slot, "cancelled")
        for request in [r for r in self._waiting if r.ticket.cancelled]:
            self._waiting.remove(request)
            self._end(request, "cancelled")

    def _admit(self) -> None:
        while self._waiting and not self._crowded:
            free = [slot for slot in self._slots if slot.request is None]
            if not free:
                return
            request = self._waiting.popleft()
            request.turn = 0
            if request.paused is not None:
                self._resume(request, free)
                continue
            slot, cached = self._seat(request.tokens, free)
            if self._prefixes and request.ticket.stable:
                cached = self._warm(self._prefixes, slot, request)
            slot.request = request
            if request.cached is None:
                request.cached = request.ticket.cached = cached

    def _change_places(self) -> None:
        """Nobody waits for another's whole answer: who has written longest pauses for the first who waits."""
        if not self._waiting or self._crowded:
            return
        taken = [(slot, slot.request) for slot in self._slots if slot.request]
        if len(taken) < len(self._slots):
            return
        slot, request = max(taken, key=lambda pair: pair[1].turn)
        if request.turn < self._turn:
            return
        request.paused = self._copy(slot.sequence)
        slot.request = None
        if request.paused is not None:
            self._trim(slot, 0)
        self._waiting.append(request)

    def _resume(self, request: _Request, free: list[_Slot]) -> None:
        slot = min(free, key=lambda s: (bool(s.tokens), s.used))
        self._trim(slot, 0)
        state, request.paused = request.paused, None
        if state is not None and self._context.restore(slot.sequence, state):
            slot.tokens = request.tokens[:-1]
        else:  # no room for it now: everything is read again when there is
            self._context.forget(slot.sequence)
        slot.request = request

    def _copy(self, sequence: int) -> ctypes.Array[ctypes.c_uint8] | None:
        """A copy of the cache of who pauses in the middle of a reply; None where memory is short."""
        size = self._context.state_size(sequence)
        return None if size > min(_MOST_COPIED, free_memory() // 8) else self._context.state(sequence)

    def _seat(self, tokens: list[int], free: list[_Slot]) -> tuple[_Slot, int]:
        """The slot to use, its cache cut to the longest common prefix, and that prefix's length."""
        common = {slot.sequence: _common(slot.tokens, tokens) for slot in self._slots}
        slot = max(free, key=lambda s: common[s.sequence])
        keep = common[slot.sequence]
        oldest = min(free, key=lambda s: (bool(s.tokens), s.used))
        richest = max(self._slots, key=lambda s: common[s.sequence])
        if keep * 2 < len(slot.tokens) or (common[richest.sequence] > keep + _WORTH_SHARING):
            # Overwriting would cost its owner more than it saves here: read along from the richest into another.
            self._trim(oldest, 0)
            slot, keep = oldest, 0
            if richest is not oldest and common[richest.sequence] >= _WORTH_SHARING and not self._weights.recurrent:
                keep = min(common[richest.sequence], len(richest.tokens), len(tokens) - 1)
                self._context.share(richest.sequence, slot.sequence, keep)
                slot.tokens = tokens[:keep]
            return slot, keep
        # The last token is always computed: its logits are what the reply starts from.
        self._trim(slot, min(keep, len(slot.tokens), len(tokens) - 1))
        return slot, len(slot.tokens)

    def _warm(self, prefixes: Prefixes, slot: _Slot, request: _Request) -> int:
        """Take the prompt's stable part from disk where it isn't in the cache, or see that it gets there; the tokens
        in the cache."""
        stable = min(request.ticket.stable, len(request.tokens) - 1)
        prefix, cached = request.tokens[:stable], len(slot.tokens)
        if cached < stable and (state := prefixes.find(prefix)) is not None:
            self._trim(slot, 0)
            if self._context.restore(slot.sequence, state):
                slot.tokens = prefix
            else:  # of another making after all, or no room for it now
                prefixes.drop(prefix)
                self._context.forget(slot.sequence)
            return len(slot.tokens)
        if cached <= stable + _WORTH_SHARING and prefixes.wanted(prefix):
            if cached > stable:
                self._trim(slot, stable)
            request.keep_at = stable
            self._keep(slot, request)
        return len(slot.tokens)

    def _keep(self, slot: _Slot, request: _Request) -> None:
        if self._prefixes and request.keep_at == len(slot.tokens):
            request.keep_at = 0
            self._prefixes.keep(slot.tokens, bytes(self._context.state(slot.sequence)))

    def _compose(self) -> list[tuple[_Slot, int, int | None]]:
        """Fill the batch: (slot, tokens of it, batch index whose logits are wanted)."""
        self._context.clear_batch()
        active = [slot for slot in self._slots if slot.request]
        writing = [slot for slot in active if slot.pending == 1]
        budget = self._context.room - len(writing)
        if self._threads.unsure:
            budget = min(budget, _FIRST_CHUNK)
        if writing:
            budget = min(budget, max(16, int((self.rate or _RATE) * _OTHERS_WAIT)))
        plan = [(slot, 1, self._put(slot, 1)) for slot in writing]
        for slot in sorted((s for s in active if s.pending > 1), key=lambda s: s.used):
            count = min(slot.pending, budget)
            if count <= 0:
                break
            if slot.request and 0 < (before := slot.request.keep_at - len(slot.tokens)) < count:
                count = before
            budget -= count
            plan.append((slot, count, self._put(slot, count)))
            self._clock += 1
            slot.used = self._clock  # the next chunk is another reader's turn
        return plan

    def _put(self, slot: _Slot, count: int) -> int | None:
        assert slot.request is not None
        start = len(slot.tokens)
        last = count == slot.pending
        index = self._context.put(slot.request.tokens[start : start + count], start, slot.sequence, wants_logits=last)
        return index if last else None

    def _advance(self, plan: list[tuple[_Slot, int, int | None]]) -> None:
        for slot, count, index in plan:
            request = slot.request
            assert request is not None
            start = len(slot.tokens)
            slot.tokens += request.tokens[start : start + count]
            self._keep(slot, request)
            if index is not None:
                if request.ticket.choices:
                    self._score(slot, request.ticket, index)
                    continue
                if request.ticket.concluding:
                    request.sampler.conclude()
                self._write(slot, request, request.sampler.choose(self._context, index))

    def _score(self, slot: _Slot, ticket: Ticket, index: int) -> None:
        """The chances of its choices are the reply. Of its cache only the beginning is kept, so that the next one of the
        kind takes the same slot and leaves the conversations in the others alone."""
        ticket.chances = chances(self._context.logits(index, self._weights.vocabulary), ticket.choices)
        self._finish(slot, "stop")
        self._trim(slot, min(ticket.stable, len(slot.tokens)))

    def _write(self, slot: _Slot, request: _Request, token: int) -> None:
        if self._weights.ends(token):
            self._finish(slot, "length" if request.sampler.shortened else "stop")
            return
        request.tokens.append(token)
        request.written += 1
        request.turn += 1
        request.ticket.deliver(token)
        if request.written >= request.ticket.max_tokens or len(request.tokens) >= self._context.tokens:
            self._finish(slot, "length")

    def _finish(self, slot: _Slot, reason: Reason) -> None:
        request, slot.request = slot.request, None
        self._clock += 1
        slot.used = self._clock
        self._crowded = False
        if request:
            self._end(request, reason)

    def _end(self, request: _Request, why: Reason | BaseException) -> None:
        request.sampler.close()
        request.ticket.deliver(why)

    def _make_room(self) -> None:
        """The cache is full: forget the oldest resting conversation, or send the youngest request back to wait."""
        resting = [slot for slot in self._slots if slot.request is None and slot.tokens]
        if resting:
            self._trim(min(resting, key=lambda slot: slot.used), 0)
            return
        active = [slot for slot in self._slots if slot.request]
        if len(active) == 1:
            self._finish(active[0], "length")
            return
        youngest = min(active, key=lambda slot: slot.request.written if slot.request else 0)
        if youngest.request:
            self._waiting.appendleft(youngest.request)
        youngest.request = None
        self._trim(youngest, 0)
        self._crowded = True

    def _trim(self, slot: _Slot, length: int) -> None:
        """Keep `length` tokens of a slot's cache; recurrent models can only keep all or nothing."""
        if length == 0 or not self._context.forget(slot.sequence, length):
            self._context.forget(slot.sequence)
            length = 0
        slot.tokens = slot.tokens[:length]


def _common(left: list[int], right: list[int]) -> int:
    """Length of the common prefix."""
    length = min(len(left), len(right))
    if left[:length] == right[:length]:
        return length
    return next(i for i in range(length) if left[i] != right[i])
