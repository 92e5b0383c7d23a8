"""OpenTelemetry spans by the GenAI semantic conventions: `invoke_agent`, `chat`, `execute_tool`.

Only where somebody listens: the host program has set a tracer provider, or OTEL_EXPORTER_OTLP_ENDPOINT (or its variant
for traces) names a collector. Otherwise nothing is loaded, made or sent. No prompt, argument or result goes into a
span: names, counts and times alone.
https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-agent-spans/
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cache
from typing import Any

from agents.llm.usage import Usage

logger = logging.getLogger(__name__)
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class Span:
    """One span, or nothing that takes the same calls."""

    def __init__(self, span: Any = None) -> None:  # noqa: ANN401 - OpenTelemetry's, absent mostly
        self.raw = span

    def set(self, name: str, value: Any) -> None:  # noqa: ANN401 - what an attribute may be
        """One attribute."""
        if self.raw is not None:
            self.raw.set_attribute(name, value)

    def used(self, usage: Usage, reason: str = "") -> None:
        """Tokens, and why the model stopped."""
        self.set("gen_ai.usage.input_tokens", usage.prompt_tokens)
        self.set("gen_ai.usage.output_tokens", usage.completion_tokens)
        if reason:
            self.set("gen_ai.response.finish_reasons", [reason])

    def failed(self, kind: str) -> None:
        """It ended badly; `kind` is the class of the error, never its text."""
        self.set("error.type", kind)
        if self.raw is not None:
            from opentelemetry.trace import Status, StatusCode

            self.raw.set_status(Status(StatusCode.ERROR))


class Telemetry:
    """Spans around one run, its questions to models and its calls.

    The run's span is handed to the others by name, not by context: a run's generator may be read from one thread after
    another, and a context that is entered in one can't be left in the next.
    """

    def __init__(self) -> None:
        self._run: Any = None

    @contextmanager
    def agent(self, run: str, model: str) -> Iterator[Span]:
        """The run."""
        attributes = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": "zhiku",
            "gen_ai.conversation.id": run,
            "gen_ai.request.model": model,
        }
        with self._span("invoke_agent zhiku", "internal", attributes) as span:
            self._run = span.raw
            yield span

    def chat(self, model: str, max_tokens: int) -> AbstractContextManager[Span]:
        """One question to a model."""
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "zhiku",
            "gen_ai.request.model": model,
            "gen_ai.request.max_tokens": max_tokens,
        }
        return self._span(f"chat {model}", "client", attributes)

    def tool(self, name: str, call: str) -> AbstractContextManager[Span]:
        """One call of a tool."""
        attributes = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": name,
            "gen_ai.tool.call.id": call,
            "gen_ai.tool.type": "function",
        }
        return self._span(f"execute_tool {name}", "internal", attributes)

    @contextmanager
    def _span(self, name: str, kind: str, attributes: dict[str, Any]) -> Iterator[Span]:
        tracer = _tracer() if _listened_to() else None
        if tracer is None:
            yield Span()
            return
        from opentelemetry.trace import SpanKind, set_span_in_context

        kinds = {"client": SpanKind.CLIENT, "internal": SpanKind.INTERNAL}
        parent = set_span_in_context(self._run) if self._run is not None else None
        span = Span(tracer.start_span(name, parent, kind=kinds[kind], attributes=attributes))
        try:
            yield span
        except GeneratorExit:
            raise
        except BaseException as error:
            span.failed(type(error).__name__)
            raise
        finally:
            span.raw.end()


def _listened_to() -> bool:
    if any(os.environ.get(name) for name in _ENDPOINTS):
        return True
    # A host program that has set a provider has imported the API; importing it here would only cost time.
    api = sys.modules.get("opentelemetry.trace")
    if api is None:
        return False
    return not isinstance(api.get_tracer_provider(), api.ProxyTracerProvider | api.NoOpTracerProvider)


def _tracer() -> Any:  # noqa: ANN401 - OpenTelemetry's
    from opentelemetry import trace

    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        _provide()
    return trace.get_tracer("zhiku")


@cache
def _provide() -> None:
    """A provider that sends to the collector the environment names, where the SDK and an exporter are installed."""
    from opentelemetry import trace

    with suppress(ImportError):
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        provider = TracerProvider(resource=Resource.create({"service.name": "zhiku"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(provider)
        return
    logger.debug("a collector is configured, but opentelemetry-sdk and an OTLP exporter are not installed")
