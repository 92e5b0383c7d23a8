"""The picture of a model in memory."""

from __future__ import annotations

import re

import pytest

from agents.llm.engine.loading import preview
from agents.llm.models import Models
from agents.llm.names import bundled_file
from agents.llm.placing import devices
from agents.llm.placing.choice import Wish, choose
from agents.llm.placing.plan import Device, Planner, Share
from agents.llm.placing.shape import read
from app.memory_bars import bar_html
from ingest.language import speak
from ingest.settings import Settings
from tests.agents.llm.placing.make_gguf import SHAPES, write

GIB = 2**30


def drawn(tab) -> str:
    return "\n".join(element.proto.body for element in tab.main if element.type == "html")


def opened(tab, name):
    """The page with the picture of the model that is called `name`."""
    number = next(
        n for n, one in enumerate(Models(tab.session_state["platform"].home, Settings()).here()) if one.name == name
    )
    tab.session_state[f"memory-{number}"] = True
    tab.run()
    assert not tab.exception
    return tab


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["weights", "everything on the CPU", "context 8,192"]),
        ("zh", ["权重", "全部在 CPU 上运行", "上下文 8,192"]),
    ],
)
def test_the_models_page_shows_a_model_in_memory_when_asked(open_platform_with, visit, language, words):
    tab = visit(open_platform_with(), "models", language)
    assert 'role="img"' not in drawn(tab)
    opened(tab, "bundled")
    shown = drawn(tab) + "\n".join(caption.value for caption in tab.caption).replace("\\", "")
    assert all(word in shown for word in words)
    assert drawn(tab).count('role="img"') == 1


def test_any_model_found_has_a_picture(open_platform_with, visit):
    platform = open_platform_with()
    (platform.home / "models").mkdir()
    write(SHAPES["mamba"](), platform.home / "models" / "tiny-mamba.gguf")
    tab = opened(visit(platform, "models"), "tiny-mamba")
    assert any("mamba" in caption.value and "context" in caption.value for caption in tab.caption)


def test_what_contradicts_itself_is_one_sentence(open_platform_with, visit):
    platform = open_platform_with()
    platform.library.settings = Settings(embedder="hashing", kv="q8_0", flash_attention="off")
    tab = opened(visit(platform, "models"), "bundled")
    assert "flash attention" in tab.error[0].value


def test_parts_add_up_to_the_device() -> None:
    planner = Planner(read(bundled_file()), (Device("CUDA0", 6 * GIB, 8 * GIB),), 19 * GIB, total_memory=32 * GIB)
    card, cpu = choose(planner, Wish()).shares
    assert (card.total, card.others, card.layers) == (8 * GIB, 3 * GIB, 31)
    assert card.others + card.needed + card.free == card.total
    assert (cpu.others, cpu.layers) == (13 * GIB, 0)
    widths = [float(width) for width in re.findall(r"width:([\d.]+)%", bar_html(card))]
    assert sum(widths) == pytest.approx(100, abs=0.01)


def test_too_much_runs_over_the_end_and_is_said() -> None:
    bar = Share("CUDA0 <x>", 7 * GIB, GIB, GIB // 2, 6 * GIB, 33, 8 * GIB)
    speak("en")
    text = bar_html(bar)
    assert "2.5 GiB too much" in text
    assert "<x>" not in text
    assert sum(float(width) for width in re.findall(r"width:([\d.]+)%", text)) == pytest.approx(100, abs=0.01)
    speak("zh")
    assert "超出 2.5 GiB" in bar_html(bar)


def test_a_preview_is_what_would_be_loaded() -> None:
    found = preview(bundled_file(), Settings(context=2048, kv="q8_0"))
    assert (found.plan.use.context, found.plan.use.cache, found.reasons) == (2048, "q8_0", ())
    assert found.plan.cpu.free + found.plan.cpu.needed + found.plan.cpu.others == devices.total_memory()
