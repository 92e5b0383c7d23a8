"""A task carried out in the background: its events so far, for whoever draws it.

As with a chat's turn (`app.turns`), a click ends a page's run but not the task.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from typing import TYPE_CHECKING

from agents.tasks.view import view_of
from ingest.errors import ZhikuError
from ingest.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agents.tasks.agent import Agent
    from agents.tasks.events import RunEvent
    from agents.tasks.view import RunView

log = logging.getLogger(__name__)


class TaskWork:
    """Runs an agent's stream in a thread of its own. Events are only ever appended, by that thread."""

    def __init__(self, agent: Agent, task: str, resume: str = "", earlier: Iterable[RunEvent] = ()) -> None:
        """A new `task`, or the run `resume` of that task with its `earlier` events."""
        self.agent = agent
        self.task = task
        self.error: ZhikuError | None = None
        self.stopping = False
        self._events = list(earlier)
        self._began = time.monotonic()
        self._done = threading.Event()
        self._resume = resume
        # The thread speaks the language of the tab that asked.
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._work,), name="zhiku-task", daemon=True)
        self._thread.start()

    @property
    def run_id(self) -> str:
        """Of the run; '' for the moment before it begins."""
        return self.agent.run_id

    @property
    def running(self) -> bool:
        """True until it ended or pauses."""
        return not self._done.is_set()

    @property
    def seconds(self) -> float:
        """Since it began or went on."""
        return time.monotonic() - self._began

    @property
    def count(self) -> int:
        """Events so far: whether there is anything new to draw."""
        return len(self._events)

    @property
    def view(self) -> RunView:
        """What they come to."""
        return view_of(self._events[:])

    def stop(self) -> None:
        """End it in good order; it can be resumed."""
        self.stopping = True
        self.agent.cancel()

    def wait(self, seconds: float) -> bool:
        """Up to `seconds`, or until it has ended; True when it has."""
        return self._done.wait(seconds)

    def _work(self) -> None:
        try:
            resume = self._resume
            for event in self.agent.resume_stream(resume) if resume else self.agent.stream(self.task):
                self._events.append(event)
                if self.stopping:
                    # Again: a stop that came before the run began was forgotten when it did.
                    self.agent.cancel()
        except ZhikuError as error:
            self.error = error
        except Exception as error:
            log.exception("A task failed")
            self.error = ZhikuError(
                Text(en=f"The task ended with an unexpected error: {error}.", zh=f"任务因意外错误而中断：{error}。"),
                Text(
                    en="Resume it. The terminal that runs the application shows the details.",
                    zh="请继续运行。详情见运行本应用的终端。",
                ),
            )
        finally:
            self._done.set()
