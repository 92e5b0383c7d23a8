"""Pages of the web as documents: found, read again when they changed, and nothing that a site doesn't want."""

from __future__ import annotations

import json
import threading

import pytest

import ingest.wiring
from ingest.cli import main
from ingest.web.fetcher import is_document
from ingest.web.pages import KnownPage, WebLimits, WebPages, links
from tests.ingest.web.sites import fetcher, serving

HTML = "text/html; charset=utf-8"


@pytest.fixture
def site():
    with serving() as pages:
        yield pages


@pytest.fixture
def pages(site):
    return WebPages(fetcher(site, types=is_document), WebLimits(pause=0))


@pytest.fixture
def library(library, monkeypatch, pages):
    monkeypatch.setattr(ingest.wiring, "web_pages", lambda settings: pages)
    return library


def article(title, text, *hrefs):
    more = "".join(f'<a href="{href}">more</a>' for href in hrefs)
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p>{more}</body></html>".encode()


def kept(site, path, body, etag, kind=HTML):
    """Serve a page that answers a question after its version."""
    said = []

    def page(request):
        said.append(request.headers.get("If-None-Match"))
        if said[-1] == etag:
            request.send_response(304)
            request.end_headers()
            return
        request.send_response(200)
        request.send_header("Content-Type", kind)
        request.send_header("ETag", etag)
        request.send_header("Last-Modified", "Sun, 01 Nov 2026 10:00:00 GMT")
        request.end_headers()
        request.wfile.write(body)

    site.pages[path] = page
    return said


def section(site):
    """Four pages under /docs/, one beside, one that is none."""
    site.serve(
        "/docs/", article("Guide", "The guide to all rules.", "leave", "/docs/travel#x", "/other", "x.png"), HTML
    )
    site.serve("/docs/leave", article("年假", "员工每年享有十五天年假。", "deep", "https://elsewhere.example/"), HTML)
    site.serve("/docs/travel", article("Travel", "A hotel may cost 120 euros.", "/docs/"), HTML)
    site.serve("/docs/deep", article("Deep", "Three steps down.", "deeper"), HTML)
    site.serve("/docs/deeper", article("Deeper", "Four steps down."), HTML)
    site.serve("/docs/x.png", b"\x89PNG\r\n", "image/png")
    site.serve("/other", article("Other", "Beside the section."), HTML)
    return f"http://page.example:{site.port}/docs/"


def asked(site):
    return [path for path, _ in site.requests]


def test_a_page_is_a_document_under_its_address(site, library):
    url = site.serve("/leave.html", article("年假规定", "员工每年享有十五天年假。"), HTML)
    report = library.add([url])
    assert ([a.document for a in report.added], report.failed) == ([url], ())
    (hit,) = library.search("年假有几天")
    assert (hit.document, hit.path) == ("年假规定", url)
    assert library.document(url).media_type == "text/html"
    assert not [f for f in library.doctor() if "gone" in f.what]


def test_a_page_of_an_old_code_page_and_documents_that_are_no_pages(site, library, tmp_path):
    import docx

    document = docx.Document()
    document.add_paragraph("A hotel may cost 120 euros a night.")
    document.save(tmp_path / "x.docx")
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    word = site.serve("/get?id=7", (tmp_path / "x.docx").read_bytes(), kind)
    old = site.serve(
        "/old", article("年假", "员工每年享有十五天年假。").decode().encode("gbk"), "text/html; charset=gb2312"
    )
    table = site.serve("/rates.csv", b"City,Rate\nParis,180\n", "text/plain")
    assert len(library.add([word, old, table]).added) == 3
    assert "十五天" in library.page_text(library.document(old).id, 1)
    assert library.document(table).media_type == "text/csv"
    assert library.document(word).media_type == kind


def test_a_section_is_followed_to_its_depth_and_not_out_of_it(site, pages):
    url = section(site)
    found, _ = pages.find([url], 2, {})
    assert [file.path.rpartition("/docs/")[2] for file in found.files] == ["", "leave", "travel", "deep"]
    assert "/other" not in asked(site)
    assert [one.path[-5:] for one in found.skipped] == ["x.png"]
    assert len(pages.find([url], 0, {})[0].files) == 1


def test_a_section_has_bounds_and_says_so(site):
    url = section(site)
    found, _ = WebPages(fetcher(site), WebLimits(pages=2, pause=0)).find([url], 5, {})
    assert len(found.files) == 2
    assert "2 were" in found.skipped[-1].reason


def test_robots_are_asked_and_heeded(site, pages):
    url = section(site)
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /docs/travel\n\nUser-agent: zhiku\nDisallow: /docs/leave")
    found, _ = pages.find([url], 3, {})
    assert [file.path.rpartition("/docs/")[2] for file in found.files] == ["", "travel"]
    assert asked(site).count("/robots.txt") == 1
    assert "/docs/leave" not in asked(site)
    assert "robots.txt" in pages.find([f"{url}leave"], 0, {})[0].failed[0].reason
    site.pages["/robots.txt"] = lambda request: request.send_error(503)
    assert pages.find([url], 0, {})[0].files == ()


