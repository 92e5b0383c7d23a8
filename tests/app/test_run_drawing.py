"""What a task's calls look like on the page."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _page():
    from agents.tasks.events import Call, Result, StepRecord
    from agents.tools.tool import Observation
    from app.run_drawing import _record, draw_result

    call = Call("c", "search_documents", {"query": "rates"}, "read", 1, "k")
    found = (
        "[1] Rates \u00b7 p. 1\nA room costs 3.\n\n[2] Rules \u00b7 p. 2\nNo dogs.\n\n[3] Long \u00b7 p. 3\n"
        + "word " * 900
    )
    record = StepRecord(call, Observation(found))
    _record(record)
    draw_result(Result("t", "r", "done", "A room costs 3.", steps=(record,)), "here")


def test_passages_of_a_search_stand_apart_and_together_stay_short():
    page = AppTest.from_function(_page).run(timeout=60)
    assert not page.exception
    body = page.get("html")[0].proto.body
    assert body.count("<div") == 3
    assert "A room costs 3." in body
    assert len(body) < 2000


def test_one_call_is_one_call():
    page = AppTest.from_function(_page).run(timeout=60)
    said = " ".join(caption.value for caption in page.caption)
    assert "1 call" in said
    assert "1 calls" not in said


def _nothing_found():
    from agents.proof.sources import Citation
    from agents.tasks.events import Result
    from app.run_drawing import draw_result

    near = Citation(1, "Rates", "rates.md", 1, 0, 19, "A room costs 3 euros.", verified=True, document_id=1)
    draw_result(Result("t", "r", "gave_up", "Nothing was found out.", "no answer", citations=(near,)), "here")


def test_what_comes_nearest_stands_below_an_end_that_found_nothing_out():
    page = AppTest.from_function(_nothing_found).run(timeout=60)
    assert not page.exception
    assert "Nearest in the documents:" in [caption.value for caption in page.caption]
    assert any("A room costs 3 euros." in one.proto.body for one in page.get("html"))
    assert not any("erified" in (button.help or "") for button in page.button)
