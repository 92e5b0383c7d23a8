"""Who finds evidence, plans, calls and writes for a model, by what it can be trusted with and how much is to be asked."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from agents.proof.similarity import Closeness
from agents.tasks.call_checks import CallChecks
from agents.tasks.calling import ModelCaller, RuleCaller
from agents.tasks.composing import Composer
from agents.tasks.continuing import Continuing
from agents.tasks.effort import LEVELS, Effort, Profile
from agents.tasks.evidence import Library
from agents.tasks.gathering import Gatherer
from agents.tasks.moves import Chooser
from agents.tasks.opening import Opening
from agents.tasks.own_tools import OwnTools
from agents.tasks.planning import Planner
from agents.tasks.writing import ResultWriter
from agents.tools.shipped import NAMES


class Skilled(NamedTuple):
    """The collaborators of a run."""

    effort: Effort
    planner: Planner
    caller: RuleCaller | ModelCaller
    writer: ResultWriter
    gatherer: Gatherer | None
    """None where nothing is looked for before the first step."""


class ModelSkills:
    """Called when a run begins: then the profile is asked for, which opens the model."""

    def __init__(
        self,
        profile: Callable[[], Profile],
        library: Library,
        closeness: Closeness | None = None,
        chooser: Chooser | None = None,
        own: Collection[str] = (),
        *,
        gathers: bool = True,
    ) -> None:
        """`own`: names of the tools that a user gave, ours perhaps among them; `gathers`: whether evidence is looked for
        before the first question."""
        self._profile = profile
        self._reads = library
        self._closeness = closeness
        self._chooser = chooser
        self._own = frozenset(own) - NAMES
        self._gatherer = Gatherer(library, closeness) if gathers else None

    def __call__(self, effort: Effort = LEVELS["normal"]) -> Skilled:
        """Raises `ModelError` when the model is missing or broken."""
        profile = self._profile()
        own = OwnTools(self._own, self._chooser)
        opening = Opening(profile, effort, own, self._chooser)
        planner = Planner(profile, effort, opening, own)
        writer = ResultWriter(profile, effort, opening, self._reads, self._closeness, own)
        if not profile.plans or not effort.moves:
            certain = Continuing(own, quotes=False, calls=False).next
            by_rule = RuleCaller(self._reads, self._closeness, own, certain)
            return Skilled(effort, planner, by_rule, writer, self._gatherer)
        unproven = Composer(self._reads, self._closeness).unproven
        # What a larger model words better than the document does is left to it.
        quotes = self._chooser is not None and profile.kind == "plain" and not effort.plans
        continuing = Continuing(own, quotes=quotes, searches=effort.searches, writes=profile.kind == "plain")
        checked = unproven if effort.checks and self._gatherer else None
        caller = ModelCaller(profile, effort, opening, continuing, own, CallChecks(own, unproven), checked)
        return Skilled(effort, planner, caller, writer, self._gatherer)
