"""The official client, LangChain's ChatOpenAI and Open WebUI's way of asking, against a server that listens."""

from __future__ import annotations

import json

import httpx
import openai
import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

from tests.agents.serve.conftest import NAMED, QUESTION, REPLY, Served  # type: ignore[import-not-found]

ASKED = [{"role": "user", "content": QUESTION}]
WEATHER = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}


@pytest.fixture(scope="module")
def client(served: Served):
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="anything", max_retries=0) as made:
        yield made


def test_each_knowledge_base_the_model_and_the_embedder_are_models(client: openai.OpenAI) -> None:
    names = {model.id for model in client.models.list()}
    assert names >= {"zhiku:default", f"zhiku:{NAMED}", "zhiku:secret", "scripted", "embedding:hashing"}
    assert client.models.retrieve(f"zhiku:{NAMED}").owned_by == "zhiku"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4")


def test_open_webui_lists_the_models(served: Served) -> None:
    """It sends whatever key it was given and takes `data` with an `id` each."""
    answer = httpx.get(f"{served.url}/v1/models", headers={"Authorization": "Bearer sk-0"})
    assert answer.json()["object"] == "list"
    assert all(set(model) >= {"id", "object", "created", "owned_by"} for model in answer.json()["data"])


@pytest.mark.parametrize("kb", ["default", NAMED])
def test_an_answer_comes_with_its_proof(client: openai.OpenAI, kb: str) -> None:
    reply = client.chat.completions.create(model=f"zhiku:{kb}", messages=ASKED)
    [choice] = reply.choices
    assert choice.finish_reason == "stop"
    assert choice.message.content == REPLY
    assert choice.message.refusal is None
    [note] = choice.message.annotations
    link = note.url_citation
    assert REPLY[link.start_index : link.end_index] == "[1]"
    assert link.title.startswith("Leave")
    page = httpx.get(link.url).json()
    [citation] = reply.zhiku["citations"]
    assert page["text"][citation["start"] : citation["end"]] == citation["quote"]
    assert citation["verified"]
    assert citation["kb"] == kb
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens > 0


def test_a_stream_says_what_a_whole_answer_says(client: openai.OpenAI) -> None:
    """The content of its chunks is never taken back: it is the checked text; the draft comes beside it."""
    content, draft, last, usage = "", "", None, None
    stream = client.chat.completions.create(
        model="zhiku:default", messages=ASKED, stream=True, stream_options={"include_usage": True}
    )
    for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            content += choice.delta.content or ""
            draft += getattr(choice.delta, "reasoning_content", None) or ""
            last = chunk if choice.finish_reason else last
    assert content == REPLY
    assert REPLY.startswith(draft)
    assert draft
    assert last.choices[0].finish_reason == "stop"
    assert last.choices[0].delta.annotations[0]["url_citation"]["title"].startswith("Leave")
    assert last.zhiku["citations"]
    assert usage.completion_tokens > 0


@pytest.mark.parametrize("streamed", [False, True])
def test_what_the_documents_do_not_answer_is_a_refusal(client: openai.OpenAI, *, streamed: bool) -> None:
    asked = [{"role": "user", "content": "Who won the chess championship of 1972?"}]
    if streamed:
        chunks = list(client.chat.completions.create(model="zhiku:secret", messages=asked, stream=True))
        content = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        refusal, whole = chunks[-1].choices[0].delta.refusal, chunks[-1].zhiku
    else:
        reply = client.chat.completions.create(model="zhiku:secret", messages=asked)
        content, refusal, whole = reply.choices[0].message.content, reply.choices[0].message.refusal, reply.zhiku
    assert refusal == content
    assert refusal
    assert whole["abstained"]


def test_earlier_turns_and_filters_are_heeded(client: openai.OpenAI) -> None:
    turns = [*ASKED, {"role": "assistant", "content": REPLY}, {"role": "user", "content": "Until when may it be kept?"}]
    reply = client.chat.completions.create(model="zhiku:default", messages=turns)
    assert "leave" in reply.zhiku["standalone_question"]
    narrowed = client.chat.completions.create(
        model="zhiku:default", messages=ASKED, extra_body={"zhiku": {"where": "kind=pdf"}}
    )
    assert narrowed.choices[0].message.refusal
    both = client.chat.completions.create(
        model="zhiku:secret", messages=ASKED, extra_body={"zhiku": {"kbs": ["default"]}}
    )
    assert both.zhiku["citations"][0]["kb"] == "default"


def test_parts_of_text_are_text_and_pictures_are_refused(client: openai.OpenAI) -> None:
    text = {"type": "text", "text": QUESTION}
    reply = client.chat.completions.create(model="zhiku:default", messages=[{"role": "user", "content": [text]}])
    assert reply.choices[0].message.content == REPLY
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    with pytest.raises(openai.BadRequestError, match="text"):
        client.chat.completions.create(model="zhiku:default", messages=[{"role": "user", "content": [text, picture]}])


