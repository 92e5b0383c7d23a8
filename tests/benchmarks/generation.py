"""Speed of `agents.llm` beside llama.cpp's own calls: same file, threads and batch, in one run, taking turns."""

from __future__ import annotations

import itertools
import statistics
import tempfile
import threading
import time

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agents.llm.chat_model import GgufChat
from agents.llm.engine.threads import Threads
from agents.llm.names import bundled_file
from agents.llm.native import Context, Weights, library
from agents.llm.use import Use
from tests.benchmarks.own_home import own_home

_CONTEXT = 4096
_PASSAGE = (
    "The staff handbook says that every employee has twenty-five days of paid leave a year. Leave that is not taken "
    "by the end of March expires. Requests go to the team lead at least two weeks ahead. "
)


def run(threads: int = 0) -> str:
    """A Markdown table; `threads` 0 are all cores, whatever else runs: both
    sides must have the same."""
    with own_home():
        return _measured(threads or Threads(watch=False).number)


def _measured(threads: int) -> str:
    rounds, prompt_tokens, reply_tokens = 3, 512, 48
    model = GgufChat(path=str(bundled_file()), context=_CONTEXT, threads=threads)
    loaded = model.engine.load()
    context = Context(loaded.weights, Use(_CONTEXT), threads)
    ours: list[_Speed] = []
    raw: list[_Speed] = []
    for i in range(rounds + 1):  # the first round warms both up
        messages = _conversation(model, prompt_tokens, i)
        # The raw calls get the very same tokens, prompt and reply, so both do the same arithmetic.
        measured, reply = _ours(model, messages, reply_tokens)
        prompt = model._prompter.prompt(messages, {}).tokens
        beside = _raw(context, loaded.weights, prompt, len(reply))
        if i:
            ours.append(measured)
            raw.append(beside)
    context.close()
    cold, warm = _turns(model, prompt_tokens, rounds)
    one, four = _together(model, reply_tokens)
    raw_one, raw_four = _raw_together(loaded.weights, threads, reply_tokens)
    held, free = _grammar(model, rounds, reply_tokens)
    cancel = _cancel(model, rounds)
    gap = _largest_gap(model)
    model.engine.close()
    first_start, later_start = _starts(rounds, threads)
    rows = [
        _beside("prefill, tokens/s", ours, raw, 0, "≥ 0.95"),
        _beside("decode, tokens/s", ours, raw, 1, "≥ 0.97"),
        _beside("prefill, tokens per CPU second", ours, raw, 2, ""),
        _beside("decode, tokens per CPU second", ours, raw, 3, ""),
        ("first token, second turn against cold, s", f"{warm:.2f}", f"{cold:.2f}", f"{warm / cold:.2f}", "≤ 0.35"),
        ("4 conversations at once against one, tokens/s", f"{four:.1f}", f"{one:.1f}", f"{four / one:.2f}", "≥ 1.8"),
        ("the same by llama.cpp's own calls", f"{raw_four:.1f}", f"{raw_one:.1f}", f"{raw_four / raw_one:.2f}", ""),
        (
            "first token after a restart, prefix kept against cold, s",
            f"{later_start:.2f}",
            f"{first_start:.2f}",
            f"{later_start / first_start:.2f}",
            "",
        ),
        ("largest gap for others while one reads 2,000 tokens, ms", f"{gap * 1000:.0f}", "", "", "≤ 250"),
        (
            "decode with a grammar against without, tokens/s",
            f"{held:.1f}",
            f"{free:.1f}",
            f"{held / free:.2f}",
            "≥ 0.9",
        ),
        ("last token after cancel, worst of both phases, ms", f"{cancel * 1000:.0f}", "", "", "≤ 200"),
    ]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    head = [
        "## Generation: agents.llm beside llama.cpp",
        "",
        f"SmolLM2-135M Q4_1, {threads} threads, prompts of {prompt_tokens} tokens, replies of {reply_tokens}",
        "",
        "| | zhiku | beside it | ratio | goal |",
        "|---|---|---|---|---|",
    ]
    return "\n".join(head + lines)


_Speed = tuple[float, float, float, float]
"""Tokens per second reading and writing, then the same per second of CPU time of the process."""


