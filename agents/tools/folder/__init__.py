"""One folder whose files an agent may see and change, and no way out of it."""

from __future__ import annotations

from agents.tools.folder.allowed import AllowedFolder, Entry, open_folder

__all__ = ["AllowedFolder", "Entry", "open_folder"]
