"""Microsoft's Agent Framework in a process of its own, which asks back for the model's words and the tools' results."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.tools.adapting import adapt
from tests.benchmarks.tasks.chains import QUESTIONS, SYSTEM, carried_out, given
from tests.benchmarks.tasks.judging import Ended
from tests.benchmarks.tasks.world import ASKED

if TYPE_CHECKING:
    from agents.platform import Platform
    from agents.tools.tool import Tool
    from tests.benchmarks.tasks.judging import Task
    from tests.benchmarks.tasks.world import World


class AgentFramework:
    """Its `Agent` with our chat model behind its chat client and nothing else set."""

    def __init__(self, platform: Platform) -> None:
        """Raises `LookupError` when there is no Agent Framework here."""
        python = os.environ.get("AGENT_FRAMEWORK_PYTHON")
        if not python:
            message = (
                "Agent Framework: not measured, AGENT_FRAMEWORK_PYTHON names no interpreter that has it"
                " (`pip install agent-framework-core` in an environment of its own)."
            )
            raise LookupError(message)
        self._model = platform.chat_model
        self._builtin = given(platform)
        self._process = subprocess.Popen(
            [python, str(Path(__file__).with_name("peer_agent_framework.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        )

    def carry_out(self, task: Task, world: World) -> Ended:
        tools = {tool.name: tool for tool in [*self._builtin, *map(adapt, world.tools)]}
        listed = [
            {"name": t.name, "description": t.description, "parameters": dict(t.parameters), "ask": t.name == ASKED}
            for t in tools.values()
        ]
        self._send({"task": task.question.question, "system": SYSTEM, "tools": listed, "questions": QUESTIONS})
        with tempfile.TemporaryDirectory() as folder:
            while True:
                line = self._process.stdout.readline()  # type: ignore[union-attr]
                if not line:
                    message = f"Agent Framework ended with status {self._process.wait()}"
                    raise RuntimeError(message)
                said = json.loads(line)
                if "done" in said:
                    return Ended(said["done"], bool(said["failed"]), said["how"])
                self._send(self._answer(said, tools, world, Path(folder)))

    def _answer(self, said: dict[str, Any], tools: dict[str, Tool], world: World, folder: Path) -> dict[str, Any]:
        if "may" in said:
            return {"yes": world.may(said["may"])}
        if "call" in said:
            return {"text": carried_out(tools[said["call"]], said["arguments"], folder)}
        try:
            bound = self._model.bind_tools(said["tools"], tool_choice="auto") if said["tools"] else self._model
            message = bound.invoke(said["messages"])
        except Exception as error:  # the peer's own business, as any server's error would be
            return {"error": f"{type(error).__name__}: {error}"[:300]}
        return {"text": str(message.text), "calls": message.tool_calls}

    def _send(self, message: dict[str, Any]) -> None:
        self._process.stdin.write(json.dumps(message, ensure_ascii=False, default=str) + "\n")  # type: ignore[union-attr]
        self._process.stdin.flush()  # type: ignore[union-attr]

    def close(self) -> None:
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait(timeout=30)
        self._process.stdout.close()  # type: ignore[union-attr]
