"""The lexical leg against a plain BM25 written here a second time, over dictionaries."""

from __future__ import annotations

import contextlib
import math
import random
import sqlite3
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import lexical
from ingest.database import open_database
from ingest.language import Text
from ingest.lexical.bm25 import K1, ORDINARY, B, asked_across, names
from ingest.lexical.postings import BLOCK, MERGE_AT, table
from ingest.lexical.terms import terms
from ingest.sqlite import Wording
from ingest.stores import StoreFile

KB = 7


@pytest.fixture
def conn(tmp_path, store):
    """A transaction that is given up in the end."""
    database = open_database(tmp_path, store, StoreFile("words.sqlite3", ("",)), Wording(Text(en="Words", zh="词")))
    with contextlib.suppress(_Ended), database.transaction() as session:
        lexical.create(session, KB)
        yield session
        raise _Ended
    database.close()


class _Ended(Exception):
    pass


def plain_bm25(texts: dict[int, str], query: str) -> dict[int, float]:
    bags = {i: Counter(terms(text)) for i, text in texts.items()}
    mean = sum(bag.total() for bag in bags.values()) / len(bags)
    idf = {}
    for term in set(terms(query)):
        df = sum(term in bag for bag in bags.values())
        idf[term] = math.log(1 + (len(bags) - df + 0.5) / (df + 0.5))
    scores = {}
    for i, bag in bags.items():
        norm = K1 * (1 - B + B * bag.total() / mean)
        score = sum(idf[t] * bag[t] * (K1 + 1) / (bag[t] + norm) for t in idf if bag[t])
        if score:
            scores[i] = score / ((K1 + 1) * sum(idf.values()))
    return scores


def invented(seed: int, count: int) -> dict[int, str]:
    """Texts over two blocks of ids, Chinese and English mixed."""
    dice = random.Random(seed)
    words = ["budget", "pump", "valve", "GPT-4", "1,250.5", "年假", "审批", "流程", "设备", "維護", "的", "the"]
    start = BLOCK - count // 2
    return {start + i: " ".join(dice.choices(words, k=dice.randint(1, 30))) for i in range(count)}


@pytest.mark.parametrize("count", [5, MERGE_AT - 1, MERGE_AT * 2 + 40])
def test_scores_equal_plain_bm25_merged_or_waiting(conn, count):
    texts = invented(count, count)
    lexical.add(conn, KB, [(i, text, "") for i, text in texts.items()])
    for query in ["年假审批", "pump valve 1250.5", "设备维护 的 gpt4 unknownword"]:
        expected = plain_bm25(texts, query)
        assert dict(lexical.search(conn, KB, query, 10_000)) == pytest.approx(expected, abs=1e-5)


def test_removal_leaves_no_trace(conn):
    texts = invented(1, MERGE_AT + 60)
    lexical.add(conn, KB, [(i, text, "") for i, text in texts.items()])
    gone = list(texts)[::3]
    lexical.remove(conn, KB, [*gone, 10**9])
    left = {i: text for i, text in texts.items() if i not in set(gone)}
    expected = plain_bm25(left, "年假 pump")
    assert dict(lexical.search(conn, KB, "年假 pump", 10_000)) == pytest.approx(expected, abs=1e-5)
    lexical.remove(conn, KB, left)
    for part in ("chunk", "posting"):
        assert conn.execute(f"SELECT count(*) FROM {table(KB, part)}").fetchone() == (0,)
    assert conn.execute(f"SELECT * FROM {table(KB, 'total')}").fetchone() == (0, 0)
    assert lexical.search(conn, KB, "年假", 5) == []


def test_everything_rolls_back_with_the_transaction(conn):
    texts = invented(2, 40)
    lexical.add(conn, KB, [(i, text, "") for i, text in texts.items()])
    before = kept(conn)
    conn.execute("SAVEPOINT before")
    lexical.add(conn, KB, [(20_000 + i, text, "") for i, text in invented(3, MERGE_AT).items()])
    lexical.remove(conn, KB, list(texts)[:10])
    assert kept(conn) != before
    conn.execute("ROLLBACK TO before")
    assert kept(conn) == before


def kept(conn):
    parts = ("total", "chunk", "posting")
    return [sorted(conn.execute(f"SELECT * FROM {table(KB, part)}").fetchall()) for part in parts]


def test_indexes_of_two_knowledge_bases_are_apart(conn):
    lexical.create(conn, 8)
    lexical.add(conn, KB, [(1, "budget", "")])
    lexical.add(conn, 8, [(2, "budget", "")])
    assert [i for i, _ in lexical.search(conn, KB, "budget", 5)] == [1]
    lexical.drop(conn, 8)
    lexical.drop(conn, 8)
    assert [i for i, _ in lexical.search(conn, KB, "budget", 5)] == [1]


def test_an_id_can_be_added_only_once(conn):
    lexical.add(conn, KB, [(1, "a", "")])
    with pytest.raises(Exception, match=r"(?i)unique"):
        lexical.add(conn, KB, [(1, "b", "")])


def test_context_is_found(conn):
    lexical.add(conn, KB, [(1, "收入增长 5%", "年度报告 > 财务"), (2, "收入增长 5%", "")])
    assert lexical.search(conn, KB, "年度报告", 5)[0][0] == 1


def test_ties_come_in_order_of_ids_and_limit_holds(conn):
    lexical.add(conn, KB, [(i, "same text", "") for i in (9, 3, 5)])
    assert [i for i, _ in lexical.search(conn, KB, "same", 2)] == [3, 5]


