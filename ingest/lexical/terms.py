"""Text to search terms. Query and passages go through exactly the same steps; a question's words of asking are dropped.

Folding: NFKC, case, traditional → simplified Chinese, Latin accents. Then
* runs of Han, kana, hangul and other scripts written without spaces give every character and every pair of
  neighbours (nDCG@10 .982 on CMRC-dev, where a word segmenter reached .980 and words by blanks .166);
* everything else gives words. What is written joined is found in pieces and whole: 'GPT-4' is also 'gpt', '4'
  and 'gpt4'; 'get_userName' is also 'get', 'user' and 'name'; '1,234.5' is '1234.5'; 'C++' stays 'c++'.
  English plurals meet their singulars.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ingest.folding import BARE
from ingest.stemming import singular

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30fa\u30fc-\u31ff\u3400-\u9fff"  # radicals, kana, Han
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U000323af"  # hangul, Han
)
_PIECE = re.compile(
    rf"(?P<run>[{_UNSPACED}]+)"
    r"|(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+(?![\w.]))"
    rf"|(?P<word>[^\W{_UNSPACED}]+(?:(?:[-.'’/&][^\W{_UNSPACED}]+)+|[+]{{2}}|\#)?)"
)
_JOINTS = re.compile(r"[-.'’/&_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SHORTEST_HUMP = 3
"""Camel case is taken apart only into pieces this long: 'getUserName', not 'LoRA'."""
_LONGEST_WORD = 64
"""Longer 'words' are base64 and the like; their first characters identify them well enough."""
_WORDS = (
    "a an the of in on at to for from by with as into about over under between during through "
    "is are was were be been being am do does did has have had having it its this that these those there here "
    "and or but not if then than so such can could will would shall should may might must "
    "i you he she we they me him her them my your his our their "
    "what which who whom whose when where why how please tell explain describe state give list s t "
    "什么 甚么 么时 么的 么样 是什 些什 哪些 哪个 哪里 哪儿 哪一 哪位 哪种 有哪 多少 如何 怎么 怎样 为什 为何 请问 是否 几个 "
    "什 么 哪 吗 呢 请"
)
_ASKING = frozenset(_WORDS.split())
"""Words of a question that ask rather than name a subject: single words and, for Chinese, the characters and pairs of
neighbours that `terms` makes of them. They don't count in questions; in passages they do. In 4,000 passages 'does',
'please' or '如何' are rare, so BM25 would take them for the gist of a question. BM25 alone, with and without: annual
reports page hit@20 .40 and .32, llm-notes recall@1 .90 and .85, XQuAD and cmrc-trial within a question of each other.
'it' and 'who' may also be the subject; where nothing else is left, they count."""


def terms(text: str) -> list[str]:
    """All terms of `text` with repetitions, in no promised order."""
    return [term for term, _, _ in _spans(text.translate(BARE))]


def query_terms(query: str) -> list[str]:
    """The terms of a question that name its subject; all of them where it has no others."""
    found = terms(query)
    return [term for term in found if term not in _ASKING] or found


def terms_in(text: str, query: str) -> list[tuple[int, int]]:
    """Where terms of `query` stand in `text`: merged, ascending spans of code points, for highlighting.

    A single character of an unspaced script counts only if it is all its run in the query has: '的' alone
    is no find for a question that contains it.
    """
    lone = {found.group() for found in _PIECE.finditer(query.translate(BARE)) if len(found.group()) == 1}
    wanted = {term for term in query_terms(query) if len(term) > 1 or term.isascii() or term in lone}
    folded, origin = _folded_with_origin(text)
    spans = sorted((origin[start], origin[end - 1] + 1) for term, start, end in _spans(folded) if term in wanted)
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _folded_with_origin(text: str) -> tuple[str, list[int]]:
    """Folded text and, for each of its characters, the offset of the original character it came from."""
    pieces: list[str] = []
    origin: list[int] = []
    for offset, char in enumerate(text):
        folded = BARE[ord(char)]
        pieces.append(folded)
        origin.extend([offset] * len(folded))
    return "".join(pieces), origin


def _spans(folded: str) -> Iterator[tuple[str, int, int]]:
    for found in _PIECE.finditer(folded):
        start, end = found.span()
        kind, piece = found.lastgroup, found.group()
        if kind == "run":
            yield piece[0], start, start + 1
            for i in range(1, len(piece)):
                yield piece[i], start + i, start + i + 1
                yield piece[i - 1 : i + 1], start + i - 1, start + i + 1
        elif kind == "number":
            yield piece.replace(",", ""), start, end
        else:
            for word in _words(piece):
                yield word, start, end


@lru_cache(maxsize=65_536)
def _words(piece: str) -> tuple[str, ...]:
    """The terms of a run of letters, digits and joints, each once."""
    parts = [part for part in _JOINTS.split(piece) if part]
    found = [singular(part.casefold()) for part in parts]
    if len(parts) > 1:
        # "company's" and "don't" are no compounds; 'U.S.' and '10-K' are.
        if re.search(r"['’](?:s|t|re|ve|ll|d|m)$", piece, re.IGNORECASE):
            found = found[:-1]
        else:
            found.append("".join(parts).casefold())
    for part in parts:
        humps = _HUMP.split(part)
        if len(humps) > 1 and all(len(hump) >= _SHORTEST_HUMP for hump in humps):
            found.extend(singular(hump.casefold()) for hump in humps)
    return tuple(dict.fromkeys(word[:_LONGEST_WORD] for word in found))
