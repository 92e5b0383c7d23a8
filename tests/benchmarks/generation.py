"""Speed of `agents.llm` beside llama.cpp's own calls: same file, threads and batch, in one run, taking turns."""

from __future__ import annotations

import statistics
import threading
import time

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agents.llm.chat_model import GgufChat
from agents.llm.names import bundled_file
from agents.llm.native import Context, Weights, library

_CONTEXT = 4096
_PASSAGE = (
    "The staff handbook says that every employee has twenty-five days of paid leave a year. Leave that is not taken "
    "by the end of March expires. Requests go to the team lead at least two weeks ahead. "
)


def run(quick: bool = True) -> str:
    """A Markdown table; `quick` takes fewer and shorter turns."""
    rounds, prompt_tokens, reply_tokens = (3, 512, 48) if quick else (7, 1024, 128)
    model = GgufChat(path=str(bundled_file()), context=_CONTEXT)
    loaded = model.engine.load()
    context = Context(loaded.weights, tokens=_CONTEXT, sequences=1, batch=512, threads=loaded.threads)
    ours: list[tuple[float, float]] = []
    raw: list[tuple[float, float]] = []
    for i in range(rounds + 1):  # the first round warms both up
        messages = _conversation(model, prompt_tokens, i)
        # The raw calls get the very same tokens, prompt and reply, so both do the same arithmetic.
        measured, reply = _ours(model, messages, reply_tokens)
        prompt = model._prompter.prompt(messages, {}).tokens
        beside = _raw(context, loaded.weights, prompt, len(reply))
        if i:
            ours.append(measured)
            raw.append(beside)
    prefill = statistics.median(a[0] / b[0] for a, b in zip(ours, raw, strict=True))
    decode = statistics.median(a[1] / b[1] for a, b in zip(ours, raw, strict=True))
    context.close()
    cold, warm = _turns(model, prompt_tokens, rounds)
    one, four = _together(model, reply_tokens)
    cancel = _cancel(model, rounds)
    model.engine.close()
    rows = [
        ("prefill, tokens/s", f"{_median(ours, 0):.0f}", f"{_median(raw, 0):.0f}", f"{prefill:.2f}", "≥ 0.95"),
        ("decode, tokens/s", f"{_median(ours, 1):.1f}", f"{_median(raw, 1):.1f}", f"{decode:.2f}", "≥ 0.97"),
        ("first token, second turn against cold, s", f"{warm:.2f}", f"{cold:.2f}", f"{warm / cold:.2f}", "≤ 0.35"),
        ("4 conversations at once against one, tokens/s", f"{four:.1f}", f"{one:.1f}", f"{four / one:.2f}", "≥ 1.8"),
        ("last token after cancel, worst of both phases, ms", f"{cancel * 1000:.0f}", "", "", "≤ 200"),
    ]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    head = [
        "## Generation: agents.llm beside llama.cpp",
        "",
        f"SmolLM2-135M Q4_1, {loaded.threads} threads, prompts of {prompt_tokens} tokens, replies of {reply_tokens}",
        "",
        "| | zhiku | beside it | ratio | goal |",
        "|---|---|---|---|---|",
    ]
    return "\n".join(head + lines)


def _median(measured: list[tuple[float, float]], column: int) -> float:
    return statistics.median(row[column] for row in measured)


def _conversation(model: GgufChat, tokens: int, seed: int) -> list[BaseMessage]:
    times = tokens // model.get_num_tokens(_PASSAGE) + 1
    text = f"Notes {seed * 7919}. " + _PASSAGE * times
    return [SystemMessage(f"You are assistant {seed}."), HumanMessage(text + "Write a long story about this.")]


def _ours(model: GgufChat, messages: list[BaseMessage], reply: int) -> tuple[tuple[float, float], list[int]]:
    """((prefill, decode) in tokens/s, as a caller of the chat model sees them; the reply's token count as a list)."""
    started = time.perf_counter()
    stamps: list[float] = []
    asked = 0
    for chunk in model.stream(messages, max_tokens=reply):
        if chunk.usage_metadata:
            asked = chunk.usage_metadata["input_tokens"]
        elif chunk.text:
            stamps.append(time.perf_counter())
    return (asked / (stamps[0] - started), (len(stamps) - 1) / (stamps[-1] - stamps[0])), list(range(len(stamps)))


def _raw(context: Context, weights: Weights, prompt: list[int], reply: int) -> tuple[float, float]:
    lib = library()
    chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
    lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_greedy())
    context.clear()
    started = time.perf_counter()
    for at in range(0, len(prompt), 512):
        part = prompt[at : at + 512]
        context.clear_batch()
        index = context.put(part, at, 0, wants_logits=at + 512 >= len(prompt))
        context.decode()
    token = int(lib.llama_sampler_sample(chain, context.pointer, index))
    read = time.perf_counter()
    for i in range(reply - 1):
        context.clear_batch()
        context.put([token], len(prompt) + i, 0, wants_logits=True)
        context.decode()
        token = int(lib.llama_sampler_sample(chain, context.pointer, 0))
    written = time.perf_counter()
    lib.llama_sampler_free(chain)
    return len(prompt) / (read - started), (reply - 1) / (written - read)


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


if __name__ == "__main__":
    print(run())
