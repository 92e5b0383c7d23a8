"""The result: written by the model from the findings and their sources, or put together by rule; checked either way."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import Any

import prompts
from agents.chat.answers import Token
from agents.chat.passages import fitting
from agents.llm.asking import Reply
from agents.llm.counting import estimate
from agents.llm.errors import PromptTooLong
from agents.proof.similarity import Closeness
from agents.tasks.composing import Composed, Composer, doubtful
from agents.tasks.effort import Effort, Profile
from agents.tasks.events import Noted, PlanStep, RunEvent, StepRecord
from agents.tasks.evidence import Library
from agents.tasks.findings import bare_line, finding_of, has_value
from agents.tasks.moves import DONE
from agents.tasks.opening import Opening
from agents.tasks.own_tools import OwnTools
from agents.tasks.proving import Sources, checked, sources_of
from agents.tasks.state import State
from agents.tasks.work import Work
from agents.tools.tool import Tool
from ingest.language import language_name, language_of, say, speaking
from ingest.lenient_json import objects_in
from prompts import neutral

PASSAGE_TOKENS = 5000
"""Of sources in the writer's prompt."""
_FINDINGS = 1500


class ResultWriter:
    """Puts the text, its citations and what nothing supports into the state."""

    def __init__(
        self,
        profile: Profile,
        effort: Effort,
        opening: Opening,
        library: Library,
        closeness: Closeness | None,
        own: OwnTools,
    ) -> None:
        self._profile = profile
        self._effort = effort
        self._opening = opening
        self._library = library
        self._closeness = closeness
        self._own = own
        self._composer = Composer(library, closeness)

    def write(self, state: State, work: Work, tools: Sequence[Tool]) -> Iterator[RunEvent]:
        """The result of a run that is at its end, whatever its end is. Raises as `Work.ask` does."""
        sources = sources_of(state, work.records, self._library)
        found = self._found(state, work)
        if not found and not state.evidence.facts:
            yield self._nothing(state)
        elif not self._by_hand(state, found) or not (yield from self._by_model(state, work, tools, sources, found)):
            yield self._told(state, work, self._composer.composed(state, work.records, sources, found))

    def stands(self, step: PlanStep, state: State, work: Work) -> bool:
        """See `Composer.stands`."""
        return self._composer.stands(step, state, work.records)

    def findings_so_far(self, state: State, work: Work) -> None:
        """The same by rule alone, for a run that was stopped or whose model failed: it may not fail itself."""
        with speaking(state.lang):
            found = self._found(state, work)
            if found or state.evidence.facts:
                sources = sources_of(state, work.records, self._library)
                self._told(state, work, self._composer.composed(state, work.records, sources, found))

    def _by_hand(self, state: State, found: Sequence[PlanStep]) -> bool:
        """Whether the model is asked for the text."""
        if state.limit or not found or not self._profile.plans:
            return False
        return self._effort.writes or (self._profile.kind == "able" and len(found) > 1)

    def _told(self, state: State, work: Work, written: Composed) -> Token:
        whole = self._composer.with_facts(written, state, work.records)
        state.text, state.citations, state.unsupported = whole.text, whole.citations, whole.unsupported
        return Token(state.text)

    def _found(self, state: State, work: Work) -> list[PlanStep]:
        """The steps with a finding. One that was not brought to its end has what its last good call brought."""
        found = [step for step in state.plan if step.state == "done" and step.finding]
        doubted = doubtful(state, work.records)
        for step in state.plan:
            if step.state not in ("active", "failed"):
                continue
            made = (r for r in work.records if r.call.step == step.id and not r.observation.error)
            seen = [r for r in made if r.observation.hits or (has_value(r) and r.call.id not in doubted)]
            for record in reversed(seen):
                if finding := finding_of(step.goal, state.kb, record, self._library, self._closeness, self._own):
                    found.append(replace(step, finding=finding))
                    break
        return found

    def _nothing(self, state: State) -> Token:
        told = dict.fromkeys(step.finding for step in state.plan if step.state == "failed" and step.finding)
        why = "; ".join(told)
        text = say(en="Nothing was found out", zh="没有查明任何内容")
        stop = say(en=".", zh="。")
        state.citations = state.evidence.nearest
        state.text = (f"{text}{say(en=': ', zh='：')}{why}" if why else text).rstrip("。.") + stop
        return Token(state.text)

    # -- by the model -------------------------------------------------------------------------------------

    def _by_model(
        self, state: State, work: Work, tools: Sequence[Tool], sources: Sources, found: Sequence[PlanStep]
    ) -> Generator[RunEvent, None, bool]:
        prompt = prompts.load("result", state.lang)
        room = self._profile.context - min(self._profile.reply, self._profile.context // 3) - 700
        told = [*found, *(s for s in state.plan if s.state == "failed")]
        findings = _fitting_findings(told, work.records, min(_FINDINGS, room // 3))
        known = len(state.evidence.hits)
        for share in (1.0, 0.4):
            tokens = max(200, int(min(room - _FINDINGS, PASSAGE_TOKENS) * share))
            later = [replace(p, n=p.n + known) for p in fitting(sources.hits[known:], tokens, estimate)]
            messages = self._opening.messages(
                prompt, state, findings=findings, passages=later, language=language_name(state.code)
            )
            try:
                text = yield from self._text(prompt, messages, state, work, tools)
                break
            except PromptTooLong:
                yield Noted("dropped", say(en="fewer passages: the prompt did not fit", zh="提示词过长，减少了段落"))
        else:
            return False
        if not text:
            yield Noted(
                "repaired",
                say(en="the model wrote nothing: the findings are listed", zh="模型没有写出内容：直接列出发现"),
            )
            return False
        proof = checked(text, state, sources, self._closeness)
        if proof.unsupported and state.evidence.hits and not any(s.supported for s in proof.sentences):
            yield Noted(
                "repaired",
                say(
                    en="nothing proves what the model wrote: the findings are listed",
                    zh="模型写的内容均无出处：直接列出发现",
                ),
            )
            return False
        self._told(state, work, Composed(proof.text, proof.citations, proof.unsupported))
        return True

    def _text(
        self, prompt: prompts.Prompt, messages: list[Any], state: State, work: Work, tools: Sequence[Tool]
    ) -> Generator[RunEvent, None, str]:
        """The model's text; asked once more when it is empty or in the other language."""
        text = ""
        choice = self._opening.forced(DONE)
        specs = self._opening.specs(state, self._opening.tools(state, tools))
        for attempt in (1, 2):
            reply = yield from work.ask(
                prompt, messages, tools=specs, choice=choice, max_tokens=self._profile.reply, shown=True
            )
            called = _called(reply)
            text = called or _unwrapped(reply.text) or text
            drifted = bool(text) and {language_of(state.task), language_of(text)} == {"en", "zh"}
            if (text and not drifted) or attempt == 2:
                if called:
                    yield Token(called)
                return text
            language = language_name(state.code)
            problem = say(
                en=f"Write the result again, as plain text in {language}, with [n] after every sentence.",
                zh=f"请重新撰写结果：纯文字，用{language}，每句话后标注 [n]。",
            )
            yield Noted("asked_again", problem)
            messages = [*messages, ("ai", neutral(reply.text[:500]) or "…"), ("human", problem)]
        return text


def _called(reply: Reply) -> str:
    """The text of a result that came as the call it was asked for."""
    for name, arguments in reply.calls:
        if name == DONE and isinstance(arguments, dict) and isinstance(arguments.get("finding"), str):
            return str(arguments["finding"]).strip()
    return ""


def _fitting_findings(steps: Sequence[PlanStep], records: Sequence[StepRecord], tokens: int) -> list[dict[str, str]]:
    """The findings as the prompt lists them, the latest whole, the earlier ones shorter as room gets scarce."""
    each = max(20, tokens // max(len(steps), 1))
    rows: list[dict[str, str]] = []
    for step in reversed(steps):
        finding = " ".join(bare_line(step, records).split())
        row = {"goal": neutral(step.goal[: each * 2]), "finding": neutral(finding[: each * 3])}
        tokens -= estimate(row["goal"] + row["finding"]) + 4
        if tokens < 0 and rows:
            break
        rows.insert(0, row)
    return rows


def _unwrapped(text: str) -> str:
    """A result that came in a fence or as the only text of an object, as plain text."""
    stripped = text.strip()
    if stripped[:1] not in ("{", "`"):
        return stripped
    for value in objects_in(stripped):
        inner = value
        for key in ("arguments", "result", "answer", "text", "finding", "结果", "回答"):
            if isinstance(inner, dict) and key in inner:
                inner = inner[key]
        if isinstance(inner, dict):
            texts = [item for item in inner.values() if isinstance(item, str)]
            inner = texts[0] if len(texts) == 1 else ""
        if isinstance(inner, str) and inner.strip():
            return inner.strip()
        return ""
    if stripped.startswith("```") and stripped.endswith("```"):
        return stripped.strip("`").removeprefix("markdown").removeprefix("text").strip()
    return stripped
