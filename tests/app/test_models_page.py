"""Models are fetched, chosen, tried and let go on one page, from a hub on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agents.llm import recommended
from agents.llm.models import Models
from agents.llm.names import bundled_file
from app.background import Slot
from app.model_work import EmbedderWork, PullWork
from ingest.settings import load_settings
from tests.agents.llm.hub.fake_hub import FakeHub
from tests.agents.llm.placing.make_gguf import SHAPES, write
from tests.loopback import Request, Server


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path) -> Iterator[FakeHub]:
    """Both hubs, holding a small model under every name of the table."""
    running = FakeHub()
    monkeypatch.setenv("HF_ENDPOINT", running.url)
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", running.url)
    content = write(SHAPES["mamba"](), tmp_path / "tiny.gguf").read_bytes()
    for one in recommended.table():
        repository, _, variant = one.name.partition(":")
        running.repos[repository] = {f"tiny-{variant}.gguf": content}
    with running:
        yield running


def words(tab) -> str:
    kinds = (tab.markdown, tab.caption, tab.error, tab.header)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "").replace("\u2060", "")


def button(tab, key):
    return next(one for one in tab.button if one.key == key)


@pytest.mark.parametrize(
    ("language", "said"), [("en", ["Recommended here", "Apache-2.0"]), ("zh", ["推荐本机使用", "适合"])]
)
def test_it_says_what_is_here_and_what_is_recommended(open_platform_with, visit, language, said):
    tab = visit(open_platform_with(), "models", language)
    assert all(word in words(tab) for word in said)
    assert "135M" in words(tab)


def test_one_click_fetches_the_recommended_model_and_lets_it_answer(open_platform_with, visit, hub):
    platform = open_platform_with()
    best = recommended.best(recommended.Machine.here())
    tab = visit(platform, "models")
    button(tab, f"get-{best.name}-best").click().run()
    tab.session_state["work"].pulls.latest.wait(20)
    tab.run()
    assert "answers from now on" in words(tab), words(tab)
    assert load_settings(platform.home).model == best.name
    assert any(key.startswith("remove-") for key in (one.key or "" for one in tab.button))


def test_a_download_pauses_goes_on_and_says_what_is_wrong(open_platform_with, visit, hub):
    platform = open_platform_with()
    known = Models(platform.home, platform.settings)
    name, chosen = recommended.table()[0].name, []
    hub.pause = 0.3
    slot: Slot[PullWork] = Slot()
    slot.start(lambda: PullWork(known, name, chosen.append))
    slot.latest.stop()
    slot.latest.wait(20)
    assert (slot.latest.error, chosen) == (None, [])
    hub.pause = 0
    slot.start(lambda: PullWork(known, name, chosen.append))
    slot.latest.wait(20)
    assert chosen == [name]
    slot.start(lambda: PullWork(known, "nobody/nothing:Q4_K_M", chosen.append))
    slot.latest.wait(20)
    assert slot.latest.error is not None


def test_nonsense_is_not_saved(open_platform_with, visit, hub):
    platform = open_platform_with()
    tab = visit(platform, "models")
    for typed in ("not a model", "http://127.0.0.1:9/v1"):
        tab.text_input(key="model-typed").set_value(typed)
        next(one for one in tab.button if one.label == "Add").click().run()
        assert tab.error, typed
    assert not (platform.home / "settings.toml").exists()


def test_a_server_is_asked_for_its_models(open_platform_with, visit):
    class Serves(Request):
        def do_GET(self) -> None:
            self.answer({"data": [{"id": "qwen3:4b"}]})

    with Server(Serves) as server:
        tab = visit(open_platform_with(), "models")
        tab.text_input(key="model-typed").set_value(f"{server.url}/v1")
        next(one for one in tab.button if one.label == "Add").click().run()
        assert "qwen3:4b" in words(tab)
        tab.switch_page("chat_page.py").run()
        assert f"qwen3:4b · 127.0.0.1:{server.server_port}" in tab.selectbox(key="chat-model").options


def test_a_trial_asks_three_questions_and_a_model_is_unloaded_by_a_click(open_platform_with, visit, monkeypatch):
    from agents import open_model
    from agents.llm import trying

    monkeypatch.setattr(trying, "_LONGEST", 4)
    platform = open_platform_with()
    tab = visit(platform, "models")
    number = next(n for n in range(9) if button(tab, f"try-{n}"))
    button(tab, f"try-{number}").click().run()
    tab.session_state["work"].trials.latest.wait(60)
    held = open_model("bundled", platform.settings)
    held.invoke("Hello", max_tokens=2)
    tab.run()
    assert "of 3 right" in words(tab)
    assert "In memory now" in words(tab)
    button(tab, f"unload-0-{bundled_file()}").click().run()
    assert held.engine.loaded is None


def test_only_what_lies_in_the_home_can_be_removed(open_platform_with, visit):
    platform = open_platform_with()
    (platform.home / "models").mkdir()
    file = write(SHAPES["mamba"](), platform.home / "models" / "tiny-mamba.gguf")
    tab = visit(platform, "models")
    removes = [one.key for one in tab.button if (one.key or "").startswith("remove-")]
    assert len(removes) == 1
    button(tab, removes[0]).click().run()
    button(tab, f"{removes[0]}-yes").click().run()
    assert not file.exists()


def test_a_base_is_given_another_embedder_once_that_is_known_to_work(filled, visit):
    platform = filled()
    tab, base = visit(platform, "models"), platform.library.kb()
    slot = tab.session_state["work"].embedders
    slot.start(lambda: EmbedderWork(platform.library, base.name, "http://127.0.0.1:9/v1", {}))  # typed
    slot.latest.wait(60)
    assert tab.run().error
    assert platform.library.kb().embedder == "hashing"
    tab.selectbox(key=f"embedder-{base.id}").set_value("bundled").run()
    button(tab, f"re-embed-{base.id}").click().run()
    slot.latest.wait(60)
    assert not tab.run().exception
    assert platform.library.kb().embedder == "bundled"
    assert "from now on" in tab.success[0].value
    assert "passages/s here" in words(tab)
    assert platform.library.search("annual leave")


def test_a_change_of_embedder_pauses_and_goes_on(filled, handbook):
    platform = filled()
    (handbook.parent / "more.md").write_text("# More\n\nThe garden opens at seven.\n", "utf-8")
    platform.library.add([handbook.parent])

    class Stopped(EmbedderWork):
        stopping = True

    work = Stopped(platform.library, "default", "bundled", {})
    work.wait(60)
    assert (work.error, work.paused) == (None, True)
    assert platform.library.kb().embedder == "hashing"
