"""Microsoft's Agent Framework: an agent in a workflow with checkpoints in files. Run by an interpreter that has
agent-framework-core (`AGENT_FRAMEWORK_PYTHON`): `python peer_agent_framework.py begin|resume`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent_framework import (
    Agent,
    AgentExecutor,
    BaseChatClient,
    ChatResponse,
    Content,
    FileCheckpointStorage,
    FunctionInvocationLayer,
    Message,
    WorkflowBuilder,
    tool,
)
from deeds import DONE, TASK, WHO, send


class Model(FunctionInvocationLayer, BaseChatClient):
    """Wants three calls at once, and says that it is done once it has seen results."""

    def _inner_get_response(
        self, *, messages: Sequence[Message], stream: bool, options: Mapping[str, Any], **_: Any
    ) -> Any:
        async def answered() -> ChatResponse:
            if any(content.type == "function_result" for message in messages for content in message.contents):
                return ChatResponse(messages=[Message("assistant", [Content.from_text(DONE)])])
            calls = [Content.from_function_call(f"send-{to}", "send", arguments={"to": to}) for to in WHO]
            return ChatResponse(messages=[Message("assistant", calls)])

        return answered()


async def main(phase: str) -> None:
    folder = Path(os.environ["CRASH_FOLDER"]) / "checkpoints"
    folder.mkdir(exist_ok=True)
    storage = FileCheckpointStorage(folder)
    client = Model()
    client.function_invocation_configuration["allow_concurrent_invocation"] = False
    agent = Agent(client, name="sender", tools=[tool(approval_mode="never_require")(send)])
    executor = AgentExecutor(agent, id="sender")
    workflow = WorkflowBuilder(start_executor=executor, name="crash", checkpoint_storage=storage).build()
    if phase == "begin":
        result = await workflow.run(TASK)
    else:
        latest = await storage.get_latest(workflow_name="crash")
        result = await workflow.run(checkpoint_id=latest.checkpoint_id)
    text = " ".join(str(getattr(output, "text", output)) for output in result.get_outputs())
    print(json.dumps({"status": "done", "told": False, "text": text}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