@pytest.mark.parametrize("query", ["", "?!，。", "\x00", "\ud800", "nowhere", "的" * 100_000, "w%d " * 50_000])
def test_odd_queries_are_answered(conn, query):
    lexical.add(conn, KB, [(1, "plain text \ud800 \x00", "")])
    assert len(lexical.search(conn, KB, query, 5)) <= 1


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("檢索增強生成", "检索增强生成"),
        ("检索增强生成", "檢索增強生成"),
        ("ＧＰＴ－４ 模型", "gpt-4"),
        ("uses GPT4", "GPT-4"),
        ("uses GPT-4", "gpt4"),
        ("revenue of $1,234.50", "1234.50"),
        ("Form 10-K", "10k"),
        ("U.S. market", "US"),
        ("def getUserName():", "user name"),
        ("max_tokens = 5", "max tokens"),
        ("modern C++ style", "c++"),
        ("Café menu", "cafe\u0301"),
        ("the company's plan", "company"),
        ("all companies", "company"),
        ("operating expenses", "expense"),
    ],
)
def test_writings_of_the_same_thing_meet(conn, text, query):
    lexical.add(conn, KB, [(1, text, "")])
    assert [i for i, _ in lexical.search(conn, KB, query, 5)] == [1]


def test_highlighting_points_into_the_original():
    text = "本公司的ＲＡＧ系統，支持檢索。"
    assert [text[a:b] for a, b in lexical.terms_in(text, "RAG 系统的检索")] == ["ＲＡＧ系統", "檢索"]
    assert lexical.terms_in("ﬁne", "fine") == [(0, 3)]
    assert lexical.terms_in("anything", "") == []


@given(st.text(), st.text())
def test_highlights_are_ordered_spans_inside_the_text(text, query):
    end = 0
    for start, stop in lexical.terms_in(text, query):
        assert end <= start < stop <= len(text)
        end = stop


@given(st.text(min_size=1))
def test_a_text_with_terms_finds_itself(text):
    connection = sqlite3.connect(":memory:", isolation_level=None)
    lexical.create(connection, 1)
    lexical.add(connection, 1, [(1, text, "")])
    assert bool(lexical.search(connection, 1, text, 1)) == bool(terms(text))
    connection.close()


def test_words_of_asking_do_not_lead_the_search_astray(conn):
    lexical.add(conn, KB, [(1, "Please explain what this is and how it does that.", ""), (2, "Gross margin fell.", "")])
    assert [i for i, _ in lexical.search(conn, KB, "Please explain what the margin is.", 5)] == [2]
    assert lexical.search(conn, KB, "What is the margin?", 5) == lexical.search(conn, KB, "margin", 5)


def test_a_question_of_nothing_but_asking_is_still_searched(conn):
    lexical.add(conn, KB, [(1, "To be or not to be", ""), (2, "什么是什么", "")])
    assert [i for i, _ in lexical.search(conn, KB, "to be", 5)] == [1]
    assert [i for i, _ in lexical.search(conn, KB, "什么", 5)] == [2]


def test_across_languages_a_name_outweighs_ordinary_words(conn):
    """English words in Chinese documents are code and brackets; the name is what both languages share."""
    chinese = {i: f"第{i}段的内容，在这里说明一些别的事情。" for i in range(10, 30)}
    chinese[1] = "大语言模型(large language model)的定义在本节。"
    chinese[2] = "在评测中，Qwen-72B 的得分最高。"
    lexical.add(conn, KB, [(i, text, "") for i, text in chinese.items()])
    assert lexical.search(conn, KB, "How large is the language model Qwen-72B?", 5)[0][0] == 2
    assert lexical.search(conn, KB, "large language model", 5)[0][0] == 1


def test_in_the_documents_own_language_all_words_weigh_alike(conn):
    english = {i: f"Section {i} of the manual says something else." for i in range(10, 30)}
    english[1] = "The large language model of the lab is new."
    english[2] = "Qwen-72B scored best in the test."
    lexical.add(conn, KB, [(i, text, "") for i, text in english.items()])
    query = "How large is the language model Qwen-72B?"
    expected = plain_bm25(english, "large language model Qwen-72B")
    assert dict(lexical.search(conn, KB, query, 100)) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("query", "zh", "en", "across"),
    [
        ("How long is it?", 0.9, 0.05, True),
        ("它有多长？", 0.0, 0.95, True),
        ("How long is it?", 0.0, 0.95, False),
        ("How long is it?", 0.6, 0.4, False),  # both languages are at home
        ("How long is it?", 0.0, 0.0, False),  # tables and code: in no language at all
        ("Сколько это стоит?", 0.9, 0.05, False),
    ],
)
def test_when_a_question_is_asked_across(query, zh, en, across):
    assert asked_across(query, {"zh": zh, "en": en}) is across


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("How many parameters does GPT-3 have?", {"gpt", "3", "gpt3"}),
        ("What does the factor 1.2 stand for?", {"1.2"}),
        ("Does it say where LoRA is from? Perhaps in Beijing.", {"lora", "beijing"}),
        ("Which method is best?", set()),
        ("Qwen-72B 支持多长的上下文？", {"qwen", "72b", "qwen72b"}),
    ],
)
def test_names_are_written_alike_in_both_languages(query, found):
    assert names(query) == found
    assert 0 < ORDINARY < 1
