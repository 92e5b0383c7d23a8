"""Searches held to some documents, and over several knowledge bases: both legs, every k, and what the scores mean."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from ingest import open_library
from ingest.catalog import Catalog
from ingest.catalog.schema import STEPS
from ingest.cli import main
from ingest.documents import LegScore
from ingest.errors import UsageError
from ingest.finding import merged
from ingest.mirror import Mirror
from ingest.search import Ranked
from ingest.selection import Scope
from ingest.settings import Settings
from ingest.texts import Given
from ingest.vectors.exact import ExactSearch

HASHING = Settings(embedder="hashing")
WORDS = ["pump", "valve", "meter", "gauge", "boiler", "filter", "motor", "sensor", "水泵", "阀门", "仪表", "电机"]


def note(dice: random.Random, number: int) -> Given:
    text = f"Note {number}: " + " ".join(dice.choices(WORDS, k=8))
    return Given(f"n{number}", text, {"group": number % 10, "tags": ["rare"] if number % 12 == 0 else []})


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """120 notes in 'all', and the same divided between 'one' and 'two'."""
    opened = open_library(tmp_path_factory.mktemp("home"), HASHING)
    dice = random.Random(12)
    notes = [note(dice, number) for number in range(120)]
    opened.texts("all").put(notes)
    opened.texts("one").put(notes[::3])
    opened.texts("two").put([n for at, n in enumerate(notes) if at % 3])
    yield opened
    opened.close()


def group(hit):
    return int(hit.path.removeprefix("text:n")) % 10


@pytest.mark.parametrize("query", ["pump valve", "水泵和电机", "an unrelated question"])
@pytest.mark.parametrize(("where", "held"), [("field:group=3", 12), ("field:group>=5", 60), ("tag=rare", 10)])
def test_k_hits_come_whenever_k_are_allowed(library, query, where, held):
    for k in (1, 8, held, held + 5):
        hits = library.search(query, "all", k, where=where)
        assert len(hits) == min(k, held)
        assert {hit.path for hit in hits} <= {d.path for d in library.documents("all", where=where)}


def test_a_filter_changes_no_score_of_the_words_and_no_distance(library):
    everything = {hit.path: hit for hit in library.search("pump valve boiler", "all", 120)}
    narrowed = library.search("pump valve boiler", "all", 12, where="field:group=3")
    for hit in narrowed:
        free = everything[hit.path]
        assert hit.dense.score == pytest.approx(free.dense.score, abs=1e-6)
        assert (hit.lexical and hit.lexical.score) == (free.lexical and free.lexical.score)
    best = max(hit.lexical.score for hit in everything.values() if hit.lexical and group(hit) == 3)
    assert max(hit.lexical.score for hit in narrowed if hit.lexical) == best


def test_nothing_fits(library):
    assert library.search("pump", "all", where="tag=nowhere") == []
    with pytest.raises(UsageError, match="'tgg'"):
        library.search("pump", "all", where="tgg=1")


def test_bases_of_one_embedder_are_searched_as_if_they_were_one(library):
    """The very scores, ranks and order of one base that holds everything."""

    def told(hits):
        return [(hit.text, round(hit.score, 6), hit.dense and hit.dense.rank, hit.lexical) for hit in hits]

    for query in ("pump valve", "水泵和电机", "meter gauge Note 17"):
        for where in (None, "field:group=3,4"):
            apart = library.search(query, ("one", "two"), 20, where=where)
            whole = library.search(query, "all", 20, where=where)
            assert [t[1] for t in told(apart)] == [t[1] for t in told(whole)]
            assert {hit.kb for hit in apart} == {"one", "two"}
            best = {t[0]: t for t in told(whole)}
            for one in told(apart):
                if one[0] in best:  # of equal scores others may come in at the end
                    assert one[1] == best[one[0]][1]


def test_what_lies_in_two_bases_counts_once(library):
    hits = library.search("pump valve", ("all", "one"), 30)
    assert len({hit.text for hit in hits}) == len(hits) == 30
    assert library.search("pump", ("one", "one"), 5) == library.search("pump", "one", 5)
    with pytest.raises(UsageError):
        library.search("pump", (), 5)
    with pytest.raises(UsageError, match="'three'"):
        library.search("pump", ("one", "three"), 5)


def test_rankings_of_different_embedders_are_merged_by_rank():
    left = [Ranked(1, 0.9, lexical=LegScore(1, 0.1)), Ranked(2, 0.8)]
    right = [Ranked(11, 0.2, lexical=LegScore(1, 0.6)), Ranked(12, 0.1), Ranked(13, 0.05)]
    found = merged([left, right])
    assert [r.chunk_id for r in found] == [11, 1, 2, 12, 13]
    assert [round(r.score, 4) for r in found] == [1.0, 1.0, round(61 / 62, 4), round(61 / 62, 4), round(61 / 63, 4)]
    assert merged([left]) == left


class Index:
    """An index of which only the nearest hundred of 1,000 are allowed ones: what `Mirror` asks it for."""

    def __init__(self, vectors):
        self.vectors, self.asked = vectors, []

    def query(self, kb_id, vector, k, within=None):
        del kb_id
        self.asked.append(within)
        ids = np.arange(len(self.vectors)) if within is None else np.asarray(within)
        scores = self.vectors[ids] @ vector
        order = np.argsort(-scores, kind="stable")[:k]
        return [(int(ids[i]), float(scores[i])) for i in order]


def test_an_index_gives_all_that_are_allowed_though_they_are_far(tmp_path):
    dice = np.random.default_rng(5)
    vectors = dice.standard_normal((3_000, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    catalog = Catalog(tmp_path)
    kb = catalog.kbs.create("kb")
    index = Index(vectors)
    mirror = Mirror(catalog, index, ExactSearch(catalog, memory=0))
    mirror._sound = lambda *_: True
    query = vectors[7]
    order = np.argsort(-(vectors @ query), kind="stable")
    far, near = np.sort(order[-50:]), np.sort(order[:500])
    assert [i for i, _ in mirror.query(kb.id, query, 20, 3_000, near)] == order[:20].tolist()
    assert index.asked == [None]  # what is allowed is named to the index only where it must be
    found = [i for i, _ in mirror.query(kb.id, query, 100, 3_000, far)]
    assert found == order[-50:].tolist()
    assert mirror.query(kb.id, query, 5, 3_000, np.empty(0, np.int64)) == []
    catalog.close()


# -- files, tags, sidecars --------------------------------------------------------------------------------------------

FRONT = """---
title: Pump manual
tags: [manual, 水泵]
author: Li Wei
date: 2024-03-05
lang: en-GB
project: {name: Apollo, phases: [1, 2]}
---
# Service

