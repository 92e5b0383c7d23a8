"""Which tools ship, when, and what they cost in a prompt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.tools.shipped import NAMES, builtin
from agents.tools.toolbox import Toolbox
from ingest import open_library
from ingest.errors import UsageError
from ingest.settings import Settings

ALWAYS = ["search_documents", "read_page", "list_documents", "calculator", "date_time", "python"]


def names(home: Path, **settings: object) -> list[str]:
    chosen = Settings(embedder="hashing", **settings)  # type: ignore[arg-type]
    library = open_library(home, settings=chosen)
    try:
        return [tool.name for tool in builtin(library, "default", chosen)]
    finally:
        library.close()


def test_only_tools_with_something_to_do_are_offered(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert names(home) == ALWAYS
    assert names(home, web_fetch=True) == [*ALWAYS, "fetch"]
    (tmp_path / "work").mkdir()
    files = ["list_files", "read_file", "write_file", "append_file", "query_table"]
    assert names(home, tools_folder="../work") == [*ALWAYS[:-1], *files, "python"]
    assert names(home, tools_folder=str(tmp_path / "work")) == [*ALWAYS[:-1], *files, "python"]
    with pytest.raises(UsageError, match="there is no folder"):
        names(home, tools_folder="nowhere")


@pytest.mark.parametrize("folder", [".", "..", "work", "../link", "/", "~"])
def test_the_folder_neither_holds_the_library_nor_lies_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    home = tmp_path / "home"
    (home / "work").mkdir(parents=True)
    (tmp_path / "link").symlink_to(home)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(UsageError, match="keys"):
        names(home, tools_folder=folder)


def test_a_table_in_the_library_brings_the_tool_for_tables(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", "utf-8")
    with_table = open_library(tmp_path / "home", settings=Settings(embedder="hashing"))
    with_table.add([tmp_path / "a.csv"])
    with_table.close()
    assert names(tmp_path / "home") == [*ALWAYS[:-1], "query_table", "python"]


@pytest.fixture
def every(tmp_path: Path) -> Toolbox:
    (tmp_path / "work").mkdir()
    settings = Settings(embedder="hashing", tools_folder=str(tmp_path / "work"), web_fetch=True)
    return Toolbox(builtin(open_library(tmp_path / "home", settings=settings), "default", settings))


def test_their_names_are_known_without_them(every: Toolbox) -> None:
    assert set(every.names) == NAMES


def test_every_tool_speaks_chinese_as_well(every: Toolbox) -> None:
    for english, chinese in ((tool.as_openai("en"), tool.as_openai("zh")) for tool in every):
        en, zh = english["function"], chinese["function"]
        assert any("\u4e00" <= c <= "\u9fff" for c in zh["description"]), zh["name"]
        assert not any("\u4e00" <= c <= "\u9fff" for c in json.dumps(en, ensure_ascii=False)), en["name"]
        plain_en, plain_zh = (
            {
                name: {k: v for k, v in p.items() if k != "description"}
                for name, p in f["parameters"]["properties"].items()
            }
            for f in (en, zh)
        )
        assert plain_en == plain_zh
        tool = every.find(en["name"])
        assert tool.zh is not None
        assert set(tool.zh.parameters) <= set(plain_en)


def test_schemas_are_short(every: Toolbox) -> None:
    """Eight tools reach a prompt at most; a token of JSON is some three characters of English."""
    schemas = [tool.as_openai() for tool in every]
    sizes = sorted(len(json.dumps(schema["function"])) for schema in schemas)
    assert sum(sizes[-8:]) < 3_300
    for schema in schemas:
        assert "title" not in json.dumps(schema)
        assert "$ref" not in json.dumps(schema)


def test_risks_are_what_the_tools_can_do(every: Toolbox) -> None:
    risky = {tool.name: tool.risk for tool in every if tool.risk != "read"}
    assert risky == {"write_file": "write", "append_file": "write", "python": "execute", "fetch": "network"}
