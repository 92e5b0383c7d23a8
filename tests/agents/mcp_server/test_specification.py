"""`zhiku mcp` against the specification (2025-11-25), by hand-written JSON-RPC."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import jsonschema
import pytest

from agents.tools.checking import strict
from agents.tools.documents import document_tools
from tests.agents.mcp_server.conftest import Wire, environment_of  # type: ignore[import-not-found]


def text_of(result: dict) -> str:
    return result["content"][0]["text"]


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("2025-11-25", "2025-11-25"),
        ("2024-11-05", "2024-11-05"),
        ("2025-06-18", "2025-06-18"),
        ("1999-01-01", "2025-11-25"),
    ],
)
def test_the_protocol_version_is_negotiated(home: Path, asked: str, answered: str) -> None:
    session = Wire(environment=environment_of(home))
    begun = session.begin(asked)
    assert begun["protocolVersion"] == answered
    assert begun["serverInfo"]["name"] == "zhiku"
    assert begun["capabilities"]["tools"] == {"listChanged": False}
    assert "data" in begun["instructions"]
    assert session.request("ping")["result"] == {}
    assert session.close() == 0


def test_tools_are_described_and_marked_read_only(wire: Wire) -> None:
    tools = {tool["name"]: tool for tool in wire.request("tools/list")["result"]["tools"]}
    assert set(tools) == {"search_documents", "read_page", "ask", "list_documents", "list_knowledge_bases"}
    for tool in tools.values():
        jsonschema.Draft202012Validator.check_schema(tool["inputSchema"])
        jsonschema.Draft202012Validator.check_schema(tool["outputSchema"])
        assert tool["annotations"]["readOnlyHint"] is True
        assert tool["annotations"]["destructiveHint"] is False
        assert tool["description"]


def test_the_tools_for_documents_are_the_agents_own(wire: Wire) -> None:
    """Name, description and arguments are those of the tool; only the knowledge base and a filter are asked for beside them."""
    offered = {tool["name"]: tool for tool in wire.request("tools/list")["result"]["tools"]}
    for tool in document_tools(None):
        shown = offered[tool.name]
        schema = {**shown["inputSchema"], "properties": dict(shown["inputSchema"]["properties"])}
        assert schema["properties"].pop("knowledge_base")["type"] == "string"
        assert schema["properties"].pop("knowledge_bases")["type"] == "array"
        assert schema["properties"].pop("where")["type"] == "string"
        assert schema == strict(tool.parameters)
        assert shown["description"] == tool.description


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("search_documents", {"query": "年假有几天？"}),
        ("search_documents", {"query": "annual leave", "knowledge_base": "人事 部/A", "count": 1}),
        ("read_page", {"document": "handbook.md"}),
        ("ask", {"question": "How many days of annual leave are employees entitled to?"}),
        ("list_documents", {}),
        ("list_knowledge_bases", {}),
    ],
)
def test_results_are_structured_and_the_same_as_text(wire: Wire, tool: str, arguments: dict) -> None:
    schemas = {tool["name"]: tool["outputSchema"] for tool in wire.request("tools/list")["result"]["tools"]}
    result = wire.call(tool, **arguments)
    assert not result.get("isError"), result
    jsonschema.validate(result["structuredContent"], schemas[tool])
    assert json.loads(text_of(result)) == result["structuredContent"]


def test_chinese_travels_unharmed(wire: Wire) -> None:
    hits = wire.call("search_documents", query="年假有几天？")["structuredContent"]["hits"]
    assert "每年享有15天带薪年假" in hits[0]["text"]
    page = wire.call("read_page", document=hits[0]["document_id"], page=hits[0]["page"])["structuredContent"]
    assert hits[0]["text"] in page["text"]
    stored = wire.request("resources/read", {"uri": hits[0]["uri"]})["result"]["contents"][0]["text"]
    for hit in [hits[0], *page["hits"]]:
        assert stored[hit["start"] : hit["end"]] == hit["text"]


def test_passages_stand_once_in_a_result(wire: Wire) -> None:
    """A search says beside its hits what it has to say, and not the hits again."""
    found = wire.call("search_documents", query="年假有几天？")["structuredContent"]
    assert found["hits"][0]["text"] not in found["text"]
    assert wire.call("list_documents", containing="nothing of the kind")["structuredContent"]["hits"] == []


def test_several_knowledge_bases_are_looked_into_at_once(wire: Wire) -> None:
    both = ["default", "人事 部/A"]
    found = wire.call("search_documents", query="annual leave 年假", knowledge_bases=both)["structuredContent"]
    assert found["knowledge_base"] == "default, 人事 部/A"
    assert {hit["knowledge_base"] for hit in found["hits"]} == set(both)
    for hit in found["hits"]:
        assert wire.request("resources/read", {"uri": hit["uri"]})["result"]["contents"][0]["text"]
    asked = {"question": "How many days of annual leave?", "knowledge_bases": both}
    assert wire.call("ask", **asked)["structuredContent"]["citations"][0]["verified"] is True
    assert wire.call("search_documents", query="x", knowledge_bases=["default", "nothing"])["isError"] is True


def test_an_answer_comes_with_its_proof(wire: Wire) -> None:
    answer = wire.call("ask", question="How many days of annual leave?", knowledge_base="人事 部/A")[
        "structuredContent"
    ]
    assert "15 days" in answer["answer"]
    assert answer["citations"][0]["verified"] is True


def test_a_long_page_comes_in_parts(wire: Wire) -> None:
    part, read = 0, []
    while not read or read[-1]["truncated"]:
        part += 1
        read.append(wire.call("read_page", document="long.txt", part=part)["structuredContent"])
        assert len(read[-1]["text"]) <= 6_000
    whole = "".join(page["text"].partition("\n\n")[2] for page in read)
    assert len(whole) > 12_000
    stored = wire.request("resources/read", {"uri": read[0]["hits"][0]["uri"]})["result"]["contents"][0]["text"]
    assert "".join(whole.split()) == "".join(stored.split())
    assert wire.call("read_page", document="long.txt", part=part + 1)["isError"] is True


def test_lists_can_be_narrowed(wire: Wire) -> None:
    every = wire.call("list_documents")["structuredContent"]["data"]
    assert [document["file"] for document in every] == ["handbook.md", "long.txt"]
    assert wire.call("list_documents", containing="LONG")["structuredContent"]["data"] == every[1:]


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("search_documents", {}, "query"),
        ("search_documents", {"query": {"text": "x"}}, "query"),
        ("search_documents", {"query": "x", "count": 0}, "count"),
        ("search_documents", {"query": "x", "limits": 3}, "limits"),
        ("search_documents", {"query": "   "}, "empty"),
        ("search_documents", {"query": "x", "knowledge_base": "defalt"}, "default"),
        ("search_documents", {"query": "x", "knowledge_base": ["default", "other"]}, "knowledge_base"),
        ("read_page", {"document": "book of hands"}, "handbook.md"),
        ("read_page", {"document": "handbook.md", "page": 99}, "1 to 1"),
        ("read_page", {"document": "../../etc/passwd"}, "no document"),
    ],
)
def test_what_a_model_can_mend_is_a_tool_error(wire: Wire, tool: str, arguments: dict, told: str) -> None:
    result = wire.call(tool, **arguments)
    assert result["isError"] is True
    assert told in text_of(result)
    assert "Traceback" not in text_of(result)


def test_errors_speak_the_language_of_the_question(wire: Wire) -> None:
    assert "没有名为" in text_of(wire.call("search_documents", query="年假有几天", knowledge_base="没有这个"))
    assert "no knowledge base" in text_of(wire.call("search_documents", query="annual leave", knowledge_base="nothing"))
    assert "的参数不符合要求" in text_of(wire.call("search_documents", query="年假有几天", count=0))


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("tools/call", {"name": "no_such_tool", "arguments": {}}, -32602),
        ("tools/call", {"arguments": {}}, -32602),
        ("tools/call", {"name": "search_documents", "arguments": [1]}, -32602),
        ("tools/call", None, -32602),
        ("prompts/list", None, -32601),
        ("no/such/method", {"x": 1}, -32601),
        ("resources/read", {"uri": "zhiku://default/999/1"}, -32002),
        ("resources/read", {"uri": "file:///etc/passwd"}, -32002),
        ("resources/read", {"uri": "zhiku://default/1/99"}, -32002),
        ("resources/read", {}, -32602),
        ("resources/list", {"cursor": "nonsense"}, -32602),
    ],
)
def test_what_is_wrong_with_the_request_is_a_protocol_error(wire: Wire, method: str, params: dict, code: int) -> None:
    answer = wire.request(method, params)
    assert answer["error"]["code"] == code, answer
    assert "result" not in answer


@pytest.mark.parametrize(
    ("line", "code", "identity"),
    [
        ("{not json", -32700, None),
        ('{"jsonrpc": "2.0", "id": 7}', -32600, 7),
        ('{"jsonrpc": "1.0", "id": "seven", "method": "ping"}', -32600, "seven"),
        ("[]", -32600, None),
        ("42", -32600, None),
    ],
)
def test_a_line_that_is_no_request_is_answered_and_survived(
    wire: Wire, line: str, code: int, identity: str | int | None
) -> None:
    wire.send(line)
    answer = wire.receive()
    assert answer["error"]["code"] == code
    assert answer.get("id") == identity
    assert wire.request("ping")["result"] == {}


def test_notifications_are_never_answered(wire: Wire) -> None:
    for method in ("notifications/cancelled", "notifications/roots/list_changed", "notifications/unknown"):
        wire.send({"jsonrpc": "2.0", "method": method, "params": {"requestId": 424242}})
    wire.send("")
    wire.send({"jsonrpc": "2.0", "id": 1, "method": "ping"})
    assert wire.receive() == {"jsonrpc": "2.0", "id": 1, "result": {}}


def test_ids_may_be_strings(wire: Wire) -> None:
    wire.send({"jsonrpc": "2.0", "id": "你好", "method": "ping"})
    assert wire.receive()["id"] == "你好"


def test_pages_are_resources(wire: Wire) -> None:
    listed = wire.request("resources/list")["result"]["resources"]
    assert len(listed) == 3
    for resource in listed:
        contents = wire.request("resources/read", {"uri": resource["uri"]})["result"]["contents"]
        assert contents[0]["mimeType"] == "text/plain"
        assert contents[0]["text"]
    templates = wire.request("resources/templates/list")["result"]["resourceTemplates"]
    assert templates[0]["uriTemplate"] == "zhiku://{knowledge_base}/{document_id}/{page}"
    hit = wire.call("search_documents", query="年假", knowledge_base="人事 部/A")["structuredContent"]["hits"][0]
    assert "15天" in wire.request("resources/read", {"uri": hit["uri"]})["result"]["contents"][0]["text"]


def test_with_kb_nothing_else_is_offered(home: Path) -> None:
    session = Wire("--kb", "人事 部/A", environment=environment_of(home))
    session.begin()
    bases = session.call("list_knowledge_bases")["structuredContent"]["knowledge_bases"]
    assert [base["name"] for base in bases] == ["人事 部/A"]
    assert session.call("search_documents", query="annual leave")["structuredContent"]["knowledge_base"] == "人事 部/A"
    assert session.call("search_documents", query="annual leave", knowledge_base="default")["isError"] is True
    assert session.request("resources/read", {"uri": "zhiku://default/1/1"})["error"]["code"] == -32002
    assert len(session.request("resources/list")["result"]["resources"]) == 1
    assert session.close() == 0


def test_the_description_speaks_the_users_language_and_a_broken_library_is_told(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite3").write_text("this is no database" * 100, "utf-8")
    session = Wire("--lang", "zh", environment=environment_of(tmp_path))
    session.begin()
    assert "检索" in session.request("tools/list")["result"]["tools"][0]["description"]
    result = session.call("search_documents", query="年假")
    assert result["isError"] is True
    assert "Traceback" not in text_of(result)
    assert session.close() == 0


def test_an_interrupt_ends_it_while_it_waits(home: Path) -> None:
    session = Wire(environment=environment_of(home))
    session.begin()
    session.process.send_signal(signal.SIGINT)
    assert session.process.wait(20) == 130
    session.close()
