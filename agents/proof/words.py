"""What counts as the same word when a sentence is held against its source.

Forms of a character are one (`ingest.folding`); English words lose their inflection (`ingest.stemming`); Chinese is read
as pairs of characters, since it has no blanks and any word list has gaps. Unlike the terms of `ingest.lexical`, which
hold every character of a passage, function words are none: a judgement must not count them.
"""

from __future__ import annotations

import re
import unicodedata

from ingest.folding import BARE, fold
from ingest.language import is_cjk
from ingest.stemming import stem

DOTTED = r"\b[a-z]\.(?: ?[a-z]\.)+"
"""An abbreviation, which is the same without its dots: the U.S., J. K. Rowling."""
_WORD = re.compile(rf"{DOTTED}|[a-zà-öø-ÿāăąćčďđēęěğīłńňōœřśšťūůźžß0-9]+(?:['’][a-z]+)?|[\u0370-\u1fff]+")


_EN_STOP = frozenset(
    str.split(
        """
a an the of in on at to for from by with as is are was were be been being am do does did have has had it its
this that these those there here he she they we you i his her their our your my him them us who whom whose
which what when where why how and or but if then than so such also both either while because since until
during within into onto over about between after before through per via can could will would shall should may
might must not no nor never cannot none nobody nothing neither without only just very more most some any all each every
other another same own out up down off
again further once it's s t re ve ll d m ca wo sha o'clock according passage passages document documents question answer
based states stated mentions mentioned says said
"""
    )
)
_EN_STOP_STEMS = frozenset(map(stem, _EN_STOP))
_ZH_STOP_CHARS = frozenset(
    "不没无未的了是在与及或也就而并且但却又还其之以为被把将从到对向由让使这那哪此该些"
    "个们吗呢吧啊呀么很最则即若如有我你他她它"
)
_ZH_STOP_PAIRS = frozenset(
    str.split(
        """
什么 怎么 多少 几个 哪些 哪个 哪里 为何 如何 何时 是否 可以 能够 因为 所以 但是 然而 因此 以及 并且 或者 如果 虽然 不过 而且 此外 其中 根据 按照 关于 对于 通过 进行 表示 认为 指出 提到
说明 显示 段落 文档 文中 资料 内容 问题 回答 答案 信息 相关 主要 具有 包括 包含 称为 成为 作为 属于 位于 当时 目前 现在 这个 那个 一个 一种 一些 这些 那些 他们 我们 你们 它们 她们 自己
没有 不能 不会 之后 之前 以后 以前 时候
"""
    )
)


def is_function_word(word: str) -> bool:
    """Whether a folded English word, inflected or its stem, only links others."""
    return word in _EN_STOP or word in _EN_STOP_STEMS


def without_dots(word: str) -> str:
    """A folded word as it is written without the dots of an abbreviation."""
    return re.sub(r"[. ]", "", word) if word.endswith(".") else word


def terms(text: str) -> list[str]:
    """Content terms of `text`, folded, in order and with repetitions: stems of words, pairs of CJK characters
    (a lone character between other scripts stands by itself). Function words are left out."""
    folded = fold(text)
    found: list[tuple[int, str]] = []
    for match in _WORD.finditer(folded):
        word = without_dots(match.group())
        said = word.split("'")[0]
        light = word.endswith("n't") or said in _EN_STOP or word.replace("'", "") in _EN_STOP
        if not light and not word.isdigit():
            found.append((match.start(), stem(word.translate(BARE))))
    found.extend(_pairs(folded))
    return [term for _, term in sorted(found)]


def _pairs(folded: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    run = 0
    for index in range(len(folded) + 1):
        if index < len(folded) and is_cjk(folded[index]) and unicodedata.category(folded[index])[0] == "L":
            continue
        if index - run == 1 and folded[run] not in _ZH_STOP_CHARS:
            found.append((run, folded[run]))
        for at in range(run, index - 1):
            pair = folded[at : at + 2]
            if pair not in _ZH_STOP_PAIRS and not (pair[0] in _ZH_STOP_CHARS or pair[1] in _ZH_STOP_CHARS):
                found.append((at, pair))
        run = index + 1
    return found
