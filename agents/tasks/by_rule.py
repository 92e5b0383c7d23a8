"""Plan and calls without a model's judgement, for models that have none: each part of the task is looked up or worked
out, and what is found is quoted."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Protocol

from agents.proof.numbers import stated
from agents.proof.quotes import best_quotes, nearest_statements
from agents.proof.rarity import canonical_terms, content_terms
from agents.proof.similarity import Closeness
from agents.proof.sources import Citation, Pages
from agents.tasks.events import RunEvent, StepRecord
from agents.tasks.moves import Move, move_to
from agents.tasks.operations import APART, to_work_out
from agents.tasks.own_tools import OwnTools
from agents.tasks.spoken_tools import arithmetic
from agents.tasks.state import State
from agents.tasks.work import Work
from agents.tools.tool import Tool
from ingest.documents import Hit
from ingest.evidence import Evidence
from ingest.language import say
from ingest.sentences import sentences
from ingest.units import MONEY, spelled

SEARCH, CALCULATE, CALENDAR, TABLES = "search_documents", "calculator", "date_time", "query_table"
"""Names of the built-in tools that the rules know."""
MOST_PARTS = 8
_COMPARE = (
    re.compile(
        r"^\s*(?:please\s+)?(?:compare|what is the difference between|what are the differences between)\s+(.+?)\s+"
        r"(?:and|with|to|against|versus|vs\.?)\s+(.+?)[.?!]*\s*$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^\s*(?:请)?(?:比较|对比)(?:一下)?(.+?)(?:和|与|跟|同)(.+?)(?:的(?:不同|区别|差异|异同))?[。？！?!]*\s*$"
    ),
)
_JOINED = re.compile(
    r"\s*(?:[;；\n]|[,，]?\s+(?:and then|then|and also|also|as well as)\s+|[，,]?(?:然后|接着|并且|同时|另外|(?<=[，,、])还有|再(?=[查算找看]))[，,]?)\s*",
    re.IGNORECASE,
)
_YES = r"(?:is|are|was|were|do|does|did|has|have|can|must|may) (?:the|an?|my|our|its|their|that|this|it|they|there)\b"
_YES_OR_NO = re.compile(_YES, re.IGNORECASE)
_ASKS_ON = re.compile(
    r"\s*,?\s+and\s+(?=(?:what|how|when|who|whose|which|where|why)\b)"
    rf"|,\s+and\s+(?={_YES})"
    r"|(?<=[^，,])[，,]\s*(?=[^，,。？?]*(?:几|多[少久长大高远]|什么|哪|谁|何时|如何|怎么|吗))",
    re.IGNORECASE,
)
"""A second question in the same sentence, where the part before it is one too."""
QUESTION = re.compile(
    r"\b(?:what|how|when|who|whose|which|where|why)\b|几|多[少久长大高远]|什么|哪|谁|何时|如何|怎么|吗", re.IGNORECASE
)
_FOLLOWS = re.compile(
    r"^(?:and |by )?how (?:many|much)(?: \w+)?(?: more| less| fewer)?(?: (?:is|are|was|were) (?:it|that|this|they|those))?\W*$"
    r"|^(?:每\w{1,3}?)?(?:分别|各)?(?:相差|差|高|低|多|少|贵)?(?:[是有为出])?(?:多少|几)\w{0,3}\W*$",
    re.IGNORECASE,
)
"""A question that only says how what the one before it asks for is to be measured."""
_WHICH = re.compile(
    r"^(?:and )?which (?:one )?(?:is|costs|has|was) (?:the )?(?:\w+er|more|most|less|least)\W*$|^(?:哪|谁)(?:一?个)?更?\w{1,3}\W*$",
    re.IGNORECASE,
)
"""The same of one that asks which of them it is; what is asked last is what is wanted, so it comes first."""
_UNITS = re.compile(rf"\b(?:in )?(?:{spelled()}|{'|'.join(MONEY)})s?\b", re.IGNORECASE)
_OF_ASKER = re.compile(r"(?:I|We|My|Our)\b|我")
_ITEM = re.compile(r"^\s*(?:[-*•]|\(?\d{1,2}[.)、）]|[一二三四五六七八九十]+、)\s*")


class Reads(Pages, Protocol):
    """The part of the library that quoting needs."""

    def evidence(self, query: str, hits: Sequence[Hit], kb: str = ...) -> Evidence:
        """Whether hits are enough to answer from."""
        ...


def parts(task: str) -> list[str]:
    """The pieces of a task that stand for themselves: sentences, list items, what a semicolon or 'then' joins, and the
    two sides of a comparison."""
    pieces = [
        side
        for start, end in sentences(task)
        for joined in _JOINED.split(task[start:end])
        if joined
        for piece in _questions(joined)
        for side in _compared(_ITEM.sub("", piece).strip(" ,，、"))
    ]
    pieces = _circumstanced([piece for piece in pieces if len(re.sub(r"\W", "", piece)) >= 2])
    return list(dict.fromkeys(_followed(pieces)))[:MOST_PARTS] or [task.strip()]


def _circumstanced(pieces: Sequence[str]) -> list[str]:
    """'We are four.', 'What do two nights cost?' → one: what the asker tells of themselves belongs to the question behind it."""
    found: list[str] = []
    for piece in pieces:
        if found and _OF_ASKER.match(found[-1]) and not QUESTION.search(found[-1]) and QUESTION.search(piece):
            found[-1] = f"{found[-1]} {piece}" if piece.isascii() else f"{found[-1]}{piece}"
        else:
            found.append(piece)
    return found


def _followed(pieces: Sequence[str]) -> list[str]:
    """'Which costs more, A or B?', 'How many euros more?' → one question: the second asks for nothing by itself."""
    found: list[str] = []
    for piece in pieces:
        if found and QUESTION.search(found[-1]) and _adds_nothing(piece, found[-1]):
            first, second = (piece, found[-1]) if _WHICH.match(piece) else (found[-1], piece)
            joint = "" if not first.isascii() else " " if first.endswith("?") else ", "
            found[-1] = f"{first}{joint}{second}"
        else:
            found.append(piece)
    return found


def _adds_nothing(piece: str, before: str) -> bool:
    if _FOLLOWS.match(piece) or _WHICH.match(piece):
        return True
    content = content_terms(APART.sub(" ", _UNITS.sub(" ", piece)))
    return bool(QUESTION.search(piece)) and not stated(piece) and content <= canonical_terms(before)


def _questions(piece: str) -> list[str]:
    """'What does it cost, and what do three cost?' → both questions; a clause that asks nothing stays with its question."""
    found: list[str] = []
    for clause in _ASKS_ON.split(piece):
        if found and not (QUESTION.search(found[-1]) and (QUESTION.search(clause) or _YES_OR_NO.match(clause))):
            found[-1] = f"{found[-1]}，{clause}" if not clause.isascii() else f"{found[-1]} and {clause}"
        else:
            found.append(clause)
    return found


def _compared(piece: str) -> list[str]:
    for pattern in _COMPARE:
        if match := pattern.match(piece):
            return _sides(match[1].strip(), match[2].strip())
    return [piece]


def _sides(one: str, two: str) -> list[str]:
    """'the hotel rates in Germany', 'China' → both with what is compared: the second takes what it lacks from the first."""
    if len(two.split()) <= 2 < len(one.split()) and two.isascii():
        head = re.match(r"^(.*\b(?:in|of|for|from|at)\s+)\S.*$", one)
        return [one, f"{head[1]}{two}"] if head else [one, two]
    if "的" in two and "的" not in one:  # 上海和北京的住宿标准
        return [f"{one}{two[two.index('的') :]}", two]
    return [one, two]


class RuleCaller:
    """A sum goes to the calculator, everything else is searched for; the finding is what was found, quoted."""

    def __init__(
        self,
        reads: Reads,
        closeness: Closeness | None,
        own: OwnTools,
        certain: Callable[[State, Sequence[StepRecord], Sequence[Tool]], Move | None],
    ) -> None:
        """`certain` knows the move that a step's words and facts come to, if any (`agents.tasks.continuing`)."""
        self._reads = reads
        self._closeness = closeness
        self._own = own
        self._certain = certain

    def next(self, state: State, work: Work, tools: Sequence[Tool]) -> Generator[RunEvent, None, Move]:
        """One call, then its finding."""
        step = state.step
        assert step is not None
        made = [work.records[turn.record] for turn in state.turns if turn.kind == "call"]
        by_name = {tool.name: tool for tool in tools}
        if (move := self._certain(state, work.records, tools)) is not None:
            return move
        if made:
            lines = [
                finding_line(record)
                for record in made
                if record.call.tool in self._own and not record.observation.error
            ]
            return Move(finding="\n".join(lines)) if len(lines) > 1 else self._finding(step.goal, state.kb, made[-1])
        own = yield from self._own.call(step.goal, state, work, tools)
        return Move(calls=own) if own else self._call(step.goal, by_name)

    def _call(self, goal: str, by_name: Mapping[str, Tool]) -> Move:
        if CALCULATE in by_name and (expression := arithmetic(goal)):
            return move_to(by_name[CALCULATE], {"expression": expression})
        if SEARCH in by_name and re.search(r"\w", goal):
            return move_to(by_name[SEARCH], {"query": goal})
        return Move(gave_up=say(en="there is no tool for this", zh="没有可用于这一步的工具"))

    def _finding(self, goal: str, kb: str, record: StepRecord) -> Move:
        observation = record.observation
        if observation.error:
            return Move(gave_up=observation.error)
        if finding := finding_of(goal, kb, record, self._reads, self._closeness, self._own):
            if to_work_out(goal, finding):
                return Move(
                    gave_up=say(en="it could not be worked out", zh="未能算出结果")
                )  # what is known still stands below
            return Move(finding=finding)
        if observation.hits:
            return Move(gave_up=say(en="the documents don't answer this", zh="文档中没有答案"))
        return Move(gave_up=say(en="nothing was found", zh="没有找到任何内容"))


