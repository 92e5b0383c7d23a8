"""Something that can't be taken back, and a process that dies while it is at it. The standard library only: other
interpreters read this file too."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

TASK = "Send the note to a, to b and to c."
WHO = ("a", "b", "c")
DONE = "The note was sent to a, b and c."


def send(to: str) -> str:
    """Send the note to somebody."""
    folder = Path(os.environ["CRASH_FOLDER"])
    with (folder / "sent.txt").open("a") as file:
        file.write(f"{to}\n")
        file.flush()
        os.fsync(file.fileno())
    if to == os.environ.get("CRASH_AT") and not (folder / "died").exists():
        (folder / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
        threading.Event().wait()
    return f"sent to {to}"
