"""One folder whose files an agent may see and change, and no way out of it."""

from __future__ import annotations

from agents.tools.folder.allowed import AllowedFolder, open_folder
from agents.tools.folder.reach import Entry

__all__ = ["AllowedFolder", "Entry", "open_folder"]
