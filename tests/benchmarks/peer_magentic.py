"""AutoGen's Magentic-One orchestrator with the same faults. Run by an interpreter that has autogen-agentchat and
autogen-ext (`AUTOGEN_PYTHON`): `python peer_magentic.py SCRIPTS_FILE` prints {name of the fault: outcome}.

The team is the orchestrator and one AssistantAgent with the tools. The script's `act` is what the assistant's model
says, its `structure` stands in for the progress ledger; otherwise the ledger is honest: satisfied once the answer has
come up, no progress while nothing but errors and empty replies has.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import sys
from typing import Any

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.teams import MagenticOneGroupChat
from autogen_core import FunctionCall
from autogen_core.models import CreateResult, ModelInfo, RequestUsage
from autogen_ext.models.replay import ReplayChatCompletionClient

MOST_CALLS = 100
SECONDS = 30


class Endless(RuntimeError):
    """The model was asked more often than anyone should."""


def load(path: str) -> Any:
    spec = importlib.util.spec_from_file_location("agent_fault_scripts", path)
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    sys.modules["agent_fault_scripts"] = module
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module


USAGE = RequestUsage(prompt_tokens=1, completion_tokens=1)


def result(content: Any, reason: str = "stop") -> CreateResult:
    return CreateResult(finish_reason=reason, content=content, usage=USAGE, cached=False)  # type: ignore[arg-type]


class Faulty(ReplayChatCompletionClient):
    """Replies by a script, made as they are asked for."""

    def __init__(self, script: Any, module: Any) -> None:
        info = ModelInfo(
            vision=False, function_calling=True, json_output=False, structured_output=False, family="unknown"
        )
        super().__init__([], info)
        self.script, self.module = script, module
        self.asked = self.acted = self.structured = 0

    async def create(self, messages: Any, *, tools: Any = (), **kwargs: Any) -> CreateResult:
        self.asked += 1
        if self.asked > MOST_CALLS:
            raise Endless
        if tools:
            return self.act(messages)
        last = str(messages[-1].content)
        if "pure JSON format" in last:
            return result(self.ledger(messages))
        if "provide the final answer" in last:
            return result(self.module.finished(self.module.FINISH, " ".join(str(m.content) for m in messages)))
        return result("Look the code up with the tool.")

    def ledger(self, messages: Any) -> str:
        if self.script.structure:
            self.structured += 1
            return str(self.script.structure[min(self.structured, len(self.script.structure)) - 1])
        said = [str(m.content) for m in messages if getattr(m, "source", "") == "solver"]
        entries = {
            "is_request_satisfied": any(self.module.ANSWER in words for words in said),
            "is_in_loop": len(said) > 2 and len(set(said[-3:])) == 1,
            "is_progress_being_made": not said or (bool(said[-1].strip()) and "rror" not in said[-1]),
            "next_speaker": "solver",
            "instruction_or_question": "Look the code up with the tool.",
        }
        return json.dumps({key: {"reason": "seen", "answer": value} for key, value in entries.items()})

    def act(self, messages: Any) -> CreateResult:
        reply = self.script.act[min(self.acted, len(self.script.act) - 1)]
        self.acted += 1
        if "raise" in reply:
            raise ConnectionError(reply["raise"])
        made = [(name, json.dumps(arguments)) for name, arguments in reply.get("calls", ())]
        if "broken" in reply:
            made = [(reply["broken"], reply["arguments"])]
        if made:
            calls = [FunctionCall(id=f"c{self.acted}_{i}", name=n, arguments=a) for i, (n, a) in enumerate(made)]
            return result(calls, "function_calls")
        seen = " ".join(str(m.content) for m in messages)
        return result(self.module.finished(reply, seen) if "finish" in reply else reply["text"])


async def outcome(script: Any, module: Any) -> str:
    client = Faulty(script, module)
    solver = AssistantAgent("solver", client, tools=list(module.TOOLS), description="Calls tools.")
    team = MagenticOneGroupChat([solver], model_client=client)
    try:
        result = await asyncio.wait_for(team.run(task=module.TASK), SECONDS)
    except TimeoutError:
        return "endless"
    except Exception as error:
        if client.asked > MOST_CALLS:
            return "endless"
        first = str(error).strip().splitlines()[0] if str(error).strip() else ""
        kind = first.partition(":")[0] if first.partition(":")[0].isidentifier() else type(error).__name__
        return f"exception: {kind}"
    if "Max rounds" in str(result.stop_reason):
        return "says so: limit"
    return "right" if module.ANSWER in str(result.messages[-1].content) else "as if done"


async def main(path: str) -> None:
    for name in ("autogen_core", "autogen_agentchat", "autogen_core.events"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    module = load(path)
    found = {script.name: await outcome(script, module) for script in module.SCRIPTS}
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
