"""Eight conversations at once, with cancels, follow-ups, long prompts, tool calls and grammars: does one disturb another?

Every turn is written down as tokens and asked again alone, in a freshly loaded model, at temperature 0. llama.cpp does
not sum up in the same order for one token, a few and many, so where two tokens are nearly as likely the choice may
fall otherwise (docs/decisions.md has the figures); a turn that differs must therefore be a close call by the logits of
its own prompt, at the first difference and at every token after it. Another conversation's tokens in the cache miss
that by far.
"""

from __future__ import annotations

import argparse
import collections
import random
import statistics
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage

from agents.llm.chat_model import GgufChat
from agents.llm.engine.engine import Engine
from agents.llm.engine.options import EngineOptions
from agents.llm.engine.sampling import Sampling
from agents.llm.engine.threads import Threads
from agents.llm.names import bundled_file
from agents.llm.native import Context, library
from agents.llm.placing.choice import Wish
from agents.llm.use import Use
from tests.benchmarks.own_home import own_home

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.messages import BaseMessage

    from agents.llm.engine.tickets import Ticket

CONVERSATIONS = 8
NOISE = 1.0
"""Logits: what the order of sums may move one token's lead over another; 1.4 was the most seen for a single logit."""
_CONTEXT = 4096
_MOST_PROMPT = 1800
"""Tokens after which a conversation begins anew."""
_KINDS = ("ask", "ask", "ask", "leave", "cancel", "long", "tool", "auto", "object", "afresh")
_TOPICS = ("the sea", "bread", "a clock", "the number 7", "Lyon", "winter", "an old bridge", "bees", "glass", "tea")
_TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": f"Look up the {name} of a city.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
    for name in ("weather", "population")
]
_OBJECT = {
    "type": "json_schema",
    "json_schema": {
        "name": "thing",
        "schema": {
            "type": "object",
            "properties": {"name": {"type": "string", "maxLength": 20}, "big": {"type": "boolean"}},
            "required": ["name", "big"],
            "additionalProperties": False,
        },
    },
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One reply, as the engine saw it."""

    kind: str
    prompt: tuple[int, ...]
    reply: tuple[int, ...]
    sampling: Sampling
    limit: int
    whole: bool
    """The reply came to its own end: nobody left or cancelled."""


@dataclass(slots=True)
class Soak:
    """What happened."""

    turns: dict[int, list[Turn]]
    failures: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    """MiB of the process (RSS), sampled evenly."""

    @property
    def growth(self) -> float:
        """Memory at the end over memory after warm-up (a fifth of the time), minus 1; medians of a tenth each."""
        tenth = max(1, len(self.memory) // 10)
        return statistics.median(self.memory[-tenth:]) / statistics.median(self.memory[2 * tenth : 3 * tenth]) - 1


class _Watched(Engine):
    """Keeps each thread's last ticket."""

    def __init__(self, options: EngineOptions) -> None:
        super().__init__(options)
        self.last = threading.local()

    def submit(self, tokens: Sequence[int], sampling: Sampling, max_tokens: int, *, stable: int = 0) -> Ticket:
        self.last.asked = tuple(tokens)
        self.last.ticket = super().submit(tokens, sampling, max_tokens, stable=stable)
        return self.last.ticket


def open_watched(threads: int = 0) -> GgufChat:
    """The bundled model behind an engine of its own."""
    model = GgufChat(path=str(bundled_file()), context=_CONTEXT)
    model._held_engine = _Watched(EngineOptions.of(bundled_file(), Wish(_CONTEXT), threads=threads))
    return model


def talk(model: GgufChat, seconds: float, conversations: int = CONVERSATIONS) -> Soak:
    """Let them all talk at once for so long."""
    import psutil

    model.engine.load()
    soak = Soak({number: [] for number in range(conversations)})
    until = time.monotonic() + seconds

    def converse(number: int) -> None:
        conversation = _Conversation(model, number)
        while time.monotonic() < until:
            try:
                soak.turns[number].append(conversation.turn())
            except Exception as error:  # is what is being counted
                soak.failures.append(f"{number}: {error!r}")

    threads = [threading.Thread(target=converse, args=(number,)) for number in soak.turns]
    for thread in threads:
        thread.start()
    process = psutil.Process()
    while any(thread.is_alive() for thread in threads):
        soak.memory.append(process.memory_info().rss / 2**20)
        time.sleep(min(1.0, seconds / 50))
    return soak


class _Conversation:
    """What is asked depends on the number alone; when it is asked depends on the others."""

    def __init__(self, model: GgufChat, number: int) -> None:
        self._model, self._number = model, number
        self._random = random.Random(number)
        self._asked = 0
        self._begin()

    def _begin(self) -> None:
        self._history: list[BaseMessage] = [SystemMessage(f"You are assistant {self._number}. Be brief.")]

    def turn(self) -> Turn:
        draw = self._random
        kind = draw.choice(_KINDS)
        if kind == "afresh" or self._model.count_tokens(self._history) > _MOST_PROMPT:
            self._begin()
        self._asked += 1
        question = f"Question {self._asked} of {self._number}: tell me something about {draw.choice(_TOPICS)}."
        if kind == "long":
            notes = (f"Note {i}: room {draw.randrange(900)} is for {draw.choice(_TOPICS)}." for i in range(60))
            question = f"{' '.join(notes)}\n{question}"
        messages = [*self._history, HumanMessage(question)]
        options: dict[str, Any] = {"max_tokens": draw.randrange(8, 48)}
        if kind in ("tool", "auto"):
            options |= {"tools": _TOOLS, "tool_choice": "any" if kind == "tool" else "auto", "max_tokens": 48}
        if kind == "object":
            options["response_format"] = _OBJECT
        gone = draw.randrange(1, 12) if kind == "leave" else None
        pause = draw.random() / 2
        reply = self._stream(messages, options, gone, pause if kind == "cancel" else None)
        turn = self._noted(kind, options["max_tokens"])
        self._history = [*messages, AIMessage(reply.text, tool_calls=reply.tool_calls)]
        self._history += [ToolMessage("42", tool_call_id=call["id"] or "") for call in reply.tool_calls]
        return turn

    def _stream(
        self, messages: list[BaseMessage], options: dict[str, Any], gone: int | None, pause: float | None
    ) -> AIMessageChunk:
        """The reply, of which the reader leaves after `gone` pieces or cancels after `pause` seconds."""
        cancel = threading.Event()
        timer = threading.Timer(pause or 0, cancel.set)
        if pause is not None:
            timer.start()
            options = {**options, "cancel": cancel}
        whole = AIMessageChunk("")
        stream = self._model.stream(messages, **options)
        for i, chunk in enumerate(stream):
            whole += chunk
            if i == gone:
                break
        stream.close()  # type: ignore[attr-defined]
        timer.cancel()
        return whole

    def _noted(self, kind: str, limit: int) -> Turn:
        last = self._model.engine.last  # type: ignore[attr-defined]
        ticket: Ticket = last.ticket
        said = tuple(ticket.tokens[len(last.asked) :])
        whole = ticket.finished is not None and ticket.finished != "cancelled"
        return Turn(kind, last.asked, said, ticket.sampling, limit, whole)


@dataclass(slots=True)
class Verdict:
    """What asking again showed."""

    equal: int = 0
    close: int = 0
    """Turns that differ from a token on that was a close call."""
    mixed: list[str] = field(default_factory=list)
    """Turns that can't be explained like that."""
    widest: float = 0.0
    """Logits: the widest lead passed over in any turn without a grammar, equal ones included."""


def ask_again(turns: dict[int, list[Turn]], threads: int = 0) -> Verdict:
    """Every turn once more, nobody else around, in a model loaded anew."""
    model = open_watched(threads)
    judge = Judge(model.engine)
    verdict = Verdict()
    for number, conversation in turns.items():
        for i, turn in enumerate(conversation):
            limit = turn.limit if turn.whole else len(turn.reply)
            alone = tuple(model.engine.submit(turn.prompt, turn.sampling, limit)) if limit else ()
            leads = judge.leads(turn.prompt, turn.reply) if not turn.sampling.grammar else []
            verdict.widest = max([verdict.widest, *leads])
            same = next((k for k, (a, b) in enumerate(zip(alone, turn.reply, strict=False)) if a != b), None)
            if same is None and len(alone) == len(turn.reply) and max(leads, default=0.0) <= NOISE:
                verdict.equal += 1
                continue
            at = min(len(alone), len(turn.reply)) if same is None else same
            lead = judge.lead(turn, alone, at)
            if max([abs(lead), *leads]) <= NOISE:
                verdict.close += 1
            else:
                verdict.mixed.append(f"conversation {number}, turn {i} ({turn.kind}), token {at}: lead {lead:.2f}")
    judge.close()
    model.engine.close()
    return verdict


class Judge:
    """Logits of a text recomputed by itself, every token given (teacher forcing)."""

    _AT_ONCE = 64

    def __init__(self, engine: Engine) -> None:
        loaded = engine.load()
        self._weights = loaded.weights
        self._context = Context(loaded.weights, Use(_CONTEXT, self._AT_ONCE), loaded.threads.number)

    def leads(self, prompt: Sequence[int], reply: Sequence[int]) -> list[float]:
        """By how many logits the likeliest token led the one that was written, at each token of the reply."""
        rows = self._rows(prompt, reply)
        return [float(row.max() - row[token]) for row, token in zip(rows, reply, strict=True)]

    def lead(self, turn: Turn, alone: Sequence[int], at: int) -> float:
        """What the token written alone is ahead of the one written in company; an end is the model's own token."""
        (row,) = self._rows([*turn.prompt, *turn.reply[:at]], [0])
        ours, theirs = (said[at] if at < len(said) else self._weights.eos for said in (turn.reply, alone))
        return float(row[theirs] - row[ours])

    def _rows(self, prompt: Sequence[int], reply: Sequence[int]) -> list[Any]:
        """Logits before each token of `reply`."""
        import numpy as np

        context, rows = self._context, []
        context.clear()
        text = [*prompt, *reply[:-1]] if reply else []
        first = len(prompt) - 1
        at = 0
        while at < len(text):
            count = min(512 if at + 512 <= first else max(first - at, 0) or self._AT_ONCE, len(text) - at)
            context.clear_batch()
            wanted = [context.put([text[i]], i, 0, wants_logits=i >= first) for i in range(at, at + count)]
            context.decode()
            for i, index in enumerate(wanted, at):
                if i >= first:
                    logits = library().llama_get_logits_ith(context.pointer, index)
                    rows.append(np.ctypeslib.as_array(logits, shape=(self._weights.vocabulary,)).copy())
            at += count
        return rows

    def close(self) -> None:
        self._context.close()


def run(seconds: float = 20, threads: int = 0) -> str:
    """A Markdown table; `threads` 0 are all cores, whatever else runs: what is asked again must be added up alike."""
    threads = threads or Threads(watch=False).number
    with own_home():
        model = open_watched(threads)
        soak = talk(model, seconds)
        model.engine.close()
    turns = [turn for conversation in soak.turns.values() for turn in conversation]
    kinds = collections.Counter(turn.kind for turn in turns)
    with own_home():
        verdict = ask_again(soak.turns, threads)
    checked = len(turns)
    rows = [
        ("turns, of them cut short", f"{checked}, {sum(not turn.whole for turn in turns)}", ""),
        ("tokens read, written", f"{sum(len(t.prompt) for t in turns):,}, {sum(len(t.reply) for t in turns):,}", ""),
        ("failures", str(len(soak.failures)), "0"),
        ("the same alone, token by token", f"{verdict.equal} ({verdict.equal / checked:.1%})", ""),
        ("another choice where two tokens were close", str(verdict.close), ""),
        ("mixed up", str(len(verdict.mixed)), "0"),
        ("widest lead passed over, logits", f"{verdict.widest:.2f}", f"≤ {NOISE}"),
        ("memory at the end against after warm-up", f"{soak.growth:+.1%} ({soak.memory[-1]:.0f} MiB)", "≤ +5 %"),
    ]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    asked = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    notes = [f"- {note}" for note in [*soak.failures, *verdict.mixed][:20]]
    head = [
        f"## {CONVERSATIONS} conversations at once for {seconds:.0f} s",
        "",
        f"SmolLM2-135M Q4_1, 4 sequences, context {_CONTEXT}; {asked}",
        "",
        "| | | goal |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *lines, "", *notes])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--threads", type=int, default=0)
    asked_for = parser.parse_args()
    print(run(asked_for.seconds, asked_for.threads))
