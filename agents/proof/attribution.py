"""What a source says of somebody else: that Frank Scrase comes from North York, by a source that says it of Irwin Theodore.

A source is read as segments between its commas and stops. Where no segment has all that a clause of the sentence has from
the source, the clause joins two of them: the one that has its beginning, for whom it is said of, and the one that has the
rest. They belong together unless another subject stands in between: before the rest in its own segment, or anywhere where the
clause's subject comes up only later. What the title names may stand anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from agents.proof.tokens import LINKS, Token, clauses, tokens
from agents.proof.verdicts import Difference
from agents.proof.words import is_function_word
from ingest.folding import fold

LEAST = 3
"""Words (Chinese: characters) that the fuller of two segments must have of a clause."""
WHOLE = 0.75
"""Share of a clause that the two must make up between them: of a free paraphrase nobody can tell which is which."""
_STOPS = frozenset("。！？!?.；;")
_PARTS = frozenset({"whil", "while", "wherea", "whereas", "but", "而", "但"})
ANYBODY = re.compile(
    r"\b(?:he|she|it|they|this|that|these|those|its|his|her|their)\b|[他她它该其这那此]|本[校公书剧片国]"
)


@dataclass(frozen=True, slots=True)
class _Segment:
    """Of a source: its words, where it stands, and in which sentence."""

    words: tuple[Token, ...]
    keys: frozenset[str]
    sentence: int
    start: int
    end: int


def of_another(sentence: str, source: str, title: str) -> Difference | None:
    """What `source` says of whom, where it says what `sentence` says of somebody else. `title` names what all of the source
    is about."""
    heading = source.partition("\n")[0]
    known = _keys(tokens(title if _STOPS & set(heading) else f"{title} {heading}"))
    segments, told, ours = _segments(source), fold(source), _keys(tokens(sentence))
    plain = len(told) == len(source) and len(fold(sentence)) == len(sentence)
    for clause in clauses(tokens(sentence)):
        said = _words(clause)
        # What the source writes small as well is no name, though a sentence may begin with it.
        name = [plain and sentence[t.start].isupper() and fold(t.key) not in source for t in said]
        joined = _joined(said, name, [segment.keys for segment in segments])
        for subject, predicate, who, what in joined:
            if who <= _matched(said, known):
                break
            whose, whats = ([said[n] for n in sorted(places)] for places in (who, what))
            others = (t for t in segments[predicate].words if t.key not in {word.key for word in said})
            if any(name[n] for n in who) and not any(source[t.start].isupper() for t in others):
                break  # 'the population' is no other than Lyon
            if not _rival(told, segments, subject, predicate, whose, _keys(whats), ours):
                break
        else:
            if joined:
                at = segments[joined[0][1]]
                return Difference("role", source[at.start : at.end].strip() if plain else "")
    return None


def _joined(
    said: Sequence[Token], name: Sequence[bool], segments: Sequence[frozenset[str]]
) -> list[tuple[int, int, frozenset[int], frozenset[int]]]:
    """The pairs of segments that a clause may be joined from: of the subject and of what is said, and which words of it
    either has. None where one segment has all."""
    held = [_matched(said, keys) for keys in segments]
    for begin, end in _runs(name):
        whole = frozenset(range(begin, end))
        if any(whole <= mine for mine in held):  # a name is had whole or not at all
            held = [mine if whole <= mine else mine - whole for mine in held]
    most = max(map(len, held), default=0)
    found = []
    for fuller, mine in enumerate(held):
        if len(mine) < max(most, LEAST):
            continue
        missing = frozenset[int]().union(*held) - mine
        if not _content(said, missing, 2):
            return []
        share = max(len(theirs & missing) for theirs in held)
        other = min(
            (n for n, theirs in enumerate(held) if len(theirs & missing) == share), key=lambda n: abs(n - fuller)
        )
        rest = held[other] & missing
        if len(mine) + len(rest) < WHOLE * len(said):
            return []
        found.append((fuller, other, mine, rest) if min(mine) < min(rest) else (other, fuller, rest, mine))
    return found


def _rival(
    told: str,
    segments: Sequence[_Segment],
    subject: int,
    predicate: int,
    whose: Sequence[Token],
    what: frozenset[str],
    ours: frozenset[str],
) -> bool:
    """Whether something of words that the sentence has not stands as a subject of its own before `what` is said."""
    who, place = segments[subject], segments[predicate]
    begins = min(_matched(place.words, what), default=0)
    text = told[place.start : place.words[begins].start]
    same = who.sentence == place.sentence
    before = [s for s in segments[:predicate] if s.sentence == place.sentence]
    if subject > predicate:
        return not same and _strange([word for segment in [*before, place] for word in segment.words], ours, 2)
    if ANYBODY.search(text) or (same and not _strange(who.words, ours)):
        return False  # an item of a list
    if all(token.kind == "han" and token.key in text for token in whose):
        return False  # 中医: 中国传统医学
    return _strange(place.words[:begins], ours)


def _strange(words: Sequence[Token], ours: frozenset[str], least: int = 3) -> bool:
    """Whether some of the words are not `ours`."""
    strange = frozenset(n for n, word in enumerate(words) if word.weighs) - _matched(words, ours)
    return bool(_content(words, strange, least))


def _content(words: Sequence[Token], places: frozenset[int], least: int) -> frozenset[int]:
    """Those of the places that are no numbers; of Chinese characters `least`."""
    kept = frozenset(n for n in places if words[n].kind in {"word", "han"})
    return kept if len(kept) >= least or any(words[n].kind == "word" for n in kept) else frozenset()


def _matched(words: Sequence[Token], keys: frozenset[str]) -> frozenset[int]:
    """The places of the words that are among `keys`, of Chinese characters those with a neighbour of theirs."""
    pairs = [one.key + two.key if one.kind == two.kind == "han" else "" for one, two in pairwise(words)]
    return frozenset(
        n
        for n, word in enumerate(words)
        if (word.key in keys if word.kind != "han" else not keys.isdisjoint(filter(None, pairs[max(0, n - 1) : n + 1])))
    )


def _keys(found: Sequence[Token]) -> frozenset[str]:
    """Words and numbers, and neighbouring Chinese characters."""
    words = _words(found)
    pairs = (one.key + two.key for one, two in pairwise(words) if one.kind == two.kind == "han")
    return frozenset((*pairs, *(word.key for word in words if word.kind != "han")))


def _words(found: Sequence[Token]) -> tuple[Token, ...]:
    return tuple(
        token
        for token in found
        if token.kind != "end" and token.key not in LINKS and not (token.kind == "word" and is_function_word(token.key))
    )


def _runs(name: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Where words of one name stand."""
    for begin in range(len(name)):
        if name[begin] and not (begin and name[begin - 1]):
            yield begin, next((n for n in range(begin, len(name)) if not name[n]), len(name))


@lru_cache(maxsize=256)
def _segments(source: str) -> tuple[_Segment, ...]:
    found: list[_Segment] = []
    part: list[Token] = []
    sentence, end, row = 0, 0, False
    for token in (*tokens(source), Token("\n", "end", len(source), len(source))):
        line = "\n" in source[end : token.start] or token.key == "\n"
        parts = (token.kind == "end" and token.key not in "()、：:") or token.key in _PARTS
        if (line or parts) and part:
            if (words := _words(part)) and not row:
                found.append(_Segment(words, _keys(words), sentence, part[0].start, part[-1].end))
            part = []
        sentence += line or token.key in _STOPS
        row = token.key == "|" or (row and not line)
        if not parts:
            part.append(token)
        end = token.end
    return tuple(found)