def test_an_unchanged_page_is_not_sent_again_and_a_changed_one_is(site, library):
    said = kept(site, "/leave", article("Leave", "Fifteen days of leave."), '"one"')
    url = f"http://page.example:{site.port}/leave"
    library.add([url])
    assert library.add([url]).unchanged == 1
    assert said == [None, '"one"']
    said = kept(site, "/leave", article("Leave", "Twenty days of leave."), '"two"')
    report = library.add([url])
    assert ([a.document for a in report.updated], said) == ([url], ['"one"'])
    assert "Twenty" in library.page_text(library.document(url).id, 1)
    library.add([url], reread=True)
    assert said[-1] is None


def test_a_page_without_validators_is_known_by_its_content(site, library):
    url = site.serve("/a", article("A", "Ten days."), HTML)
    library.add([url])
    assert library.add([url]).unchanged == 1
    site.serve("/a", article("A", "Six days."), HTML)
    assert len(library.add([url]).updated) == 1


def test_a_section_kept_in_step(site, library):
    url = section(site)
    library.syncing.sync(url, depth=1)
    assert len(library.documents()) == 3
    site.serve("/docs/", article("Guide", "The guide.", "leave", "new"), HTML)
    site.serve("/docs/new", article("New", "A canteen has opened."), HTML)
    del site.pages["/docs/travel"]
    (one,) = library.syncing.all()
    assert (one.place, one.depth) == (url, 1)
    report = library.syncing.sync(one.place, depth=one.depth)
    assert [a.document for a in report.added] == [f"{url}new"]
    assert (report.gone, report.removed) == ((f"{url}travel",), 1)
    site.pages["/docs/leave"] = lambda request: request.send_error(500)
    report = library.syncing.sync(url, depth=1)
    assert (report.removed, [one.path for one in report.failed]) == (0, [f"{url}leave"])
    assert len(library.documents()) == 3


def test_what_the_fetcher_refuses_is_refused(library):
    report = library.add(["http://127.0.0.1/x", "http://localhost/"])
    assert len(report.failed) == 2
    with pytest.raises(Exception, match="There is no"):
        library.add(["ftp://page.example/"])


def test_a_redirect_is_stored_where_it_leads_and_not_out_of_the_section(site, library):
    url = site.redirect("/short", "/docs/leave")
    section(site)
    site.redirect("/docs/travel", "/other")
    assert [a.document for a in library.add([url]).added] == [f"http://page.example:{site.port}/docs/leave"]
    found = library.add([f"http://page.example:{site.port}/docs/"], depth=1)
    assert not any(a.document.endswith("/other") for a in found.added)


def test_stopping_ends_it(site, pages):
    stop = threading.Event()
    url = section(site)
    stop.set()
    assert pages.find([url], 3, {}, stop)[0].files == ()
    assert site.requests == []


def test_pages_wait_for_one_another(site):
    import time

    site.serve("/robots.txt", b"User-agent: *\nCrawl-delay: 60")
    url = section(site)
    began = time.monotonic()
    WebPages(fetcher(site), WebLimits(pause=0.05, pages=3)).find([url], 1, {})
    assert 0.9 < time.monotonic() - began < 20  # two pauses of ten times 0.05 s


def test_links_are_addresses_of_pages_each_once():
    markup = (
        '<base href="/b/"><a href="c#x">c</a><a href=" c ">c</a><a rel="nofollow" href="d">d</a><a href="mailto:x">m'
    )
    assert links(markup + '<area href="//o.example"><a href="http://[bad">', "http://h.example/a") == []
    assert links(markup + '<area href="//o.example">', "http://h.example/a") == [
        "http://h.example/b/c", "http://o.example/",
    ]  # fmt: skip


def test_a_known_page_that_moved_away_is_gone(site, pages):
    url = f"http://page.example:{site.port}/gone"
    found, _ = pages.find([url], 0, {url: KnownPage(1, 1)})
    assert (found.vanished, found.failed) == ((url,), ())
    assert "404" in pages.find([url], 0, {})[0].failed[0].reason


def test_the_command_adds_an_address(site, pages, monkeypatch, capsys):
    monkeypatch.setattr(ingest.wiring, "web_pages", lambda settings: pages)
    monkeypatch.setenv("ZHIKU_EMBEDDER", "hashing")
    url = section(site)
    assert main(["add", url, "--depth", "1", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert len(report["added"]) == 3
    assert main(["search", "hotel", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hits"][0]["path"] == f"{url}travel"
