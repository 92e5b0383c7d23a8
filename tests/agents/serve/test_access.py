"""Who may do what, on every face: verbs by roles by bases; keys; what nobody may learn; the trail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

from agents.access.audit import Audit
from agents.access.people import LastAdministrator, People
from agents.access.policy import AccessPolicy, Forbidden, NotFound, Unknown
from agents.access.rights import EVERY, LOCAL, ROLES, VERBS, Who
from agents.access.task_views import agent_for
from agents.serve.guard import Rate, preferred
from ingest.errors import UsageError
from tests.agents.serve.conftest import NAMED, QUESTION, Served, ended, serving  # type: ignore[import-not-found]

CALLERS = ("reader", "editor", "owner", "stranger", "held", "reading", "admin")
"""Users by their role on 'default'; a key of an owner's held to `NAMED`; one of an owner's that only reads; one of
nobody's that may do everything."""


@pytest.fixture(scope="module")
def keyed(platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, dict[str, str]]]:
    """A server with those keys, MCP on it."""
    with serving(platform, tmp_path_factory.mktemp("keyed"), mcp=True) as server:
        people, keys = server.people, {}
        for role in ("reader", "editor", "owner", "stranger"):
            people.add_user(role)
            keys[role] = people.add_key(role, scope="admin", user=role)[1]
            if role != "stranger":
                people.grant(role, role, "default")
        people.add_user("other")
        people.grant("other", "owner", EVERY)
        keys["held"] = people.add_key("held", scope="admin", kbs=[NAMED], user="other")[1]
        keys["reading"] = people.add_key("reading", scope="read", user="owner")[1]
        keys["admin"] = people.add_key("admin", scope="admin")[1]
        yield server, keys


# verb: one request that takes that right on 'default' and changes nothing when it is allowed
ASKED = {
    "read": [
        ("GET", "/api/kbs/default", None),
        ("GET", "/api/documents?kb=default", None),
        ("GET", "/api/documents/1?kb=default", None),
        ("GET", "/api/documents/1/pages/1?kb=default", None),
        ("POST", "/api/search", {"query": "leave"}),
        ("POST", "/api/ask", {"question": QUESTION}),
        ("POST", "/api/check", {"answer": "Leave is 15 days."}),
        (
            "POST",
            "/v1/chat/completions",
            {"model": "zhiku:default", "messages": [{"role": "user", "content": QUESTION}]},
        ),
        ("GET", "/v1/models/zhiku:default", None),
    ],
    "write": [
        ("PATCH", "/api/documents/1?kb=default", {"add": []}),
        ("GET", "/api/documents/1/corrections?kb=default", None),
        ("POST", "/api/documents?kb=default", None),
    ],
    "admin": [("DELETE", "/api/kbs/brief", None)],
}
MAY = {
    "reader": {"read"},
    "editor": {"read", "write"},
    "owner": {"read", "write", "admin"},
    "stranger": set(),
    "held": set(),
    "reading": {"read"},
    "admin": {"read", "write", "admin"},
}


@pytest.fixture
def brief(keyed, platform) -> Iterator[str]:
    """A base that may be removed, with the same rights on it as on 'default'."""
    server, _ = keyed
    platform.library.create_kb("brief")
    for role in ("reader", "editor", "owner"):
        server.people.grant(role, role, "brief")
    yield "brief"
    if "brief" in {kb.name for kb in platform.library.kbs()}:
        platform.library.remove_kb("brief")


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_of_every_caller_over_http(keyed, brief: str, caller: str, verb: str) -> None:
    server, keys = keyed
    client = server.client(keys[caller])
    for method, path, body in ASKED[verb]:
        answer = client.request(method, path, json=body)
        if verb in MAY[caller]:  # a request without files makes no sense, which is told to who may send some
            assert answer.status_code == (
                400 if (method, body) == ("POST", None) else 204 if method == "DELETE" else 200
            )
        else:
            assert answer.status_code == (403 if MAY[caller] else 404), (method, path, answer.text)
    assert (brief in {kb.name for kb in server.app.state.desk.platform.library.kbs()}) is not (
        verb == "admin" and "admin" in MAY[caller]
    )


@pytest.mark.parametrize("caller", CALLERS)
def test_the_server_itself_is_for_who_administers_it(keyed, caller: str) -> None:
    server, keys = keyed
    client = server.client(keys[caller])
    allowed = caller == "admin"
    assert client.post("/api/kbs", json={"name": "default"}).status_code == (400 if allowed else 403)
    renamed = client.patch("/api/kbs/default", json={"name": "secret"})
    assert renamed.status_code == (400 if allowed else 403 if MAY[caller] else 404)
    assert allowed or "secret" not in renamed.text
    raw = client.post(
        "/v1/chat/completions", json={"model": "scripted", "messages": [{"role": "user", "content": "hi"}]}
    )
    assert raw.status_code == (200 if allowed else 404)
    assert client.post("/v1/embeddings", json={"model": "hashing", "input": "x"}).status_code == (
        200 if allowed else 404
    )


