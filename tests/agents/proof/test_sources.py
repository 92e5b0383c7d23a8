"""Where a quote was read, and what a person calls it."""

from __future__ import annotations

import pytest

from agents.proof.sources import CallSource, Citation, PageSource
from ingest.language import speaking


def cited(path: str, label: str) -> Citation:
    return Citation(1, "calculator", path, 7, 0, 1, "x", verified=True, document_id=0, label=label)


@pytest.mark.parametrize("label", ["2", "step 2", "步骤 2"])  # the latter two as earlier versions kept them
def test_a_call_of_a_task_is_named_by_its_step(label) -> None:
    source = cited("call:call_1a2b", label).source
    assert source == CallSource("call_1a2b", 2)
    for language, name in (("en", "step 2"), ("zh", "步骤 2")):
        with speaking(language):
            assert str(source) == name


@pytest.mark.parametrize(("label", "name"), [("", "p. 7"), ("xii", "p. xii"), ("Glossary", "“Glossary”")])
def test_a_page_is_named_by_its_number_or_its_own_name(label, name) -> None:
    source = cited("handbook.pdf", label).source
    assert source == PageSource(7, label)
    assert str(source) == name
