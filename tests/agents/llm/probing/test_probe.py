from __future__ import annotations

import json

import pytest
from langchain_core.messages import AIMessage
from langchain_core.messages.tool import invalid_tool_call

from agents.llm.probing import profiles
from agents.llm.probing.probe import Probe, judged
from agents.llm.probing.profiles import Profile, identity
from agents.llm.probing.tasks import TASKS, Task


class _Pupil:
    """Answers rightly in some modes, and with nonsense in the others."""

    def __init__(self, *good: str) -> None:
        self.good = good
        self.seen: set[str] = set()

    def invoke(
        self, prompt, *, constraint="", cancel=None, max_tokens=0, tools=None, response_format=None, tool_choice=None
    ):
        self.seen.add(constraint)
        if prompt == "cancel":
            cancel.set()
        task = next((task for task in TASKS if task.prompt == prompt), None)
        if task is None or constraint not in self.good:
            return AIMessage("", response_metadata={"structure_problem": "it is no JSON"})
        if not tools:
            return AIMessage(json.dumps(task.expected, ensure_ascii=False))
        return AIMessage("", tool_calls=[{"name": task.tool, "args": task.expected, "id": "1"}])


@pytest.mark.parametrize(
    ("good", "mode"), [(("hard", "late"), "hard"), (("late",), "late"), (("free",), "free"), ((), "hard")]
)
def test_the_mode_that_is_clearly_more_often_right_is_chosen(good, mode) -> None:
    shown: list[tuple[int, int]] = []
    found = Probe(_Pupil(*good)).run(lambda done, total: shown.append((done, total)))
    assert found is not None
    assert (found.mode, found.tasks) == (mode, len(TASKS))
    assert found.right == {name: len(TASKS) if name in good else 0 for name in ("free", "late", "hard")}
    assert max(shown) == (len(TASKS) * 3, len(TASKS) * 3)


def test_a_probe_that_is_cancelled_or_has_no_time_finds_nothing() -> None:
    probe = Probe(_Pupil("hard"))
    probe.cancel()
    assert probe.run() is None
    assert Probe(_Pupil("hard"), tasks=[Task("cancel", {}, {})] * 8).run() is None


def test_replies_are_judged_by_form_and_by_content() -> None:
    task = Task("?", {"n": {"type": "integer"}}, {"n": 3})
    assert judged(task, AIMessage('{"n": 3}')).right
    assert judged(task, AIMessage('{"n": 4}')) == judged(task, AIMessage("{}"))
    tool = Task("?", {"q": {"type": "string"}}, {"q": "leave"}, tool="find")
    assert judged(tool, AIMessage("", tool_calls=[{"name": "find", "args": {"q": "Parental LEAVE"}, "id": "1"}])).right
    assert not judged(tool, AIMessage("", tool_calls=[{"name": "other", "args": {"q": "leave"}, "id": "1"}])).right
    assert not judged(tool, AIMessage("", invalid_tool_calls=[invalid_tool_call(name="find")])).valid


def test_a_profile_belongs_to_what_is_in_a_file_not_to_its_name(tmp_path) -> None:
    first, second = tmp_path / "a.gguf", tmp_path / "b.gguf"
    first.write_bytes(b"GGUF" * 1000)
    second.write_bytes(b"GGUF" * 999 + b"GGUX")
    folder = tmp_path / "home" / "profiles"
    assert profiles.read(folder, first, Profile) is None
    profiles.write(folder, first, Profile("late", 24, {"late": 20}, {"late": 24}, 12.5))
    first = first.rename(tmp_path / "c.gguf")
    assert profiles.read(folder, first, Profile) == Profile("late", 24, {"late": 20}, {"late": 24}, 12.5)
    assert profiles.read(folder, second, Profile) is None
    assert identity(first) != identity(second)
    next((tmp_path / "home" / "profiles").iterdir()).write_text('{"mode": "soft"}')
    assert profiles.read(folder, first, Profile) is None


def test_the_chat_model_goes_by_its_profile(tmp_path) -> None:
    from agents.llm.chat_model import GgufChat
    from agents.llm.names import bundled_file

    profiles.write(tmp_path, bundled_file(), Profile("late"))
    assert GgufChat(path=str(bundled_file()), profiles=str(tmp_path))._mode == "late"
    assert GgufChat(path=str(bundled_file()), profiles=str(tmp_path), constraint="free")._mode == "free"
    assert GgufChat(path=str(bundled_file()), profiles=str(tmp_path / "none"))._mode == "hard"
