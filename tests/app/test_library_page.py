from __future__ import annotations

import time
from datetime import timedelta, timezone

import pytest

from app.markup import plain
from ingest import local_time, uploads


def texts(tab):
    return "\n".join(str(element.value) for kind in (tab.markdown, tab.caption, tab.error) for element in kind)


def settle(tab):
    """Wait for the background job as its fragment would, then draw again."""
    job = tab.session_state["work"].adds.latest
    job.wait(60)
    tab.run()
    return job


def press(tab, key):
    return tab.button(key=key).click().run()


@pytest.fixture
def shanghai(monkeypatch):
    """This machine stands there."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("language", "title", "empty"), [("en", "Library", "Nothing here"), ("zh", "文档", "还没有文档")]
)
def test_an_empty_library_says_what_to_do(open_platform_with, visit, language, title, empty):
    tab = visit(open_platform_with(), "library", language)
    assert tab.title[0].value == title
    assert empty in texts(tab)
    assert not tab.dataframe


def test_uploaded_files_are_kept_added_and_accounted_for(open_platform_with, visit, handbook, shanghai):
    platform = open_platform_with()
    tab = visit(platform, "library")
    files = [("handbook.md", handbook.read_bytes(), "text/markdown"), ("broken.pdf", b"%PDF-1.4 no", "application/pdf")]
    tab.file_uploader[0].set_value(files).run()
    job = settle(tab)
    assert not tab.exception
    assert [len(job.report.added), len(job.report.failed)] == [1, 1]
    shown = texts(tab)
    assert "1 added" in shown.replace("\\", "")
    assert "broken" in shown
    assert job.report.failed[0].reason.split()[0] in shown
    kept = uploads.upload_folder(platform.home, platform.library.kb().id)
    assert [path.name for path in kept.iterdir()] == ["handbook.md"], "what became no document is not kept"
    assert list(tab.dataframe[0].value["Pages"]) == [1]
    [added] = [document.added for document in platform.library.documents()]
    assert list(tab.dataframe[0].value["Added"]) == [local_time(added, timezone(timedelta(hours=8)))]
    press(tab, "dismiss-add")
    assert tab.session_state["work"].adds.latest is None
    rows = b'{"id": 1, "a": "x"}\n{"id": 2, "b"\n{"id": 3, "a": "y"}\n'
    tab.file_uploader[0].set_value([("items.jsonl", rows, "text/plain")]).run()
    assert "Line 2" in settle(tab).report.added[0].notes[0]
    assert any("Line 2" in str(cell) for cell in tab.dataframe[0].value["Notes"])
    assert "Line 2" in texts(tab)
    tab.file_uploader[0].set_value(files[:1]).run()
    assert settle(tab).report.unchanged == 1


def test_a_folder_of_this_machine_is_added_and_a_wrong_path_is_explained(open_platform_with, visit, handbook):
    platform = open_platform_with()
    tab = visit(platform, "library")
    tab.text_input(key="folder-path").set_value(str(handbook.parent / "nowhere"))
    next(button for button in tab.button if button.label == "Add").click().run()
    assert "nowhere" in tab.error[0].value.replace("\\", "")
    tab.text_input(key="folder-path").set_value(str(handbook.parent))
    next(button for button in tab.button if button.label == "Add").click().run()
    settle(tab)
    assert [document.path for document in platform.library.documents()] == [str(handbook)]
    assert not uploads.is_upload(platform.home, str(handbook))


def test_who_comes_over_the_network_adds_no_folder_of_this_machine(open_platform_with, visit):
    for address, offered in (("127.0.0.1", True), ("0.0.0.0", False), ("", False)):
        tab = visit(open_platform_with(), "library", address=address)
        assert [field.key for field in tab.text_input if field.key == "folder-path"] == ["folder-path"] * offered


def test_an_upload_refused_in_place_of_a_good_one_is_not_shown_as_its_source(open_platform_with, visit):
    platform = open_platform_with()
    tab = visit(platform, "library")
    for content in (b"Ten days of leave.", b"\0\1\2" * 900):
        tab.file_uploader[0].set_value([("rules.txt", content, "text/plain")]).run()
        settle(tab)
        press(tab, "dismiss-add")
    assert len(platform.library.documents()) == 1
    assert list(uploads.upload_folder(platform.home, platform.library.kb().id).iterdir()) == []


def test_a_folder_whose_drive_is_away_empties_nothing_until_told_so(open_platform_with, visit, handbook):
    platform = open_platform_with()
    platform.library.add([handbook.parent])
    handbook.unlink()
    tab = visit(platform, "library")
    tab.text_input(key="folder-path").set_value(str(handbook.parent))
    tab.checkbox(key="folder-follow").check()
    next(button for button in tab.button if button.label == "Add").click().run()
    settle(tab)
    assert "1 of 1 documents" in texts(tab)
    assert len(platform.library.documents()) == 1
    press(tab, "prune-yes")
    assert settle(tab).report.removed == 1
    assert platform.library.documents() == []


def test_a_folder_is_followed_brought_in_step_and_let_go(open_platform_with, visit, handbook):
    platform = open_platform_with()
    tab = visit(platform, "library")
    tab.text_input(key="folder-path").set_value(str(handbook.parent))
    tab.checkbox(key="folder-follow").check()
    next(button for button in tab.button if button.label == "Add").click().run()
    assert len(settle(tab).report.added) == 1
    (handbook.parent / "new.md").write_text("# New\n\nThe canteen is new.")
    press(tab, "dismiss-add")
    assert plain(str(handbook.parent)) in texts(tab)
    press(tab, "sync-0")
    assert len(settle(tab).report.added) == 1
    press(tab, "unsync-0")
    assert platform.library.syncing.all() == []
    assert len(platform.library.documents()) == 2
    press(tab, "dismiss-add")
    tab.text_input(key="folder-path").set_value("http://localhost/rules")  # of the web, by the fetcher's rules
    next(button for button in tab.button if button.label == "Add").click().run()
    assert [one.path for one in settle(tab).report.failed] == ["http://localhost/rules"]


def test_removing_a_document_asks_first_and_keeps_the_original(filled, visit, handbook):
    platform = filled()
    tab = visit(platform, "library")
    assert tab.button(key="remove").disabled
    key = next(key for key in tab.session_state if key.startswith("documents-"))
    tab.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    tab.run()
    press(tab, "remove")
    assert platform.library.documents()
    press(tab, "remove-yes")
    assert not platform.library.documents()
    assert handbook.exists()


def test_opening_a_document_shows_its_text(filled, visit):
    platform = filled()
    tab = visit(platform, "library")
    key = next(key for key in tab.session_state if key.startswith("documents-"))
    tab.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    tab.run()
    press(tab, "open-document")
    assert any("ten days of annual leave" in part.value for part in tab.get("html"))


def test_knowledge_bases_are_made_renamed_and_deleted(filled, visit):
    platform = filled()
    tab = visit(platform, "library", "zh")
    tab.text_input(key="new-kb-name").set_value("员工手册")
    next(button for button in tab.button if button.label == "创建").click().run()
    assert tab.selectbox(key="library-kb").value == "员工手册"
    number = platform.library.kb("员工手册").id
    tab.text_input(key=f"rename-kb-{number}").set_value("手册")
    next(button for button in tab.button if button.label == "重命名").click().run()
    assert tab.selectbox(key="library-kb").value == "手册"
    press(tab, "delete-kb")
    press(tab, "delete-kb-no")
    assert len(platform.library.kbs()) == 2
    press(tab, "delete-kb")
    press(tab, "delete-kb-yes")
    assert [base.name for base in platform.library.kbs()] == ["default"]
    assert tab.selectbox(key="library-kb").value == "default"


def test_a_name_that_is_taken_is_one_sentence(filled, visit):
    platform = filled()
    tab = visit(platform, "library")
    tab.text_input(key="new-kb-name").set_value("default")
    next(button for button in tab.button if button.label == "Create").click().run()
    assert "default" in tab.error[0].value


def test_health_is_checked_and_repaired(filled, visit):
    platform = filled()
    tab = visit(platform, "library")
    press(tab, "doctor")
    assert "The catalog is sound" in texts(tab).replace("\\", "")
    press(tab, "doctor-repair")
    assert not tab.error


def test_a_long_list_is_drawn_a_page_at_a_time(open_platform_with, visit, tmp_path, monkeypatch):
    monkeypatch.setattr("app.paging.ROWS", 2)
    for n in range(5):
        (tmp_path / f"note{n}.txt").write_text(f"Note number {n}.\n", "utf-8")
    platform = open_platform_with()
    platform.library.add([tmp_path])
    tab = visit(platform, "library")
    assert list(tab.dataframe[0].value["Document"]) == ["note0", "note1"]
    tab.number_input(key="document-page").set_value(3).run()
    assert list(tab.dataframe[0].value["Document"]) == ["note4"]
    tab.text_input(key="document-filter").set_value("note").run()
    assert list(tab.dataframe[0].value["Document"]) == ["note4"]
    tab.text_input(key="document-filter").set_value("note1").run()  # fewer than a page: nothing to choose
    assert list(tab.dataframe[0].value["Document"]) == ["note1"]
    assert not tab.number_input
    assert not tab.exception


def test_the_address_opens_a_document(filled, visit):
    platform = filled()
    [document] = platform.library.documents()
    tab = visit(platform, "library")
    tab.query_params["doc"] = str(document.id)
    tab.run()
    assert not tab.exception
    assert any("ten days" in part.proto.body for part in tab.get("html"))
    tab.query_params["doc"] = "999"
    tab.run()
    assert "doc" not in tab.query_params


def test_what_was_not_read_is_marked_in_the_list(filled, visit):
    platform = filled()
    tab = visit(platform, "library")
    assert list(tab.dataframe[0].value["Status"]) == ["✓"]


@pytest.mark.parametrize(("language", "save", "back"), [("en", "Save", "Take back"), ("zh", "保存", "撤回")])
def test_a_passage_is_put_right_where_it_is_read_and_taken_back(filled, visit, handbook, language, save, back):
    platform = filled()
    document = platform.library.document("handbook.md")
    tab = visit(platform, "library", language)
    tab.query_params["doc"] = str(document.id)
    tab.run()
    (area,) = [one for one in tab.text_area if "ten days" in one.value]
    area.set_value(area.value.replace("ten days", "twelve days"))
    next(one for one in tab.button if one.label == save).click().run()
    assert not tab.exception
    (made,) = platform.library.corrections("handbook.md")
    assert "twelve days" in made.text
    assert platform.library.search("annual leave")[0].corrected
    tab = visit(platform, "library", language)
    tab.query_params["doc"] = str(document.id)
    tab.run()
    assert "twelve days" in texts(tab)
    next(one for one in tab.button if one.label == back).click().run()
    assert platform.library.corrections("handbook.md")[0].undone
    assert "ten days" in platform.library.page_text(document.id, 1)
