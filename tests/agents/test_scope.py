"""A filter and several knowledge bases, from the platform's front door down: chat, task, resumed task, team, MCP."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents import Member, open_platform
from agents.cli import main
from agents.llm.scripted import ScriptedChat
from agents.mcp_server.offer import Offer
from agents.tools.documents import document_tools
from agents.tools.tool import ToolContext
from ingest import UsageError
from ingest.settings import Settings

QUESTION = "How many days of annual leave does an employee have?"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, docs = tmp_path_factory.mktemp("scope"), tmp_path_factory.mktemp("docs")
    (docs / "staff.md").write_text("# Leave\n\nEvery employee has ten days of annual leave a year.\n", "utf-8")
    (docs / "old.md").write_text("# Leave\n\nEvery employee has seven days of annual leave a year.\n", "utf-8")
    (docs / "pump.md").write_text("# Pump\n\nThe pump in hall 4 is serviced by Qingshan Instruments.\n", "utf-8")
    (folder / "settings.toml").write_text('embedder = "hashing"\n')
    platform = open_platform(folder)
    platform.library.add([docs / "staff.md"], tags=["current"])
    platform.library.add([docs / "old.md"], tags=["former"])
    platform.library.add([docs / "pump.md"], kb="plant")
    platform.close()
    return folder


@pytest.fixture
def platform(home: Path):
    opened = open_platform(home, model="bundled", settings=Settings(embedder="hashing"))
    yield opened
    opened.close()


@pytest.mark.parametrize(("where", "days"), [("tag=current", "ten"), ("tag=former", "seven")])
def test_an_answer_comes_from_what_the_filter_lets_through(platform, where, days):
    answer = platform.chat(where=where).ask(QUESTION)
    assert days in answer.text
    assert len({hit.document_id for hit in answer.hits}) == 1


def test_nothing_that_fits_is_said_as_such(platform):
    answer = platform.chat(where="tag=nowhere").ask(QUESTION)
    assert answer.abstained
    assert answer.text.startswith("No document fits the filter")
    with pytest.raises(UsageError, match="'tgg'"):
        platform.chat(where="tgg=1")
    with pytest.raises(UsageError, match="'nowhere'"):
        platform.chat(kb=("default", "nowhere"))


def test_citations_name_their_base(platform):
    chat = platform.chat(kb=("default", "plant"), where="tag!=former")
    cited = {c.kb for question in (QUESTION, "Who services the pump in hall 4?") for c in chat.ask(question).citations}
    assert cited == {"default", "plant"}
    told = chat.ask("Who services the pump in hall 4?").contract(bases=True)
    assert {c["kb"] for c in told["citations"]} == {"plant"}
    assert all("kb" in hit for hit in told["hits"])
    assert "3 documents" in platform.chat(kb=("default", "plant")).ask("hello").text
    assert "1 document " in platform.chat(kb=("default", "plant"), where="tag=current").ask("hello").text


def test_a_conversation_is_about_all_it_was_begun_with(platform):
    begun = platform.conversations.create(("plant", "default"), where="tag!=former")
    answer = platform.chat(conversation=begun).ask("Who services the pump in hall 4?")
    assert {citation.kb for citation in answer.citations} == {"plant"}
    answer = platform.chat(conversation=begun).ask(QUESTION)
    assert "ten" in answer.text
    assert "seven" not in answer.text
    kept = platform.conversations.get(begun)
    assert (kept.kb, kept.kbs, kept.where, kept.turns) == ("plant", ("plant", "default"), "tag!=former", 2)
    assert [one.id for one in platform.conversations.list("default")] == [begun]
    assert "plant" not in {c.kb for c in platform.chat("default", begun).ask("What is the pump?").citations}
    platform.conversations.delete(begun)


def test_a_task_and_its_resumption_see_the_same(platform):
    agent = platform.agent(kb=("default", "plant"), where="tag=current")
    result = agent.run(QUESTION)
    assert "ten" in result.text
    assert {hit.document for step in result.steps for hit in step.observation.hits} <= {"Leave"}
    scope = platform.runs.scope(result.run_id)
    assert (scope.kbs, scope.where) == (("default", "plant"), "tag=current")
    assert platform.runs.get(result.run_id).kb == "default, plant"
    again = platform.agent_of(result.run_id)
    context = ToolContext("r", "c", "k", "default, plant", "en", platform.home, None)
    tools = {tool.name: tool for tool in again.tools}
    assert [d["file"] for d in tools["list_documents"].run({}, context).data] == ["staff.md"]
    assert again.resume(result.run_id).text == result.text
    whole = platform.agent().run(QUESTION)
    assert platform.runs.scope(whole.run_id).kbs == ("default",)


def test_a_team_is_held_to_it_as_well(home):
    platform = open_platform(home, model=ScriptedChat(replies=["APPROVE"]), settings=Settings(embedder="hashing"))
    team = platform.team(
        [Member("a", "Says yes.", tools=["list_documents"])], where="tag=current", kb=("default", "plant")
    )
    result = team.run("Anything?")
    assert platform.runs.scope(result.run_id).where == "tag=current"
    platform.close()


def test_over_mcp(home):
    offer = Offer(lambda: open_platform(home, model="bundled", settings=Settings(embedder="hashing")))
    tools = {tool.name: tool for tool in offer.tools()}
    context = ToolContext("r", "c", "k", "default", "en", home, None)

    def files(**arguments):
        return [one["file"] for one in tools["list_documents"].run(arguments, context).data["data"]]

    assert files(where="tag=former") == ["old.md"]
    assert len(files()) == 2  # the call before leaves nothing behind
    hits = tools["search_documents"].run({"query": "annual leave", "where": "tag=former"}, context).data["hits"]
    assert len(hits) == 1
    assert "seven" in tools["ask"].run({"question": QUESTION, "where": "tag=former"}, context).text
    with pytest.raises(UsageError, match="'tgg'"):
        files(where="tgg=1")
    assert {tool.name for tool in document_tools(None)} < set(tools)
    offer.close()


def test_on_the_command_line(home, capsys):
    options = ["--home", str(home), "--json", "--model", "bundled"]
    assert main(["ask", QUESTION, "--kb", "default", "--kb", "plant", "--tag", "former", *options]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "seven" in told["answer"]
    assert {c["kb"] for c in told["citations"]} == {"default"}
    assert main(["ask", QUESTION, "--where", "tag=former", *options]) == 0
    assert "kb" not in json.loads(capsys.readouterr().out)["citations"][0]
    main(["run", QUESTION, "--where", "tag=current", *options])
    told = json.loads(capsys.readouterr().out)
    assert "ten" in told["result"]
    main(["run", "--resume", told["run_id"], *options])
    assert json.loads(capsys.readouterr().out)["result"] == told["result"]
    assert main(["ask", QUESTION, "--where", "after=soon", *options]) == 2
    assert "'soon' is no date" in capsys.readouterr().err
