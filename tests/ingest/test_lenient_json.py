"""JSON as models write it: what is read, what is left alone, and that nothing cut off becomes a value."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.lenient_json import decoded, leading_values, objects_in, value_of

READ = {
    "JSON": ('{"a": 1}', {"a": 1}),
    "a fence": ('```json\n{"a": 1}\n```', {"a": 1}),
    "a fence that nobody closed": ('Well:\n```json\n{"a": 1}', {"a": 1}),
    "words around it": ('I call it: {"a": 1} and wait.', {"a": 1}),
    "quotes of Python": ("It's {'a': 'don\\'t'} ok", {"a": "don't"}),
    "quotes of Python around others": ("""{'a': 'x "y"'}""", {"a": 'x "y"'}),
    "words of Python": ('{"a": True, "b": None}', {"a": True, "b": None}),
    "a tuple": ("{'a': (1, 2)}", {"a": [1, 2]}),
    "a comma too many": ('{"a": [1, 2,],}', {"a": [1, 2]}),
    "a comma too many, and one in a text": ('{"a": "x, ]",}', {"a": "x, ]"}),
    "a line break in a text": ('{"a": "x\ny"}', {"a": "x\ny"}),
    "a comment": ('{"a": 1, // it\'s the first\n "u": "http://x/#y" # the second\n}', {"a": 1, "u": "http://x/#y"}),
    "a comment between": ('{"a": /* one */ 1}', {"a": 1}),
    "typographic quotes": ('{“a”: “他说"好"”}', {"a": '他说"好"'}),
    "typographic quotes in a text": ('{"a": "他说“好”",}', {"a": "他说“好”"}),
    "full-width signs": ('{“工具”：“查找”，“参数”：{"n"：1}}', {"工具": "查找", "参数": {"n": 1}}),
    "full-width signs in a text": ('{"a"："一：二，三"}', {"a": "一：二，三"}),
    "braces in a text": ("{'a': 'x } y {'}", {"a": "x } y {"}),
}


@pytest.mark.parametrize(("text", "value"), READ.values(), ids=READ)
def test_what_can_mean_one_thing_is_read(text, value) -> None:
    assert objects_in(text) == [value]


def test_several_are_found_in_their_order() -> None:
    assert objects_in('{"a": 1}\n{"b": 2}') == [{"a": 1}, {"b": 2}]
    assert objects_in("first {'a': 1} then {\"b\": 2}; see [1]") == [{"a": 1}, {"b": 2}]
    assert objects_in('["a", "b"]') == [["a", "b"]]
    assert objects_in('{it\'s} {no: 1} {"a": 1}') == [{"a": 1}]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "he said "yes" to me"}',
        '{"a": 1 "b": 2}',
        '{"a": 1 2}',
        '{"a": t rue}',
        '{"a": [1}',
        '{"a": NaN}',
        '{"a": [1, ...]}',
        "{'a': {1, 2}}",
        "{'a': open('x')}",
        "See [1] and [2].",
        "It holds {for all}.",
        "[" * 9999,
        "",
    ],
)
def test_what_is_none_or_could_mean_several_is_none(text) -> None:
    assert objects_in(text) == []


@pytest.mark.parametrize("text", [text for text, _ in READ.values()], ids=READ)
def test_what_is_cut_off_is_never_completed(text) -> None:
    value, end = objects_in(text)[0], text.rindex("}")
    for cut in range(end):
        assert value_of(text[:cut]) is None
        for found in objects_in(text[:cut]):
            assert found in list(value.values())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=100)
@given(JSON)
def test_json_and_python_are_read_as_they_are_written(value) -> None:
    assert value_of(json.dumps(value), "none") == value
    assert value_of(json.dumps(value, ensure_ascii=False), "none") == value
    if isinstance(value, (dict, list)):
        assert value_of(repr(value)) == value
        assert decoded(json.dumps(json.dumps(value))) == value
    elif not isinstance(value, str):
        assert decoded(value) == value


@settings(max_examples=100)
@given(
    st.lists(
        st.sampled_from(["{", "}", "[", "]", '"', "'", "“", "”", "\\", ",", "：", "a", "1", "//", "/*", "\n", "```"])
    )
)
def test_nothing_raises(bits) -> None:
    text = "".join(bits)
    assert isinstance(objects_in(text), list)
    assert isinstance(leading_values(text)[2], str)


def test_a_long_text_of_nothing_but_braces_takes_its_end() -> None:
    for text in ("{" * 100_000, "{'a" * 25_000, "/*{" * 30_000, "{x }" * 20_000):
        assert objects_in(text) == []
