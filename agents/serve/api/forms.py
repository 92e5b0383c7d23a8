"""What is sent to /api, and what comes back where it is none of our records."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents.access.rights import Verb

NAME = 500
"""Characters of a name."""
TEXT = 200_000
"""Characters of an answer or a passage to be checked."""


class Form(BaseModel):
    """What is sent: a name that is not known here is told of, or `kb` for `kbs` would ask another knowledge base."""

    model_config = ConfigDict(extra="forbid")


class Naming(Form):
    """A name for something."""

    name: str = Field(min_length=1, max_length=NAME)


class Labels(Form):
    """Tags ('合同') and fields ('owner=Li'; 'owner=' takes it away)."""

    add: list[str] = Field(default_factory=list, max_length=100)
    remove: list[str] = Field(default_factory=list, max_length=100)


class CorrectionForm(Form):
    """Something in a document to be put right."""

    former: str = Field(min_length=1, max_length=TEXT, description="As it stands there.")
    text: str = Field(min_length=1, max_length=TEXT, description="What is to stand there.")
    page: int | None = Field(default=None, ge=1, lt=2**31, description="None: the only one on which it stands.")
    start: int | None = Field(default=None, ge=0, lt=2**31, description="Where on it; of several places the nearest.")


class Asking(Form):
    """Which documents a question is put to."""

    kbs: list[str] = Field(default_factory=lambda: ["default"], min_length=1, max_length=50)
    where: str = Field(default="", max_length=2000, description="Which documents: a filter as in docs/filters.md.")
    k: int | None = Field(default=None, ge=1, le=100, description="Passages to look at.")


class Query(Asking):
    """A search."""

    query: str = Field(max_length=20_000)
    explain: bool = Field(default=False, description="With each leg's rank and score.")


class Question(Asking):
    """A question."""

    question: str = Field(max_length=20_000)
    conversation: str = Field(
        default="", max_length=100, description="Keep the turn in it, and understand it after its turns."
    )
    history: list[tuple[str, str]] = Field(
        default_factory=list, max_length=200, description="(question, answer) before."
    )
    assistant: str = Field(default="", max_length=NAME, description="Let it answer, from its own bases.")
    stream: bool = Field(default=False, description="As server-sent events.")


class Claim(Form):
    """A text to be proven."""

    answer: str = Field(min_length=1, max_length=TEXT)
    question: str = Field(default="", max_length=20_000)
    passages: list[str] | None = Field(default=None, max_length=200, description="Against these; `[n]` names the n-th.")
    kb: str = Field(default="default", max_length=NAME, description="Otherwise against this knowledge base.")


class Task(Asking):
    """A task for an agent."""

    task: str = Field(max_length=20_000)
    effort: Literal["quick", "normal", "thorough"] | None = None


class Verdict(Form):
    """What somebody says to a call that waits for approval."""

    call: str = Field(max_length=NAME)
    approve: bool
    arguments: dict[str, Any] | None = Field(default=None, description="To be carried out instead.")
    reason: str = Field(default="", max_length=500, description="Of a refusal; the model is told.")


class Beginning(Form):
    """A new conversation."""

    kb: str = Field(default="default", max_length=NAME, description="Where `kbs` names none.")
    kbs: list[str] = Field(default_factory=list, max_length=50)
    where: str = Field(default="", max_length=2000, description="Which documents: a filter as in docs/filters.md.")
    title: str = Field(default="", max_length=200)


class Rating(Form):
    """What a reader thought of an answer."""

    thumb: Literal["up", "down"] | None
    note: str = Field(default="", max_length=2000)


class Caller(BaseModel):
    """Who the caller is."""

    name: str
    key: str
    administers: bool
    rights: dict[str, Verb]
    """The most that may be done to each knowledge base."""
