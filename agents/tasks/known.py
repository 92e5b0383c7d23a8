"""A step that the documents answer word for word: its finding is the fact, and nobody need be asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agents.chat.parts import QUESTION
from agents.proof.asked import CONTACT, DATE, PERSON, WHOLE_DATE, Read, asked_for, hours, subjects
from agents.proof.choosing import named
from agents.proof.numbers import Quantity, agrees, claimed, stated
from agents.proof.operations import ABOVE, BELOW, to_work_out
from agents.proof.sources import Citation
from agents.proof.words import is_function_word
from agents.tasks.amounts import NO_COUNT, amounts, amounts_of, told
from agents.tasks.days import LATEST, WEEKDAY, names_weekday, of_another_time
from agents.tasks.evidence import Evidence
from agents.tasks.tabular import OFTEN
from agents.tasks.tariffs import counted_noun, for_one, ones, only_reduces, several_of, wants_money
from ingest.folding import fold
from ingest.language import language_of
from ingest.sentences import sentences
from ingest.units import MONEY, UNIT, spelled, unit

_CURRENCY = re.compile(rf"(?<![a-z])(?:{spelled(*MONEY)})(?![a-z])")
_IN_CURRENCY = re.compile(
    rf"\s*(?:\b(?:in|into|to)\s+(?:{spelled(*MONEY)})(?![a-z]))(?:\s+at\b[^,.?!]*|\s+now\b|\s+today\b)?"
    rf"|按[^，。？?]{{0,8}}汇率|(?:折?合|等于|换成)?(?=(?:是|合|为)?多少(?:{spelled(*MONEY)}))",
    re.IGNORECASE,
)
COMPARES = re.compile(
    rf"{ABOVE.pattern}|{BELOW.pattern}|\b(?:more|fewer|less)\b.* than\b|比.+[多少高低大小贵宜长短早晚]\W*$|{OFTEN.pattern}",
    re.IGNORECASE,
)
"""Asks which lie below or above something, or are the most: no row tells."""
BOUNDED = re.compile(
    r"\d\s*(?:-|–|~|to|and|至|到)\s*\d|\b(?:from(?=\W*\d)|at (?:least|most)|up to|under|over|above|below|(?:more|less|fewer) than|or more)\b"
    r"|以[上下内]|超过|不足|不满|未满|满|至[少多]"
)
"""A range or a bound."""
_ASKS_NAME = re.compile(
    r"叫什么|什么名|名字是|\bname (?:of|for)\b|\bwhat(?:'s| is| are| was) [^?,]{1,40} (?:called|named?)(?=\W*$|,| and\b)",
    re.IGNORECASE,
)
_TELLS_NAME = re.compile(r"[叫名姓称“「《:：]|\b[Cc]alled\b|\b[Nn]amed?\b")
"""What a name is asked with, and what it is told with where it is not seen by its capital."""
_REDUCED = re.compile(r"[折减省]|优惠|\b(?:less|off|cheaper|discount|reduction|save)\b")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_COUNTS = re.compile(
    r"\bhow many\b|(?:多少|几)(?![呢啊吧]|[\u4e00-\u9fff]{0,3}[钱费金价款租薪额])[\u4e00-\u9fff]", re.IGNORECASE
)
"""How many of something: 多少人, not 多少工本费."""
FILE_NAME = r"[\w-]+\.[a-z]\w{1,4}(?![a-z\d])"
_INTO_FILE = re.compile(
    rf"\s*\b(?:in|into|to|as|under)\s+(?:(?:a|the)\s+)?(?:file\s+)?(?:called\s+|named\s+)?{FILE_NAME}"
    rf"|(?:写|存|保存|记|放|导出)[入进到成为]{{0,2}}[^，。]{{0,4}}?(?:文件)?\s*{FILE_NAME}\s*(?:里|中)?",
    re.IGNORECASE,
)
ON_FILES = re.compile(r"\w\.[a-z]\w{1,4}\b|\b(?:files?|folders?|director(?:y|ies))\b|文件|目录", re.IGNORECASE)
"""What a task says that files outside of the library are meant for."""


def facts_for(goal: str, evidence: Evidence) -> tuple[Citation, ...]:
    """The facts that answer the part `goal`; none where they leave one of its things open."""
    answers = [answer for answer in evidence.answers if answer.part == goal]
    if not all(answer.facts for answer in answers):
        return ()
    return tuple(dict.fromkeys(fact for answer in answers for fact in answer.facts))


def line_of(facts: Sequence[Citation]) -> str:
    """Facts in a line."""
    return " ".join(dict.fromkeys(fact.sentence for fact in facts))


def known(goal: str, task: str, evidence: Evidence) -> str:
    """The finding of the step `goal`, for which nobody need be asked: what it is `answered` with, where each fact is sure and no
    table may be meant; '' otherwise."""
    sure = all(answer.sure for answer in evidence.answers if answer.part == goal)
    return answered(goal, task, evidence) if sure and not evidence.tables else ""


def answered(goal: str, task: str, evidence: Evidence) -> str:
    """The facts that the question `goal` is answered with where nothing better was found; '' where there are none, or it asks
    for what they come to."""
    facts = facts_for(goal, evidence) if only_asks(goal, task) and goal not in evidence.live else ()
    unsure = all(fact.sentence in evidence.unsure for fact in facts)
    beside = unsure and _beside_it(goal, line_of(facts)) and not any(_priced_row(goal, *one) for one in told(facts))
    if beside or unsure_and_foreign(goal, facts, evidence):
        return ""
    mine = [answer for answer in evidence.answers if answer.part == goal]
    under, rows = " ".join(one.under for one in mine), [sum(row for _, row in told(one.facts)) for one in mine]
    goal, text = next((one.said for one in mine if one.said), goal), line_of(facts)
    if not met((*claimed(goal), *several_of(goal)), goal, f"{under} {text}"):
        return ""  # what six nights cost is not what one does
    if any(row > 1 for row in rows) and _COUNTS.search(goal) and not for_one(goal):
        return ""  # what several come to no row tells
    kinds = {number.kind for number in claimed(text)}
    if _COUNTS.search(goal) and kinds and kinds <= MONEY and not any(amounts_of(facts, goal)):
        return ""  # what a shift is paid is not how many work it
    return "" if beside_the_point(goal, text) or to_work_out(goal, text) or elsewhen(goal, text) else text


def beside_the_point(goal: str, text: str) -> bool:
    """Whether a text, whoever wrote it, has nothing of the kind that `goal` asks for, in the currency and the unit that it names."""
    if (named := currencies(goal)) and not named & {number.kind for number in stated(text)}:
        return True
    if only_reduces(text) and wants_money(goal) and not _REDUCED.search(fold(goal)):
        return True  # what is taken off is not what is left to pay
    if _of_another_unit(goal, text):
        return True  # 28 pitches are no hectares
    return bool(_ASKS_NAME.search(goal)) and not _names(goal, text)  # that it doesn't bite is not what it is called


def unsure_and_foreign(goal: str, facts: Sequence[Citation], evidence: Evidence) -> bool:
    """Whether one of `facts` is unsure and all are in another language than `goal`: they may be about anything near."""
    foreign = all(language_of(fact.sentence) != language_of(goal) for fact in facts)
    return foreign and any(fact.sentence in evidence.unsure for fact in facts)


def _beside_it(goal: str, text: str) -> bool:
    """Whether `goal` asks for no certain kind of thing, and a text has less than half of what it names: the cutter, not its blades."""
    named = subjects(goal, text) if asked_for(goal).several else ()
    return 2 * sum(one.held_by(Read.of(text)) == 1.0 for one in named) < len(named)


def _priced_row(goal: str, sentence: str, row: bool) -> bool:  # noqa: FBT001 - as `told` has them
    """Whether a table's row has prices of what `goal` wants the price of, by the name of the row."""
    thing = re.split("[;；]", sentence)[0].replace("：", ":").partition(":")[2]
    priced = row and wants_money(goal) and any(amount.kind in MONEY for amount, _ in amounts(sentence, row=True))
    return priced and named(goal, thing)


