"""Fusion, and the searcher that drives the two legs."""

from __future__ import annotations

import random
import sqlite3

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import lexical
from ingest.documents import LegScore
from ingest.search import DEPTH, NEAREST, SEATED, SEATS, Searcher, fuse, seated

scores = st.dictionaries(st.integers(1, 40), st.floats(0, 1), max_size=20)


def test_the_formula():
    ranked = fuse({1: 0.9, 2: 0.8, 3: 0.7}, {3: 0.6, 4: 0.5}, alpha=0.5)
    assert [(r.chunk_id, pytest.approx(r.score)) for r in ranked] == [(1, 0.5), (3, 0.3), (2, 0.25), (4, 0.25)]
    assert ranked[1].dense == LegScore(3, 0.7)
    assert ranked[1].lexical == LegScore(1, 0.6)
    assert ranked[0].lexical is None
    assert ranked[3].dense is None


def test_chance_words_do_not_outvote_meaning():
    """A question in the other language: the words match a little, and wrongly."""
    dense = {i: 0.8 - i / 100 for i in range(1, 30)}
    assert fuse(dense, {29: 0.08, 28: 0.05})[0].chunk_id == 1


def test_a_passage_with_the_very_words_comes_first():
    assert fuse({1: 0.85, 2: 0.84, 3: 0.7}, {2: 0.5})[0].chunk_id == 2


@given(scores, scores, st.floats(0, 1))
def test_every_candidate_once_in_order_and_in_bounds(dense, words, alpha):
    ranked = fuse(dense, words, alpha)
    assert sorted(r.chunk_id for r in ranked) == sorted({*dense, *words})
    assert all(0 <= r.score <= 1 + 1e-9 for r in ranked)
    assert [r.score for r in ranked] == sorted((r.score for r in ranked), reverse=True)


@given(scores, scores, st.randoms())
def test_the_order_of_candidates_does_not_matter(dense, words, dice: random.Random):
    def shuffled(found):
        items = list(found.items())
        dice.shuffle(items)
        return dict(items)

    assert fuse(dense, words) == fuse(shuffled(dense), shuffled(words))


def test_the_best_passage_by_words_has_a_seat():
    """A passage of many subjects: far from the question as a whole, but one line has its words."""
    dense = {i: 0.9 - i / 100 for i in range(1, 30)}
    words = {29: 0.2, **dict.fromkeys(range(1, 10), 0.19)}
    assert [r.chunk_id for r in fuse(dense, words)].index(29) >= SEATS
    ranked = seated(fuse(dense, words))
    assert [r.chunk_id for r in ranked[:SEATS]] == [1, 2, 3, 4, 29]
    assert ranked[SEATS].chunk_id == 5


def test_a_chance_word_has_no_seat():
    dense = {i: 0.9 - i / 100 for i in range(1, 30)}
    ranked = fuse(dense, {29: SEATED - 0.01})
    assert seated(ranked) == ranked


def test_the_nearest_passages_have_seats():
    dense = {1: 0.9, 2: 0.89, **{i: 0.5 - i / 1000 for i in range(3, 30)}}
    words = dict.fromkeys(range(3, 12), 0.6)
    assert not {1, 2} & {r.chunk_id for r in fuse(dense, words)[:SEATS]}
    assert [r.chunk_id for r in seated(fuse(dense, words))[:SEATS]] == [3, 4, 5, 1, 2]


@given(scores, scores)
def test_seats_lose_nobody_and_keep_scores_in_order(dense, words):
    before, after = fuse(dense, words), seated(fuse(dense, words))
    assert sorted(r.chunk_id for r in after) == sorted(r.chunk_id for r in before)
    assert [r.score for r in after] == sorted((r.score for r in after), reverse=True)
    near = {r.chunk_id for r in before if r.dense and r.dense.rank <= NEAREST}
    assert near <= {r.chunk_id for r in after[:SEATS]}


def test_nothing_found_is_no_error():
    assert fuse({}, {}) == []


class Shelf:
    """A small knowledge base with made-up vectors, for the searcher."""

    def __init__(self, texts: list[str]) -> None:
        self.conn = sqlite3.connect(":memory:", isolation_level=None)
        lexical.create(self.conn, 1)
        lexical.add(self.conn, 1, [(i, text, "") for i, text in enumerate(texts, 1)])
        dice = np.random.default_rng(0)
        self.vectors = dice.standard_normal((len(texts), 8)).astype(np.float32)
        self.vectors /= np.linalg.norm(self.vectors, axis=1, keepdims=True)
        self.texts = texts

    def dense(self, vector, depth):
        cosines = self.vectors @ vector
        return [(int(i) + 1, float(cosines[i])) for i in np.argsort(-cosines)[:depth]]

    def searcher(self, vector, **more) -> Searcher:
        return Searcher(
            embed=lambda _: vector,
            dense=self.dense,
            lexical=lambda query, depth: lexical.search(self.conn, 1, query, depth),
            cosines=lambda v, ids: {i: float(self.vectors[i - 1] @ v) for i in ids},
            **more,
        )


@pytest.fixture
def shelf():
    found = Shelf([f"passage number {i} about item{i}" for i in range(1, DEPTH * 2 + 1)])
    yield found
    found.conn.close()


def test_a_find_of_one_leg_has_its_true_score_in_the_other(shelf):
    vector = shelf.vectors[0]
    far = int(np.argmin(shelf.vectors @ vector)) + 1
    hits = shelf.searcher(vector).search(f"item{far}", 3)
    assert hits[0].chunk_id == far
    assert hits[0].dense.score == pytest.approx(float(shelf.vectors[far - 1] @ vector))
    assert hits[0].lexical.rank == 1


def test_k_beyond_the_candidates_gives_all_there_is(shelf):
    assert len(shelf.searcher(shelf.vectors[0]).search("passage", 10_000)) == DEPTH * 2


def test_the_search_goes_where_it_is_aimed(shelf):
    searcher = shelf.searcher(shelf.vectors[0], aim=lambda _query, _vector: shelf.vectors[5])
    assert searcher.search("zzz", 1)[0].chunk_id == 6
