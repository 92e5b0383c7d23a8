"""What pydantic finds wrong is told in both languages."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from ingest.errors import fault


@pytest.mark.parametrize(
    ("kind", "given", "zh"),
    [
        (str, 1, "应为文本"),
        (Annotated[str, Field(min_length=2)], "x", "至少 2 个字符"),
        (Annotated[str, Field(max_length=2)], "xyz", "最多 2 个字符"),
        (Annotated[str, Field(pattern=r"^\d{0,9}$")], "x", r"应符合 ^\d{0,9}$"),
        (int, "x", "应为整数"),
        (int, 1.5, "应为整数"),
        (float, "x", "应为数字"),
        (bool, "maybe", "应为 true 或 false"),
        (list[str], "x", "应为列表"),
        (dict[str, int], 3, "应为对象"),
        (Annotated[int, Field(ge=1, lt=9)], 0, "不得小于 1"),
        (Annotated[int, Field(ge=1, lt=9)], 9, "应小于 9"),
        (Annotated[float, Field(gt=0, le=2)], 3, "不得大于 2.0"),
        (Annotated[list[str], Field(max_length=1)], ["a", "b"], "最多 1 项"),
        (Literal["up", "down"], "left", "应为'up' 或 'down'"),
        (complex, "x", "不符合要求"),
    ],
)
def test_a_fault_is_told_in_both_languages(kind: object, given: object, zh: str) -> None:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(kind).validate_python(given)
    told = fault(raised.value.errors()[0])
    assert told.zh == zh
    assert told.en == raised.value.errors()[0]["msg"]


def test_a_sentence_of_our_own_stays() -> None:
    def refuse(_: object) -> object:
        raise ValueError("请选择一个知识库。")

    from pydantic import AfterValidator

    with pytest.raises(ValidationError) as raised:
        TypeAdapter(Annotated[str, AfterValidator(refuse)]).validate_python("x")
    assert str(fault(raised.value.errors()[0])) == "请选择一个知识库。"
