from __future__ import annotations

import threading
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from agents import Answer, Answered, Found, Quoted, Standalone, Thought, Token, Withdrawn
from app.background import AddJob, Slot, TaskWork, Turn
from ingest import LibraryLocked, ModelError, Report, Synced, Text, UsageError, say, speaking
from ingest.progress import announced


class Chat:
    """Yields its events; waits at the one called 'wait' until it is cancelled or told to go on."""

    def __init__(self, *events) -> None:
        self.events = events
        self.go = threading.Event()
        self.cancelled = False
        self.language = ""

    def stream(self, question, *, cancel):
        self.language = say(en="en", zh="zh")
        for event in self.events:
            if event == "wait":
                end = time.monotonic() + 20
                while not self.go.wait(0.01) and not cancel.is_set():
                    assert time.monotonic() < end
                self.cancelled = cancel.is_set()
            elif isinstance(event, Exception):
                raise event
            else:
                yield event


def test_a_turn_collects_what_the_chat_yields():
    answer = Answer("q", "q2", "ab", abstained=False)
    thoughts, tokens = (Thought("h"), Thought("m")), (Token("a"), Token("b"))
    chat = Chat(Standalone("q2"), Found(()), Quoted(()), *thoughts, *tokens, Answered(answer))
    with speaking("zh"):
        turn = Turn(chat, "q")
    assert turn.wait(20)
    assert (turn.standalone, turn.hits, turn.thoughts, turn.text, turn.answer) == ("q2", (), "hm", "ab", answer)
    assert not turn.running
    assert turn.error is None
    assert chat.language == "zh"


def test_what_takes_long_before_an_answer_is_known():
    class Preparing(Chat):
        def stream(self, question, *, cancel):
            with announced("Preparing …"):
                yield from super().stream(question, cancel=cancel)

    chat = Preparing(Token("a"), "wait")
    turn = Turn(chat, "q")
    while not turn.text:
        assert not turn.wait(0.01)
    assert turn.preparing == "Preparing …"
    chat.go.set()
    assert turn.wait(20)
    assert turn.preparing == ""


def test_what_turns_out_to_be_a_thought_is_withdrawn():
    turn = Turn(Chat(Token("may"), Token("be"), Withdrawn(), Thought("maybe"), Token("a")), "q")
    assert turn.wait(20)
    assert (turn.text, turn.thoughts) == ("a", "maybe")


def test_a_task_is_known_by_its_run_before_its_first_event_or_says_why_it_was_not_begun():
    go = threading.Event()

    class Agent:
        run_id = ""

        def stream(self, task, cancel):
            if not task:
                raise UsageError(Text(en="Nothing to do.", zh="没有任务。"))
            self.run_id = "7"
            return iter(go.wait, True)

    work = TaskWork(Agent(), "Count the stars")
    assert work.begun_as() == "7"
    assert work.count == 0
    go.set()
    assert work.wait(20)
    with pytest.raises(UsageError, match="Nothing to do"):
        TaskWork(Agent(), "").begun_as()


def test_evidence_can_be_read_before_the_first_token():
    chat = Chat(Found(()), "wait", Token("a"))
    turn = Turn(chat, "q")
    while turn.hits is None:
        assert not turn.wait(0.01)
    assert turn.text == ""
    assert turn.running
    chat.go.set()
    assert turn.wait(20)
    assert turn.text == "a"


def test_stop_cancels_the_chat():
    chat = Chat(Token("a"), "wait")
    turn = Turn(chat, "q")
    turn.stop()
    assert turn.wait(20)
    assert chat.cancelled
    assert turn.stopping


def test_errors_end_the_turn_with_a_sentence():
    ours = ModelError(Text(en="no model", zh="没有模型"))
    for error, expected in ((ours, "no model"), (ZeroDivisionError("boom"), "boom")):
        with speaking("en"):
            turn = Turn(Chat(Token("a"), error), "q")
            assert turn.wait(20)
            assert expected in str(turn.error)


class Adds:
    """Stands for the library: adds for as long as it is told."""

    home = Path("/nowhere")

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.go = threading.Event()
        self.seen: dict[str, object] = {}

    @property
    def syncing(self):
        return SimpleNamespace(sync=lambda place, kb, **how: self.add([place], kb, **how))

    def add(self, paths, kb, *, progress, stop, **how):
        self.seen = {"paths": paths, "kb": kb, "language": say(en="en", zh="zh"), **how}
        progress(SimpleNamespace(done=1, total=2))
        assert self.go.wait(20)
        if self.error:
            raise self.error
        return Report(kb=kb, interrupted=stop.is_set())


def test_a_job_reports_progress_then_its_report_in_the_language_of_its_tab():
    library = Adds()
    with speaking("zh"):
        job = AddJob(library, "手册", ["/a"], follow=Synced("手册", "/a", keep=True))
    assert job.running
    library.go.set()
    job.wait(20)
    assert not job.running
    assert job.progress.done == 1
    assert job.report == Report(kb="手册")
    assert library.seen == {
        "paths": ["/a"], "kb": "手册", "language": "zh", "keep": True, "depth": 0, "sure": False,
    }  # fmt: skip


def test_stopping_reaches_the_library():
    library = Adds()
    job = AddJob(library, "kb", ["/a"])
    job.stop()
    assert job.stopping
    library.go.set()
    job.wait(20)
    assert job.report.interrupted


def test_errors_of_ours_are_kept_and_bugs_become_a_sentence():
    locked = LibraryLocked(Text(en="locked", zh="锁"))
    for error, expected in ((locked, "locked"), (RuntimeError("boom"), "boom")):
        library = Adds(error)
        library.go.set()
        with speaking("en"):
            job = AddJob(library, "kb", ["/a"])
            job.wait(20)
            assert expected in str(job.error)
        assert not job.running


def test_one_job_at_a_time_and_only_an_ended_one_can_be_dismissed():
    jobs, library = Slot[AddJob](), Adds()
    assert jobs.start(partial(AddJob, library, "kb", ["/a"]))
    assert not jobs.start(partial(AddJob, library, "kb", ["/b"]))
    jobs.dismiss()
    assert jobs.latest is not None
    library.go.set()
    jobs.latest.wait(20)
    assert jobs.start(partial(AddJob, library, "kb", ["/c"]))
    jobs.latest.wait(20)
    jobs.dismiss()
    assert jobs.latest is None