The pump is serviced every month.
"""


@pytest.fixture(scope="module")
def docs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    (folder / "contracts").mkdir()
    (folder / "manual.md").write_text(FRONT, "utf-8")
    (folder / "contracts" / "阀门.txt").write_text("阀门每季度检修一次。", "utf-8")
    (folder / "contracts" / "阀门.txt.meta.json").write_text(
        '{"tags": "内部，合同", "作者": "王", "value": 1200}', "utf-8"
    )
    (folder / "alone.meta.json").write_text('{"a document": "of its own"}', "utf-8")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory, docs):
    folder = tmp_path_factory.mktemp("home")
    (folder / "settings.toml").write_text('embedder = "hashing"\n')
    assert main(["add", str(docs), "--tag", "2026", "--tag", "owner=Li", "--home", str(folder), "-q"]) == 0
    return folder


def run(capsys, home, *args):
    status = main([*args, "--home", str(home), "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_what_documents_carry(capsys, home, docs):
    _, listed = run(capsys, home, "list")
    found = {Path(d["path"]).name: d for d in listed["documents"]}
    assert set(found) == {"manual.md", "阀门.txt", "alone.meta.json"}
    manual, valve = found["manual.md"], found["阀门.txt"]
    assert (manual["document"], manual["kind"], manual["folder"]) == ("Pump manual", "md", str(docs))
    assert (manual["author"], manual["language"], manual["date"]) == (["Li Wei"], "en-gb", "2024-03-05")
    assert set(manual["tags"]) == {"manual", "水泵", "2026"}
    assert manual["fields"] == {"owner": ["Li"], "project.name": ["Apollo"], "project.phases": ["1", "2"]}
    assert (valve["author"], valve["language"], valve["date"]) == (["王"], "zh", "")
    assert set(valve["tags"]) == {"内部", "合同", "2026"}
    assert valve["fields"] == {"owner": ["Li"], "value": ["1200"]}
    assert manual["modified"] == valve["modified"] != ""


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--tag", "合同"], ["阀门.txt"]),
        (["--tag", "合同", "--tag", "manual"], []),
        (["--where", "kind=md"], ["manual.md"]),
        (["--where", "文件夹=contracts 字段:value>1000"], ["阀门.txt"]),
        (["--where", "before=2025", "--where", "language=en"], ["manual.md"]),
        (["--where", 'field:project.name="apollo"'], ["manual.md"]),
    ],
)
def test_filters_on_the_command_line(capsys, home, options, names):
    status, found = run(capsys, home, "search", "检修 pump", *options)
    assert status == 0
    assert [Path(hit["path"]).name for hit in found["hits"]] == names
    _, listed = run(capsys, home, "list", *options)
    assert [Path(d["path"]).name for d in listed["documents"]] == names


def test_a_filter_that_fits_nothing_or_means_nothing_is_said(capsys, home):
    assert main(["search", "pump", "--tag", "nix", "--home", str(home)]) == 0
    assert "No document of 'default' fits: tag=\"nix\"" in capsys.readouterr().out
    assert main(["--lang", "zh", "search", "pump", "--where", "tgg=1", "--home", str(home)]) == 2
    assert "筛选条件中没有 “tgg” 这一项" in capsys.readouterr().err


def test_tags_are_given_and_taken(capsys, home):
    _, told = run(capsys, home, "tag", "manual.md", "阀门.txt", "Urgent", "owner=", "grade=A")
    for document in told["documents"]:
        assert "Urgent" in document["tags"]
        assert document["fields"]["grade"] == ["A"]
        assert "owner" not in document["fields"]
    _, told = run(capsys, home, "tag", "manual.md", "urgent", "grade=A", "水泵", "--remove")
    (document,) = told["documents"]
    assert set(document["tags"]) == {"manual", "水泵", "2026"}  # what the file says stays
    assert "grade" not in document["fields"]
    for words in (
        ["manual.md"],
        ["manual.md", "阀门.txt"],
        ["nowhere.md", "x"],
        ["manual.md", "nowhere.pdf", "x"],
        ["manual.md", "x", "阀门.txt"],
        ["manual.md", "kind=pdf"],
        ["manual.md", "date=soon"],
    ):
        assert main(["tag", *words, "--home", str(home)]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 2


def test_a_sidecar_that_changes_is_seen_though_the_document_does_not(capsys, home, docs):
    sidecar = docs / "contracts" / "阀门.txt.meta.json"
    sidecar.write_text('{"title": "Valve contract", "tags": ["renewed"]}', "utf-8")
    _, report = run(capsys, home, "add", str(docs))
    assert (report["unchanged"], report["updated"]) == (3, [])
    _, found = run(capsys, home, "search", "检修", "--tag", "renewed")
    assert [hit["document"] for hit in found["hits"]] == ["Valve contract"]
    sidecar.write_text("[1]", "utf-8")
    status, report = run(capsys, home, "add", str(docs))
    assert status == 1
    assert [failure["path"] for failure in report["failed"]] == [str(sidecar)]
    assert run(capsys, home, "search", "检修", "--tag", "renewed")[1]["hits"]  # what it said before is kept
    sidecar.unlink()
    run(capsys, home, "add", str(docs))
    _, found = run(capsys, home, "search", "检修")
    assert found["hits"][0]["document"] == "阀门"
    assert run(capsys, home, "search", "检修", "--tag", "renewed")[1]["hits"] == []


def test_several_bases_on_the_command_line(capsys, home, docs):
    run(capsys, home, "add", str(docs / "manual.md"), "--kb", "手册")
    status, found = run(capsys, home, "search", "pump 检修", "--kb", "default", "--kb", "手册")
    assert status == 0
    assert found["kb"] == ["default", "手册"]
    assert {hit["kb"] for hit in found["hits"]} <= {"default", "手册"}
    assert main(["list", "--kb", "default", "--kb", "手册", "--home", str(home)]) == 2
    assert "one knowledge base" in capsys.readouterr().err


def test_another_embedder_keeps_what_was_said_and_two_are_asked_together(home, docs):
    library = open_library(home)
    library.add([docs / "manual.md"], kb="hashed")
    library.tag(["manual.md"], ["kept"])
    library.rebuild(embedder="bundled")
    assert [Path(d.path).name for d in library.documents(where="tag=kept tag=manual author=li*")] == ["manual.md"]
    question = "How often is the pump serviced?"
    hits = library.search(question, ("default", "hashed"), 3)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].score == 1.0
    assert {hit.kb for hit in library.search(question, ("hashed", "default"), 3, where="tag=2026")} == {"default"}
    assert library.evidence(question, hits, ("default", "hashed")).sufficient
    library.close()


def test_a_home_of_the_version_before_opens(tmp_path):
    """Made by the version that wrote schema 2: two files and a LangChain text."""
    import sqlite3

    sample = Path(__file__).parent / "stored" / "catalog_schema_2.sql"
    db = sqlite3.connect(tmp_path / "catalog.sqlite3")
    db.executescript(sample.read_text("utf-8"))
    assert db.execute("PRAGMA user_version").fetchone() == (2,)
    db.close()
    library = open_library(tmp_path, HASHING)
    assert [d.title for d in library.documents()] == ["Leave", "pump", "n1"]
    assert [d.path for d in library.documents(where="title=leave kind=md")] == ["/docs/leave.md"]
    assert library.documents(where="tag=*") == []
    library.tag(["leave.md"], ["合同"])
    assert [hit.document for hit in library.search("annual leave", where="tag=合同")] == ["Leave"]
    assert all(f.mended or f.level != "problem" for f in library.doctor(repair=True))  # it has no index
    library.close()
    again = sqlite3.connect(tmp_path / "catalog.sqlite3")
    assert again.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
    again.close()


# -- programs ---------------------------------------------------------------------------------------------------------


def test_langchain_searches_within_a_filter(library):
    store = library.as_vectorstore("all", where="field:group=3")
    assert len(store.similarity_search("pump", 50)) == 12
    assert {
        d.metadata["group"] for d in store.similarity_search("pump", 5, filter={"tag": "rare", "group": [3, 0]})
    } == set()
    assert {
        d.metadata["group"]
        for d in library.as_vectorstore("all").similarity_search("pump", 50, filter={"group": [4, 5]})
    } == {4, 5}
    vector = library.embedder.embed_query("pump").tolist()
    assert {d.metadata["group"] for d in store.similarity_search_by_vector(vector, 10)} == {3}
    found = library.as_retriever("all", 5, where="tag=rare").invoke("pump", where="field:group=0")
    assert len(found) == 2
    assert all(d.metadata["tags"] == ["rare"] for d in found)


def test_a_selection_knows_nothing_else(library):
    shelf = Scope.of(("one", "two"), "field:group=3").within(library)
    assert len(shelf.documents("whatever")) == 12
    assert {hit.path for hit in shelf.search("pump", kb="all", k=60)} == {d.path for d in shelf.documents()}
    inside, outside = shelf.documents()[0], library.documents("one", where="field:group=6")[0]
    assert shelf.document(inside.title) == inside
    with pytest.raises(UsageError, match="no document"):
        shelf.document(outside.title)
    assert shelf.page_text(inside.id, 1) == library.page_text(inside.id, 1)
    assert Scope.of("one").within(library) is library
    with pytest.raises(UsageError, match="'three'"):
        Scope.of(("one", "three")).within(library)
