from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import filelock
import pytest

from agents.llm import open_model
from agents.llm.hub.hub_names import HubName
from agents.llm.hub.pull import Puller
from agents.llm.hub.remote import HuggingFace, ModelScope
from agents.llm.hub.transport import Transport, retry_after
from ingest.errors import ModelError
from ingest.settings import Settings
from tests.agents.llm.hub.fake_hub import FakeHub, tiny_gguf

REPO = "Qwen/Qwen3-0.1B-GGUF"
FILE = "Qwen3-0.1B-Q4_K_M.gguf"
DATA = tiny_gguf()


_opened: list[Transport] = []


@pytest.fixture(autouse=True)
def closes() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


class Puller_:
    """A puller whose waits take no time and are written down."""

    def __init__(self, home: Path, source: str = "hf", timeout: float = 5.0, **more) -> None:
        self.waits: list[float] = []
        self.seen: list[tuple[int, int]] = []
        self.home = home
        self.transport = Transport(timeout=timeout, sleep=self.waits.append)
        _opened.append(self.transport)
        hub = HuggingFace(self.transport) if source == "hf" else ModelScope(self.transport)
        self.puller = Puller(hub, self.transport, home, **more)

    def __call__(self, variant: str = "", repo: str = REPO) -> Path:
        return self.puller.fetch(self.puller.plan(HubName(repo, variant)), lambda *now: self.seen.append(now))

    def left(self) -> list[str]:
        return sorted(path.name for path in (self.home / "models").rglob("*") if path.is_file())


@pytest.fixture
def serving(hub: FakeHub) -> FakeHub:
    hub.repos[REPO] = {FILE: DATA, "Qwen3-0.1B-Q8_0.gguf": tiny_gguf(64), "mmproj-F16.gguf": b"GGUF"}
    return hub


@pytest.mark.parametrize("source", ["hf", "modelscope"])
def test_a_model_is_fetched_whole_and_usable(serving: FakeHub, tmp_path: Path, source: str) -> None:
    pull = Puller_(tmp_path, source)
    path = pull()
    assert path == tmp_path / "models" / REPO / FILE
    assert path.read_bytes() == DATA
    assert pull.left() == [FILE]
    assert pull.seen[0] == (0, len(DATA))
    assert pull.seen[-1] == (len(DATA), len(DATA))
    assert open_model(f"{REPO}:Q4_K_M", Settings(), home=tmp_path).header.path == path
    asked = len(serving.downloads())
    assert pull() == path
    assert len(serving.downloads()) == asked, "what is here is not fetched again"


def test_parts_come_together_and_folders_are_kept(serving: FakeHub, tmp_path: Path) -> None:
    parts = {f"Q5_K_M/Big-Q5_K_M-0000{i}-of-00002.gguf": tiny_gguf(64 * i, splits=2) for i in (1, 2)}
    serving.repos[REPO] |= parts
    pull = Puller_(tmp_path)
    path = pull("q5_k_m")
    assert {p.relative_to(tmp_path / "models" / REPO).as_posix() for p in path.parent.glob("*.gguf")} == set(parts)
    assert pull.seen[-1][0] == sum(map(len, parts.values()))
    assert open_model(f"{REPO}:Q5_K_M", Settings(), home=tmp_path).header.splits == 2
    del serving.repos[REPO]["Q5_K_M/Big-Q5_K_M-00002-of-00002.gguf"]
    with pytest.raises(ModelError, match="not complete on"):
        Puller_(tmp_path / "other")("q5_k_m")


def test_a_broken_line_is_taken_up_where_it_broke(serving: FakeHub, tmp_path: Path) -> None:
    serving.break_after, serving.breaks = 20_000, 2
    pull = Puller_(tmp_path)
    assert pull().read_bytes() == DATA
    assert [h.get("Range") for h in serving.downloads()] == [None, "bytes=20000-", "bytes=40000-"]
    assert pull.waits, "it waits between tries"


def test_what_came_before_a_long_break_is_kept_for_the_next_run(serving: FakeHub, tmp_path: Path) -> None:
    serving.break_after = 20_000
    serving.ranges = False
    pull = Puller_(tmp_path)
    with pytest.raises(
        ModelError, match=r"can't be reached.*goes on where it broke off.*By hand: download http"
    ) as error:
        pull()
    assert f"/{REPO}/resolve/c0ffee/{FILE}" in str(error.value)
    assert str(tmp_path / "models" / REPO) in str(error.value)
    assert not (tmp_path / "models" / REPO / FILE).exists()
    (part,) = (tmp_path / "models" / REPO).glob("*.part")
    assert part.stat().st_size == 20_000
    serving.break_after, serving.ranges = 0, True
    serving.asked.clear()
    assert Puller_(tmp_path)().read_bytes() == DATA
    assert [h.get("Range") for h in serving.downloads()] == ["bytes=20000-"]