def _of_another_unit(goal: str, text: str) -> bool:
    """Whether `goal` asks how many of a unit that it names, and each number of a text counts something else."""
    units = {unit(match.group())[0] for match in UNIT.finditer(fold(goal))} & asked_for(goal).units
    numbers = claimed(text)
    return bool(units and numbers) and not any(number.kind or number.bare for number in numbers)


def _names(goal: str, text: str) -> bool:
    """Whether a text has a name that `goal` lacks, as far as one can be told."""
    words = re.findall(r"\b[A-Z][\w'-]*", text)
    own = any(not is_function_word(fold(word)) and fold(word) not in fold(goal) for word in words)
    return own or bool(_TELLS_NAME.search(text) or (not words and PERSON.search(text)))


def met(numbers: Iterable[Quantity], goal: str, text: str) -> bool:
    """Whether a text has the `numbers` that a question takes for granted, where it doesn't ask for one of them."""
    return for_one(goal) or all(_met(number, goal, text) for number in numbers)


def _met(number: Quantity, goal: str, text: str) -> bool:
    """Whether a text has a number that a question takes for granted, or speaks of a range or a bound such as it may lie in;
    not where what it says is for one: 'an hour costs 22 pounds'."""
    there = stated(text)
    if number.figure and number.figure > 1 and counted_noun(goal, number) in ones(text):
        return False
    if agrees(number, there) or number.figure is None or number.figure <= 1 or number.kind in NO_COUNT:
        return True
    others = {other.kind for other in there}
    return (not number.kind or number.kind in others) and bool(BOUNDED.search(_DAY.sub(" ", fold(text))))


