"""What clients of OpenAI's API send. What we have no use for is let through unread, as other servers do."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_TEXTS = 2048
"""Of a request for embeddings, as OpenAI has it."""


class Message(BaseModel):
    """One message; what else it carries (tool calls, names) is for the model."""

    model_config = ConfigDict(extra="allow")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[dict[str, Any]] | None = None

    @property
    def text(self) -> str:
        """Its text, parts joined."""
        if isinstance(self.content, list):
            return "\n".join(str(part.get("text") or "") for part in self.content).strip()
        return self.content or ""


class StreamOptions(BaseModel):
    """Of a streamed completion."""

    include_usage: bool = False


class Narrowing(BaseModel):
    """What this server adds to a request to a knowledge base."""

    model_config = ConfigDict(extra="forbid")

    kbs: list[str] = Field(default_factory=list, max_length=50, description="More knowledge bases to ask with it.")
    where: str = Field(default="", max_length=2000, description="Which documents: a filter as in docs/filters.md.")
    k: int | None = Field(default=None, ge=1, le=100, description="Passages to look at.")


class ChatRequest(BaseModel):
    """A request for a chat completion."""

    model: str = Field(max_length=500)
    messages: list[Message] = Field(min_length=1, max_length=2000)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    seed: Annotated[int, Field(ge=-(2**31), lt=2**31)] | None = None
    max_tokens: int | None = Field(default=None, ge=1, le=1_000_000)
    max_completion_tokens: int | None = Field(default=None, ge=1, le=1_000_000)
    stop: str | list[str] | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    response_format: dict[str, Any] | None = None
    n: int | None = Field(default=1, ge=1, le=1, description="One reply is written at a time.")
    zhiku: Narrowing = Field(default_factory=Narrowing)


class EmbeddingRequest(BaseModel):
    """A request for vectors."""

    model: str = Field(max_length=500)
    input: str | list[str]
    encoding_format: Literal["float", "base64"] = "float"
    input_type: Literal["query", "passage"] = Field(
        "passage", description="What the texts are: the embedder prepares questions otherwise than passages."
    )
