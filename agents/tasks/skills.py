"""Planner, caller and writer for a model, by what it can be trusted with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.tasks.by_rule import RuleCaller, RulePlanner
from agents.tasks.calling import ModelCaller
from agents.tasks.own_tools import OwnTools
from agents.tasks.planning import ModelPlanner
from agents.tasks.writing import ResultWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from agents.proof.similarity import Closeness
    from agents.tasks.by_rule import Reads
    from agents.tasks.moves import Caller, Chooser, Planner
    from agents.tasks.profile import Profile


class ModelSkills:
    """Called when a run begins: then the profile is asked for, which opens the model."""

    def __init__(
        self,
        profile: Callable[[], Profile],
        reads: Reads,
        closeness: Closeness | None = None,
        chooser: Chooser | None = None,
        own: Collection[str] = (),
    ) -> None:
        """`own`: names of the tools that are the user's."""
        self._profile = profile
        self._reads = reads
        self._closeness = closeness
        self._chooser = chooser
        self._own = own

    def __call__(self) -> tuple[Planner, Caller, ResultWriter]:
        """Raises `ModelError` when the model is missing or broken."""
        profile = self._profile()
        writer = ResultWriter(profile, self._reads, self._closeness)
        if not profile.plans:
            return RulePlanner(), RuleCaller(self._reads, self._closeness, OwnTools(self._own)), writer
        return ModelPlanner(profile, self._chooser), ModelCaller(profile, self._chooser), writer
