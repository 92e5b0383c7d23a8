from __future__ import annotations

from dataclasses import fields

import pytest

from app.embedders_part import EMBEDDERS
from app.settings_page import GROUPS, every_setting
from ingest.settings import Settings, load_settings


def texts(tab):
    return "\n".join(str(element.value) for kind in (tab.text, tab.caption, tab.markdown) for element in kind)


def change(tab, name, value):
    tab.selectbox(key="any-name").set_value(name).run()
    tab.text_input(key=f"any-value-{name}").set_value(value).run()
    tab.button(key="any-save").click().run()


@pytest.mark.parametrize(("language", "title"), [("en", "Settings"), ("zh", "设置")])
def test_it_says_what_is_in_use(open_platform_with, visit, language, title):
    platform = open_platform_with()
    tab = visit(platform, "settings", language)
    assert tab.title[0].value == title
    shown = texts(tab)
    assert str(platform.home) in shown
    assert "hashing" in shown
    assert "scripted" in shown
    assert "streamlit" in shown


def test_saving_writes_what_changed_and_nothing_else(open_platform_with, visit):
    platform = open_platform_with()
    file = platform.home / "settings.toml"
    file.write_text("# mine\nalpha = 0.5\n", "utf-8")
    tab = visit(platform, "settings")
    change(tab, "k", "12")
    assert file.read_text("utf-8") == "# mine\nalpha = 0.5\nk = 12\n"
    assert load_settings(platform.home).k == 12
    assert "Saved" in tab.success[0].value


def test_a_broken_settings_file_is_one_sentence(open_platform_with, visit):
    platform = open_platform_with()
    (platform.home / "settings.toml").write_text("k = = 1\n", "utf-8")
    tab = visit(platform, "settings")
    change(tab, "k", "12")
    assert "settings" in tab.error[0].value
    assert not tab.exception


def test_the_language_changes_at_once_for_this_tab_alone(open_platform_with, visit):
    platform = open_platform_with()
    first, second = visit(platform, "settings"), visit(platform, "settings")
    first.button_group(key="tab-language").set_value("zh").run()
    second.run()
    assert first.title[0].value == "设置"
    assert second.title[0].value == "Settings"
    assert not (platform.home / "settings.toml").exists()


def test_what_the_environment_sets_cannot_be_changed_here(open_platform_with, visit, monkeypatch):
    monkeypatch.setenv("ZHIKU_K", "5")
    tab = visit(open_platform_with(), "settings")
    assert "k" not in tab.selectbox(key="any-name").options
    assert "ZHIKU_K" in list(tab.dataframe[0].value["From"])


def test_nonsense_is_not_saved(open_platform_with, visit, monkeypatch):
    assert "hashing" not in EMBEDDERS, "it is for tests"
    monkeypatch.setattr("app.embedders_part.EMBEDDERS", (*EMBEDDERS, "/no/such/folder"))
    platform = open_platform_with()
    tab = visit(platform, "settings")
    for name, value in (("model", "no such thing"), ("k", "many")):
        change(tab, name, value)
        assert tab.error, name
    tab.selectbox(key="any-name").set_value("embedder").run()
    tab.selectbox(key="any-value-embedder").select("/no/such/folder").run()
    tab.button(key="any-save").click().run()
    assert tab.error
    assert not (platform.home / "settings.toml").exists()


def test_any_setting_can_be_changed(open_platform_with, visit):
    platform = open_platform_with()
    tab = visit(platform, "settings")
    change(tab, "max_calls", "7")
    tab.selectbox(key="any-name").set_value("tool_write").run()
    assert tab.selectbox(key="any-value-tool_write").options == ["allow", "ask", "deny"]
    tab.selectbox(key="any-value-tool_write").set_value("deny").run()
    tab.button(key="any-save").click().run()
    tab.selectbox(key="any-name").set_value("web_fetch").run()
    tab.selectbox(key="any-value-web_fetch").set_value("true").run()
    tab.button(key="any-save").click().run()
    settings = load_settings(platform.home)
    assert (settings.max_calls, settings.tool_write, settings.web_fetch) == (7, "deny", True)


def test_every_setting_is_there_in_its_group_with_what_is_in_force_and_from_where(
    open_platform_with, visit, monkeypatch
):
    monkeypatch.setenv("ZHIKU_MODEL_API_KEY", "sesame")
    platform = open_platform_with()
    (platform.home / "settings.toml").write_text("alpha = 0.5\n", "utf-8")
    monkeypatch.setattr(platform.library, "settings", load_settings(platform.home))
    rows = {row[1]: row for row in every_setting(platform.library.settings)}
    assert list(rows) == [one.name for one in fields(Settings)]
    assert [name for name in rows if name in GROUPS] == list(GROUPS), "a group begins at a setting, in their order"
    assert all(row[0] for row in rows.values())
    assert rows["alpha"][:4] == ("Search and proof", "alpha", "0.5", "settings.toml")
    assert rows["ocr"][:4] == ("Text recognition", "ocr", "auto", "default")
    assert rows["model_api_key"][:4] == ("Language model", "model_api_key", "•••", "ZHIKU_MODEL_API_KEY")
    tab = visit(platform, "settings")
    assert list(tab.dataframe[0].value["Setting"]) == list(rows)
    tab.text_input(key="settings-find").set_value("recognition").run()
    assert list(tab.dataframe[0].value["Setting"]) == ["ocr", "ocr_languages", "ocr_model", "ocr_api_key"]
    tab.text_input(key="settings-find").set_value("weight of the vectors").run()
    assert list(tab.dataframe[0].value["Setting"]) == ["alpha"]
    tab.text_input(key="settings-find").set_value("no setting like this").run()
    assert not tab.dataframe
