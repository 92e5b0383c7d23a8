"""A platform on another machine."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel

from agents.proof.checking import CheckedSentence
from agents.proof.citations import Proof
from agents.proof.sources import Citation
from agents.remote.chat import RemoteChat, RemoteConversations
from agents.remote.tasks import RemoteAgent, RemoteRuns
from agents.tasks.events import Result
from ingest.closing import Closing
from ingest.errors import ModelError, UsageError
from ingest.filters import Where
from ingest.finding import Bases
from ingest.language import Text
from ingest.records import from_json
from ingest.remote.connection import Connection
from ingest.remote.library import RemoteLibrary

_OURS = ("zhiku:", "embedding:", "assistant:")
"""How the names of those models begin that are not the language model itself."""


class RemotePlatform(Closing):
    """What `zhiku serve` at an address offers to who has that key. Nothing is asked before it is used; then its methods
    raise as those of `Platform` do, what the server refuses as `UsageError`, and `LibraryUnavailable` where none answers."""

    def __init__(self, url: str, key: str = "") -> None:
        self._server = Connection(url, key)
        self._key = key
        self.library = RemoteLibrary(self._server)
        self.conversations = RemoteConversations(self._server)
        self.runs = RemoteRuns(self._server)

    def chat(
        self,
        kb: Bases | None = None,
        conversation: str | None = None,
        k: int | None = None,
        *,
        where: Where = None,
        assistant: str = "",
    ) -> RemoteChat:
        """Questions to one knowledge base or several, to their documents that fit a filter, or to the assistant of that name;
        without `kb` to what the conversation was begun with, else to 'default'."""
        return RemoteChat(self._server, kb, conversation, k, where, assistant)

    def check(self, answer: str, kb: str = "default", question: str = "") -> Proof:
        """Any text held against a knowledge base, sentence by sentence."""
        told = self._server.ask("POST", "/api/check", json={"answer": answer, "kb": kb, "question": question})
        return Proof(
            told["text"],
            tuple(from_json(CheckedSentence, one) for one in told["sentences"]),
            tuple(from_json(Citation, one) for one in told["citations"]),
        )

    def agent(
        self, tools: tuple[()] = (), kb: Bases = "default", *, where: Where = None, effort: str | None = None
    ) -> RemoteAgent:
        """An agent on the server, with the tools that it has. Raises `UsageError` for tools of your own, which it can't
        call."""
        if tools:
            raise UsageError(
                Text("A server can't call tools of this program.", "服务器无法调用本程序的工具。"),
                Text(
                    "Offer them as an MCP server that the server's mcp.json names.",
                    "请将其作为 MCP 服务器，写入服务器的 mcp.json。",
                ),
            )
        return RemoteAgent(self._server, kb, where, effort)

    def agent_of(self, run_id: str) -> RemoteAgent:
        """The agent that goes on with an earlier run. Raises `UsageError`."""
        self.runs.get(run_id)
        return RemoteAgent(self._server)

    def run(self, task: str, **options: Any) -> Result:  # noqa: ANN401 - as `agent` has them
        """The result of one task, by an agent made with what else is given."""
        return self.agent(**options).run(task)

    @cached_property
    def model_name(self) -> str:
        """What the server calls its language model. Raises `ModelError` where this key may not use it by itself."""
        names = [model["id"] for model in self._server.ask("GET", "/v1/models")["data"]]
        if found := next((name for name in names if not name.startswith(_OURS)), ""):
            return found
        raise ModelError(
            Text("This key may not use the language model by itself.", "此密钥不能直接使用语言模型。"),
            Text("`chat` asks it about documents.", "可用 `chat` 针对文档提问。"),
        )

    @cached_property
    def chat_model(self) -> BaseChatModel:
        """The server's language model as LangChain has it."""
        from agents.llm import open_model
        from ingest.settings import Settings

        settings = Settings(model_api_key=self._key or "none")
        return open_model(f"{self._server.url}/v1#{self.model_name}", settings)

    @property
    def embeddings(self) -> Embeddings:
        """The server's embedder as LangChain has it."""
        return RemoteEmbeddings(self._server)

    def close(self) -> None:
        """Close connections; the object is not used afterwards."""
        self._server.close()


class RemoteEmbeddings(Embeddings):
    """The embedder of a server's library: queries and passages get their own prompts."""

    def __init__(self, connection: Connection) -> None:
        self._server = connection

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A unit vector per text."""
        return [
            vector for first in range(0, len(texts), 256) for vector in self._of(texts[first : first + 256], "passage")
        ]

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of a question."""
        return self._of([text], "query")[0]

    def _of(self, texts: list[str], kind: str) -> list[list[float]]:
        names = [model["id"] for model in self._server.ask("GET", "/v1/models")["data"]]
        name = next((name for name in names if name.startswith(_OURS[1])), _OURS[1])
        form = {"model": name, "input": texts, "input_type": kind}
        return [row["embedding"] for row in self._server.ask("POST", "/v1/embeddings", json=form)["data"]]
