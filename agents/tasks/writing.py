"""The result: written by the model from the findings and their sources, or put together by rule; checked either way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import prompts
from agents.chat.answers import Token
from agents.chat.passages import fitting
from agents.llm.counting import estimate
from agents.llm.errors import PromptTooLong
from agents.proof.citations import quote
from agents.proof.markers import normalise, with_marks, without
from agents.proof.quotes import quoted_answer
from agents.proof.sources import CALL
from agents.tasks.by_rule import finding_of, quotes_of
from agents.tasks.events import Noted
from agents.tasks.proving import checked, sources_of
from ingest.language import language_name, language_of, say, speaking
from ingest.lenient_json import objects_in
from prompts import neutral

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from agents.proof.similarity import Closeness
    from agents.proof.sources import Citation
    from agents.tasks.by_rule import Reads
    from agents.tasks.events import PlanStep, RunEvent, StepRecord
    from agents.tasks.profile import Profile
    from agents.tasks.proving import Sources
    from agents.tasks.state import State
    from agents.tasks.work import Work

PASSAGE_TOKENS = 5000
"""Of sources in the writer's prompt."""
_FINDINGS = 1500


class ResultWriter:
    """Puts the text, its citations and what nothing supports into the state."""

    def __init__(self, profile: Profile, reads: Reads, closeness: Closeness | None = None) -> None:
        self._profile = profile
        self._reads = reads
        self._closeness = closeness

    def write(self, state: State, work: Work) -> Iterator[RunEvent]:
        """The result of a run that is at its end, whatever its end is. Raises as `Work.ask` does."""
        sources = sources_of(state, work.records, self._reads)
        found = self._found(state, work)
        if not found:
            yield self._nothing(state)
        elif not self._profile.plans:
            yield self._quoted(state, work, sources, found)
        elif state.limit or not (yield from self._by_model(state, work, sources, found)):
            yield self._as_list(state, work, sources, found)

    def findings_so_far(self, state: State, work: Work) -> None:
        """The same by rule alone, for a run that was stopped or whose model failed: it may not fail itself."""
        with speaking(state.lang):
            if found := self._found(state, work):
                sources = sources_of(state, work.records, self._reads)
                self._put(state, _listed(found, work.records), sources, marked=False)

    def _found(self, state: State, work: Work) -> list[PlanStep]:
        """The steps with a finding. One that was not brought to its end has what its last good call brought."""
        found = [step for step in state.plan if step.state == "done" and step.finding]
        for step in state.plan:
            if step.state not in ("active", "failed"):
                continue
            seen = [r for r in work.records if r.call.step == step.id and not r.observation.error]
            for record in reversed(seen):
                if finding := finding_of(step.goal, state.kb, record, self._reads, self._closeness):
                    found.append(replace(step, finding=finding))
                    break
        return found

    # -- by rule ------------------------------------------------------------------------------------------

    def _nothing(self, state: State) -> Token:
        told = dict.fromkeys(step.finding for step in state.plan if step.state == "failed" and step.finding)
        why = "; ".join(told)
        text = say(en="Nothing was found out", zh="没有查明任何内容")
        stop = say(en=".", zh="。")
        state.text = (f"{text}{say(en=': ', zh='：')}{why}" if why else text).rstrip("。.") + stop
        return Token(state.text)

    def _quoted(self, state: State, work: Work, sources: Sources, found: Sequence[PlanStep]) -> Token:
        """Each step's proven quotes; what a calculator said as it said it."""
        blocks: list[str] = []
        citations: list[Citation] = []
        for step in found:
            lines: list[str] = []
            for record in work.records:
                if record.call.step != step.id or record.observation.error:
                    continue
                if record.observation.hits:
                    quotes = quotes_of(step.goal, record.observation.hits, state.kb, self._reads, self._closeness)
                    numbered = _renumbered(quotes, record.observation.hits, sources)
                    citations += numbered
                    lines.append(quoted_answer(numbered))
                else:
                    proven = checked(step.finding, state, sources, self._closeness, marked=False)
                    citations += proven.citations
                    lines.append(_cited(step.finding, record.call.id, sources, citations) or proven.text)
            text = "\n\n".join(line for line in lines if line) or step.finding
            blocks.append(f"**{step.goal}**\n\n{text}" if len(found) > 1 else text)
        state.text = "\n\n".join([*blocks, *_open_ends(state)])
        state.citations = tuple(dict.fromkeys(citations))
        return Token(state.text)

    def _as_list(self, state: State, work: Work, sources: Sources, found: Sequence[PlanStep]) -> Token:
        self._put(state, "\n\n".join([_listed(found, work.records), *_open_ends(state)]), sources, marked=False)
        return Token(state.text)

    # -- by the model -------------------------------------------------------------------------------------

    def _by_model(
        self, state: State, work: Work, sources: Sources, found: Sequence[PlanStep]
    ) -> Generator[RunEvent, None, bool]:
        prompt = prompts.load("result", state.lang)
        room = self._profile.context - min(self._profile.reply, self._profile.context // 3) - 700
        told = [*found, *(s for s in state.plan if s.state == "failed")]
        findings = _fitting_findings(told, work.records, min(_FINDINGS, room // 3))
        inputs = {"task": neutral(state.task), "findings": findings, "language": language_name(state.code)}
        for share in (1.0, 0.4):
            shown = fitting(sources.hits, max(200, int(min(room - _FINDINGS, PASSAGE_TOKENS) * share)), estimate)
            messages: list[Any] = prompt.render(passages=shown, **inputs)
            try:
                text = yield from self._text(prompt, messages, state, work)
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
        self._put(state, text, sources)
        return True

    def _text(
        self, prompt: prompts.Prompt, messages: list[Any], state: State, work: Work
    ) -> Generator[RunEvent, None, str]:
        """The model's text; asked once more when it is empty or in the other language."""
        text = ""
        for attempt in (1, 2):
            reply = yield from work.ask(prompt, messages, max_tokens=self._profile.reply, shown=True)
            text = _unwrapped(reply.text) or text
            drifted = bool(text) and _drifted(state.task, text)
            if (text and not drifted) or attempt == 2:
                return text
            language = language_name(state.code)
            problem = say(
                en=f"Write the result again, as plain text in {language}, with [n] after every sentence.",
                zh=f"请重新撰写结果：纯文字，用{language}，每句话后标注 [n]。",
            )
            yield Noted("asked_again", problem)
            messages = [*messages, ("ai", neutral(reply.text[:500]) or "…"), ("human", problem)]
        return text

    def _put(self, state: State, text: str, sources: Sources, *, marked: bool = True) -> None:
        proven = checked(text, state, sources, self._closeness, marked=marked)
        state.text, state.citations, state.unsupported = proven.text, proven.citations, proven.unsupported


def _line(step: PlanStep, records: Sequence[StepRecord]) -> str:
    """A finding without its markers, which number one search's passages, not the run's sources. Of a step that searched
    for nothing, all numbers in brackets are what was found."""
    passages = max((len(r.observation.hits) for r in records if r.call.step == step.id), default=0)
    bare = without(normalise(step.finding, passages), passages) if passages else step.finding
    return " ".join(bare.split())


def _listed(steps: Sequence[PlanStep], records: Sequence[StepRecord]) -> str:
    lines = [_line(step, records) for step in steps]
    return lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)


def _fitting_findings(steps: Sequence[PlanStep], records: Sequence[StepRecord], tokens: int) -> list[dict[str, str]]:
    """The findings as the prompt lists them, the latest whole, the earlier ones shorter as room gets scarce."""
    each = max(20, tokens // max(len(steps), 1))
    rows: list[dict[str, str]] = []
    for step in reversed(steps):
        row = {"goal": neutral(step.goal[: each * 2]), "finding": neutral(_line(step, records)[: each * 3])}
        tokens -= estimate(row["goal"] + row["finding"]) + 4
        if tokens < 0 and rows:
            break
        rows.insert(0, row)
    return rows


def _open_ends(state: State) -> list[str]:
    """One sentence on what could not be found out."""
    failed = [f"“{step.goal}”" for step in state.plan if step.state == "failed"]
    if not failed:
        return []
    listed = say(en=", ", zh="、").join(failed)
    return [say(en=f"Not found out: {listed}", zh=f"未能查明：{listed}")]


def _renumbered(quotes: Sequence[Citation], hits: Sequence[Any], sources: Sources) -> list[Citation]:
    """Citations of one search's hits, with the numbers these have among all sources."""
    kept = [(q, sources.number_of(hits[q.n - 1])) for q in quotes]
    return [replace(q, n=n) for q, n in kept if n]


def _cited(text: str, call: str, sources: Sources, citations: list[Citation]) -> str:
    """A tool's own words, with the call as their source; '' when it is not among the sources."""
    for n, hit in sources.calls:
        if hit.path == f"{CALL}{call}":
            citations[:] = [c for c in citations if c.sentence != text]
            citations.append(quote(sources.pages, hit, n, 0, len(hit.text), supports=True, sentence=text))
            return with_marks(text, (n,))
    return ""


def _drifted(task: str, text: str) -> bool:
    asked, told = language_of(task), language_of(text)
    return {asked, told} == {"en", "zh"}


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
