"""By what a file was read: the same is not read again."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.documents import Parsed


@dataclass(frozen=True, slots=True)
class Version:
    """How files are read now. Who recognises pictures counts for those alone that had any to recognise: a scan that was
    added without text recognition is read again once there is some, and nothing else is."""

    number: str
    """Of loaders and chunker."""
    recogniser: str = ""
    force: bool = False
    """Whether every page of a PDF is recognised: then one that was read from its text is read again too."""
    told: str = ""
    """How text recognition was set for the files named alone: 'auto', 'off' or 'force'; '' where it is as for all."""

    def is_current(self, pipeline: str, path: str) -> bool:
        """Whether a document at this path is as it would be read now; one that was read as the user told stays so."""
        return pipeline in self.accepted(path) or pipeline.startswith(f"{self.number} as told")

    def accepted(self, path: str) -> tuple[str, ...]:
        """What is stored of documents that may stand for one at this path with the same content."""
        own = f"{self.number} {self.recogniser or '-'}{' force' if self.force else ''}"
        return (own,) if self.force and path.lower().endswith(".pdf") else (self.number, own)

    def of(self, parsed: Parsed, path: str) -> str:
        """What is stored of a document that was just read."""
        if self.told:
            return f"{self.number} as told: {self.told}"
        return self.accepted(path)[-1] if parsed.recognition else self.number
