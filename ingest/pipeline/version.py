"""By what a file was read: the same is not read again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.documents import Parsed


@dataclass(frozen=True, slots=True)
class Version:
    """How files are read now. Who recognises pictures counts for those alone that had any to recognise: a scan that was
    added without text recognition is read again once there is some, and nothing else is."""

    number: str
    """Of loaders and chunker."""
    recogniser: str = ""

    @property
    def accepted(self) -> tuple[str, str]:
        """What is stored of documents that need not be read again."""
        return self.number, f"{self.number} {self.recogniser or '-'}"

    def reads(self, stored: str) -> bool:
        """Whether a document that was read as `stored` would be read the same way now."""
        return stored in self.accepted

    def of(self, parsed: Parsed) -> str:
        """What is stored of a document that was just read."""
        return self.accepted[parsed.recognition]
