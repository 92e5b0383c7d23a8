"""Finds one thing put in the place of another: 'The author is X.' against 'The author is Y.'

A sentence copied from its source with a name exchanged shares nearly every word with it, so counting shared words lets
it pass. The two are therefore aligned: where both have something else between the same two neighbours, the sentence
does not say what the source says.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from agents.proof.numbers import without_numbers
from agents.proof.synonyms import canonical, is_light, plain
from agents.proof.words import terms
from ingest.language import is_cjk, is_han
from ingest.stemming import stem

_TOKEN = re.compile(r"[a-zà-ÿ0-9]+(?:[.,'-][a-z0-9]+)*|\S")


def substituted(sentence: str, quote: str, question: str) -> bool:
    """True when an aligned gap of `sentence` holds content that the quote's gap replaces by other content."""
    said, source = _tokens(sentence), _tokens(quote)
    asked = plain(question)
    matcher = SequenceMatcher(None, said, source, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "replace" or i2 - i1 > 12 or j2 - j1 > 16:
            continue
        whole = i2 - i1 == len(said) or j2 - j1 == len(source)  # then nothing beside the gap is the same
        if not whole and _weighs(said, i1, i2, plain(quote), asked) and _content(_joined(source[j1:j2])):
            return True
    return False


def _tokens(text: str) -> list[str]:
    return [
        token if len(token) == 1 else canonical(stem(token)) for token in _TOKEN.findall(without_numbers(plain(text)))
    ]


def _joined(tokens: list[str]) -> str:
    text = ""
    for token in tokens:
        text += token if text and is_cjk(token[0]) and is_cjk(text[-1]) else f" {token}"
    return text.strip()


def _content(text: str) -> bool:
    """Whether the quote's gap holds a word, a number, or a Chinese character that carries meaning."""
    return any(char.isdigit() or (is_han(char) and char not in _LINKS) for char in text) or any(
        term.isascii() and not is_light(term) for term in terms(text)
    )


def _weighs(said: list[str], start: int, end: int, quote: str, asked: str) -> bool:
    """Whether the gap said[start:end] says something that neither quote nor question says anywhere: a word, or a pair
    of Chinese characters. A gap of one character is paired with its neighbours: 德国 put for 法国 differs by one."""
    for term in terms(without_numbers(_joined([t for t in said[start:end] if t.isascii()]))):
        if len(term) >= 2 and not is_light(term) and term not in asked and term not in quote:
            return True
    left, right = (start, end) if end - start > 1 else (max(0, start - 1), min(len(said), end + 1))
    pairs = ["".join(said[at : at + 2]) for at in range(left, right - 1)]
    told = [
        pair
        for pair in pairs
        if len(pair) == 2 and all(map(is_han, pair)) and not set(pair) <= _LINKS and not is_light(pair)
    ]
    if end - start == 1:
        return said[start] not in _LINKS and bool(told) and not any(pair in quote or pair in asked for pair in told)
    return any(pair not in quote and pair not in asked for pair in told)


_LINKS = frozenset(
    "的了是在和与及或也都就而且并但却又还其之以于为被把将从到对向由让使这那此该些个们有会能可要须应后前时内里间所等约共则即如若均各每已曾没不无未"
)
