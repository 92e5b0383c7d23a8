"""Files of one conversation: answered from and cited there, beside the bases; found nowhere else; gone with it."""

from __future__ import annotations

import io

import pytest

from agents import AccessPolicy, PlatformView, open_platform
from agents.chat.attachments import MOST
from agents.chat.history import Conversations
from agents.llm.scripted import ScriptedChat
from ingest.errors import UsageError
from ingest.settings import Settings

ASKED = "What does the Kestrel pump cost?"
FILE = ("offer.md", "# Offer\n\nThe Kestrel pump costs 480 euros.\n")


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("attached")
    (tmp_path / "leave.md").write_text("---\ntags: [rules]\n---\n# Leave\n\nEmployees get 15 days of annual leave.\n")
    model = ScriptedChat(replies=["The Kestrel pump costs 480 euros [1]."], repeat=True)
    opened = open_platform(tmp_path / "home", model=model, settings=Settings(embedder="hashing", effort="quick"))
    opened.library.add([tmp_path / "leave.md"], workers=1)
    yield opened
    opened.close()


@pytest.fixture
def platform(opened):
    yield opened
    for talk in opened.conversations.list():
        opened.conversations.delete(talk.id)


def attach(platform, conversation, *files):
    return platform.attachments.add(conversation, [(name, io.BytesIO(text.encode())) for name, text in files])


def test_a_file_answers_in_its_conversation_alone(platform):
    talk, other = platform.conversations.create(), platform.conversations.create()
    attach(platform, talk, FILE)
    answer = platform.chat(conversation=talk).ask(ASKED)
    [cited] = {one.document_id for one in answer.citations}
    assert (answer.abstained, platform.library.page_text(cited, 1).count("480 euros")) == (False, 1)
    narrowed = platform.chat("default", talk, where="tag=rules").ask(ASKED)
    assert not narrowed.abstained, "what the bases are narrowed to says nothing of the conversation's own files"
    assert any("annual leave" in hit.text for hit in platform.chat(conversation=talk).ask("annual leave days").hits)
    for elsewhere in (platform.chat(conversation=other), platform.chat()):
        assert not any("480" in hit.text for hit in elsewhere.ask(ASKED).hits)
    assert [kb.name for kb in platform.library.kbs()] == ["default"]
    assert not any("480" in hit.text for hit in platform.library.search(ASKED, "default"))
    with pytest.raises(UsageError) as told:
        platform.library.kb("defualt")
    assert "~" not in str(told.value.hint)


def test_it_goes_with_the_conversation(platform):
    talk, other = platform.conversations.create(), platform.conversations.create()
    report = attach(platform, talk, FILE, ("broken.pdf", "%PDF-1.4 broken"))
    assert len(report.failed) == 1
    assert [path.name for path in platform.attachments.copies(talk)] == ["offer.md"], "what was not read is not kept"
    attach(platform, other, FILE)
    platform.attachments.remove(other, platform.attachments.documents(other)[0])
    assert platform.attachments.copies(other) == platform.attachments.documents(other) == []
    platform.conversations.delete(talk)
    assert not [path for path in (platform.home / "uploads").rglob("*") if path.is_file()]
    attach(platform, other, FILE)
    kept = Conversations(platform.home)  # as `zhiku runs prune` does, which opens no library
    kept.delete(other)
    kept.close()
    platform.attachments.sweep(lambda: (one.id for one in platform.conversations.list()))
    assert platform.library.attached() == []


def test_there_is_a_limit(platform):
    talk = platform.conversations.create()
    with pytest.raises(UsageError, match=str(MOST)):
        attach(platform, talk, *[(f"{n}.md", "x") for n in range(MOST + 1)])


def test_nobody_else_reaches_it_whatever_their_rights(platform):
    policy = AccessPolicy.of(platform.home, 1, platform.library.identities)
    for name, role in (("li", "reader"), ("boss", "owner")):
        policy.people.add_user(name)
        policy.people.grant(name, role, "*")
    mine, boss = (PlatformView(platform, policy, policy.people.person(name)) for name in ("li", "boss"))
    talk = mine.conversations.create()
    attach(mine, talk, FILE)
    [document] = mine.attachments.documents(talk)
    assert not mine.chat(conversation=talk).ask(ASKED).abstained
    assert "480" in mine.library.page_text(document.id, 1)
    assert mine.library.trace(document.id) is not None
    for act in (
        lambda: boss.attachments.documents(talk),
        lambda: boss.library.page_text(document.id, 1),
        lambda: boss.library.documents(f"~chat:{talk}"),
        lambda: boss.library.search(ASKED, f"~chat:{talk}"),
        lambda: boss.chat(("default", f"~chat:{talk}")),
    ):
        with pytest.raises(UsageError):
            act()
    policy.close()
