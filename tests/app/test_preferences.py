from __future__ import annotations

import pytest

from app import preferences
from ingest.errors import UsageError
from ingest.settings import load_settings


def test_a_value_is_changed_and_comments_are_kept(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('# mine\nk = 5  # passages\nmodel = "bundled"\n', "utf-8")
    preferences.write(tmp_path, k=12, language="zh")
    assert file.read_text("utf-8") == '# mine\nk = 12  # passages\nmodel = "bundled"\nlanguage = "zh"\n'
    assert load_settings(tmp_path).k == 12


def test_a_new_file_is_made_with_a_line_of_explanation(tmp_path):
    file = preferences.write(tmp_path / "home", k=3)
    assert file.read_text("utf-8").startswith("# Settings of Zhiku")
    assert load_settings(tmp_path / "home").k == 3


@pytest.mark.parametrize("values", [{"kk": 3}, {"k": "many"}])
def test_a_wrong_value_is_refused_and_the_file_stays(tmp_path, values):
    file = tmp_path / "settings.toml"
    file.write_text("k = 5\n", "utf-8")
    with pytest.raises(UsageError):
        preferences.write(tmp_path, **values)
    assert file.read_text("utf-8") == "k = 5\n"
    assert [p.name for p in tmp_path.iterdir()] == ["settings.toml"]


def test_a_broken_file_is_not_overwritten(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text("k = = 5\n", "utf-8")
    with pytest.raises(UsageError, match=r"not valid TOML|不是合法"):
        preferences.write(tmp_path, k=3)
    assert file.read_text("utf-8") == "k = = 5\n"


def test_the_file_named_at_the_start_is_the_one_written(tmp_path, monkeypatch):
    monkeypatch.setenv("ZHIKU_CONFIG", str(tmp_path / "elsewhere" / "mine.toml"))
    assert preferences.write(tmp_path / "home", k=3) == tmp_path / "elsewhere" / "mine.toml"
    assert load_settings(tmp_path / "home").k == 3
    assert not (tmp_path / "home").exists()


def test_an_environment_variable_is_noticed(monkeypatch):
    monkeypatch.setenv("ZHIKU_K", "4")
    assert preferences.overridden("k")
    assert not preferences.overridden("model")
