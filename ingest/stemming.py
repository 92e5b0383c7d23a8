"""English inflection taken off, in two strengths; folded words in, and what is not English comes back as it was.

`singular` is for searching: more would let 'organized' find 'organ', and stored postings hold its terms, so what it
gives may not change. `stem` is for judging, where 'opened' has to meet 'opens'.
"""

from __future__ import annotations

import re

_DERIVED = (("ational", "ate"), ("ization", "ize"))
_ENDINGS = ("ing", "ed", "ly", "e")
_FORMS = """begin began begun|bite bitten|blow blew blown|break broke broken|bring brought|build built|burn burnt|buy bought|catch caught
choose chose chosen|come came|deal dealt|dig dug|draw drew drawn|drink drank drunk|drive drove driven|eat ate eaten|fall fallen
fight fought|fly flew flown|forget forgot forgotten|freeze froze frozen|give gave|grow grew grown|hide hid hidden|hold held
keep kept|know knew known|learn learnt|lend lent|lose lost|make made|pay paid|ride rode ridden|rise risen|ring rang|run ran|sell sold
seek sought|send sent|shake shook shaken|show shown|sing sang sung|sink sank sunk|sleep slept|speak spoke spoken|spend spent
spoil spoilt|stand stood|steal stolen|strike struck|sweep swept|swim swam swum|take took taken|teach taught|throw threw thrown
understand understood|wake woke woken|wear worn|win won|withdraw withdrew withdrawn|write wrote written
child children|foot feet|man men|mouse mice|tooth teeth|woman women|half halves|knife knives|shelf shelves|loaf loaves"""
_IRREGULAR = {form: one for one, *forms in map(str.split, re.split(r"[|\n]", _FORMS)) for form in forms}
"""What no ending tells; without forms that say something else as well: left, found, felt, saw, bound, rose, and given, which is got."""


def singular(word: str) -> str:
    """A plural's singular, by Harman's three rules (How Effective Is Suffixing?, 1991).

    BM25 alone on XQuAD en→en: recall@1 .930 → .953, recall@5 .977 → .987.
    """
    if len(word) > 3 and word.isascii():
        if word.endswith("ies"):
            return word if word[-4] in "ae" else f"{word[:-3]}y"
        if word.endswith("es"):
            return word if word[-3] in "aeo" else word[:-1]
        if word.endswith("s") and word[-2] not in "us":
            return word[:-1]
    return word


def stem(word: str) -> str:
    """A light stem: plural, -ed, -ing, -ly, -ization and possessive taken off (after Porter's step 1). 'studies',
    'study' and 'studied' are one."""
    word = word.split("'", maxsplit=1)[0]
    word = _IRREGULAR.get(word, word)
    if len(word) <= 3 or not word.isascii() or not word.isalpha():
        return word
    # What `singular` leaves alone, or takes for a longer word: 'employees', 'lies'.
    whole = word.endswith(("aes", "ees", "oes", "eies")) or (len(word) <= 5 and word.endswith("ies"))
    word = word[:-1] if whole else singular(word)
    for ending, kept in _DERIVED:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            word = word[: -len(ending)] + kept
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            if ending in {"ing", "ed"} and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return f"{word[:-1]}i" if word.endswith("y") and len(word) > 3 else word
