"""Attachments of mails are documents of their own: they come, change, move and go with their mail."""

from __future__ import annotations

from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest

from ingest import open_library
from ingest.catalog.fields import USER
from ingest.settings import Settings
from tests.ingest.test_pipeline import Bench

BOTH = ["offer.eml", "offer.eml/prices.txt", "offer.eml/terms.txt"]


def mail(path: Path, **attached: str) -> Path:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Offer", "a@example.org", "b@example.org"
    message.set_content("Please find the offer attached.")
    for name, text in attached.items():
        message.add_attachment(text, filename=f"{name}.txt")
    path.write_bytes(bytes(message))
    return path


@pytest.fixture
def docs(tmp_path):
    (tmp_path / "docs").mkdir()
    mail(tmp_path / "docs" / "offer.eml", prices="The crane costs 300 euros a day.", terms="Payment is due in 30 days.")
    return tmp_path / "docs"


@pytest.fixture
def bench(tmp_path, docs):
    with closing(Bench(tmp_path / "home")) as made:
        assert len(made.add(docs).added) == 3
        yield made


def names(documents, docs):
    return sorted(str(Path(d.path).relative_to(docs)) for d in documents)


def stored(bench, docs, kb="default"):
    return names(bench.catalog.documents.all(bench.catalog.kbs.get(kb).id), docs)


def text_of(bench, path):
    (row,) = bench.catalog.database.rows(
        "SELECT p.text FROM page p JOIN document d ON d.id = p.document_id WHERE d.path = ?", str(path)
    )
    return row[0]


def test_a_mail_that_changes_takes_and_loses_them(bench, docs):
    assert stored(bench, docs) == BOTH
    again = bench.add(docs, prune=True)
    assert (again.unchanged, again.added, again.updated, again.removed) == (1, (), (), 0)
    mail(docs / "offer.eml", prices="The crane costs 350 euros a day.", plan="It comes on Monday.")
    report = bench.add(docs, prune=True)
    assert sorted(Path(one.document).name for one in report.updated) == ["offer.eml", "prices.txt"]
    assert [Path(one.document).name for one in report.added] == ["plan.txt"]
    assert report.removed == 1
    assert stored(bench, docs) == ["offer.eml", "offer.eml/plan.txt", "offer.eml/prices.txt"]
    assert "350" in text_of(bench, docs / "offer.eml" / "prices.txt")
    assert bench.is_sound()


def test_a_mail_that_is_moved_or_copied_takes_them_with_it(bench, docs):
    known = bench.catalog.documents.known(bench.catalog.kbs.get("default").id)
    terms = known[str(docs / "offer.eml" / "terms.txt")].document_id
    bench.catalog.fields.say(terms, USER, [("tag", "important")])
    (docs / "offer.eml").rename(docs / "old.eml")
    report = bench.add(docs, prune=True)
    assert (report.embedded_chunks, report.removed, report.added) == (0, 0, ())
    assert stored(bench, docs) == ["old.eml", "old.eml/prices.txt", "old.eml/terms.txt"]
    moved = bench.catalog.documents.get(terms)
    assert (Path(moved.path).relative_to(docs), moved.tags) == (Path("old.eml/terms.txt"), ("important",))
    (docs / "copy.eml").write_bytes((docs / "old.eml").read_bytes())
    assert len(bench.add(docs).added) == 3
    (docs / "other").mkdir()
    for name in ("one.eml", "two.eml"):  # alike, and both new
        mail(docs / "other" / name, map="The hut stands on the hill.")
    assert len(bench.add(docs / "other", kb="second").added) == 4
    assert bench.is_sound()


def test_a_folder_in_place_of_the_mail(bench, docs):
    (docs / "offer.eml").unlink()
    (docs / "offer.eml").mkdir()
    (docs / "offer.eml" / "prices.txt").write_text("The crane costs 410 euros a day.")
    bench.add(docs, prune=True, sure=True)
    assert stored(bench, docs) == ["offer.eml/prices.txt"]
    assert "410" in text_of(bench, docs / "offer.eml" / "prices.txt")
    (docs / "offer.eml" / "prices.txt").unlink()
    bench.add(docs, prune=True, sure=True)
    assert stored(bench, docs) == []


def test_each_is_found_mended_and_removed_with_the_mail(tmp_path, docs):
    with closing(open_library(tmp_path / "home", Settings(embedder="hashing"))) as library:
        library.add([docs], tags=["spring"])
        assert len(library.documents(where="tag=spring")) == 3
        (hit, *_) = library.search("what does the crane cost a day?")
        path = docs / "offer.eml" / "prices.txt"
        assert (hit.document, hit.path) == ("prices", str(path))
        library._catalog.database.write(
            "UPDATE page SET text = replace(text, '300', '900') WHERE document_id = ?", hit.document_id
        )
        assert [f for f in library.doctor() if "prices.txt" in f.what]
        assert all(f.mended for f in library.doctor(repair=True) if f.level == "problem")
        assert "300" in library.search("what does the crane cost?")[0].text
        library.add([path])  # the mail is what is read
        assert names(library.documents(), docs) == BOTH
        assert library.remove([str(docs / "offer.eml")]) == 3
        assert library.documents() == []