def elsewhen(goal: str, text: str) -> bool:
    """Whether a text gives the day that `goal` asks for only as so long after another, 'It is back 24 days after that', or another
    one of several, or none."""
    given = stated(goal)
    if of_another_time(goal, text) or (WEEKDAY.search(goal) and not names_weekday(text)):
        return True
    lasting = [n for n in claimed(text) if n.kind in ("days", "months") and not agrees(n, given)]
    exactly, folded = asked_for(goal).exactly, fold(text)
    if exactly and not (lasting or hours(text) or DATE.search(CONTACT.sub(" ", folded))):
        return True  # a telephone number is no day
    return bool((exactly or LATEST.search(goal)) and lasting and WHOLE_DATE.search(folded))


def currencies(text: str) -> set[str]:
    """The currencies that `text` names."""
    return {unit(match.group())[0] for match in _CURRENCY.finditer(fold(text))}


def currency_in(text: str) -> str:
    """The first currency that `text` names, as it spells it; '' for none."""
    named = _CURRENCY.search(fold(text))
    return named.group() if named else ""


def in_any_currency(text: str) -> str:
    """`text` without the currency that it wants an amount in, and the rate; '' where it wants none: 'What does a kayak cost
    in yuan at the present rate?'"""
    if not currencies(text):
        return ""
    bare = re.sub(rf"(?<=多少)(?:{spelled(*MONEY)})", "钱", _IN_CURRENCY.sub("", text))
    return bare if bare != text else ""


def without_file(text: str) -> str:
    """`text` without the file that it wants something written to: documents are searched for what, not for where to."""
    return _INTO_FILE.sub("", text)


def file_wanted(goal: str, task: str, evidence: Evidence) -> str:
    """The name of the file that a part wants written; '' where it only asks, or names one that there is."""
    named = re.search(FILE_NAME, goal, re.IGNORECASE)
    if named is None or only_asks(goal, task):
        return ""
    there = fold("\n".join([*evidence.documents, *evidence.files, *(table.file for table in evidence.tables)]))
    stem = re.escape(fold(named.group().partition(".")[0]))
    return "" if re.search(rf"(?<![\w-]){stem}(?:\.\w+)?$", there, re.MULTILINE) else named.group()


def in_another(goal: str, finding: str) -> bool:
    """Whether a finding gives money in another currency than the one that `goal` asks for."""
    asked, told = currencies(goal), {number.kind for number in stated(finding)} & MONEY
    return bool(asked and told) and not asked & told


def only_asks(goal: str, task: str) -> bool:
    """Whether the part is a question: a task may ask and, in the same sentence, want something done."""
    if goal.endswith(("?", "？")):
        return True
    if not QUESTION.search(goal):
        return False
    start, end = sentences(goal)[-1]  # behind what the asker tells of themselves
    within = (task[start:end].rstrip() for start, end in sentences(task))
    return any(goal[start:end] in sentence and sentence.endswith(("?", "？")) for sentence in within)