def test_a_server_without_ranges_is_read_from_the_start(serving: FakeHub, tmp_path: Path) -> None:
    serving.break_after, serving.breaks, serving.ranges = 30_000, 1, False
    assert Puller_(tmp_path)().read_bytes() == DATA


def test_a_server_that_sends_another_piece_is_not_believed(serving: FakeHub, tmp_path: Path) -> None:
    serving.break_after, serving.breaks, serving.wrong_range = 30_000, 1, True
    assert Puller_(tmp_path)().read_bytes() == DATA


@pytest.mark.parametrize("claim", [-10_000, 10_000])
def test_a_length_that_lies_changes_nothing(serving: FakeHub, tmp_path: Path, claim: int) -> None:
    serving.claim = claim
    pull = Puller_(tmp_path)
    if claim < 0:  # every answer is short by so much: the last ones come in pieces, and then none does
        with pytest.raises(ModelError, match=r"did not arrive|can.t be reached"):
            pull()
        assert not list((tmp_path / "models").rglob("*.gguf"))
    else:
        assert pull().read_bytes() == DATA


def test_a_stale_beginning_is_thrown_away(serving: FakeHub, tmp_path: Path) -> None:
    pull = Puller_(tmp_path)
    part = tmp_path / "models" / REPO
    part.mkdir(parents=True)
    import hashlib

    (part / f"{FILE}.{hashlib.sha256(DATA).hexdigest()[:12]}.part").write_bytes(b"x" * 5000)
    (part / f"{FILE}.0123456789ab.part").write_bytes(b"of last year")
    assert pull().read_bytes() == DATA
    assert pull.left() == [FILE]


def test_a_wrong_checksum_leaves_nothing(serving: FakeHub, tmp_path: Path) -> None:
    serving.sums[FILE] = "0" * 64
    pull = Puller_(tmp_path)
    with pytest.raises(ModelError, match="SHA-256"):
        pull()
    assert not [name for name in pull.left() if not name.endswith(".lock")]


@pytest.mark.parametrize("size", [len(DATA) - 100, len(DATA) + 100])
def test_a_size_that_lies_is_found_out(serving: FakeHub, tmp_path: Path, size: int) -> None:
    serving.sizes[FILE] = size
    with pytest.raises(ModelError, match="announced"):
        Puller_(tmp_path)()
    assert not list((tmp_path / "models").rglob("*.gguf*"))


def test_what_is_right_and_yet_no_model_gets_no_name(serving: FakeHub, tmp_path: Path) -> None:
    serving.repos[REPO] = {FILE: b"<html>please log in</html>"}
    with pytest.raises(ModelError, match="GGUF"):
        Puller_(tmp_path)()
    assert not list((tmp_path / "models").rglob("*.gguf*"))


def test_refusals_say_what_to_do(serving: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="HF_TOKEN"):
        Puller_(tmp_path)(repo="no/such")
    with pytest.raises(ModelError, match="no such model"):
        Puller_(tmp_path, "modelscope")(repo="no/such")
    serving.answers = [(404, {})]
    with pytest.raises(ModelError, match=f"no such model: {serving.url}/{REPO}"):
        Puller_(tmp_path)()
    with pytest.raises(ModelError, match=r"no variant 'Q2_K'.*Q8_0 \(.*Q4_K_M \("):
        Puller_(tmp_path)("Q2_K")
    serving.repos["Qwen/Qwen3"] = {"model.safetensors": b""}
    with pytest.raises(ModelError, match="no GGUF file"):
        Puller_(tmp_path)(repo="Qwen/Qwen3")
    assert not (tmp_path / "models").exists()