@pytest.mark.parametrize("caller", CALLERS)
def test_nobody_learns_the_name_of_what_is_not_theirs(keyed, caller: str) -> None:
    """In lists, in errors, among models, or in the words of a refusal: what is not there and what is not theirs sound
    the same."""
    server, keys = keyed
    client = server.client(keys[caller])
    mine = {"default"} if caller in ("reader", "editor", "owner", "reading") else set()
    mine = {NAMED} if caller == "held" else {"default", NAMED, "secret"} if caller == "admin" else mine
    assert {kb["name"] for kb in client.get("/api/kbs").json()} == mine
    assert set(client.get("/api/me").json()["rights"]) == mine
    models = {model["id"] for model in client.get("/v1/models").json()["data"]}
    assert {name.removeprefix("zhiku:") for name in models if name.startswith("zhiku:")} == mine
    if "secret" not in mine:
        for path in ("/api/kbs/{}", "/api/documents?kb={}", "/v1/models/zhiku:{}"):
            there, absent = client.get(path.format("secret")), client.get(path.format("secrex"))
            assert there.status_code == absent.status_code == 404
            assert there.text.replace("secret", "secrex") == absent.text
        both = client.post("/api/search", json={"query": "director", "kbs": ["default", "secret"]})
        assert both.status_code == 404
        assert "9000" not in both.text


def test_conversations_and_tasks_are_their_owners(keyed) -> None:
    server, keys = keyed
    mine, theirs, admin = (server.client(keys[name]) for name in ("reader", "editor", "admin"))
    conversation = mine.post("/api/conversations", json={}).json()["id"]
    run = mine.post("/api/tasks", json={"task": QUESTION}).json()["id"]
    assert "Finished" in mine.get(f"/api/tasks/{run}/events").text
    for path in (f"/api/conversations/{conversation}", f"/api/tasks/{run}", f"/api/tasks/{run}/events"):
        assert mine.get(path).status_code == 200
        assert theirs.get(path).status_code == 404
        assert admin.get(path).status_code == 200
    assert theirs.get("/api/conversations").json() == theirs.get("/api/tasks").json() == []
    asked = {"question": QUESTION, "conversation": conversation}
    assert theirs.post("/api/ask", json=asked).status_code == 404
    assert mine.post(f"/api/tasks/{run}/verdicts", json={"call": "c", "approve": True}).status_code == 403
    tools = agent_for(server.app.state.desk.platform, Who("reader", "1", "reader", roles={}), kbs=("default",)).tools
    assert {tool.name for tool in tools} == {
        "search_documents",
        "read_page",
        "list_documents",
        "calculator",
        "date_time",
    }
    server.people.grant("reader", None, "default")
    try:  # with the right to the base goes what was asked of it
        assert mine.get(f"/api/conversations/{conversation}").status_code == 404
        assert mine.get("/api/tasks").json() == []
    finally:
        server.people.grant("reader", "reader", "default")


