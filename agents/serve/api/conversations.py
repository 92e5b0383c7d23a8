"""Earlier conversations: one's own."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path

from agents.access.policy import NotFound
from agents.chat.conversation import Conversation
from agents.serve.api.asking import check_conversation
from agents.serve.api.forms import Beginning, Naming, Rating
from agents.serve.visit import Here, plain, told
from ingest.language import Text

router = APIRouter(prefix="/api", tags=["Conversations"])


@router.get("/conversations")
def list_conversations(visit: Here) -> list[Conversation]:
    """Yours, the last used first."""
    found = visit.platform.conversations.list()
    mine = visit.desk.policy.owned(visit.who, "conversation", [one.id for one in found])
    return [one for one in found if one.id in mine and all(visit.who.may("read", kb) for kb in one.kbs)]


@router.post("/conversations", status_code=201)
def begin_conversation(visit: Here, form: Beginning) -> Conversation:
    """A new one; `POST /api/ask` takes its id."""
    kbs = visit.bases(form.kbs or [form.kb])
    identity = visit.platform.conversations.create(kbs, form.title.strip(), where=form.where)
    visit.desk.policy.own(visit.who, "conversation", identity)
    return visit.platform.conversations.get(identity)


@router.get("/conversations/{conversation}")
def show_conversation(visit: Here, conversation: str) -> dict[str, Any]:
    """Its turns, each with the whole answer and what the reader thought of it."""
    check_conversation(visit, conversation)
    turns = visit.platform.conversations.stored(conversation)
    head = plain(visit.platform.conversations.get(conversation))
    return {
        **head,
        "turn_list": [
            {"id": turn.id, "asked": turn.asked, "answer": told(turn.answer), "feedback": plain(turn.feedback)}
            for turn in turns
        ],
    }


@router.patch("/conversations/{conversation}")
def rename_conversation(visit: Here, conversation: str, form: Naming) -> Conversation:
    """Give it another title."""
    check_conversation(visit, conversation)
    visit.platform.conversations.rename(conversation, form.name)
    return visit.platform.conversations.get(conversation)


@router.delete("/conversations/{conversation}", status_code=204)
def remove_conversation(visit: Here, conversation: str) -> None:
    """Delete it with its turns."""
    check_conversation(visit, conversation)
    visit.platform.conversations.delete(conversation)


@router.put("/conversations/{conversation}/turns/{turn}/rating", status_code=204)
def rate_turn(visit: Here, conversation: str, turn: Annotated[int, Path(ge=0, lt=2**62)], form: Rating) -> None:
    """Keep what you thought of an answer; null takes the thumb back."""
    check_conversation(visit, conversation)
    if turn not in {one.id for one in visit.platform.conversations.stored(conversation)}:
        raise NotFound(
            Text(f"This conversation has no turn {turn}.", f"该对话没有第 {turn} 轮。"),
            Text("GET the conversation to see its turns.", "请查看该对话的各轮问答。"),
        )
    visit.platform.conversations.rate(turn, form.thumb, form.note)
