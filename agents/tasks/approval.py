"""Who may do what: a rule per risk, exceptions per tool, and verdicts bound to the exact call that was shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from agents.tools.tool import Risk
from ingest.errors import UsageError
from ingest.language import Text
from ingest.settings import Settings

Rule = Literal["allow", "ask", "deny"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What happens to a call by its risk: carried out, shown to the user first, or refused."""

    read: Rule = "allow"
    write: Rule = "ask"
    network: Rule = "ask"
    execute: Rule = "ask"
    tools: Mapping[str, Rule] = field(default_factory=dict)
    """Exceptions by a tool's name; they come before the risk."""

    def __post_init__(self) -> None:
        """Raises `UsageError` for a rule that is none."""
        for rule in (self.read, self.write, self.network, self.execute, *self.tools.values()):
            if rule not in get_args(Rule):
                raise UsageError(
                    Text(en=f"'{rule}' is no rule for calls.", zh=f"“{rule}” 不是有效的调用规则。"),
                    Text(en="Choose allow, ask or deny.", zh="请从 allow、ask、deny 中选择。"),
                )

    def rule(self, tool: str, risk: Risk) -> Rule:
        """For one call. An unknown risk is treated as the worst."""
        named = self.tools.get(tool)
        found: Rule = named if named is not None else getattr(self, risk, "ask")
        return found

    @classmethod
    def of(cls, settings: Settings) -> Policy:
        """As the settings have it."""
        return cls(settings.tool_read, settings.tool_write, settings.tool_network, settings.tool_execute)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the user said about one call."""

    call_id: str
    key: str
    """Of the call as it was shown; a verdict on anything else counts for nothing."""
    approved: bool
    arguments: Mapping[str, Any] | None = None
    """When edited: what is to be carried out instead."""
    reason: str = ""
    """Of a rejection, told to the model."""
