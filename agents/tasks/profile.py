"""What a model can be trusted with in the loop. Code does the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agents.llm.abilities import Abilities

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

ABLE = 4.0
"""Billions from which on a plan and revisions of its own help more than they cost (DESIGN.md, issue 4)."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How far a model is trusted."""

    kind: Literal["rule", "plain", "able"]
    """'rule': plan, calls and result are made by rule; 'plain': the model is asked for each; 'able': it also plans a
    task of several parts and may change the plan while at work."""
    choice: Literal["auto", "any"] = "auto"
    """'any': every reply of the caller is a call, held to the schemas by the engine's grammar."""
    context: int = 8192
    """Tokens the model holds."""
    reply: int = 1024
    """Tokens of a reply without its thoughts."""

    @property
    def plans(self) -> bool:
        """Whether the model makes the plan, the calls and the result."""
        return self.kind != "rule"


def profile_of(model: BaseChatModel, *, context: int = 0, reply: int = 1024) -> Profile:
    """The profile of an open model; loads a local one."""
    able = Abilities(model)
    parameters = able.parameters
    kind: Literal["rule", "plain", "able"] = "able"
    if able.small:
        kind = "rule"
    elif parameters is not None and parameters < ABLE:
        kind = "plain"
    if kind == "rule":
        return Profile("rule", "any", context or 2048, reply)
    return Profile(kind, "any" if able.holds_calls else "auto", able.context(context), reply)
