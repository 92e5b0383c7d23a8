"""The knowledge base as tools, on a real library."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from agents.tools.carrying import carry_out
from agents.tools.documents import document_tools
from agents.tools.rendering import PART
from agents.tools.toolbox import Toolbox
from ingest import open_library
from ingest.settings import Settings
from tests.agents.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agents import ToolContext
    from ingest.library import Library

LONG = "\n\n".join(f"Paragraph {n} of the long report speaks about topic {n}." for n in range(300))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder: Path = tmp_path_factory.mktemp("files")
    (folder / "annual-leave_policy.md").write_text(
        "# Annual leave\n\nEmployees get 15 days of paid annual leave. Unused days carry over until March.\n", "utf-8"
    )
    (folder / "员工手册.md").write_text("# 员工手册\n\n员工入职满一年后，每年享有15天带薪年假。\n", "utf-8")
    (folder / "canteen.txt").write_text("The canteen opens at 8 am and closes at 6 pm.", "utf-8")
    (folder / "long.txt").write_text(LONG, "utf-8")
    other = tmp_path_factory.mktemp("other")
    (other / "secret.txt").write_text("The secret annual leave of directors is 99 days.", "utf-8")
    with_hashes = open_library(tmp_path_factory.mktemp("library"), settings=Settings(embedder="hashing"))
    with_hashes.add([folder])
    with_hashes.add([other], kb="private")
    yield with_hashes
    with_hashes.close()


@pytest.fixture(scope="module")
def box(library: Library) -> Toolbox:
    return Toolbox(document_tools(library))


def test_search_numbers_passages_and_gives_hits(library: Library, box: Toolbox, context: ToolContext) -> None:
    found = carry_out(box.find("search_documents"), {"query": "days of paid annual leave", "count": 2}, context)
    assert found.text.startswith("[1] Annual leave")
    assert "15 days of paid annual leave" in found.text
    assert len(found.hits) == 2
    first = found.hits[0]
    assert library.page_text(first.document_id, first.page)[first.start : first.end] == first.text


def test_a_call_sees_its_own_knowledge_base_only(box: Toolbox, context: ToolContext) -> None:
    query = {"query": "secret annual leave of directors", "count": 20}
    assert "99 days" not in carry_out(box.find("search_documents"), query, context).text
    private = dataclasses.replace(context, kb="private")
    assert "99 days" in carry_out(box.find("search_documents"), query, private).text
    assert (
        "no document named 'secret.txt'" in carry_out(box.find("read_page"), {"document": "secret.txt"}, context).error
    )
    assert "kb" not in box.find("search_documents").parameters["properties"]


def test_an_empty_question_and_an_empty_knowledge_base(library: Library, box: Toolbox, context: ToolContext) -> None:
    assert "The question is empty" in carry_out(box.find("search_documents"), {"query": " "}, context).error
    assert (
        "no knowledge base"
        in carry_out(
            box.find("search_documents"), {"query": "x"}, dataclasses.replace(context, kb="nowhere")
        ).error.lower()
    )
    library.create_kb("empty")
    empty = dataclasses.replace(context, kb="empty")
    assert "Nothing was found" in carry_out(box.find("search_documents"), {"query": "x"}, empty).text
    assert carry_out(box.find("list_documents"), {}, empty).text == "There are no documents."


@pytest.mark.parametrize("sufficient", [True, False])
def test_passages_that_prove_nothing_are_said_to(context: ToolContext, sufficient: bool) -> None:
    search = document_tools(Shelf("Some page.", sufficient=sufficient))[0]  # type: ignore[arg-type]
    found = carry_out(search, {"query": "x"}, context)
    assert ("None of these is clearly about the query" in found.text) is not sufficient


@pytest.mark.parametrize(
    "name",
    ["annual-leave_policy.md", "annual-leave_policy", "Annual leave", "annual leave policy", "Anual-leave policy"],
)
def test_a_page_is_read_by_whatever_names_one_document(box: Toolbox, context: ToolContext, name: str) -> None:
    found = carry_out(box.find("read_page"), {"document": name}, context)
    assert found.text.startswith("Annual leave, page 1 of 1\n\n")
    assert "15 days" in found.text
    assert any("15 days" in hit.text for hit in found.hits)


def test_an_unknown_document_is_answered_with_the_nearest(box: Toolbox, context: ToolContext) -> None:
    error = carry_out(box.find("read_page"), {"document": "cafeteria canteen rules"}, context).error
    assert error.startswith("There is no document named 'cafeteria canteen rules'.")
    assert error.endswith("list_documents shows all.")
    zh = dataclasses.replace(context, language="zh")
    assert "没有名为 “xyz” 的文档" in carry_out(box.find("read_page"), {"document": "xyz"}, zh).error
    assert "第 1 页" in carry_out(box.find("read_page"), {"document": "员工手册"}, zh).text


def test_a_long_page_is_read_in_parts(library: Library, box: Toolbox, context: ToolContext) -> None:
    first = carry_out(box.find("read_page"), {"document": "long.txt"}, context)
    assert first.truncated
    assert "part 1 of 4" in first.text.splitlines()[0]
    parts = [
        carry_out(box.find("read_page"), {"document": "long.txt", "part": n}, context).text.partition("\n\n")[2]
        for n in range(1, 5)
    ]
    assert max(map(len, parts)) <= PART
    assert "".join("".join(parts).split()) == "".join(LONG.split())
    assert "ask for 1 to 4" in carry_out(box.find("read_page"), {"document": "long.txt", "part": 9}, context).error
    assert "ask for 1 to 1" in carry_out(box.find("read_page"), {"document": "long.txt", "page": 2}, context).error


def test_documents_are_listed_and_filtered(box: Toolbox, context: ToolContext) -> None:
    every = carry_out(box.find("list_documents"), {}, context)
    assert "- Annual leave (annual-leave_policy.md, 1 page)" in every.text
    assert len(every.data) == 4
    assert carry_out(box.find("list_documents"), {"containing": "手册"}, context).data == [
        {"title": "员工手册", "file": "员工手册.md", "pages": 1}
    ]
    assert "there are 4" in carry_out(box.find("list_documents"), {"containing": "zebra"}, context).text
