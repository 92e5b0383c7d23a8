"""Assistants, kept in the home folder with every version of them: what was changed can be seen and taken back. They follow
their knowledge bases when these are renamed."""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agents.assistants.assistant import Assistant, assistant_of, imported
from ingest.database import Kept, Session, open_database, timestamp
from ingest.errors import UsageError
from ingest.language import Text
from ingest.sqlite import Wording
from ingest.stores import ASSISTANTS


class NoAssistant(UsageError):
    """None of that name."""


@dataclass(frozen=True, slots=True)
class Version:
    """One state of an assistant."""

    n: int
    """From 1."""
    made: str
    """UTC, ISO 8601."""
    assistant: Assistant


class Assistants(Kept):
    """The store. Safe from any thread and from several processes."""

    def __init__(
        self,
        home: Path,
        store: str = "",
        *,
        models: Callable[[], Collection[str]] = tuple,
        tools: Callable[[], Collection[str]] = tuple,
        kbs: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        """What an assistant may name: the models, tools and knowledge bases that are at hand (these with what each keeps for
        good, `Library.identities`), asked for when needed."""
        self._file = open_database(home, store, ASSISTANTS, Wording(Text("Assistants", "助手")))
        self.models, self.tools, self.kbs = models, tools, kbs

    def list(self) -> builtins.list[Assistant]:
        """All of them as they are now, by name."""
        rows = self._file.rows(
            "select v.record, v.bases from version v where n = (select max(n) from version where assistant = v.assistant)"
        )
        found, now = [], _turned(self.kbs()) if rows else {}
        for record, bases in rows:
            with suppress(UsageError):  # brought along by somebody's backup: one that makes no sense hides no other
                found.append(_of(record, bases, now))
        return sorted(found, key=lambda one: one.name.casefold())

    def get(self, name: str) -> Assistant:
        """The one of that name. Raises `UsageError`."""
        return self.versions(name)[0].assistant

    def named(self, assistant: Assistant | str | None) -> Assistant | None:
        """The one of that name; one that is given as it is. Raises `UsageError` as `get`."""
        return self.get(assistant) if isinstance(assistant, str) else assistant

    def versions(self, name: str) -> builtins.list[Version]:
        """Its states, the latest first. Raises `UsageError` when there is none of that name."""
        rows = self._file.rows(
            "select n, made, record, bases from version join assistant on id = assistant where name = ? order by n desc",
            name,
        )
        if not rows:
            raise no_assistant(name)
        now = _turned(self.kbs())
        return [Version(n, made, _of(record, bases, now)) for n, made, record, bases in rows]

    def save(self, assistant: Assistant, former: str = "") -> int:
        """Keep a new one, or a new version of the one called `former` (default: by its own name); returns the version's
        number. What is as it was becomes none. Raises `UsageError` for a name that another has, and as `assistant_of`."""
        checked, known = assistant_of(assistant.to_json()), self.kbs()
        with self._file.transaction() as db:
            key = _key(db, former) if former else _key(db, checked.name)
            if former and key is None:
                raise no_assistant(former)
            if former not in ("", checked.name) and _key(db, checked.name) is not None:
                raise taken(checked.name)
            if key is None:
                (key,) = db.execute("insert into assistant (name) values (?) returning id", (checked.name,)).fetchone()
            db.execute("update assistant set name = ? where id = ?", (checked.name, key))
            record = json.dumps(checked.to_json(), ensure_ascii=False)
            bases = {kb: known[kb] for kb in checked.kbs if kb in known}
            n, *last = db.execute(
                "select n, record, bases from version where assistant = ? order by n desc limit 1", (key,)
            ).fetchone() or (0, record, "{}")
            same = _of(last[0], last[1], _turned(known)) == checked
            if n and same and set(json.loads(last[1]).values()) == set(bases.values()):
                return int(n)
            made = timestamp()
            statement = "insert into version (assistant, n, made, record, bases) values (?, ?, ?, ?, ?)"
            db.execute(statement, (key, n + 1, made, record, json.dumps(bases, ensure_ascii=False)))
            return int(n) + 1

    def create(self, assistant: Assistant) -> int:
        """The same for a new one. Raises `UsageError` for a name that another has."""
        if any(one.name == assistant.name for one in self.list()):
            raise taken(assistant.name)
        return self.save(assistant)

    def revert(self, name: str, n: int) -> Assistant:
        """Let the version `n` be the latest again, under the name it has today. Raises `UsageError`."""
        for version in self.versions(name):
            if version.n == n:
                self.save(earlier := replace(version.assistant, name=name))
                return earlier
        raise UsageError(Text(f"'{name}' has no version {n}.", f"“{name}” 没有第 {n} 版。"))

    def remove(self, name: str) -> None:
        """Delete it with its versions. Raises `UsageError`."""
        self.versions(name)
        self._file.write("delete from assistant where name = ?", name)

    def read(self, text: str) -> tuple[Assistant, builtins.list[str]]:
        """The assistant in a file's text, not kept yet; see `agents.assistants.assistant.imported`."""
        return imported(text, models=self.models(), tools=self.tools(), kbs=self.kbs())

    def settings(self, assistant: Assistant) -> dict[str, Any]:
        """The settings under which it answers. Raises `UsageError` where its model is none of those at hand: it may come from
        elsewhere, and a model behind an address would be sent the documents."""
        if assistant.model and assistant.model not in self.models():
            raise UsageError(
                Text(
                    f"The model of the assistant '{assistant.name}' is not here: {assistant.model}.",
                    f"助手 “{assistant.name}” 的模型不在此处：{assistant.model}。",
                ),
                Text("Choose another for it on its page.", "请在助手页面为其另选模型。"),
            )
        return assistant.settings

    def free(self, name: str) -> str:
        """`name`, or with a number behind it where that is taken."""
        used = {one.name for one in self.list()}
        return next(tried for n in range(1, len(used) + 2) if (tried := name if n == 1 else f"{name} {n}") not in used)


def no_assistant(name: str) -> NoAssistant:
    """What is said of a name there is none of."""
    return NoAssistant(
        Text(f"There is no assistant '{name}'.", f"没有助手 “{name}”。"),
        Text("`zhiku assistants list` names those there are.", "`zhiku assistants list` 可列出现有的助手。"),
    )


def taken(name: str) -> UsageError:
    """What is said of a name that another has."""
    return UsageError(
        Text(f"There is an assistant '{name}' already.", f"已有名为 “{name}” 的助手。"),
        Text("Choose another name.", "请换一个名称。"),
    )


def _turned(known: Mapping[str, str]) -> dict[str, str]:
    """What knowledge bases are called, by what they keep."""
    return {identity: name for name, identity in known.items()}


def _of(record: str, bases: str, names: Mapping[str, str]) -> Assistant:
    """As it was kept, with what its knowledge bases are called now. Raises `UsageError`."""
    kept, former = assistant_of(json.loads(record)), json.loads(bases)
    return replace(kept, kbs=tuple(names.get(former.get(kb, ""), kb) for kb in kept.kbs))


def _key(db: Session, name: str) -> int | None:
    row = db.execute("select id from assistant where name = ?", (name,)).fetchone()
    return None if row is None else int(row[0])