def finding_of(
    goal: str, kb: str, record: StepRecord, reads: Reads, closeness: Closeness | None, orders: Iterable[str] = ()
) -> str:
    """What a call brought on `goal`: of passages the statements that answer it, of anything else its beginning; '' when
    that is nothing."""
    observation = record.observation
    if not observation.hits:
        # What columns a table has is something to choose from, and no finding.
        described = record.call.tool == TABLES and not record.call.arguments.get("sql")
        return "" if described or record.call.tool == SEARCH else finding_line(record)
    quotes = quotes_of(goal, observation.hits, kb, reads, closeness, orders)
    return " ".join(dict.fromkeys(found.sentence for found in quotes))[:600]


def finding_line(record: StepRecord) -> str:
    """What a call that found no passages brought, in a line that says where it is from."""
    text = " ".join(record.observation.text.split())[:300]
    if not text or record.call.tool in (CALCULATE, CALENDAR):
        return text
    values = ", ".join(str(value) for value in record.call.arguments.values())
    return f"{record.call.tool} ({values[:100]}): {text}" if values else f"{record.call.tool}: {text}"


def quotes_of(
    goal: str, hits: Sequence[Hit], kb: str, reads: Reads, closeness: Closeness | None, orders: Iterable[str] = ()
) -> tuple[Citation, ...]:
    """The proven statements of `hits` that answer `goal`; none when the hits are not evidence enough, and none that name one of
    `orders`, the user's tools: no document speaks of them but to have them called."""
    if not hits or not reads.evidence(goal, hits, kb=kb).sufficient:
        return ()
    quotes = best_quotes(nearest_statements(goal, hits, reads, closeness))
    return tuple(quote for quote in quotes if not any(name in quote.sentence for name in orders))
