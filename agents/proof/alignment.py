"""How much of what a question is about has a counterpart in a text of another language, word by word.

The embedder sees whole sentences as near when only their frame agrees: 'days of annual leave' lies nearer to 10 天病假
than to the longer sentence on 年假. So each of the question's subjects is held against the words of the text, and its
nearest one counts. Cosines of single words lie close together and differ from word to word; what a word scores on
average against everyday words of the other language is taken off, half from either side, as in CSLS (Conneau et al.,
Word Translation Without Parallel Data, 2018).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agents.proof.similarity import Closeness
from agents.proof.words import terms
from ingest.folding import fold
from ingest.language import is_cjk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EVERYDAY = {
    True: str.split(
        "时间 人口 公司 城市 战争 价格 老师 音乐 天气 学校 政府 河流 比赛 电脑 食物 法律 疾病 房子 书籍 颜色 工作 名字 历史 数量"
    ),
    False: str.split(
        "time population company city war price teacher music weather school government river match computer food law "
        "disease house book colour work name history number"
    ),
}
"""The words of either language (by whether it is Chinese) that a word is measured against."""
MOST_WORDS = 40
"""Words of one text; a statement has 10 to 30."""
LONG = 4
"""Characters up to which a run of Chinese is taken for one word."""
_WORD = re.compile(r"[^\W\d_\u2e80-\u9fff]+(?:['’][^\W\d_]+)?")


def alignment(closeness: Closeness, subjects: Sequence[str], texts: Sequence[str]) -> list[float]:
    """For each of `texts` the mean over `subjects` of how near its nearest word comes: about 0 where nothing corresponds,
    .03 among texts on the same matter, .1 where the words are each other's translations. 0 without subjects."""
    import numpy as np

    found = [words(text) for text in texts]
    everything = list(dict.fromkeys(word for one in found for word in one))
    # A run of Chinese that nothing found knows is not cut into words yet.
    subjects = [one for text in subjects for one in (words(text) if _chinese(text) and len(text) > LONG else [text])]
    if not subjects or not everything:
        return [0.0] * len(texts)
    asked = closeness.vectors(subjects)
    told = closeness.vectors(everything)
    usual = {chinese: closeness.vectors(everyday) for chinese, everyday in EVERYDAY.items()}
    own = np.array([_mean(vector, usual[not _chinese(text)]) for text, vector in zip(subjects, asked, strict=True)])
    other = np.array([_mean(vector, usual[not _chinese(text)]) for text, vector in zip(everything, told, strict=True)])
    nearness = asked @ told.T - own[:, None] / 2 - other[None, :] / 2
    place = {word: at for at, word in enumerate(everything)}
    return [float(nearness[:, [place[w] for w in one]].max(axis=1).mean()) if one else 0.0 for one in found]


def words(text: str) -> list[str]:
    """The words of `text` that have content: English ones and their neighbouring pairs; of a run of Chinese its pairs of
    characters, and itself where it is short."""
    folded = fold(text)
    found: list[str] = []
    last = -2
    for match in _WORD.finditer(folded):
        if not terms(match.group()):
            continue
        if match.start() - last <= 1:
            found.append(f"{found[-1].split()[-1]} {match.group()}")
        found.append(match.group())
        last = match.end()
    run = ""
    for char in [*folded, " "]:
        if is_cjk(char) and char.isalpha() and terms(char):
            run += char
            continue
        if len(run) > 1:
            found += [run] * (len(run) <= 5) + [run[at : at + 2] for at in range(len(run) - 1)]
        run = ""
    return list(dict.fromkeys(found))[:MOST_WORDS]


def _chinese(text: str) -> bool:
    return any(map(is_cjk, text))


def _mean(vector: NDArray[np.float32], others: NDArray[np.float32]) -> float:
    return float((others @ vector).mean())
