"""Spans by OpenTelemetry's GenAI conventions when somebody listens, and nothing at all otherwise."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
RUN = """
import json, tempfile
from pathlib import Path
from tests.agents.tasks import stage as s
{before}
stage = s.Stage(Path(tempfile.mkdtemp()))
result, _ = stage.ended(s.ONE, s.search(), s.call("picky", what="secret words"), s.done(), "15 days of leave.")
failed, _ = stage.ended(TypeError("secret trouble"))
{after}
"""
LISTENING = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
kept = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(kept))
trace.set_tracer_provider(provider)
"""
TOLD = """
spans = kept.get_finished_spans()
by_id = {span.context.span_id: span.name for span in spans}
print(json.dumps([{
    "name": span.name, "kind": span.kind.name, "status": span.status.status_code.name,
    "parent": by_id.get(span.parent.span_id) if span.parent else None,
    "events": len(span.events), "description": span.status.description, **dict(span.attributes),
} for span in spans]))
"""


def run(before: str, after: str) -> str:
    command = [sys.executable, "-c", RUN.format(before=before, after=after)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_a_run_its_questions_and_its_calls_are_spans() -> None:
    spans = json.loads(run(LISTENING, TOLD))
    names = [span["name"] for span in spans]
    assert names.count("invoke_agent zhiku") == 2
    assert names.count("chat scripted") == 6
    assert names.count("execute_tool search_documents") == 1
    for span in spans:
        if span["name"] != "invoke_agent zhiku":
            assert span["parent"] == "invoke_agent zhiku"
    chat = next(span for span in spans if span["name"] == "chat scripted")
    assert chat["gen_ai.operation.name"] == "chat"
    assert chat["kind"] == "CLIENT"
    assert chat["gen_ai.request.model"] == "scripted"
    assert chat["gen_ai.usage.input_tokens"] > 0
    assert chat["gen_ai.usage.output_tokens"] > 0
    tool = next(span for span in spans if span["name"] == "execute_tool picky")
    assert tool["gen_ai.tool.name"] == "picky"
    assert (tool["status"], tool["error.type"]) == ("ERROR", "tool_error")
    last = [span for span in spans if span["name"] == "invoke_agent zhiku"][-1]
    assert (last["status"], last["error.type"]) == ("ERROR", "ModelError")


def test_spans_hold_no_words_of_anybody() -> None:
    told = run(LISTENING, TOLD)
    for words in ("secret", "annual leave", "15 days"):
        assert words not in told
    assert all(span["events"] == 0 for span in json.loads(told))


def test_unheard_nothing_is_made_or_sent() -> None:
    after = """
import threading
from opentelemetry import trace
print(type(trace.get_tracer_provider()).__name__, [t.name for t in threading.enumerate() if "otel" in t.name.lower()])
"""
    assert run("", after).strip() == "ProxyTracerProvider []"
