from __future__ import annotations

import pytest

from ingest.settings import load_settings


def texts(tab):
    return "\n".join(str(element.value) for kind in (tab.text, tab.caption, tab.markdown) for element in kind)


def save(tab, label="Save"):
    return next(button for button in tab.button if button.label == label).click().run()


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
    tab.slider(key="set-k").set_value(12)
    save(tab)
    assert file.read_text("utf-8") == "# mine\nalpha = 0.5\nk = 12\n"
    assert load_settings(platform.home).k == 12
    assert "Saved" in tab.success[0].value


def test_a_broken_settings_file_is_one_sentence(open_platform_with, visit):
    platform = open_platform_with()
    (platform.home / "settings.toml").write_text("k = = 1\n", "utf-8")
    tab = visit(platform, "settings")
    tab.slider(key="set-k").set_value(12)
    save(tab)
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
    assert tab.slider(key="set-k").disabled
    assert "ZHIKU_K" in str(tab.dataframe[0].value)


def test_nonsense_is_not_saved(open_platform_with, visit):
    platform = open_platform_with()
    tab = visit(platform, "settings")
    assert "hashing" not in tab.selectbox(key="set-embedder").options[1:], "it is for tests"
    for name, value in (("model", "no such thing"), ("embedder", "/no/such/folder"), ("k", "many"), ("ocr", "maybe")):
        tab.selectbox(key="any-name").set_value(name)
        tab.text_input(key="any-value").set_value(value)
        [button for button in tab.button if button.label == "Save"][-1].click().run()
        assert tab.error, name
    assert not (platform.home / "settings.toml").exists()


def test_any_setting_can_be_changed_and_says_where_it_comes_from(open_platform_with, visit):
    platform = open_platform_with()
    tab = visit(platform, "settings")
    tab.selectbox(key="any-name").set_value("max_calls")
    tab.text_input(key="any-value").set_value("7")
    [button for button in tab.button if button.label == "Save"][-1].click().run()
    assert load_settings(platform.home).max_calls == 7
