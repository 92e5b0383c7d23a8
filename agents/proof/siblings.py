"""What a source says of one thing, said of its sibling: that the Elbe flows into the Black Sea, by a source that has the
North Sea for the Elbe and the Black Sea for the Danube.

Clauses and items that are built alike are siblings: laid on each other they have the same words but for two slots or
more. A sentence that fills one slot as the one has it and another as the other has it has mixed them. Numbers have
`agents.proof.binding`, rows of tables their columns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

from agents.proof.attribution import ANYBODY
from agents.proof.numbers import values
from agents.proof.rarity import content_words
from agents.proof.tokens import Token, pieces, tokens, within
from agents.proof.verdicts import Difference
from ingest.folding import fold

Slot = tuple[Sequence[Token], Sequence[Token]]
"""What stands in the same place of two clauses."""

NEAR = 8
"""How many clauses apart siblings stand at most."""
ALIKE = 1 / 3
"""Share of the shorter one's tokens that siblings have in common."""
LONGEST = 8
"""Tokens of a slot."""
_BREAK = re.compile(r"(?<!\d),|,(?!\d)|[;；，。!！?？\n]|\.(?=\s|$)| (?:and|but|while|whereas) ")
_STATEMENTS = re.compile(r"[;；。！!]|(?<![?？])\n|\.(?=\s|$)|[,，]\s*(?:but|while|whereas|而|但)")
"""A question and what answers it are one."""
_JOINED = re.compile(r"[,，;；、]|\b(?:and|but|while|whereas)\b|[和与并而但]")


def mixed(sentence: str, source: str) -> Difference | None:
    """What `source` has of one thing in the place of what `sentence` has of its sibling; None where nothing is mixed."""
    clauses = _clauses(source)
    for at, one in enumerate(clauses):
        for other in clauses[at + 1 : at + 1 + NEAR]:
            taken: dict[bool, tuple[str, str]] = {}
            for mine, theirs in _slots(one, other):
                here, there = _only(sentence, one, mine, other, theirs), _only(sentence, other, theirs, one, mine)
                if bool(here) != bool(there):
                    taken.setdefault(bool(here), (here or there, _cut(other, theirs) if here else _cut(one, mine)))
            if len(taken) == 2 and not any(all(within(p, c) for p, _ in taken.values()) for c in clauses):
                return Difference("name", list(taken.values())[1][1])
    return None


def crossed(sentence: str, source: str) -> Difference | None:
    """The statement of `source` that has one thing that `sentence` says, where another has the rest and both have what joins them:
    'tenants pay for heating', of 'tenants pay for water; heating is paid by the landlord'. What is said of one thing in two
    statements may be said in one."""
    if _JOINED.search(fold(sentence)):
        return None
    said = {*content_words(sentence), *values(sentence)}
    told = ((part, [*content_words(part), *values(part)]) for part in _STATEMENTS.split(source))
    for (_, one), (part, other) in pairwise(item for item in told if item[1]):
        mine, theirs = said.intersection(one), said.intersection(other)
        if one[0] == other[0] or ANYBODY.search(fold(part)) or not mine & theirs:
            continue
        if mine - theirs and theirs - mine and mine | theirs == said:
            return Difference("role", part.strip())
    return None


def _only(sentence: str, clause: str, slot: Sequence[Token], other: str, beside: Sequence[Token]) -> str:
    """What `sentence` has of a slot that is not in the other's; '' for nothing."""
    own = [piece for piece in pieces(tokens(clause), slot) if piece not in pieces(tokens(other), beside)]
    return max((piece for piece in own if piece and within(piece, sentence)), key=len, default="")


@lru_cache(maxsize=256)
def _clauses(source: str) -> tuple[str, ...]:
    parts = [part.strip(" -*•") for part in _BREAK.split(source) if not part.lstrip().startswith("|")]
    return tuple(part for part in parts if len(tokens(part)) > 1)


@lru_cache(maxsize=4096)
def _slots(one: str, other: str) -> tuple[Slot, ...]:
    """Where two clauses have something else, if they are built alike."""
    mine, theirs = tokens(one), tokens(other)
    matcher = SequenceMatcher(None, [t.key for t in mine], [t.key for t in theirs], autojunk=False)
    codes = matcher.get_opcodes()
    same = sum(i2 - i1 for tag, i1, i2, _, _ in codes if tag == "equal")
    if same < ALIKE * min(len(mine), len(theirs)):
        return ()
    found = [(_named(mine[i1:i2]), _named(theirs[j1:j2])) for tag, i1, i2, j1, j2 in codes if tag == "replace"]
    return tuple(slot for slot in found if all(len(side) <= LONGEST and any(t.weighs for t in side) for side in slot))


def _named(slot: Sequence[Token]) -> Sequence[Token]:
    """Without numbers: beside one, what the clause before is about and this one leaves out would be its value."""
    return [token for token in slot if token.kind != "number"]


def _cut(clause: str, slot: Sequence[Token]) -> str:
    folded = fold(clause)
    return (clause if len(folded) == len(clause) else folded)[slot[0].start : slot[-1].end]
