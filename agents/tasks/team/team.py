"""The team: several members at one task, on the loop that an agent has. Its runs are saved and resumed alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agents.llm.asking import Asker
from agents.proof.citations import Proof
from agents.tasks.agent import check_names
from agents.tasks.approval import Policy
from agents.tasks.budget import Budget
from agents.tasks.call_checks import CallChecks
from agents.tasks.events import StepRecord
from agents.tasks.moves import Chooser
from agents.tasks.own_tools import OwnTools
from agents.tasks.run import Runner
from agents.tasks.state import TeamState
from agents.tasks.store import Store
from agents.tasks.team.members import Member
from agents.tasks.team.nodes import RESERVED, Cast, TeamNodes
from agents.tasks.team.speakers import Speakers
from agents.tasks.team.termination import Condition
from agents.tasks.work import Work
from agents.tools.shipped import NAMES
from agents.tools.tool import Tool
from agents.tools.toolbox import Toolbox
from ingest.language import language_code
from ingest.selection import Scope


class Team(Runner[TeamState]):
    """Made by `Platform.team`. One task at a time; make another team for another thread."""

    _kind = TeamState

    def __init__(
        self,
        members: Sequence[Member],
        speakers: Speakers,
        stop: Condition,
        *,
        asker: Callable[[Member | None], Asker],
        reply: int,
        name: str,
        store: Store,
        policy: Policy,
        budget: Budget,
        kb: str,
        proof: Callable[[TeamState, str, Sequence[StepRecord]], Proof],
        scope: Scope | None = None,
        chooser: Chooser | None = None,
    ) -> None:
        """`asker`: the model of a member, for None the one that chooses who speaks, called `name`; `proof`: checks a text
        as a run's result is checked; `chooser`: tells which tools a task is about."""
        super().__init__(name, store, kb, budget, scope)
        self._members = tuple(members)
        self._speakers = speakers
        self._stop = stop
        self._askers = asker
        self._reply = reply
        self._policy = policy
        self._proof = proof
        # Names of built-in tools have been replaced by the tools themselves where the team is put together.
        self._toolboxes = {m.name: tuple(Toolbox(t for t in m.tools if not isinstance(t, str))) for m in self._members}
        names = {tool.name for box in self._toolboxes.values() for tool in box}
        check_names(sorted(names), RESERVED)
        own = OwnTools(names - NAMES, chooser)
        self._checks = CallChecks(own, lambda text, state, records: proof(state, text, records).unsupported)

    def _first(self, run_id: str, task: str) -> TeamState:
        return TeamState(run_id, task, self._kb, language_code(task))

    def _nodes(self, work: Work) -> TeamNodes:
        about = (self._members, self._speakers, self._stop, self._toolboxes, self._askers, self._reply)
        return TeamNodes(Cast(*about, self._checks, self._proof), self._policy, work)

    def _asker(self) -> Asker:
        return self._askers(None)

    def _callable(self, state: TeamState) -> Sequence[Tool]:
        return self._toolboxes.get(state.speaker, ())
