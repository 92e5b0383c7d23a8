"""Words of a question that ask rather than name a subject: they don't count in the lexical leg.

In 4,000 passages 'does', 'please' or '如何' are rare, so BM25 would take them for the gist of a question. Left out of
questions only, never of passages. BM25 alone, with and without: annual reports page hit@20 .40 and .32, llm-notes
recall@1 .90 and .85, XQuAD and cmrc-trial within a question of each other.
"""

from __future__ import annotations

_WORDS = (
    "a an the of in on at to for from by with as into about over under between during through "
    "is are was were be been being am do does did has have had having it its this that these those there here "
    "and or but not if then than so such can could will would shall should may might must "
    "i you he she we they me him her them my your his our their "
    "what which who whom whose when where why how please tell explain describe state give list s t "
    "什么 甚么 么时 么的 么样 是什 些什 哪些 哪个 哪里 哪儿 哪一 哪位 哪种 有哪 多少 如何 怎么 怎样 为什 为何 请问 是否 几个 "
    "什 么 哪 吗 呢 请"
)
ASKING = frozenset(_WORDS.split())
"""Single words and, for Chinese, the characters and pairs of neighbours that `terms` makes of them. 'it' and 'who' may
also be the subject; where nothing else is left, they count."""