@pytest.mark.parametrize("streamed", [False, True])
def test_the_model_itself_calls_tools(client: openai.OpenAI, *, streamed: bool) -> None:
    asked = [{"role": "user", "content": "How is the weather?"}]
    if streamed:
        chunks = list(client.chat.completions.create(model="scripted", messages=asked, tools=[WEATHER], stream=True))
        [call] = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or ()]
        reason = chunks[-1].choices[0].finish_reason
    else:
        [choice] = client.chat.completions.create(model="scripted", messages=asked, tools=[WEATHER]).choices
        assert choice.message.content is None
        [call], reason = choice.message.tool_calls, choice.finish_reason
    assert reason == "tool_calls"
    assert call.function.name == "weather"
    assert json.loads(call.function.arguments) == {"city": "北京"}
    said = {"id": call.id, "type": "function", "function": {"name": "weather", "arguments": call.function.arguments}}
    turns = [*asked, {"role": "assistant", "content": None, "tool_calls": [said]}]
    reply = client.chat.completions.create(
        model="scripted", messages=[*turns, {"role": "tool", "tool_call_id": call.id, "content": "sunny"}]
    )
    assert reply.choices[0].message.content == "It is sunny."
    assert not hasattr(reply, "zhiku")


def test_langchain_talks_to_both(served: Served) -> None:
    def model(name: str) -> ChatOpenAI:
        return ChatOpenAI(model=name, base_url=f"{served.url}/v1", api_key="anything", max_retries=0)

    grounded = model("zhiku:default")
    assert grounded.invoke(QUESTION).content == REPLY
    assert "".join(str(chunk.content) for chunk in grounded.stream(QUESTION)) == REPLY
    asked = HumanMessage("How is the weather?")
    bound = model("scripted").bind_tools([WEATHER])
    called = bound.invoke([asked])
    assert isinstance(called, AIMessage)
    [call] = called.tool_calls
    assert call["args"] == {"city": "北京"}
    assert bound.invoke([asked, called, ToolMessage("cold", tool_call_id=call["id"])]).content == "It is cold."
    assert called.usage_metadata["total_tokens"] > 0


def test_embeddings_are_the_librarys(client: openai.OpenAI, served: Served, platform) -> None:
    texts = ["annual leave", "年假"]
    own = platform.library.embedder.embed_passages(texts)
    found = client.embeddings.create(model="embedding:hashing", input=texts)  # as base64, which is the client's way
    assert [row.embedding for row in found.data] == pytest.approx([pytest.approx(row.tolist()) for row in own])
    assert found.usage.total_tokens > 0
    asked = client.embeddings.create(
        model="hashing", input="leave", encoding_format="float", extra_body={"input_type": "query"}
    )
    assert asked.data[0].embedding == pytest.approx(platform.library.embedder.embed_query("leave").tolist())
    chained = OpenAIEmbeddings(
        model="hashing", base_url=f"{served.url}/v1", api_key="x", check_embedding_ctx_length=False
    )
    assert chained.embed_query("leave") == pytest.approx(
        platform.library.embedder.embed_passages(["leave"])[0].tolist()
    )
    with pytest.raises(openai.UnprocessableEntityError):
        client.embeddings.create(model="hashing", input=[[1, 2, 3]])


def test_what_is_wrong_is_told_as_openai_tells_it(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model="zhiku:nothing", messages=ASKED)
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError, match="gpt-4"):
        client.chat.completions.create(model="gpt-4", messages=ASKED)
    with pytest.raises(openai.NotFoundError, match="Did you mean 'zhiku:default'"):
        client.chat.completions.create(model="default", messages=ASKED)
    with pytest.raises(openai.NotFoundError) as chats:
        client.embeddings.create(model="zhiku:default", input=["a"])
    assert "Did you mean" not in chats.value.message
    with pytest.raises(openai.BadRequestError, match="empty"):
        client.chat.completions.create(model="zhiku:default", messages=[{"role": "user", "content": " "}], stream=True)
    with pytest.raises(openai.BadRequestError, match="function"):
        client.chat.completions.create(model="scripted", messages=ASKED, tools=[{"type": "other"}])
    with pytest.raises(openai.UnprocessableEntityError, match="messages"):
        client.chat.completions.create(model="zhiku:default", messages=[])
    with pytest.raises(openai.NotFoundError, match="at /v1/chat/completions"):
        client.responses.create(model="zhiku:default", input="How many days?")


def test_a_model_that_fails_is_an_error_on_the_way(platform, served: Served, monkeypatch) -> None:
    from agents.llm.scripted import ScriptedChat

    broken = ScriptedChat(replies=[RuntimeError("boom")], repeat=True)
    monkeypatch.setitem(platform.language_model.__dict__, "chat", broken)
    with (
        openai.OpenAI(base_url=f"{served.url}/v1", api_key="x", max_retries=0) as client,
        pytest.raises(openai.InternalServerError, match="log") as failed,
    ):
        client.chat.completions.create(model="scripted", messages=ASKED)
    assert "boom" not in str(failed.value)
