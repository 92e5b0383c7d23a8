"""Questions to begin with, when the documents are the sample corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.documents import Document


def questions_for(documents: Sequence[Document]) -> tuple[str, ...]:
    """Up to four questions the sample corpus answers, in the language in force; none for other documents."""
    return ()
