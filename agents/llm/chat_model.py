"""A GGUF file as a LangChain chat model."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.base import LangSmithParams
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import Runnable
from pydantic import ConfigDict, Field, PrivateAttr

from agents.llm import gguf
from agents.llm.engine import adapters
from agents.llm.engine.engine import Engine
from agents.llm.engine.options import EngineOptions
from agents.llm.engine.resident import shared_engine
from agents.llm.engine.sampling import Sampling
from agents.llm.placing.choice import Wish
from agents.llm.prompting.prompting import Prompter
from agents.llm.prompting.reply import Reply, repeats
from agents.llm.prompting.structured import structured
from agents.llm.streaming import StreamingChat, announce, last_chunk
from agents.llm.thoughts import TAGS
from ingest.settings import Settings

_LOOK_FOR_CANCEL = 0.05
"""Seconds between two looks at `cancel` while no token comes."""
_READING = 60e9
"""Parameters times prompt tokens that one thread does in a second: 4-bit models of 0.5B and 1.5B, two threads."""
_CHOOSING = {"temperature", "top_k", "top_p", "min_p", "repeat_penalty", "seed"}
"""Fields that say how tokens are chosen; a request may name others."""


class GgufChat(StreamingChat):
    """Chats with the model in the file `path`. Objects with the same file and options share one loaded model."""

    path: str
    """The GGUF file; of a model in several files, the first."""
    model: str = ""
    """How people call it; the file's name if empty."""
    temperature: float | None = 0.0
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.0
    seed: int | None = None
    max_tokens: int | None = 1024
    """Of a reply, its thoughts included; None: as much as the context holds."""
    stop: list[str] | None = None
    context: int = 0
    """Tokens of context; 0: as much as the model was trained for and memory allows."""
    gpu_layers: int | Literal["auto"] = "auto"
    threads: int = 0
    kv: Literal["auto", "f16", "q8_0", "q4_0"] = "auto"
    flash_attention: Literal["auto", "on", "off"] = "auto"
    lora: str = ""
    """LoRA adapters: FILE or FILE:SCALE, several with commas between them."""
    template_arguments: dict[str, Any] = Field(default_factory=dict)
    """Passed to the chat template, such as {'enable_thinking': False}."""
    profiles: str = ""
    """The folder in which is kept what was found out about model files by trying them; '' keeps nothing."""
    prefixes: str = ""
    """The folder in which the beginnings of prompts are kept from one start to the next; '' keeps none."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    _held_engine: Engine | None = PrivateAttr(default=None)

    def model_post_init(self, context: object, /) -> None:
        """Check the file's header and the adapters; nothing is loaded. Raises `ModelError`, `UsageError`."""
        super().model_post_init(context)
        header = self.header
        gguf.parts(header)
        adapters.checked(header.path, self.lora)
        if not self.model:
            self.model = header.path.stem

    @property
    def header(self) -> gguf.Gguf:
        """What the file says about itself."""
        return _header(self.path)

    @property
    def engine(self) -> Engine:
        """The loaded (or loadable) model behind this object and others like it."""
        if self._held_engine is None:
            wish = Wish(self.context, cache=self.kv, flash_attention=self.flash_attention, gpu_layers=self.gpu_layers)
            self._held_engine = shared_engine(
                EngineOptions.of(self.header.path, wish, threads=self.threads, lora=self.lora, prefixes=self.prefixes)
            )
        return self._held_engine

    @property
    def context_tokens(self) -> int:
        """Tokens prompt and reply may have together; loads the model."""
        return self.engine.load().context.tokens

    @property
    def reading_speed(self) -> float | None:
        """Prompt tokens a second, as this machine was last seen to read them, before that as estimated; None with layers on
        a GPU, where nobody waits for it. Loads the model."""
        loaded = self.engine.load()
        if loaded.weights.gpu_layers:
            return None
        return self.engine.reading_speed or _READING * loaded.threads.number / max(self.header.parameters, 1)

    def describe(self) -> str:
        """Model, size and where it runs, in one line; loads nothing."""
        header = self.header
        size = f"{header.parameters / 1e9:.2g}B" if header.parameters >= 1e9 else f"{header.parameters / 1e6:.0f}M"
        loaded = self.engine.loaded
        return f"{self.model} ({size}, {header.quantisation})" + (f", {loaded.describe()}" if loaded else "")

    def count_tokens(self, messages: Sequence[BaseMessage], **options: Any) -> int:  # noqa: ANN401
        """Tokens of the prompt these messages make, template included; loads the model."""
        return len(self._prompter.prompt(list(messages), {**options}).tokens)

    def get_num_tokens(self, text: str) -> int:
        """Tokens of a text by itself; loads the model."""
        return len(self.engine.weights.tokenize(text, special=False))

    def chances(
        self, messages: Sequence[BaseMessage], choices: Sequence[Sequence[str]], cancel: threading.Event | None = None
    ) -> tuple[float, ...]:
        """Probability of each of `choices` as the beginning of the reply; a choice is given by its spellings ('Yes', 'yes').
        The prompt is read, nothing is written; a thought that the template begins is ended first. () when `cancel` is
        set before. Raises `ModelError`."""
        prompt = self._prompter.prompt(list(messages), {"template_arguments": {"enable_thinking": False}})
        weights = self.engine.weights
        ended = weights.tokenize(f"\n{dict(TAGS)[prompt.opened]}\n\n", special=True) if prompt.opened else []
        begins = [sorted({weights.tokenize(text, special=False)[0] for text in choice}) for choice in choices]
        ticket = self.engine.submit(prompt.tokens + ended, Sampling(), 1, stable=prompt.stable, choices=begins)
        try:
            while ticket.next(_LOOK_FOR_CANCEL if cancel is not None else None) is not None:
                if cancel is not None and cancel.is_set():
                    break
        finally:
            ticket.cancel()
        return ticket.chances

    def with_structured_output(
        self,
        schema: dict[str, Any] | type,
        *,
        include_raw: bool = False,
        method: Literal["json_schema", "function_calling", "json_mode"] = "json_schema",
        **kwargs: Any,  # noqa: ANN401
    ) -> Runnable[LanguageModelInput, dict[str, Any] | Any]:
        """Replies that are objects of `schema`, enforced token by token whichever `method` is named."""
        return structured(self, schema, include_raw=include_raw, method=method, options=kwargs)

    @property
    def _llm_type(self) -> str:
        return "zhiku-gguf"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return self.model_dump(include={"path", "model", "max_tokens", *_CHOOSING})

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:  # noqa: ANN401
        name = str(kwargs.get("model") or self.model)
        return {**super()._get_ls_params(stop=stop, **kwargs), "ls_provider": "zhiku", "ls_model_name": name}

    @functools.cached_property
    def _prompter(self) -> Prompter:
        return Prompter(self.engine, self.header.template, self.template_arguments)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in self._chunks(messages, stop, kwargs):
            yield announce(chunk, run_manager)

    def _chunks(
        self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]
    ) -> Iterator[ChatGenerationChunk]:
        prompt = self._prompter.prompt(messages, options)
        limit = options.get("max_tokens", self.max_tokens)
        room = self.context_tokens - len(prompt.tokens)
        most = min(limit or room, max(room, 1))
        chosen = self.model_dump(include=_CHOOSING) | {name: options[name] for name in _CHOOSING & options.keys()}
        sampling = Sampling(**{**chosen, "temperature": chosen["temperature"] or 0.0}, grammar=prompt.grammar)
        ticket = self.engine.submit(prompt.tokens, sampling, most, stable=prompt.stable)
        cancel = options.get("cancel")
        reply = Reply(prompt, [*(stop or self.stop or []), *(options.get("stop_words") or [])])
        written: list[int] = []
        written_before = 0
        shown = self._prompter.shown(prompt)
        try:
            while (token := ticket.next(_LOOK_FOR_CANCEL if cancel is not None else None)) is not None:
                if cancel is not None and cancel.is_set():
                    ticket.cancel()
                    reply.reason = "cancelled"
                    break
                if token < 0:
                    continue
                written.append(token)
                if repeats(written):
                    if ticket.concluding or not prompt.grammar:
                        reply.reason = "repetition"
                        break
                    ticket.concluding = True  # a call or an object is ended instead, so that it can be read
                    written_before, written = written_before + len(written), []
                yield from reply.feed(self.engine.weights.piece(token, special=token in shown))
                if reply.ended:
                    break
        finally:
            ticket.cancel()
        yield from reply.finish(ticket.finished or "stop")
        asked, cached = len(prompt.tokens), ticket.cached
        yield last_chunk(
            self.model,
            asked=asked,
            cached=cached,
            said=written_before + len(written),
            reason=reply.reason,
            problem=reply.problem,
        )


@functools.lru_cache(maxsize=16)
def _header(path: str) -> gguf.Gguf:
    return gguf.read(Path(path).expanduser().absolute())


def open_file(path: Path, name: str, settings: Settings, home: Path | None = None) -> GgufChat:
    """The chat model in a file, as the settings want it and as `home` remembers it. Checks the file; loads it at the first
    question. Raises `ModelError`."""
    from ingest.settings import default_home

    home = home or default_home()
    return GgufChat(
        path=str(path),
        model=name,
        profiles=str(home / "model-profiles"),
        prefixes=str(home / "cache" / "prefixes"),
        temperature=settings.temperature,
        max_tokens=settings.max_tokens or None,
        context=settings.context,
        gpu_layers=settings.gpu_layers,
        threads=settings.threads,
        kv=settings.kv,
        flash_attention=settings.flash_attention,
        lora=settings.lora,
    )
