"""What may be asked: one rule for searching and for asking."""

from __future__ import annotations

from ingest.errors import UsageError
from ingest.language import Text

MOST_CHARACTERS = 10_000
"""Of a question. Longer is a document, which belongs into the library; embedders read some 500 tokens anyway."""


def checked_query(query: str) -> str:
    """`query` without NUL and lone surrogates. Raises `UsageError` when it is empty or endless."""
    cleaned = query.replace("\0", " ").encode("utf-8", "ignore").decode("utf-8").strip()
    if not cleaned:
        raise UsageError(
            Text("The question is empty.", "问题为空。"), Text("Type what you want to know.", "请输入您想了解的内容。")
        )
    if len(cleaned) > MOST_CHARACTERS:
        raise UsageError(
            Text(
                f"The question has {len(cleaned):,} characters; at most {MOST_CHARACTERS:,} are possible.",
                f"问题长达 {len(cleaned):,} 个字符，最多 {MOST_CHARACTERS:,} 个。",
            ),
            Text("Ask a shorter one; a document goes in by `ingest add`.", "请缩短问题；文档请用 `ingest add` 添加。"),
        )
    return cleaned


def checked_count(k: int | None, usual: int) -> int:
    """How many hits are wanted, `usual` ones unless said. Raises `UsageError` below 1."""
    if k is None:
        return usual
    if k < 1:
        raise UsageError(
            Text(f"-k must be at least 1, not {k}.", f"-k 至少为 1，而不是 {k}。"),
            Text(f"Leave it out for {usual} hits.", f"省略时返回 {usual} 个结果。"),
        )
    return k