@pytest.mark.parametrize("caller", CALLERS)
def test_the_same_over_mcp(keyed, caller: str) -> None:
    server, keys = keyed

    async def converse() -> tuple[str, bool, str]:
        async with (
            create_mcp_http_client(headers={"Authorization": f"Bearer {keys[caller]}"}) as http,
            streamable_http_client(f"{server.url}/mcp", http_client=http) as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            listed = await session.call_tool("list_knowledge_bases", {})
            found = await session.call_tool("search_documents", {"query": "leave", "knowledge_base": "default"})
            pages = await session.list_resources()
            return json.dumps(listed.structuredContent), found.isError, str(pages)

    bases, refused, pages = asyncio.run(converse())
    assert ('"default"' in bases) is ("read" in MAY[caller])
    assert refused is ("read" not in MAY[caller])
    assert ("secret" in bases) is ("pay.md" in pages) is (caller == "admin")
    key = server.people.key(caller).id
    face = [entry for entry in server.audit.entries() if entry.face == "mcp" and entry.key == key]
    assert face[-1].what == "search_documents"
    assert face[-1].allowed is ("read" in MAY[caller])


def test_keys_that_open_nothing(keyed) -> None:
    server, keys = keyed
    people = server.people
    text = people.add_key("gone", scope="admin")[1]
    old, past = people.add_key("old", scope="admin", days=1)
    people._file.write("update key set expires = '2020-01-01T00:00:00+00:00' where id = ?", old.id)
    assert server.client(text).get("/api/me").json()["name"] == "gone"
    people.revoke("gone")
    for key, word in (
        ("", "needed"),
        ("zk-1-2", "not known"),
        (text, "revoked"),
        (past, "server's clock"),
        (text[:-1], "not known"),
    ):
        bearer = {"Authorization": f"Bearer {key}"} if key else {}
        for path in ("/api/me", "/v1/models", "/mcp", "/nothing"):
            answer = httpx.get(server.url + path, headers=bearer)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert word in answer.text
    assert "密钥" in httpx.get(f"{server.url}/api/me", headers={"Accept-Language": "zh-CN"}).text
    assert httpx.get(f"{server.url}/health").status_code == 200
    stored = "".join(map(str, people._file.rows("select * from key")))
    assert not [key for key in keys.values() if key.split("-", 2)[2] in stored]
    assert people.key("admin").used


def test_rights_go_along_with_a_name_and_away_with_the_base(keyed) -> None:
    server, keys = keyed
    admin, people = server.client(keys["admin"]), server.people
    admin.post("/api/kbs", json={"name": "one"})
    people.grant("stranger", "editor", "one")
    only = people.add_key("only", scope="write", kbs=["one"])[1]
    assert admin.patch("/api/kbs/one", json={"name": "two"}).status_code == 200
    for key in (keys["stranger"], only):
        assert server.client(key).get("/api/me").json()["rights"] == {"two": "write"}
    assert ended(
        server.client(only), server.client(only).post("/api/documents?kb=two", files=[("files", ("a.txt", b"x y"))])
    )
    assert admin.delete("/api/kbs/two").status_code == 204
    admin.post("/api/kbs", json={"name": "two"})
    for key in (keys["stranger"], only):
        assert server.client(key).get("/api/me").json()["rights"] == {}
    admin.delete("/api/kbs/two")


def test_the_trail_says_who_did_what(keyed) -> None:
    server, keys = keyed
    server.client(keys["reader"]).post("/api/search", json={"query": "a very private question"})
    server.client(keys["reader"]).delete("/api/documents/1?kb=default")
    done, refused = server.audit.entries(who="reader", kb="default")[-2:]
    assert (done.what, done.verb, done.allowed, done.face) == ("POST /api/search", "read", True, "api")
    assert (refused.what, refused.verb, refused.allowed) == ("DELETE /api/documents/{document}", "write", False)
    assert done.key == server.people.key("reader").id
    assert "private" not in str(server.audit.entries())
    assert server.audit.entries(since="2100-01-01") == []


class TestPolicy:
    """The one place, by itself."""

    @pytest.fixture
    def policy(self, tmp_path) -> Iterator[AccessPolicy]:
        people, audit = People(tmp_path, {"a": "1a", "b": "2b"}.copy), Audit(tmp_path, 1)
        yield AccessPolicy(people, audit)
        people.close()
        audit.close()

    @pytest.mark.parametrize("scope", VERBS)
    @pytest.mark.parametrize("role", [*ROLES, None])
    @pytest.mark.parametrize("verb", VERBS)
    def test_a_key_never_does_more_than_its_scope_and_its_user(self, scope, role, verb) -> None:
        held = {} if role is None else {"a": VERBS[ROLES.index(role)]}
        least = min(VERBS.index(scope), -1 if role is None else ROLES.index(role))
        who = Who("li", "1", "li", scope, roles=held)
        assert who.may(verb, "a") is (VERBS.index(verb) <= least)
        assert not who.may(verb, "b")
        assert not who.may(verb)
        everywhere = Who("li", "1", "li", scope, roles={EVERY: VERBS[ROLES.index(role)]} if role else {})
        assert everywhere.may(verb, "b") is everywhere.may(verb) is (VERBS.index(verb) <= least)

    def test_without_any_key_it_is_whoever_sits_here_and_no_file_is_made(self, policy, tmp_path) -> None:
        assert policy.who("") is policy.who("whatever clients send") is LOCAL
        assert policy.people.users() == policy.people.keys() == []
        assert list(tmp_path.iterdir()) == []

    def test_with_all_keys_revoked_nobody_comes_in(self, policy) -> None:
        policy.people.add_key("a")
        policy.people.revoke("a")
        with pytest.raises(Unknown):
            policy.who("")

    def test_refusals_differ_by_what_may_be_known(self, policy) -> None:
        who = Who("li", "1", "li", "read", roles={"a": "read"})
        policy.require(who, "read", "a", "x")
        with pytest.raises(Forbidden):
            policy.require(who, "write", "a", "x")
        with pytest.raises(NotFound):
            policy.require(who, "read", "b", "x")
        with pytest.raises(Forbidden):
            policy.require(who, "admin", None, "x")

    def test_a_key_called_as_a_user_does_not_own_what_is_theirs(self, policy) -> None:
        policy.own(Who("li", "1", "li"), "run", "r")
        assert policy.owned(Who("li", "2", "", "read"), "run", ["r"]) == set()
        assert policy.owned(Who("li", "3", "li", "read"), "run", ["r"]) == {"r"}

    @pytest.mark.parametrize(
        "wrong",
        [
            lambda people: people.add_user(" "),
            lambda people: people.add_user("li"),
            lambda people: people.grant("nobody", "reader", "a"),
            lambda people: people.remove_user("nobody"),
            lambda people: people.add_key("k", user="nobody"),
            lambda people: people.add_key("k", days=0),
            lambda people: people.revoke("nothing"),
            lambda people: people.revoke("twice"),
        ],
    )
    def test_what_makes_no_sense_is_told(self, policy, wrong) -> None:
        policy.people.add_user("li")
        policy.people.add_key("twice")
        policy.people.add_key("twice")
        with pytest.raises(UsageError):
            wrong(policy.people)

    def test_somebody_always_administers(self, policy) -> None:
        people = policy.people
        for name in ("li", "wu"):
            people.add_user(name)
            people.join(name, "@boss")
        people.grant("li", "owner", EVERY)
        people.grant("li", None, EVERY)  # nobody is asked for anything yet
        people.grant("@boss", "owner", EVERY)
        people.set_password("li", "a long one")
        before = [(user.roles, user.groups, user.password) for user in people.users()]
        for last in (
            lambda: people.set_password("li", None),  # Wu could not sign in
            lambda: people.remove_user("li"),
            lambda: people.join("li", "@boss", leave=True),
            lambda: people.grant("@boss", "editor", EVERY),
            lambda: people.grant("@boss", None, EVERY),
        ):
            with pytest.raises(LastAdministrator, match="'li' is the last administrator"):
                last()
            assert [(user.roles, user.groups, user.password) for user in people.users()] == before
        people.set_password("wu", "a long one")
        people.join("li", "@boss", leave=True)
        people.remove_user("li")
        assert policy.people.person("wu").may("admin")

    def test_a_user_goes_with_roles_and_keys(self, policy) -> None:
        policy.people.add_user("li")
        policy.people.grant("li", "owner", "a")
        text = policy.people.add_key("k", user="li")[1]
        assert policy.who(text).may("read", "a")
        policy.people.remove_user("li")
        with pytest.raises(Unknown):
            policy.who(text)

    def test_a_group_gives_its_roles_to_who_is_in_it(self, policy) -> None:
        people = policy.people
        people.add_user("li")
        with pytest.raises(UsageError):
            people.grant("@sales", "editor", "a")  # nobody is in it
        people.join("li", "@sales")
        people.grant("@sales", "editor", "a")
        people.grant("li", "reader", "a")
        people.grant("li", "owner", "b")
        text = people.add_key("k", user="li", scope="admin")[1]
        assert policy.who(text).roles == {"a": "write", "b": "admin"}
        assert people.users()[0].groups == {"@sales": {"a": "editor"}}
        people.join("li", "@sales", leave=True)
        assert policy.who(text).roles == {"a": "read", "b": "admin"}
        people.join("li", "@sales")
        assert policy.who(text).roles == {"a": "read", "b": "admin"}  # an empty group's roles were gone with it
        for wrong in (
            lambda: people.join("li", "sales"),
            lambda: people.join("no", "@x"),
            lambda: people.add_user("@x"),
        ):
            with pytest.raises(UsageError):
                wrong()

    def test_old_entries_go(self, tmp_path) -> None:
        audit = Audit(tmp_path, 30)
        audit.write("li", "", "api", "read", "a", "x", allowed=True)
        audit._file.write("update entry set at = '2020-01-01'")
        again = Audit(tmp_path, 30)
        again.write("li", "", "api", "read", "a", "y", allowed=False)
        assert [(entry.what, entry.allowed) for entry in again.entries()] == [("y", False)]
        again.close()
        audit.close()


def test_a_caller_gets_as_many_requests_as_it_is_due() -> None:
    now = 0.0
    rate = Rate(60, lambda: now)
    assert [rate.wait("a") for _ in range(60)] == [0.0] * 60
    assert rate.wait("a") == pytest.approx(1.0)
    assert rate.wait("b") == 0.0
    now = 2.0
    assert [rate.wait("a") > 0 for _ in range(3)] == [False, False, True]
    assert Rate(0).wait("a") == 0.0


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,zh;q=0.5", "en"),
        ("fr, zh-Hant;q=0.3", "zh"),
        ("", "en"),
        ("fr", "en"),
        ("zh;q=x", "en"),
        ("*", "en"),
    ],
)
def test_the_askers_language(header: str, lang: str) -> None:
    assert preferred(header) == lang