def _beside(name: str, ours: list[_Speed], raw: list[_Speed], column: int, goal: str) -> tuple[str, ...]:
    """A row; its ratio is the median of the rounds' own ratios."""
    ratio = statistics.median(a[column] / b[column] for a, b in zip(ours, raw, strict=True))
    here, there = (statistics.median(row[column] for row in rows) for rows in (ours, raw))
    return name, f"{here:.1f}", f"{there:.1f}", f"{ratio:.2f}", goal


def _conversation(model: GgufChat, tokens: int, seed: int) -> list[BaseMessage]:
    times = tokens // model.get_num_tokens(_PASSAGE) + 1
    text = f"Notes {seed * 7919}. " + _PASSAGE * times
    return [SystemMessage(f"You are assistant {seed}."), HumanMessage(text + "Write a long story about this.")]


def _ours(model: GgufChat, messages: list[BaseMessage], reply: int) -> tuple[_Speed, list[int]]:
    """(speed as a caller of the chat model sees it; the reply's token count as a list)."""
    started, cpu = time.perf_counter(), time.process_time()
    stamps: list[float] = []
    used: list[float] = []
    asked = 0
    for chunk in model.stream(messages, max_tokens=reply):
        if chunk.usage_metadata:
            asked = chunk.usage_metadata["input_tokens"]
        elif chunk.text:
            stamps.append(time.perf_counter())
            used.append(time.process_time())
    written = len(stamps) - 1
    speed = (
        asked / (stamps[0] - started), written / (stamps[-1] - stamps[0]),
        asked / (used[0] - cpu), written / (used[-1] - used[0]),
    )  # fmt: skip
    return speed, list(range(len(stamps)))


def _raw(context: Context, weights: Weights, prompt: list[int], reply: int) -> _Speed:
    lib = library()
    chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
    lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_greedy())
    context.clear()
    started, cpu = time.perf_counter(), time.process_time()
    for at in range(0, len(prompt), 512):
        part = prompt[at : at + 512]
        context.clear_batch()
        index = context.put(part, at, 0, wants_logits=at + 512 >= len(prompt))
        context.decode()
    token = int(lib.llama_sampler_sample(chain, context.pointer, index))
    read, cpu_read = time.perf_counter(), time.process_time()
    for i in range(reply - 1):
        context.clear_batch()
        context.put([token], len(prompt) + i, 0, wants_logits=True)
        context.decode()
        token = int(lib.llama_sampler_sample(chain, context.pointer, 0))
    written, cpu_written = time.perf_counter(), time.process_time()
    lib.llama_sampler_free(chain)
    return (
        len(prompt) / (read - started), (reply - 1) / (written - read),
        len(prompt) / (cpu_read - cpu), (reply - 1) / (cpu_written - cpu_read),
    )  # fmt: skip


def _first(model: GgufChat, messages: list[BaseMessage], reply: int = 8) -> tuple[float, str]:
    started, first, text = time.perf_counter(), 0.0, ""
    for chunk in model.stream(messages, max_tokens=reply):
        first = first or time.perf_counter() - started
        text += chunk.text
    return first, text


def _turns(model: GgufChat, tokens: int, rounds: int) -> tuple[float, float]:
    """Median seconds to the first token of a cold first turn and of the follow-up question."""
    cold, warm = [], []
    for i in range(rounds):
        messages = _conversation(model, tokens, 100 + i)
        seconds, text = _first(model, messages)
        cold.append(seconds)
        warm.append(_first(model, [*messages, AIMessage(text), HumanMessage("And how many days are left?")])[0])
    return statistics.median(cold), statistics.median(warm)


def _together(model: GgufChat, reply: int) -> tuple[float, float]:
    """Tokens per second of four conversations one after another and all at once."""

    def ask(i: int) -> None:
        said[i] = len(
            [c for c in model.stream(f"Write a long story about the number {i}.", max_tokens=reply) if c.text]
        )

    def timed(batches: list[list[int]]) -> float:
        said.clear()
        started = time.perf_counter()
        for batch in batches:
            threads = [threading.Thread(target=ask, args=(i,)) for i in batch]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return sum(said.values()) / (time.perf_counter() - started)

    said: dict[int, int] = {}
    return timed([[1], [2], [3], [4]]), timed([[5, 6, 7, 8]])


