"""The page that shows why a passage is found: both legs of the search beside the fused order."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from app.markup import plain
from app.narrowing import draw_scope
from app.passages import page_html
from app.reader import open_place
from app.state import elsewhere, knowledge_base, library, show, spoken
from ingest import Hit, LegScore, ZhikuError, counted, hearing, page_name, say, terms_in

LIBRARY = "library_page.py"


@spoken
def draw() -> None:
    """Draw the page."""
    st.title(say("Search", "检索"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        base = knowledge_base("search-kb")
        k = st.number_input(
            say("Passages", "片段数"), 1, 100, library().settings.k, key="search-k", label_visibility="collapsed",
            width=130, help=say("How many passages to show", "显示多少个片段"))  # fmt: skip
        scope = draw_scope(base, "search")
    query = st.text_input(
        say("Search for", "检索内容"),
        placeholder=say("Type a question or words, then Enter", "输入问题或词语，按回车"),
        label_visibility="collapsed",
        icon=":material/search:",
        key="search-query",
        bind="query-params",
    )
    if scope is None:
        return
    if not query.strip():
        with st.container(border=True, key="zk-empty"):
            st.caption(
                say(
                    "Every passage is ranked twice: by meaning (cosine of the vectors) and by words (BM25). Both are"
                    " shown here beside the order they make together.",
                    "每个片段都会按两种方式排名：语义（向量余弦）和词语（BM25）。这里并排显示两者，以及融合后的次序。",
                )
            )
        return
    try:
        began = time.perf_counter()
        place = st.empty()
        with hearing(lambda line: place.info(line) if line else place.empty()):
            hits = library().search(query, scope.kbs, int(k), where=scope.where)
        seconds = time.perf_counter() - began
    except ZhikuError as error:
        show(error)
        return
    if not hits and scope.where:
        st.info(say("No document fits the filter.", "没有符合筛选条件的文档。"))
        return
    if not hits:
        st.info(say("Nothing found: this knowledge base is empty.", "没有结果：该知识库为空。"))
        st.page_link(LIBRARY, label=say("Add documents", "添加文档"), icon=":material/upload_file:")
        return
    st.caption(
        say(
            f"{counted(len(hits), 'passage')} in {seconds * 1000:,.0f} ms",
            f"{len(hits)} 个片段，用时 {seconds * 1000:,.0f} 毫秒",
        )
    )
    _compare(hits)
    for hit in hits:
        _draw_hit(hit, query)


def _compare(hits: Sequence[Hit]) -> None:
    bar = st.column_config.ProgressColumn
    together, meaning, words = (say("Together", "融合"), say("Meaning", "语义"), say("Words", "词语"))
    rank = say("rank", "名次")
    reranked = say("Reranked", "重排")
    reread: dict[str, list[object]] = {}
    if any(hit.fused for hit in hits):
        reread = {
            reranked: [_score(hit.reranked) for hit in hits],
            f"{together} {rank}": [_rank(hit.fused) for hit in hits],
        }
    scores = {
        reranked: say("What the reranker gives those it has read", "重排模型给已读片段的得分"),
        together: say("Fused score", "融合得分"),
        meaning: say("Cosine of the vectors", "向量余弦相似度"),
        words: say("BM25, as a share of the most this query could reach", "BM25 得分占该查询最高可能得分的比例"),
    }
    st.dataframe(
        {
            "#": [hit.rank for hit in hits],
            say("Passage", "片段"): [
                f"{hit.document} · {page_name(hit.page, hit.label, hit.corrected)}{elsewhere(hit.kb)}" for hit in hits
            ],
            **reread,
            together: [hit.fused.score if hit.fused else hit.score for hit in hits],
            meaning: [_score(hit.dense) for hit in hits],
            f"{meaning} {rank}": [_rank(hit.dense) for hit in hits],
            words: [_score(hit.lexical) for hit in hits],
            f"{words} {rank}": [_rank(hit.lexical) for hit in hits],
        },
        hide_index=True,
        height="content" if len(hits) <= 12 else 460,
        column_config={
            "#": st.column_config.NumberColumn(width=40),
            **{title: bar(format="%.3f", min_value=0.0, max_value=1.0, help=told) for title, told in scores.items()},
        },
        key="search-compare",
    )


def _draw_hit(hit: Hit, query: str) -> None:
    with st.container(border=True, key=f"zk-hit-{hit.rank}"):
        where = " › ".join(part for part in hit.section if part)
        st.markdown(
            f"**{hit.rank}** · {plain(hit.document)} · {plain(page_name(hit.page, hit.label, hit.corrected) + elsewhere(hit.kb))}"
        )
        if where:
            st.caption(plain(where))
        st.html(page_html(hit.text, terms_in(hit.text, query)))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(" · ".join(_legs(hit)))
            if st.button(
                say("Open", "打开"), key=f"open-hit-{hit.rank}", icon=":material/open_in_full:", type="tertiary"
            ):
                open_place(hit)


def _legs(hit: Hit) -> list[str]:
    legs = [_leg(say("meaning", "语义"), hit.dense), _leg(say("words", "词语"), hit.lexical)]
    together = say("together", "融合")
    if hit.fused is None:
        return [f"{together} {hit.score:.3f}", *legs]
    return [_leg(say("reranked", "重排"), hit.reranked), _leg(together, hit.fused), *legs]


def _leg(name: str, leg: LegScore | None) -> str:
    if leg is None:
        return say(f"{name}: not among its best", f"{name}：未进入候选")
    return say(f"{name} {leg.score:.3f} (no. {leg.rank})", f"{name} {leg.score:.3f}（第 {leg.rank} 名）")


def _score(leg: LegScore | None) -> float | None:
    return None if leg is None else leg.score


def _rank(leg: LegScore | None) -> str:
    return "–" if leg is None else str(leg.rank)


if __name__ == "__main__":  # run by Streamlit as a page
    draw()