def test_waits_as_long_as_it_is_told_and_no_longer(serving: FakeHub, tmp_path: Path) -> None:
    serving.answers = [
        (429, {"Retry-After": "7"}),
        (503, {}),
        (429, {"Retry-After": formatdate(time.time() + 30, usegmt=True)}),
    ]
    pull = Puller_(tmp_path)
    assert pull().read_bytes() == DATA
    assert pull.waits[0] == 7
    assert 25 < pull.waits[2] <= 30
    serving.answers = [(429, {"RateLimit": '"api";r=0;t=11'})]
    pull = Puller_(tmp_path / "a")
    assert pull().read_bytes() == DATA
    assert pull.waits == [11]
    serving.answers = [(429, {"Retry-After": "3600"})]
    with pytest.raises(ModelError, match="wait 3600 s"):
        Puller_(tmp_path / "b")()
    serving.only_files, serving.answers = True, [(429, {})] * 9
    with pytest.raises(ModelError, match="too many requests"):
        Puller_(tmp_path / "c")()
    assert retry_after("soon") is None


def test_the_token_goes_to_the_hub_and_nowhere_else(
    serving: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    serving.redirect = serving.url.replace("127.0.0.1", "localhost")
    assert Puller_(tmp_path)().read_bytes() == DATA
    tokens = {path.split("/")[1]: headers.get("Authorization") for path, headers in serving.asked}
    assert tokens == {"api": "Bearer hf_secret", "Qwen": "Bearer hf_secret", "cdn": None}


def test_a_server_that_falls_silent_is_left(serving: FakeHub, tmp_path: Path) -> None:
    serving.pause = 0.6
    with pytest.raises(ModelError, match="can't be reached"):
        Puller_(tmp_path, timeout=0.1)()
    serving.pause = 0.2
    assert Puller_(tmp_path)().read_bytes() == DATA


@pytest.mark.parametrize("source", ["hf", "modelscope"])
def test_without_a_network_it_says_what_to_do_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelError) as error:
        Puller_(tmp_path, source)("Q8_0")
    said = str(error.value)
    page = f"http://127.0.0.1:9/{REPO}/tree/main" if source == "hf" else f"http://127.0.0.1:9/models/{REPO}/files"
    for part in (page, "Q8_0", str(tmp_path / "models" / REPO), f"zhiku models use {REPO}:Q8_0"):
        assert part in said


def test_the_disk_is_looked_at_first(serving: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="has 1 MB free"):
        Puller_(tmp_path, free=lambda _: 1_000_000)()
    assert not serving.downloads()


def test_two_at_once_do_not_mix(serving: FakeHub, tmp_path: Path) -> None:
    folder = tmp_path / "models" / REPO
    folder.mkdir(parents=True)
    with filelock.FileLock(folder / ".Qwen3-0.1B-Q4_K_M.lock"), pytest.raises(ModelError, match="another process"):
        Puller_(tmp_path)()


def test_names_that_lead_out_of_the_folder_are_not_files(serving: FakeHub, tmp_path: Path) -> None:
    serving.repos[REPO] = {"../../evil-Q4_K_M.gguf": DATA, "/etc/evil-Q4_K_M.gguf": DATA, "C:\\evil-Q4_K_M.gguf": DATA}
    with pytest.raises(ModelError, match="no GGUF file"):
        Puller_(tmp_path)()


def test_a_login_page_instead_of_a_hub(serving: FakeHub, tmp_path: Path) -> None:
    class Portal(Transport):
        def json(self, url: str, **_: object) -> object:
            return ["welcome"]

    transport = Portal()
    for hub in (HuggingFace(transport), ModelScope(transport)):
        with pytest.raises(ModelError, match="not understood"):
            Puller(hub, transport, tmp_path).plan(HubName(REPO))


def test_what_the_hugging_face_cache_has_is_not_fetched(
    serving: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    repo = tmp_path / "cache" / "models--Qwen--Qwen3-0.1B-GGUF"
    blob = repo / "blobs" / hashlib.sha256(DATA).hexdigest()
    link = repo / "snapshots" / "c0ffee" / FILE
    for path in (blob, link):
        path.parent.mkdir(parents=True)
    blob.write_bytes(DATA)
    link.symlink_to(blob)
    assert Puller_(tmp_path / "home")() == link
    assert not serving.downloads()


def test_it_can_be_stopped_and_goes_on_later(serving: FakeHub, tmp_path: Path) -> None:
    stop = threading.Event()

    def progress(done: int, _: int) -> None:
        if done and not stop.is_set():
            stop.set()
            raise KeyboardInterrupt

    pull = Puller_(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        pull.puller.fetch(pull.puller.plan(HubName(REPO)), progress)
    assert pull().read_bytes() == DATA
