"""The table in docs/filters.md, line by line, on a catalog without files; and the little language a filter is written in."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.catalog import Catalog, Source, chunk_key
from ingest.catalog.fields import FILE, SIDECAR, USER
from ingest.documents import Chunk, Page, Parsed
from ingest.embedders import EmbedderIdentity
from ingest.errors import UsageError
from ingest.filters import Filter, filter_of, parse
from ingest.filters.allowed import Allowed
from ingest.filters.names import FAMILIES, kind_of
from ingest.language import speaking

DAY = 86_400 * 10**9
MARCH_5_2024 = 19_787 * DAY


@pytest.fixture(scope="module")
def shelf(tmp_path_factory, shared_store):
    """Five documents; each test asks which of them fit."""
    catalog, kb_id = filled(tmp_path_factory.mktemp("catalog"), shared_store)
    yield catalog, kb_id
    catalog.close()


@pytest.fixture
def own_shelf(tmp_path, store):
    """The same for a test that changes them."""
    catalog, kb_id = filled(tmp_path, store)
    yield catalog, kb_id
    catalog.close()


def filled(folder, store):
    catalog = Catalog(folder, store)
    kb = catalog.kbs.create("kb")
    catalog.kbs.bind(kb.id, EmbedderIdentity("test", "1", 4, 100))

    def put(path, mtime, size, *details):
        text = f"text of {path}"
        chunk = Chunk(1, 0, len(text), text)
        catalog.documents.put(
            kb.id,
            1,
            Source(path, path, size, mtime, "1"),
            Parsed(path.rpartition("/")[2], "text/plain", (Page(1, text),), details=details),
            [chunk],
            {chunk_key(chunk): np.eye(4, dtype="<f4")[0].tobytes()},
        )

    put("/docs/Contracts/2024/a.pdf", MARCH_5_2024, 500, ("tag", "合同"), ("tag", "Q1"), ("author", "Li  Wei"))
    put(
        "/docs/contracts/b.DOCX",
        MARCH_5_2024 + DAY,
        3 << 20,
        ("tag", "合同2024"),
        ("language", "zh-cn"),
        ("amount", "1,200"),
    )
    put(
        "/old/c.md",
        0,
        10,
        ("date", "2023"),
        ("tag", "契約"),
        ("language", "en"),
        ("amount", "90"),
        ("due", "2024-06-01"),
    )
    put("text:note.pdf", 0, 10, ("project", "Apollo 11"), ("amount", "much"))
    put(
        "/docs/d_e",
        MARCH_5_2024,
        10,
        ("date", "2024-03"),
        ("tag", "100%"),
        ("project", "Ａｐｏｌｌｏ　11"),
        ("due", "2024"),
    )
    return catalog, kb.id


def fits(shelf, where):
    catalog, kb_id = shelf
    names = {"/docs/Contracts/2024/a.pdf": "a", "/docs/contracts/b.DOCX": "b", "/old/c.md": "c", "text:note.pdf": "n"}
    documents = catalog.documents.all(kb_id, filter_of(where))
    assert {d.id for d in documents} == catalog.fields.fitting(kb_id, filter_of(where))
    return "".join(sorted(names.get(d.path, "d") for d in documents))


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("", "abcdn"),
        # how conditions combine, several values
        ("tag=合同", "a"),
        ("tag=合同 tag=Q1", "a"),
        ("tag=合同 tag=合同2024", ""),
        ("tag=合同,合同2024", "ab"),
        ("tag!=合同", "bcdn"),
        ("tag!=合同,合同2024", "cdn"),
        # what a document does not have
        ("author=li", ""),
        ("author!=li", "abcdn"),
        ("author=*", "a"),
        ("author!=*", "bcdn"),
        ("field:nothing=x", ""),
        ("field:nothing!=x", "abcdn"),
        ("field:nothing>1", ""),
        # stars, quotes, letters
        ("tag=合同*", "ab"),
        ('tag="合同*"', ""),
        ("tag=100%", "d"),
        ("tag=1%", ""),
        ("tag=10_%", ""),
        ("TAG=q1", "a"),
        ('author="li wei"', "a"),
        ("author=“LI WEI”", "a"),
        ("tag=契约", "c"),  # traditional and simplified
        ('field:project="apollo 11"', "dn"),  # full and half width
        ("field:PROJECT=apollo*", "dn"),
        # kinds
        ("kind=pdf", "a"),
        ("kind=PDF,md", "ac"),
        ("kind=.docx", "b"),
        ("kind=word", "b"),
        ("kind=text", "dn"),
        ("kind!=text", "abc"),
        ("kind=doc*", "b"),
        # folders and paths
        ("folder=contracts", "ab"),
        ("folder=contracts/2024", "a"),
        ("folder=2024", "a"),
        ("folder=contract", ""),
        ("folder=/docs", "abd"),
        ("folder=/docs/contracts/", "ab"),
        ("folder=/contracts", ""),
        ("folder!=/docs", "cn"),
        ("folder=con*", "ab"),
        ("path=a.pdf", "a"),
        ("path=2024/a.pdf", "a"),
        ("path=/old/c.md", "c"),
        ("path=d_e", "d"),
        ("path=d%e", ""),
        ("path=*/2024/*", "a"),
        # dates: the document's own, else the file's; texts have none
        ("date=2024-03-05", "a"),
        ("date=2024-03", "abd"),
        ("date=2024", "abd"),
        ("date=2023", "c"),
        ("date=*", "abcd"),
        ("date!=*", "n"),
        ("date!=2024", "cn"),
        ("after=2024-03-06", "b"),
        ("after=2024-03", "abd"),
        ("before=2024", "c"),
        ("before=2024-03-06", "acd"),
        ("after=2024 before=2025", "abd"),
        ("date>2024-03-05", "b"),
        ("date>2024-03", ""),
        ("date<=2024-03", "abcd"),
        ("date>=2024/3/6", "b"),
        ("晚于=2024年3月6日", "b"),
        ("modified=2024-03-05", "ad"),
        ("modified!=2024-03-05", "bcn"),
        # size
        ("size>2m", "b"),
        ("size<=10", "cdn"),
        ("size=0.5k", ""),
        # languages
        ("language=zh", "b"),
        ("language=中文", "b"),
        ("language=english", "c"),
        ("language!=zh", "acdn"),
        # own fields: numbers with numbers, dates with dates
        ("field:amount>100", "b"),
        ("field:amount>=90", "bc"),
        ("field:amount<1200", "c"),
        ("field:amount>2024-01-01", ""),
        ("field:due<2024-07", "c"),
        ("field:due>=2024", "cd"),
        # in Chinese, with full-width signs
        ("标签＝合同，合同2024 类型=pdf", "a"),
        ("字段：project＝“Apollo 11”", "dn"),
        ("tag ≠ 合同 kind = pdf", ""),
        ({"tag": "合同"}, "a"),
        ({"tag": ["合同", "合同2024"], "kind": "pdf"}, "a"),
        ({"amount": 90}, "c"),
        ({"project": "Apollo*"}, ""),  # a program's value is meant letter by letter
    ],
)
def test_the_table(shelf, where, expected):
    assert fits(shelf, where) == expected
    if isinstance(where, str):
        assert fits(shelf, str(parse(where))) == expected  # what a filter says of itself is the same filter


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ("tgg=1", "no 'tgg'", "没有 “tgg”"),
        ("contract", "'contract' in the filter is no condition", "不是条件"),
        ("tag=", "no value after 'tag='", "之后没有值"),
        ("tag=a kind", "'kind'", "“kind”"),
        ("tag>a", "can't be compared", "不能用 “>” 比较"),
        ("after=soon", "'soon' is no date", "不是日期"),
        ("date=2024-02-30", "is no date", "不是日期"),
        ("after>2024", "written after=", "应写作"),
        ("size=large", "is no size", "不是大小"),
        ("size>1,2", "takes one value", "只能有一个值"),
        ('author="Li', "no value", "没有值"),
        ('author="Li"Wei', "quotes", "引号"),
        ("field:due<soon", "neither a number nor a date", "既不是数字也不是日期"),
        ("=x", "is no condition", "不是条件"),
        ("tag=" + "x" * 2_000, "longer", "超过"),
    ],
)
def test_nonsense_is_named_in_both_languages(text, en, zh):
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert en in caught.value.message.en
    with speaking("zh"):
        assert zh in str(caught.value.message)
    assert caught.value.hint


def test_the_nearest_name_is_told():
    with pytest.raises(UsageError) as caught:
        parse("auther=Li")
    assert "'author'" in caught.value.hint.en
    assert "field:auther" in caught.value.hint.en


@pytest.mark.parametrize("where", [{"tag": {"$in": ["a"]}}, {"tag": []}, {"tag": None}, {"date": "soon"}])
def test_a_mapping_that_means_nothing(where):
    with pytest.raises(UsageError):
        filter_of(where)


@given(st.text(max_size=30), st.text(min_size=1, max_size=20))
def test_any_tag_can_be_written(name, value):
    """Whatever a tag holds, the filter made for it reads back as one condition, or the tag is blank."""
    del name
    made = Filter.tagged([value])
    if value.strip():
        (condition,) = parse(str(made)).conditions
        assert condition.name == "tag"


@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_a_usage_error(text):
    try:
        found = parse(text)
    except UsageError:
        return
    assert parse(str(found)) is not None


def test_who_goes_before(own_shelf):
    catalog, kb_id = own_shelf
    document = next(d for d in catalog.documents.all(kb_id) if d.path == "/old/c.md")
    say = catalog.fields.say
    assert (document.date, document.title) == ("2023", "c.md")
    say(document.id, SIDECAR, [("date", "2022"), ("title", "From beside"), ("tag", "beside")])
    assert fits(own_shelf, "date=2022 title=from*") == fits(own_shelf, "tag=beside tag=契约") == "c"
    say(document.id, USER, [("date", "2021"), ("tag", "mine")])
    found = catalog.documents.get(document.id)
    assert (found.date, found.title, set(found.tags)) == ("2021", "From beside", {"mine", "beside", "契約"})
    assert fits(own_shelf, "date=2022") == fits(own_shelf, "date=2023") == ""
    say(document.id, USER, [])
    say(document.id, SIDECAR, [])
    assert catalog.documents.get(document.id) == document
    assert not say(document.id, SIDECAR, [])


def test_what_others_said_stays_when_a_file_is_read_anew_or_moves(own_shelf):
    catalog, kb_id = own_shelf
    old = next(d for d in catalog.documents.all(kb_id) if d.path == "/old/c.md")
    catalog.fields.say(old.id, USER, [("tag", "kept")])
    text = "another text"
    new = catalog.documents.put(
        kb_id, 1, Source("/old/c.md", "z", 1, 5, "1"), Parsed("c", "text/plain", (Page(1, text),)), [], {}
    )
    assert [d.tags for d in catalog.documents.all(kb_id, parse("tag=kept"))] == [("kept",)]
    catalog.documents.move(new, Source("/new/renamed.md", "z", 1, 5, "1"))
    assert [(d.path, d.title) for d in catalog.documents.all(kb_id, parse("tag=kept"))] == [
        ("/new/renamed.md", "renamed")
    ]
    copy = catalog.documents.adopt(kb_id, Source("/new/copy.md", "z", 1, 5, "1"), new)
    assert copy not in catalog.fields.said(kb_id, USER)  # a copy is another document
    assert catalog.fields.said(kb_id, FILE)[copy] == [("title", "copy")]


def test_passages_allowed(own_shelf):
    catalog, kb_id = own_shelf
    allowed = Allowed(catalog)
    assert allowed.passages(kb_id, Filter()) is None
    every = set(catalog.vectors.ids(kb_id))
    (one,) = allowed.passages(kb_id, parse("tag=Q1")).tolist()
    assert one in every
    assert set(allowed.passages(kb_id, parse("tag!=Q1")).tolist()) == every - {one}
    document = catalog.documents.all(kb_id, parse("tag=Q1"))[0]
    catalog.fields.add(document.id, [("tag", "at once")])
    assert allowed.passages(kb_id, parse('tag="at once"')).tolist() == [one]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/a/b.PDF", "pdf"),
        ("/a.b/README", "text"),
        ("text:x.pdf", "text"),
        ("C:\\a\\b.docx", "docx"),
        ("/a/.env", "text"),
    ],
)
def test_kinds(path, kind):
    assert kind_of(path) == kind


def test_families_share_no_ending():
    endings = [ending for family in FAMILIES.values() for ending in family.split()]
    assert len(endings) == len(set(endings))


def test_dates_as_programs_give_them():
    from ingest.periods import period

    moment = dt.datetime(2024, 3, 5, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=-3)))
    assert period(moment).text == "2024-03-06"
    assert period(dt.date(2024, 3, 5)).text == "2024-03-05"
    assert period("D:20240305101500+08'00'").text == "2024-03-05"
    assert period("2024年2月").last == "2024-02-29"
    assert [period(text) for text in ("", "20", "2024-13", "12345", "soon", "0000")] == [None] * 6