def _raw_together(weights: Weights, threads: int, reply: int) -> tuple[float, float]:
    """Tokens per second of one sequence and of four in one batch, greedy, through the low-level calls."""
    context = Context(weights, Use(_CONTEXT, 4), threads)
    prompt = weights.tokenize("Write a long story about the sea.", special=False)

    def write(sequences: int) -> float:
        lib = library()
        chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_greedy())
        context.clear()
        tokens = []
        for sequence in range(sequences):
            context.clear_batch()
            index = context.put(prompt, 0, sequence, wants_logits=True)
            context.decode()
            tokens.append(int(lib.llama_sampler_sample(chain, context.pointer, index)))
        started = time.perf_counter()
        for i in range(reply):
            context.clear_batch()
            asked = [context.put([token], len(prompt) + i, s, wants_logits=True) for s, token in enumerate(tokens)]
            context.decode()
            tokens = [int(lib.llama_sampler_sample(chain, context.pointer, index)) for index in asked]
        lib.llama_sampler_free(chain)
        return reply * sequences / (time.perf_counter() - started)

    write(4)
    measured = [(write(1), write(4)) for _ in range(3)]
    context.close()
    return statistics.median(one for one, _ in measured), statistics.median(four for _, four in measured)


def _largest_gap(model: GgufChat) -> float:
    """Seconds between two tokens of one who writes, at most, while somebody's prompt of 2,000 tokens is read."""
    reading, read = threading.Event(), threading.Event()
    stamps: list[float] = []

    def write() -> None:
        for chunk in model.stream("Write a long story about the sea.", max_tokens=900):
            if reading.is_set() and chunk.text:
                stamps.append(time.perf_counter())
            if len(stamps) > 2 and read.is_set():
                return
            started.set()

    started = threading.Event()
    writer = threading.Thread(target=write)
    writer.start()
    started.wait(60)
    reading.set()
    _first(model, _conversation(model, 1900, 300), 1)
    read.set()
    writer.join()
    return max(b - a for a, b in itertools.pairwise(stamps))


def _starts(rounds: int, threads: int) -> tuple[float, float]:
    """Median seconds to the first token after loading: nothing kept of a system message with tools, and kept."""
    cold, warm = [], []
    rules = SystemMessage("You answer from the handbook. " + _PASSAGE * 8)
    for i in range(rounds):
        with tempfile.TemporaryDirectory() as kept:
            for start in range(3):
                # Another context than the rest's, so that it is another engine and reads its own folder.
                model = GgufChat(path=str(bundled_file()), context=_CONTEXT - 256, threads=threads, prefixes=kept)
                model.engine.load()
                seconds, _ = _first(model, [rules, HumanMessage(f"Question {i} {start}: how many days?")], 2)
                model.engine.close()
                if start != 1:  # the second start writes the state
                    (warm if start else cold).append(seconds)
    return statistics.median(cold), statistics.median(warm)


def _grammar(model: GgufChat, rounds: int, reply: int) -> tuple[float, float]:
    """Median tokens per second of replies held to a schema and of free ones to the same prompt, taking turns."""
    item = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}
    item |= {"required": ["name", "age"]}
    schema = {"type": "array", "items": item, "minItems": 50}
    held, free = [], []
    for i in range(rounds + 1):
        prompt = f"Write a long list of people, number {i}."
        for found, options in (
            (held, {"response_format": {"type": "json_object", "schema": schema}}),
            (free, {}),
        ):
            stamps: list[float] = []
            for chunk in model.stream(prompt, max_tokens=reply, **options):
                if chunk.text:
                    stamps.append(time.perf_counter())
            found.append((len(stamps) - 1) / (stamps[-1] - stamps[0]))
    return statistics.median(held[1:]), statistics.median(free[1:])


def _cancel(model: GgufChat, rounds: int) -> float:
    """Seconds from a cancel to the end of the stream: the slowest of several, while reading and while writing."""
    slowest = 0.0
    for i in range(rounds):
        for delay, messages in (
            (0.3, _conversation(model, 2500, 200 + i)),
            (0.3, [HumanMessage("Write a long story.")]),
        ):
            cancel = threading.Event()
            pressed: list[float] = []

            def press(event: threading.Event = cancel, at: list[float] = pressed) -> None:
                at.append(time.perf_counter())
                event.set()

            timer = threading.Timer(delay, press)
            timer.start()
            for _ in model.stream(messages, max_tokens=400, cancel=cancel):
                pass
            ended = time.perf_counter()
            timer.join()
            slowest = max(slowest, ended - pressed[0] if pressed else 0.0)
    return slowest
