"""Whether a source has the names and titles of a sentence, whether the two are in the same script, and what a sentence is about,
as far as its form tells: the words of 'the … of' and what a Chinese sentence begins with.

'The marketing department is led by Luo' is about a marketing department; where a passage has none, it says nothing of
it, however much of the rest it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile

from agents.proof.rarity import canonical_terms, content_words
from agents.proof.synonyms import is_light
from agents.proof.words import is_function_word, terms
from ingest.folding import BARE, fold
from ingest.language import is_han
from ingest.numerals import MONTH_NUMBERS, WEEKDAYS


@lru_cache(maxsize=8192)
def _han_share(text: str) -> float:
    letters = [char for char in text if char.isalpha()]
    return sum(map(is_han, letters)) / len(letters) if letters else 0.0


def across(sentence: str, quote: str) -> bool:
    """True when the two are in different scripts, so that shared words can't be expected."""
    return abs(_han_share(sentence) - _han_share(quote)) > 0.5


_QUOTED = re.compile('《([^》]{1,60})》|“([^”]{2,60})”|「([^」]{2,60})」|"([^"]{2,60})"')
_LATIN_NAME = re.compile(
    r"(?<![A-Za-z])(\d*)([A-Z][A-Za-zÀ-ÿ]*(?:[-'][A-Za-z]+)*(?:-?\d+[A-Za-z0-9]*)?|[A-Za-z]+\d+[A-Za-z0-9]*)"
)
_TRANSCRIBED = re.compile(r"[\u4e00-\u9fff]{2}(?=·)|(?<=·)[\u4e00-\u9fff]{2}")
"""Beside the dot of a foreign name in characters: 姆斯 and 布斯 of 詹姆斯·布斯."""
_OF_A_COUNTRY = re.compile(r"(?:ian|an|n|ese|ish|y|ia|a)s?$")
"""What comes to a country's name or goes when its people are meant: India, Indian; Germany, Germans; Italy, Italian."""


def lacks_name(sentence: str, quote: str, around: str, question: str) -> bool:
    """Whether `sentence` has a name or title that its source does not hold.

    Titles in 《》 and quoted words must be in the quote (or the question and the passage), and so must foreign names in characters
    and capitalised Latin names, except a word that merely begins the sentence, months and days of the week, which are
    compared as numbers.
    """
    near, far, asked = fold(quote), fold(around), fold(question)
    if _lacks_title(sentence, quote, far, asked):
        return True
    first = re.search(r"[A-Za-z]", sentence)
    heading = fold(around.partition("\n")[0])
    in_english = not _han_share(sentence)
    for match in _LATIN_NAME.finditer(sentence):
        digits, letters = match.groups()
        name = fold(letters).removesuffix("'s").translate(BARE)
        ordinary = letters[1:].islower()
        if not digits and len(letters) == 1 and _relabelled(sentence, match, near):
            return True
        if (
            len(name) < 2
            or name in MONTH_NUMBERS
            or name.removesuffix("s") in WEEKDAYS
            or (ordinary and not terms(name))
        ):
            continue  # an initial, a month or a day (numbers), a function word with a capital
        if {name, name.removesuffix("s"), digits + name} & _words(near):
            continue
        if any(one in _words(asked) or one in heading for one in {name, digits + name} & _words(far)):
            continue  # what question, title or section say the passage is about
        if ordinary and name in _words(asked) and country_named(name, quote):
            continue
        begins = first is None or match.start() == first.start() or sentence[: match.start()].rstrip()[-1:] in ".:;!?*-"
        if begins and ((across(sentence, quote) and in_english) or (ordinary and _said(name, near))):
            continue
        if begins and ordinary and re.search(rf"\b{name}\b|^\W*{match.group()}\b", question):
            continue  # a word of the question, no name
        if _han_share(quote) > 0.5 and in_english:
            continue  # an English name of something the Chinese source writes in characters
        return True
    return False


def _lacks_title(sentence: str, quote: str, far: str, asked: str) -> bool:
    near = fold(quote)
    titles = (fold(next(filter(None, match.groups()))) for match in _QUOTED.finditer(sentence))
    dotted = _TRANSCRIBED.findall(fold(sentence)) if _han_share(quote) > 0.5 else ()
    return any(part not in near + asked for part in dotted) or any(
        not across(title, quote) and title not in near and not (title in asked and title in far) for title in titles
    )


def _relabelled(sentence: str, letter: re.Match[str], source: str) -> bool:
    """Whether a letter tells apart what the word before it names, and `source` has that word with another one:
    Phase I, Plan B, 方案A."""
    word = re.search(r"(?:[a-z]{3,}|[\u4e00-\u9fff])(?=[ -]?\Z)", fold(sentence[: letter.start()]))
    if word is None or is_function_word(word.group()) or sentence[letter.end() : letter.end() + 1] in {".", "'", "’"}:
        return False
    labels = re.findall(rf"{word.group()}[ -]?([a-z]|[ivx]+)\b", source)
    return bool(labels) and fold(letter.group()) not in labels


def _said(word: str, source: str) -> bool:
    """Whether an ordinary word stands in the source in another form."""
    return bool(canonical_terms(word) & canonical_terms(source)) or all(is_light(t) for t in canonical_terms(word))


def country_named(name: str, text: str) -> bool:
    """Whether a word of `text` names the country or the people that `name`, folded, names."""
    return _country(name) in map(_country, _words(fold(text)))


def _country(name: str) -> str:
    bare = _OF_A_COUNTRY.sub("", name)
    return bare if len(bare) > 2 else name  # Iran is not Iraq


@lru_cache(maxsize=4096)
def _words(folded: str) -> frozenset[str]:
    bare = folded.translate(BARE)  # Maiziere is Maizière to whoever has no such key
    return frozenset(re.findall(r"[a-z0-9]+(?:[-'][a-z0-9]+)*", bare)) | frozenset(re.findall(r"[a-z0-9]+", bare))


_GROUP = re.compile(r"\b(?:the|an?|our|its|their|your|for|of) (?=((?:[a-z][a-z'-]*(?: |\b)){1,4}))")
_OWNED = re.compile(r"的([\u4e00-\u9fff]{2,4})(?:[是为]|只有)")
_BEGINS = re.compile(r"^[^\w]*([\u4e00-\u9fff]{2,4})")


def subjects(sentence: str) -> Iterator[frozenset[str]]:
    """The canonical terms of each thing it is about, of which a source must have one."""
    folded = fold(sentence)
    for match in _GROUP.finditer(folded):
        words = takewhile(lambda word: not is_function_word(word) and not word.endswith(("ly", "ed")), match[1].split())
        *before, noun = [*words] or [""]
        yield from (frozenset(content_words(word)) for word in before)
        yield frozenset(content_words(" ".join([*before, noun])))  # who has won the cup is the cup's winner
    for match in [*_OWNED.finditer(folded), *_BEGINS.finditer(folded)]:
        yield frozenset(content_words(match[1]))


def akin(term: str, other: str) -> bool:
    """Whether two stems come of one word, as director and direct(ed), age and aged do: the shorter begins the longer, all but
    a letter."""
    shorter, longer = sorted((term, other), key=len)
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(shorter, longer, strict=False)))
    return shorter.isascii() and (
        (alike > 4 and alike + 1 >= len(shorter)) or (alike == len(shorter) > 2 and len(longer) == alike + 1)
    )
