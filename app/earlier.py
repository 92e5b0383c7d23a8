"""What there was earlier, conversations or tasks: the list in the sidebar, and what can be done with the one at hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from app.address import arrive, leave
from app.buttons import draw_download
from app.confirming import draw_confirmed
from app.markup import plain
from app.state import choose_kb, session_language, zone
from ingest import safe_name, say, shorten, speaking

LISTED = 40
"""Of a kind in the sidebar, newest first; older ones are behind a button."""
SEARCHED = 8
"""More of a kind than these can be searched."""
TITLE = 60
"""Characters of a title in the list, and of a file's name."""
_SLASHES = re.compile(r"[\\/]")
"""A title's, which lead into no folder."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One of them in the list."""

    id: str
    title: str
    kb: str
    at: str
    """When it was begun or last used, whichever they stand in the order of: UTC, ISO 8601."""
    icon: str | None = None
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """All of a kind, as one tab sees them."""

    kind: str
    """What the keys of its widgets have in them, and its name in the address."""
    chosen: str
    """The tab's state that holds the id of the one at hand."""
    failed: str
    """The tab's state that holds what could not be begun."""

    @property
    def current(self) -> str | None:
        """Id of the one at hand, None for a new one."""
        return st.session_state.get(self.chosen)

    def follow_address(self, bases: Mapping[str, str]) -> None:
        """Go to the one that the tab's address names, and let the address name the one at hand. `bases`: of each the
        knowledge base it was about; one that is not among them is gone."""
        arrive(self.kind, lambda wanted: self.select(wanted, bases[wanted]) if wanted in bases else None)
        leave(self.kind, self.current)

    def select(self, wanted: str | None, kb: str | None = None) -> None:
        """Go to one, and to the knowledge base it was about; None begins a new one."""
        st.session_state.pop(self.failed, None)
        if wanted is None:
            st.session_state.pop(self.chosen, None)
        else:
            st.session_state[self.chosen] = wanted
        if kb is not None:
            choose_kb(kb)

    def draw_sidebar(
        self,
        entries: Sequence[Entry],
        *,
        begin: str,
        icon: str,
        key: str,
        find: Callable[[str], Collection[str]] = lambda _: (),
    ) -> None:
        """A button that begins a new one, and the earlier ones. `find` gives the ids of those that words stand in."""
        with st.sidebar:
            st.button(begin, on_click=self.select, args=(None,), icon=icon, width="stretch", key=key)
            everything = st.session_state.get(f"all-{self.kind}", False)
            if len(entries) > SEARCHED:
                wanted = st.text_input(
                    say("Search", "搜索"),
                    key=f"find-{self.kind}",
                    label_visibility="collapsed",
                    placeholder=say("Search", "搜索"),
                    icon=":material/search:",
                ).strip()
                if wanted:
                    found = find(wanted)
                    folded = wanted.casefold()
                    entries = [one for one in entries if folded in one.title.casefold() or one.id in found]
            shown = entries if everything else entries[:LISTED]
            for number, (heading, group) in enumerate(by_day(shown, datetime.now(zone())).items()):
                st.caption(heading)
                with st.container(key=f"zk-talks-{self.kind}-{number}", gap=None):
                    for entry in group:
                        st.button(
                            plain(shorten(entry.title, TITLE)),
                            key=f"{self.kind}-{entry.id}",
                            on_click=self.select,
                            args=(entry.id, entry.kb),
                            icon=":material/keep:" if entry.pinned else entry.icon,
                            type="secondary" if entry.id == self.current else "tertiary",
                            width="stretch",
                        )
            if len(entries) > LISTED and not everything:
                st.button(
                    say(f"Show all {len(entries)}", f"显示全部 {len(entries)} 个"),
                    on_click=lambda: st.session_state.update({f"all-{self.kind}": True}),
                    type="tertiary",
                )

    def draw_export(self, title: str, markdown: Callable[[], str], html: Callable[[], str] | None = None) -> None:
        """Buttons that bring the one at hand as a file; what is in it is asked for when it is clicked, then in no session."""
        for form, suffix, content in (("Markdown", "md", markdown), ("HTML", "html", html)):
            if content is not None:
                label, key = say(f"Export {form}", f"导出 {form}"), f"export-{self.kind}-{suffix}"
                draw_download(label, key, speaking(session_language())(content), file_name(title, suffix))

    def draw_delete(self, label: str, title: str, delete: Callable[[], None]) -> None:
        """A button that deletes the one at hand, once the person has said so again."""

        def gone() -> None:
            delete()
            self.select(None)

        named = plain(shorten(title, 80))
        question = say(f"Delete **{named}**? This cannot be undone.", f"删除 **{named}**？此操作无法撤销。")
        draw_confirmed(label, question, gone, key=f"delete-{self.kind}")


def by_day(entries: Sequence[Entry], now: datetime) -> dict[str, list[Entry]]:
    """What is pinned, and the others by their day, as it is called at `now`, in whose zone days begin; in the order given."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        days = (now.date() - datetime.fromisoformat(entry.at).astimezone(now.tzinfo).date()).days
        if entry.pinned:
            heading = say("Pinned", "置顶")
        elif days < 1:
            heading = say("Today", "今天")
        elif days < 2:
            heading = say("Yesterday", "昨天")
        else:
            heading = say("Last 7 days", "近 7 天") if days < 7 else say("Earlier", "更早")
        groups.setdefault(heading, []).append(entry)
    return groups


def file_name(title: str, suffix: str) -> str:
    """What a file with something of this title is called."""
    return f"{safe_name(_SLASHES.sub('_', shorten(title, TITLE)))}.{suffix}"
