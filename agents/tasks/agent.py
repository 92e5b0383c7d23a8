"""The agent: plans a task, calls tools, revises, and writes the result with its proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agents.llm.asking import Asker
from agents.tasks.approval import Policy
from agents.tasks.budget import Budget
from agents.tasks.effort import LEVELS, Effort
from agents.tasks.moves import RESERVED
from agents.tasks.nodes import TaskNodes
from agents.tasks.planning import PLAN_CALL, plan_tool
from agents.tasks.run import Runner
from agents.tasks.skills import Skilled
from agents.tasks.state import RunState, State
from agents.tasks.store import Store
from agents.tasks.work import Work
from agents.tools.tool import Tool
from ingest.errors import UsageError
from ingest.language import Text, language_code
from ingest.selection import Scope

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class Agent(Runner[State]):
    """Carries out tasks on one knowledge base, one at a time; make another for another thread."""

    _kind = State

    def __init__(
        self,
        model: Callable[[], BaseChatModel],
        name: str,
        skills: Callable[[Effort], Skilled],
        tools: Sequence[Tool],
        store: Store,
        *,
        kb: str = "default",
        policy: Policy | None = None,
        budget: Budget | None = None,
        effort: Effort = LEVELS["normal"],
        scope: Scope | None = None,
        review: bool = False,
    ) -> None:
        """`skills`: made for an effort when a run begins, since that is when the model is opened. `review`: the plan waits for
        its user's word before anything of it is carried out."""
        super().__init__(name, store, kb, budget or Budget(), scope)
        self._model = model
        self._skills = skills
        self._tools = tuple(tools)
        self._policy = policy or Policy()
        self._effort = effort
        self._review = review
        check_names([tool.name for tool in self._tools], RESERVED)

    @property
    def tools(self) -> tuple[Tool, ...]:
        """What it may call."""
        return self._tools

    def questions(self, task: str) -> int:
        """The most questions that a run on `task` asks of the model; of one that is left to the rules, none but for the
        arguments of your own tools."""
        return self._effort.questions(task)

    def agree(self, run_id: str, steps: Sequence[str] | None = None) -> None:
        """Allow the plan a run waits with, or `steps` in its place; `resume` then goes on. Raises as `approve` does."""
        self.approve(run_id, PLAN_CALL, None if steps is None else {"steps": [*steps]})

    def _first(self, run_id: str, task: str) -> State:
        return State(run_id, task, self._kb, language_code(task), effort=self._effort.level, review=self._review)

    def _nodes(self, work: Work) -> TaskNodes:
        # A run goes on with the effort that it was begun with.
        level = work.state.effort if isinstance(work.state, State) else self._effort.level
        effort = self._effort if level == self._effort.level else LEVELS.get(level, self._effort)  # type: ignore[call-overload]
        return TaskNodes(self._skills(effort), self._tools, self._policy, work)

    def _asker(self) -> Asker:
        return Asker(self._model, self._name)

    def _callable(self, state: RunState) -> Sequence[Tool]:  # noqa: ARG002 - a team's depend on the speaker
        return (*self._tools, plan_tool())


def check_names(names: Sequence[str], reserved: Sequence[str]) -> None:
    """Raises `UsageError` when a tool has one of the words that agents and teams answer themselves."""
    if taken := next((name for name in names if name in reserved), ""):
        raise UsageError(
            Text(en=f"'{taken}' is a word of the loop's own.", zh=f"“{taken}” 是循环自身的保留名称。"),
            Text(en="Give the tool another name.", zh="请为该工具另取名称。"),
        )
