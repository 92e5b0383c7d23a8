"""Conversations, kept in the home folder: every question with its whole answer and what the reader thought of it.

A file of its own, `conversations.sqlite3`, beside the catalog: asking must not wait for `ingest add`, and deleting one
must not touch the other.
"""

from __future__ import annotations

import builtins
import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from agents.chat.activity import LoggedTurn
from agents.chat.answers import Answer
from agents.chat.conversation import Conversation, Feedback, StoredTurn
from agents.chat.export import as_markdown
from ingest.database import Kept, open_database, timestamp
from ingest.errors import UsageError
from ingest.filters import Where
from ingest.finding import Bases
from ingest.language import Text
from ingest.pages import shorten
from ingest.selection import Scope
from ingest.sqlite import Wording
from ingest.stores import CONVERSATIONS

_TITLE = 60


class Conversations(Kept):
    """The store. Safe from any thread and from several processes: two browser tabs append to one conversation."""

    def __init__(self, home: Path, store: str = "", forget: Callable[[str], None] | None = None) -> None:
        """`forget` is given the id of a conversation before it is deleted."""
        self._forget = forget
        self._file = open_database(home, store, CONVERSATIONS, Wording(Text(en="Conversations", zh="对话")))

    def create(self, kb: Bases = "default", title: str = "", assistant: str = "", *, where: Where = None) -> str:
        """A new conversation about one knowledge base or several, or their documents that fit a filter, with an assistant or
        without; returns its id. Without a title it is called after its first question."""
        conversation, now, scope = uuid.uuid4().hex, timestamp("microseconds"), Scope.of(kb, where)
        kbs = json.dumps(scope.kbs, ensure_ascii=False)
        self._file.write(
            "insert into conversation (id, title, kb, created, changed, kbs, narrowed, assistant) "
            "values (?, ?, ?, ?, ?, ?, ?, ?)",
            *(conversation, title, scope.kbs[0], now, now, kbs, scope.where, assistant),
        )
        return conversation

    def list(self, kb: str | None = None) -> builtins.list[Conversation]:
        """Conversations, the pinned ones before the others, the last used first; those about one knowledge base (among
        others) when it is given."""
        rows = self._file.rows(
            "select c.id, c.title, c.kb, c.created, c.changed, count(t.id), c.kbs, c.narrowed, c.assistant, c.pinned "
            "from conversation c left join turn t on t.conversation = c.id "
            "group by c.id order by c.pinned desc, c.changed desc, c.created desc"
        )
        found = [
            Conversation(
                name,
                title,
                first,
                made,
                changed,
                turns,
                tuple(json.loads(kbs)) if kbs else (first,),
                where,
                who,
                bool(pinned),
            )
            for name, title, first, made, changed, turns, kbs, where, who, pinned in rows
        ]
        return [one for one in found if kb is None or kb in one.kbs]

    def find(self, words: str) -> set[str]:
        """The ids of those in whose title, questions or answers `words` stand as they are, but for capitals."""
        rows = self._file.rows(
            "select id from conversation where lower(title) like ?1 escape '!' union "
            "select t.conversation from said s join turn t on t.id = s.turn where s.words like ?1 escape '!'",
            _holding(words),
        )
        return {row[0] for row in rows}

    def get(self, conversation: str) -> Conversation:
        """One conversation. Raises `UsageError` when there is none of that id."""
        for found in self.list():
            if found.id == conversation:
                return found
        raise UsageError(
            Text(en=f"There is no conversation '{conversation}'.", zh=f"没有对话 “{conversation}”。"),
            Text(en="It may have been deleted in another window.", zh="它可能已在另一个窗口中被删除。"),
        )

    def append(self, conversation: str, answer: Answer) -> int:
        """Add a turn; returns its id, which feedback refers to. Raises `UsageError` as `get` does."""
        now = timestamp("microseconds")
        with self._file.transaction() as db:
            row = db.execute("select title from conversation where id = ?", (conversation,)).fetchone()
            if row is None:
                self.get(conversation)
            title = row[0] or shorten(answer.question, _TITLE)
            db.execute("update conversation set changed = ?, title = ? where id = ?", (now, title, conversation))
            record = json.dumps(answer.to_json(), ensure_ascii=False)
            (turn,) = db.execute(
                "insert into turn (conversation, asked, question, answer) values (?, ?, ?, ?) returning id",
                (conversation, now, answer.question, record),
            ).fetchone()
            db.execute("insert into said values (?, ?)", (turn, f"{answer.question} {answer.text}".lower()))
            return int(turn)

    def stored(self, conversation: str) -> builtins.list[StoredTurn]:
        """The turns of a conversation with their feedback, oldest first. Raises `UsageError` as `get` does."""
        self.get(conversation)
        rows = self._file.rows(
            "select id, asked, answer, thumb, note from turn where conversation = ? order by id", conversation
        )
        return [
            StoredTurn(number, asked, Answer.from_json(json.loads(record)), Feedback(_thumb(thumb), note))
            for number, asked, record, thumb, note in rows
        ]

    def turns(self, conversation: str) -> builtins.list[Answer]:
        """The answers of a conversation, oldest first."""
        return [turn.answer for turn in self.stored(conversation)]

    def rename(self, conversation: str, title: str) -> None:
        """Give it another title. Raises `UsageError` for an empty one."""
        title = " ".join(title.split())
        if not title:
            raise UsageError(Text(en="A conversation needs a title.", zh="对话标题不能为空。"))
        self.get(conversation)
        self._file.write("update conversation set title = ? where id = ?", title[:200], conversation)

    def pin(self, conversation: str, *, pinned: bool) -> None:
        """Let it stand before the others in the list, or not any more."""
        self._file.write("update conversation set pinned = ? where id = ?", pinned, conversation)

    def delete(self, conversation: str) -> None:
        """Delete it with all its turns; nothing happens when it is gone already."""
        if self._forget is not None:
            self._forget(conversation)
        self._file.write("delete from conversation where id = ?", conversation)

    def shrink(self) -> int:
        """Give the room of deleted conversations back to the disk; returns how many bytes."""
        return self._file.shrink()

    def rate(self, turn: int, thumb: Literal["up", "down"] | None, note: str = "") -> None:
        """Keep what a reader thought of the answer `turn`; None takes the thumb back."""
        value = {"up": 1, "down": -1, None: None}[thumb]
        self._file.write("update turn set thumb = ?, note = ? where id = ?", value, note.strip(), turn)

    def disliked(self, kb: str | None = None) -> builtins.list[StoredTurn]:
        """Turns with a thumb down that nobody has dealt with, of one knowledge base when it is given; the latest first."""
        rows = self._file.rows(
            "select t.id, t.asked, t.answer, t.thumb, t.note, c.kb from turn t join conversation c on c.id = t.conversation "
            "where t.thumb < 0 and t.handled = 0 and c.kb = coalesce(?1, c.kb) order by t.id desc",
            kb,
        )
        return [
            StoredTurn(n, asked, Answer.from_json(json.loads(record)), Feedback(_thumb(thumb), note), of)
            for n, asked, record, thumb, note, of in rows
        ]

    def log(self) -> builtins.list[LoggedTurn]:
        """Every turn as far as it is counted, oldest first."""
        rows = self._file.rows(
            "select asked, question, c.kb, cast(json_extract(answer, '$.abstained') as integer), "
            "json_extract(answer, '$.error') != '', json_extract(answer, '$.model') = 'curated', "
            "cast(json_extract(answer, '$.usage.prompt_tokens') as integer), "
            "cast(json_extract(answer, '$.usage.completion_tokens') as integer), "
            "cast(json_extract(answer, '$.timings.first_token') as double precision), "
            "cast(json_extract(answer, '$.timings.total') as double precision), thumb from turn join conversation c on c.id = conversation order by asked"
        )
        return [LoggedTurn(*row[:3], *map(bool, row[3:6]), *(value or 0 for value in row[6:])) for row in rows]

    def handled(self, turn: int) -> None:
        """Something was made of what a reader thought of the answer `turn`, or nothing is to be."""
        self._file.write("update turn set handled = 1 where id = ?", turn)

    def export(self, conversation: str) -> str:
        """The conversation as Markdown, with the quotes that prove it and their pages."""
        return as_markdown(self.get(conversation), self.stored(conversation))


def _holding(words: str) -> str:
    """A pattern for what has `words` in it as they are, but for capitals; '!' escapes."""
    literally = re.sub("([%_!])", r"!\1", words.lower())
    return f"%{literally}%"


def _thumb(value: int | None) -> Literal["up", "down"] | None:
    return None if value is None else "up" if value > 0 else "down"
