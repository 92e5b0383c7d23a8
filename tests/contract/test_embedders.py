"""What every embedder must do, whatever is behind it; one subclass for each."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.embedders import Embedder

TEXTS = [
    "How much memory does a 7B model need?",
    "一个7B模型需要多少显存？",
    "年假的天数按工龄计算：满一年五天，满十年十天。",
    "The weather is fine today, and tomorrow it may rain.",
    "a",
    "表格\n| 名称 | 数量 |\n|---|---|\n| 苹果 | 3 |",
    "Chroma keeps vectors; SQLite keeps the truth. " * 6,
    "😀 emoji and 𠀀 beyond the basic plane",
]


class EmbedderContract:
    """Subclass it and give the fixture `embedder`, scoped to the class."""

    tolerance = 1e-5
    """How far a text's vector may move with the company it is embedded in."""

    def test_identity_says_what_comes_out(self, embedder: Embedder) -> None:
        identity = embedder.identity
        assert identity.name
        assert identity.fingerprint
        assert identity.max_tokens > 0
        assert embedder.embed_query("x").shape == (identity.dimensions,)
        assert embedder.identity == identity

    def test_shape_type_and_unit_norm(self, embedder: Embedder) -> None:
        vectors = embedder.embed_passages(TEXTS)
        assert vectors.shape == (len(TEXTS), embedder.identity.dimensions)
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
        query = embedder.embed_query(TEXTS[0])
        assert query.dtype == np.float32
        assert np.isclose(np.linalg.norm(query), 1, atol=1e-4)

    def test_no_texts_no_vectors(self, embedder: Embedder) -> None:
        assert embedder.embed_passages([]).shape == (0, embedder.identity.dimensions)

    def test_same_text_same_vector(self, embedder: Embedder) -> None:
        assert np.array_equal(embedder.embed_passages(TEXTS), embedder.embed_passages(TEXTS))
        assert np.array_equal(embedder.embed_query(TEXTS[1]), embedder.embed_query(TEXTS[1]))

    def test_order_is_kept_and_company_does_not_matter(self, embedder: Embedder) -> None:
        many = (TEXTS * 3)[: len(TEXTS) * 2 + 3]
        together = embedder.embed_passages(many)
        for text, vector in zip(many[: len(TEXTS)], together, strict=False):
            alone = embedder.embed_passages([text])[0]
            assert float(alone @ vector) > 1 - self.tolerance

    def test_different_texts_differ(self, embedder: Embedder) -> None:
        vectors = embedder.embed_passages(TEXTS)
        similar = vectors @ vectors.T
        np.fill_diagonal(similar, 0)
        assert similar.max() < 1 - 1e-4

    def test_a_text_is_nearest_to_itself(self, embedder: Embedder) -> None:
        vectors = embedder.embed_passages(TEXTS)
        found = [int(np.argmax(vectors @ embedder.embed_query(text))) for text in TEXTS]
        assert sum(place == where for place, where in enumerate(found)) >= len(TEXTS) - 1

    def test_odd_texts_are_embedded_too(self, embedder: Embedder) -> None:
        vectors = embedder.embed_passages(["", " \n", "a\0b", "\ud800", "\u200b", "x" * 3000])
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
        assert np.isfinite(embedder.embed_query("")).all()

    def test_what_follows_a_nul_counts(self, embedder: Embedder) -> None:
        first, second = embedder.embed_passages(["cats\0 sleep all day", "cats\0 chase the red ball"])
        assert float(first @ second) < 1 - 1e-4

    def test_tokens_grow_with_the_text(self, embedder: Embedder) -> None:
        assert embedder.count_tokens("") == 0
        text = "一个模型需要多少显存？ How much memory does it need? " * 8
        counts = [embedder.count_tokens(text[:size]) for size in range(0, len(text), 40)]
        assert counts == sorted(counts)
        assert 0 < embedder.count_tokens("x") < embedder.count_tokens(text)

    def test_a_long_query_is_cut_not_refused(self, embedder: Embedder) -> None:
        vector = embedder.embed_query("显存 memory " * 10_000)
        assert np.isclose(np.linalg.norm(vector), 1, atol=1e-4)


class TestHashing(EmbedderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def embedder(cls) -> Embedder:
        from ingest.embedders.hashing import HashingEmbedder

        return HashingEmbedder()


class TestBundled(EmbedderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def embedder(cls) -> Embedder:
        from ingest.embedders.bundled import BundledEmbedder

        return BundledEmbedder()
