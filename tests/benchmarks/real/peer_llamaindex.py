"""LlamaIndex, run by an interpreter that has llama-index-core: `python peer_llamaindex.py CONTEXT_TOKENS`.

Wishes come on stdin, a JSON object a line: {"do": "index", "index", "texts": [[name, text]]} or {"do": "ask", "question"}
with "index", or with "passages" that are given in place of a search. Meanwhile it asks back on stdout: {"texts"} →
{"vectors"}, {"query"} → {"vector"}, {"messages": [[role, text]]} → {"text"}; {"done"} ends a wish. Everything else is
LlamaIndex's own default: chunks, how many of them, prompts, and how answers are put together.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from llama_index.core import Document, Settings, VectorStoreIndex, get_response_synthesizer
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, CompletionResponse, LLMMetadata, MessageRole
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.llms import CustomLLM
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index.core.schema import NodeWithScore, TextNode

OUT = sys.stdout
sys.stdout = sys.stderr


def asked(wish: dict[str, Any]) -> dict[str, Any]:
    OUT.write(json.dumps(wish) + "\n")
    OUT.flush()
    answer: dict[str, Any] = json.loads(sys.stdin.readline())
    return answer


class TheirModel(CustomLLM):
    """The model of whoever started this."""

    context: int

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(context_window=self.context, is_chat_model=True, model_name="given")

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **_: Any) -> ChatResponse:
        roles = {MessageRole.SYSTEM: "system", MessageRole.ASSISTANT: "ai"}
        told = [[roles.get(message.role, "human"), message.content or ""] for message in messages]
        text = asked({"messages": told})["text"]
        return ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, content=text))

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
        return CompletionResponse(text=asked({"messages": [["human", prompt]]})["text"])

    def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> Any:
        raise TypeError("nothing is streamed here")


class TheirVectors(BaseEmbedding):
    """The embedder of whoever started this."""

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return asked({"texts": texts})["vectors"]

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return asked({"query": query})["vector"]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


def main() -> None:
    Settings.llm = TheirModel(context=int(sys.argv[1]))
    Settings.embed_model = TheirVectors()
    indices: dict[str, VectorStoreIndex] = {}
    for line in sys.stdin:
        wish = json.loads(line)
        done = ""
        if wish["do"] == "index":
            documents = [Document(text=text, metadata={"file_name": name}) for name, text in wish["texts"]]
            indices[wish["index"]] = VectorStoreIndex.from_documents(documents)
        elif wish.get("passages"):
            nodes = [NodeWithScore(node=TextNode(text=text), score=1.0) for text in wish["passages"]]
            done = str(get_response_synthesizer().synthesize(wish["question"], nodes=nodes))
        else:
            done = str(indices[wish["index"]].as_query_engine().query(wish["question"]))
        OUT.write(json.dumps({"done": done}) + "\n")
        OUT.flush()


if __name__ == "__main__":
    main()
