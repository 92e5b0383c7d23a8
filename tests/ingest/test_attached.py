"""Attachments of mails are documents of their own: they come, change, move and go with their mail."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from ingest import open_library
from ingest.settings import Settings


def mail(path: Path, **attached: str) -> Path:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Offer", "a@example.org", "b@example.org"
    message.set_content("Please find the offer attached.")
    for name, text in attached.items():
        message.add_attachment(text, filename=f"{name}.txt")
    path.write_bytes(bytes(message))
    return path


@pytest.fixture
def library(tmp_path):
    opened = open_library(tmp_path / "home", Settings(embedder="hashing"))
    yield opened
    opened.close()


@pytest.fixture
def docs(tmp_path):
    (tmp_path / "docs").mkdir()
    mail(tmp_path / "docs" / "offer.eml", prices="The crane costs 300 euros a day.", terms="Payment is due in 30 days.")
    return tmp_path / "docs"


def names(library, docs, kb="default"):
    return sorted(str(Path(d.path).relative_to(docs)) for d in library.documents(kb))


BOTH = ["offer.eml", "offer.eml/prices.txt", "offer.eml/terms.txt"]


def test_each_is_found_and_cited_by_its_own_name(library, docs):
    report = library.add([docs])
    assert len(report.added) == 3
    assert names(library, docs) == BOTH
    (hit, *_) = library.search("what does the crane cost a day?")
    assert (hit.document, Path(hit.path).relative_to(docs)) == ("prices", Path("offer.eml/prices.txt"))
    again = library.add([docs])
    assert (again.unchanged, again.added, again.updated) == (1, (), ())
    assert not [f for f in library.doctor() if f.level != "ok"]


def test_a_mail_that_changes_takes_and_loses_them(library, docs):
    library.add([docs])
    mail(docs / "offer.eml", prices="The crane costs 350 euros a day.", plan="It comes on Monday.")
    report = library.add([docs], prune=True)
    assert sorted(Path(one.document).name for one in report.updated) == ["offer.eml", "prices.txt"]
    assert [Path(one.document).name for one in report.added] == ["plan.txt"]
    assert report.removed == 1
    assert names(library, docs) == ["offer.eml", "offer.eml/plan.txt", "offer.eml/prices.txt"]
    assert "350" in library.search("what does the crane cost?")[0].text


def test_a_mail_that_is_moved_or_copied_takes_them_with_it(library, docs):
    library.add([docs])
    library.tag([str(docs / "offer.eml" / "terms.txt")], ["important"])
    (docs / "offer.eml").rename(docs / "old.eml")
    report = library.add([docs], prune=True)
    assert (report.embedded_chunks, report.removed, report.added) == (0, 0, ())
    assert names(library, docs) == ["old.eml", "old.eml/prices.txt", "old.eml/terms.txt"]
    assert len(library.documents(where="tag=important")) == 1
    (docs / "copy.eml").write_bytes((docs / "old.eml").read_bytes())
    assert len(library.add([docs]).added) == 3
    (docs / "other").mkdir()
    for name in ("one.eml", "two.eml"):  # alike, and both new
        mail(docs / "other" / name, map="The hut stands on the hill.")
    assert len(library.add([docs / "other"], "second").added) == 4


@pytest.mark.parametrize("way", ["pruned", "removed"])
def test_they_go_with_their_mail(library, docs, way):
    library.add([docs])
    if way == "removed":
        assert library.remove([str(docs / "offer.eml")]) == 3
    else:
        (docs / "offer.eml").unlink()
        assert library.add([docs], prune=True, sure=True).removed == 3
    assert library.documents() == []
    assert not library.search("crane")


def test_damaged_text_of_one_is_read_anew_from_the_mail(library, docs):
    library.add([docs])
    path = docs / "offer.eml" / "prices.txt"
    library._catalog.database.write(
        "UPDATE page SET text = replace(text, '300', '900') WHERE document_id = ?", library.document(str(path)).id
    )
    assert [f for f in library.doctor() if "prices.txt" in f.what]
    assert all(f.mended for f in library.doctor(repair=True) if f.level == "problem")
    assert "300" in library.search("what does the crane cost?")[0].text
    library.add([path])  # the mail is what is read
    assert names(library, docs) == BOTH
