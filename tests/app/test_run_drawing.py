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
