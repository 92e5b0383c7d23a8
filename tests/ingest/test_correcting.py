"""Passages that people put right: searched as they are now, taken back, and made again when a file is read anew."""

from __future__ import annotations

import pytest

from ingest import UsageError
from ingest.correcting import replaced
from ingest.documents import Block, Page

LEAVE = "# Leave\n\nEmployees get 15 days of annual leave.\n\n## Carrying over\n\nUnused leave may be carried over until March."


@pytest.fixture
def file(library, tmp_path):
    path = tmp_path / "leave.md"
    path.write_text(LEAVE, "utf-8")
    library.add([path])
    return path


def text(library, name="leave.md", kb="default"):
    return library.page_text(library.document(name, kb).id, 1)


def sound(library):
    return [found for found in library.doctor() if found.level == "problem"] == []


def test_a_passage_is_found_by_what_it_says_now_and_says_that_it_was_corrected(library, file):
    before = library.document("leave.md")
    (made,) = library.correct("leave.md", "15 days", "20 working days", who="li")
    assert (made.former, made.text, made.who, made.page, made.stands) == ("15 days", "20 working days", "li", 1, True)
    assert text(library) == LEAVE.replace("15 days", "20 working days")
    (hit, *_) = library.search("working days")
    assert "20 working days" in hit.text
    assert hit.lexical is not None
    assert hit.corrected == made.made[:10]
    assert library.page_text(hit.document_id, hit.page)[hit.start : hit.end] == hit.text
    after = library.document("leave.md")
    assert (after.id, after.title, after.sha256, after.tags) == (before.id, before.title, before.sha256, before.tags)
    assert sound(library)


def test_what_was_not_changed_says_nothing(library, tmp_path):
    pages = "".join(f"# Part {n}\n\n" + f"Sentence {n} says something of its own. " * 40 + "\n\n" for n in range(6))
    (tmp_path / "long.md").write_text(pages, "utf-8")
    library.add([tmp_path / "long.md"])
    library.correct("long.md", "# Part 3", "# Part three")
    said = {hit.text[:12]: bool(hit.corrected) for hit in library.search("something of its own", k=30)}
    assert any(said.values())
    assert not all(said.values())
    assert said["# Part three"]


def test_a_correction_is_taken_back_the_later_one_first(library, file):
    library.correct("leave.md", "15 days", "20 days")
    first, second = library.correct("leave.md", "get 20 days", "have 25 days")
    with pytest.raises(UsageError, match="later correction"):
        library.revert("leave.md", first.id)
    library.revert("leave.md", second.id)
    first, second = library.revert("leave.md", first.id)
    assert first.undone
    assert second.undone
    assert text(library) == LEAVE
    assert library.search("annual leave")[0].corrected == ""
    with pytest.raises(UsageError, match="no correction"):
        library.revert("leave.md", first.id)
    assert sound(library)


def test_a_file_that_is_read_anew_is_corrected_anew(library, file):
    library.correct("leave.md", "15 days", "20 days")
    library.add([file], reread=True, ocr="off")
    assert "20 days" in text(library)
    file.write_text(LEAVE + "\nA new sentence.\n", "utf-8")
    library.add([file])
    assert "20 days" in text(library)
    assert "A new sentence." in text(library)
    assert [one.stands for one in library.corrections("leave.md")] == [True]
    assert library.document("leave.md").notes == ()
    file.write_text(LEAVE.replace("15 days", "20 days"), "utf-8")  # the file itself was put right
    library.add([file])
    assert text(library).count("20 days") == 1
    assert library.document("leave.md").notes == ()


def test_what_no_longer_fits_is_said(library, file):
    library.correct("leave.md", "15 days", "20 days")
    file.write_text("# Leave\n\nEmployees get thirty days.\n", "utf-8")
    (updated,) = library.add([file]).updated
    assert "fits no longer" in updated.notes[0]
    assert library.document("leave.md").notes == updated.notes
    (made,) = library.corrections("leave.md")
    assert not made.stands
    assert not made.undone
    library.revert("leave.md", made.id)
    library.add([file], ocr="off")
    assert library.document("leave.md").notes == ()


def test_a_copy_elsewhere_is_read_as_its_file_says(library, file, tmp_path):
    library.correct("leave.md", "15 days", "20 days")
    library.add([file], kb="other")
    assert text(library, kb="other") == LEAVE
    (tmp_path / "copy.md").write_text(LEAVE, "utf-8")
    library.add([tmp_path / "copy.md"])
    assert text(library, "copy.md") == LEAVE


def test_it_goes_along_with_a_file_that_moves_and_away_with_its_document(library, file, tmp_path):
    library.correct("leave.md", "15 days", "20 days")
    file.rename(tmp_path / "holidays.md")
    (tmp_path / "twin.md").write_text(LEAVE, "utf-8")
    library.add([tmp_path], prune=True)
    named = {document.path.rpartition("/")[2]: text(library, document.path) for document in library.documents()}
    assert sorted(named) == ["holidays.md", "twin.md"]
    (moved,) = [name for name, said in named.items() if "20 days" in said]
    assert library.corrections(moved)[0].stands
    library.remove([moved])
    library.add([tmp_path])
    assert text(library, moved) == LEAVE
    assert library.corrections(moved) == []


def test_a_moved_file_that_is_read_anew_keeps_what_people_said_of_it(library, file, tmp_path):
    library.correct("leave.md", "15 days", "20 days")
    library.tag(["leave.md"], ["policy"])
    library.add([file.rename(tmp_path / "holidays.md")], ocr="off")
    (moved,) = library.documents()
    assert (moved.path.rpartition("/")[2], moved.tags) == ("holidays.md", ("policy",))
    assert "20 days" in text(library, "holidays.md")
    assert library.corrections("holidays.md")[0].stands


def test_another_embedder_keeps_it(library, file):
    library.correct("leave.md", "15 days", "20 days")
    library.rebuild(embedder="bundled")
    assert "20 days" in text(library)
    assert library.corrections("leave.md")[0].stands


@pytest.mark.parametrize(
    ("former", "new", "why"),
    [
        ("16 days", "20 days", "nowhere"),
        ("leave", "holidays", "several places"),
        ("15 days", " ", "nothing to correct"),
        ("15 days", "15 days", "nothing to correct"),
    ],
)
def test_what_can_not_be_corrected_is_one_line(library, file, former, new, why):
    with pytest.raises(UsageError, match=why):
        library.correct("leave.md", former, new)
    assert text(library) == LEAVE


def test_blocks_keep_to_what_they_held():
    said = "# Head\n\nOne two.\n\nThree."
    page = Page(1, said, (Block("heading", 0, 6, 1), Block("paragraph", 8, 16), Block("paragraph", 18, 24)))

    def held(former, new):
        changed = replaced(page, said.index(former), former, new)
        return [changed.text[block.start : block.end] for block in changed.blocks]

    assert held("Head", "Heading") == ["# Heading", "One two.", "Three."]
    assert held("Head", "Head\nor tail") == ["# Head", "One two.", "Three."]
    assert held("One two", "One and two") == ["# Head", "One and two.", "Three."]
    assert held("two.\n\nThree", "2 and 3") == ["# Head", "One 2 and 3", "."]
    assert held("One two.", "1") == ["# Head", "1", "Three."]
