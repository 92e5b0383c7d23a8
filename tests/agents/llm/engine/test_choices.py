"""The chances of a few replies: read off behind the prompt, nothing written, nobody's conversation pushed out."""

from __future__ import annotations

import threading

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from agents.llm.engine.sampling import Sampling, chances
from agents.llm.errors import PromptTooLong

ASSISTANT = SystemMessage("You are a helpful AI assistant. You answer every question with one word and nothing else.")


def _asked(text: str) -> list[object]:
    return [ASSISTANT, HumanMessage(text)]


def test_a_choice_has_what_its_first_tokens_have_of_all_there_is() -> None:
    import numpy as np

    logits = np.log(np.array([0.1, 0.2, 0.3, 0.4], np.float32)) + 7
    assert chances(logits, [[0, 1], [3]]) == (pytest.approx(0.3, abs=1e-6), pytest.approx(0.4, abs=1e-6))


def test_the_likeliest_choice_is_what_the_model_would_write(bundled) -> None:
    question = _asked("What is the capital of France?")
    written = bundled.invoke(question, max_tokens=1)
    paris, london = bundled.chances(question, [("Paris", "The", written.text), ("London",)])
    assert 0 <= london < paris <= 1
    assert paris > 0.5
    both = bundled.chances(question, [("Paris", "The", written.text, "London")])
    assert both[0] == pytest.approx(paris + london, abs=1e-4)


def test_only_the_first_vote_reads_the_instruction_and_conversations_stay(bundled) -> None:
    talk = [HumanMessage("Tell me about the town of Lyon and the two rivers that flow through it. " * 12)]
    bundled.invoke(talk, max_tokens=2)
    engine, tokens = bundled.engine, {}
    for place in ("Nice", "Lyon", "Metz", "Lille", "Brest", "Tours"):
        prompt = bundled._prompter.prompt(_asked(f"Is {place} in France?"), {})
        ticket = engine.submit(prompt.tokens, Sampling(), 1, stable=prompt.stable, choices=[[1], [2]])
        assert list(ticket) == []
        assert ticket.finished == "stop"
        assert len(ticket.chances) == 2
        tokens[place] = (ticket.cached, prompt.stable)
    assert all(cached >= stable > 16 for cached, stable in list(tokens.values())[1:])
    again = bundled.invoke(talk, max_tokens=2).usage_metadata
    assert again["input_token_details"]["cache_read"] >= again["input_tokens"] - 2


def test_votes_and_writers_at_the_same_time(bundled) -> None:
    alone = bundled.chances(_asked("Is Paris in France?"), [("Yes",), ("No",)])
    texts: list[str] = []
    writing = threading.Thread(target=lambda: texts.append(bundled.invoke(_asked("Name a river."), max_tokens=16).text))
    writing.start()
    beside = bundled.chances(_asked("Is Paris in France?"), [("Yes",), ("No",)])
    writing.join(60)
    assert beside == pytest.approx(alone, abs=0.05)
    assert texts[0]


def test_one_that_is_cancelled_says_nothing(bundled) -> None:
    cancel = threading.Event()
    cancel.set()
    assert bundled.chances(_asked("word " * 2000), [("Yes",), ("No",)], cancel) == ()
    assert bundled.chances(_asked("Is Paris in France?"), [("Yes",)])


def test_one_that_does_not_fit_says_so(bundled) -> None:
    with pytest.raises(PromptTooLong):
        bundled.chances(_asked("word " * 9000), [("Yes",), ("No",)])


def test_a_thought_that_the_template_begins_is_ended_before_the_choice(bundled, tmp_path) -> None:
    from agents.llm.chat_model import GgufChat

    thinking = GgufChat(path=bundled.path, context=4096)
    thinking._held_engine = bundled.engine
    seen: list[list[int]] = []

    class Engine:
        weights = bundled.engine.weights

        def submit(self, tokens, sampling, most, **more):
            seen.append(tokens)
            return bundled.engine.submit(tokens, sampling, most, **more)

    from agents.llm.prompting.prompting import Prompter

    template = thinking.header.template
    opened = template.replace("<|im_start|>assistant\n", "<|im_start|>assistant\n<think>\n")
    assert opened != template
    thinking.__dict__["_prompter"] = Prompter(bundled.engine, opened, {})
    thinking._held_engine = Engine()  # type: ignore[assignment]
    assert thinking.chances(_asked("Is Paris in France?"), [("Yes",), ("No",)])
    text = b"".join(bundled.engine.weights.piece(token, special=True) for token in seen[0]).decode()
    assert text.rstrip().endswith("</think>")
