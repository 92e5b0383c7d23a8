"""Models behind an OpenAI-compatible server: llama-server, vLLM, Ollama, SGLang, LM Studio, or a cloud's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import openai
from langchain_openai import ChatOpenAI

from agents.llm.chunks import announce, gather, last_chunk, text_chunk
from agents.llm.thoughts import ThoughtSplitter
from ingest.errors import ModelError
from ingest.language import Text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
    from langchain_core.messages import BaseMessage
    from langchain_core.outputs import ChatGenerationChunk, ChatResult

    from agents.llm.names import Served
    from ingest.settings import Settings

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 300.0
"""Longest silence within an answer: a large prompt on a busy server takes minutes to read."""


class ServedChat(ChatOpenAI):
    """ChatOpenAI that can be cancelled, keeps thoughts apart, and says plainly what is wrong with a server."""

    @property
    def accepts_cancel(self) -> bool:
        """`cancel=` may be passed to `invoke` and `stream`."""
        return True

    @property
    def _llm_type(self) -> str:
        return "zhiku-server"

    def describe(self) -> str:
        """Model and server in one line."""
        return f"{self.model_name} ({self.openai_api_base})"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> ChatResult:
        if "cancel" in kwargs:  # only a stream can be left early
            return gather(self._stream(messages, stop=stop, run_manager=run_manager, **kwargs))
        try:
            return super()._generate(messages, stop=stop, run_manager=run_manager, **kwargs)
        except openai.OpenAIError as error:
            raise unreachable(str(self.openai_api_base), error) from error

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> Iterator[ChatGenerationChunk]:
        cancel = kwargs.pop("cancel", None)
        splitter = ThoughtSplitter()
        try:
            for chunk in super()._stream(messages, stop=stop, **kwargs):
                if cancel is not None and cancel.is_set():
                    yield announce(
                        last_chunk(self.model_name, asked=0, cached=0, said=0, reason="cancelled"), run_manager
                    )
                    return
                for part in _separated(chunk, splitter):
                    yield announce(part, run_manager)
        except (openai.OpenAIError, httpx.HTTPError) as error:
            raise unreachable(str(self.openai_api_base), error) from error
        for kind, text in splitter.finish():
            yield announce(text_chunk(kind, text), run_manager)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> ChatResult:
        if "cancel" in kwargs:
            stream = self._astream(messages, stop=stop, run_manager=run_manager, **kwargs)
            return gather([chunk async for chunk in stream])
        try:
            return await super()._agenerate(messages, stop=stop, run_manager=run_manager, **kwargs)
        except openai.OpenAIError as error:
            raise unreachable(str(self.openai_api_base), error) from error

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> AsyncIterator[ChatGenerationChunk]:
        cancel = kwargs.pop("cancel", None)
        splitter = ThoughtSplitter()

        async def told(chunk: ChatGenerationChunk) -> ChatGenerationChunk:
            if run_manager:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            return chunk

        try:
            async for chunk in super()._astream(messages, stop=stop, **kwargs):
                if cancel is not None and cancel.is_set():
                    yield await told(last_chunk(self.model_name, asked=0, cached=0, said=0, reason="cancelled"))
                    return
                for part in _separated(chunk, splitter):
                    yield await told(part)
        except (openai.OpenAIError, httpx.HTTPError) as error:
            raise unreachable(str(self.openai_api_base), error) from error
        for kind, text in splitter.finish():
            yield await told(text_chunk(kind, text))

    def _get_request_payload(self, input_: Any, *, stop: list[str] | None = None, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401
        """`max_tokens` as everybody but OpenAI still calls it: Ollama ignores the new name."""
        payload = super()._get_request_payload(input_, stop=stop, **kwargs)
        if "max_completion_tokens" in payload:
            payload["max_tokens"] = payload.pop("max_completion_tokens")
        return payload

    def _convert_chunk_to_generation_chunk(
        self, chunk: dict[str, Any], default_chunk_class: type, base_generation_info: dict[str, Any] | None
    ) -> ChatGenerationChunk | None:
        """As upstream, and the `reasoning_content` (llama-server, vLLM) or `reasoning` (Ollama) it drops."""
        found = super()._convert_chunk_to_generation_chunk(chunk, default_chunk_class, base_generation_info)
        choices = chunk.get("choices") or []
        delta = (choices[0].get("delta") or {}) if choices else {}
        if found is not None and (thought := delta.get("reasoning_content") or delta.get("reasoning")):
            found.message.additional_kwargs["reasoning_content"] = thought
        return found


def _separated(chunk: ChatGenerationChunk, splitter: ThoughtSplitter) -> Iterator[ChatGenerationChunk]:
    """`<think>` of servers that don't take it out themselves."""
    text = chunk.message.content
    if not isinstance(text, str) or not text:
        yield chunk
        return
    pieces = splitter.feed(text)
    if len(pieces) == 1 and pieces[0] == ("answer", text):
        yield chunk
        return
    for kind, part in pieces:
        yield text_chunk(kind, part)
    chunk.message.content = ""
    chunk.text = ""
    yield chunk


def served_models(url: str, api_key: str = "") -> list[str]:
    """Names of the models at `url`. Raises `ModelError` when nobody answers there as such a server does."""
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    try:
        answer = httpx.get(f"{url}/models", headers=headers, timeout=_CONNECT_SECONDS, follow_redirects=True)
        answer.raise_for_status()
        return [str(model["id"]) for model in answer.json().get("data") or []]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, AttributeError) as error:
        raise unreachable(url, error) from error


def unreachable(url: str, error: Exception) -> ModelError:
    """What is wrong with the server at `url`, in a line."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        return ModelError(
            Text(en=f"The model server {url} refuses the key.", zh=f"模型服务器 {url} 拒绝了密钥。"),
            Text(
                en="Set 'model_api_key' (or ZHIKU_MODEL_API_KEY).",
                zh="请设置 model_api_key（或 ZHIKU_MODEL_API_KEY）。",
            ),
        )
    detail = " ".join(str(error).split())[:200] or type(error).__name__
    return ModelError(
        Text(en=f"The model server {url} does not answer: {detail}.", zh=f"模型服务器 {url} 没有应答：{detail}。"),
        Text(
            en="Start the server, and check address and port; the address usually ends with /v1.",
            zh="请启动服务器，并检查地址和端口；地址通常以 /v1 结尾。",
        ),
    )


def open_served(source: Served, settings: Settings) -> ServedChat:
    """The chat model at `source`; the only one there if none is named. Raises `ModelError`."""
    models = served_models(source.url, settings.model_api_key)
    name = source.model
    if not name and len(models) == 1:
        name = models[0]
    # A server may know more names than it lists (Ollama's tags, aliases): only a list that is there can say no.
    if not name or (models and name not in models and f"{name}:latest" not in models):
        listed = ", ".join(models) or "-"
        raise ModelError(
            Text(
                en=f"The server {source.url} has no model '{name}'." if name else f"Which model of {source.url}?",
                zh=f"服务器 {source.url} 上没有模型 “{name}”。" if name else f"请指定 {source.url} 上的模型。",
            ),
            Text(
                en=f"Write {source.url}#MODEL; there are: {listed}.", zh=f"请写成 {source.url}#模型名；可选：{listed}。"
            ),
        )
    return ServedChat(
        model=name,
        base_url=source.url,
        api_key=settings.model_api_key or "none",  # type: ignore[arg-type]  # pydantic makes it a SecretStr
        temperature=settings.temperature,
        max_completion_tokens=settings.max_tokens or None,
        timeout=httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS),
        max_retries=2,
        stream_usage=True,
        use_responses_api=False,
    )
