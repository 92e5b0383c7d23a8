from __future__ import annotations

import tomllib

import pytest

from ingest.errors import UsageError
from ingest.settings import load_settings
from ingest.settings_file import change_settings, overridden, settings_path


def test_a_value_is_changed_and_comments_are_kept(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('# mine\nk = 5  # passages\nmodel = "bundled"\n', "utf-8")
    change_settings(file, k=12, language="zh")
    assert file.read_text("utf-8") == '# mine\nk = 12  # passages\nmodel = "bundled"\nlanguage = "zh"\n'
    assert load_settings(tmp_path).k == 12


def test_a_file_saved_by_windows_editor_is_read_and_changed(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('language = "zh"\n', "utf-8-sig")
    assert load_settings(tmp_path).language == "zh"
    change_settings(file, k=12)
    assert load_settings(tmp_path).k == 12


def test_any_text_is_quoted_and_the_rest_of_the_file_kept(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('# mine\nk = 5  # few\nmodel = "a#b"   # old\n')
    change_settings(file, model='C:\\models\\"x".gguf')
    text = file.read_text()
    assert text.startswith("# mine\nk = 5  # few\nmodel = ")
    assert text.endswith("   # old\n")
    assert tomllib.loads(text) == {"k": 5, "model": 'C:\\models\\"x".gguf'}


def test_a_new_key_comes_before_the_first_table_and_line_ends_stay(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_bytes(b"k = 5\r\n\r\n[other]\r\nk = 1\r\n")
    change_settings(file, alpha=0.5, k=6)
    assert tomllib.loads(file.read_text("utf-8")) == {"k": 6, "alpha": 0.5, "other": {"k": 1}}
    assert file.read_bytes().startswith(b"k = 6\r\n")


def test_a_new_file_is_made_with_a_line_of_explanation(tmp_path):
    file = settings_path(tmp_path / "home")
    change_settings(file, k=3)
    assert file.read_text("utf-8").startswith("# Settings of Zhiku")
    assert load_settings(tmp_path / "home").k == 3


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kk": 3}, r"'k'|“k”"),
        ({"k": "many"}, r"'many'"),
        ({"kv": "q9"}, r"'q9'"),
        ({"k": 7, "web_fetch": "perhaps"}, r"'perhaps'"),
    ],
)
def test_a_wrong_value_is_refused_and_the_file_stays(tmp_path, values, said):
    file = tmp_path / "settings.toml"
    file.write_text("k = 5\n", "utf-8")
    with pytest.raises(UsageError) as refused:
        load_settings(tmp_path, **values)
    with pytest.raises(UsageError, match=said) as error:
        change_settings(file, **values)
    assert error.value.hint == refused.value.hint
    assert file.read_text("utf-8") == "k = 5\n"
    assert [p.name for p in tmp_path.iterdir()] == ["settings.toml"]


def test_a_broken_file_is_not_overwritten(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text("k = = 5\n", "utf-8")
    with pytest.raises(UsageError, match=r"not valid TOML|不是合法"):
        change_settings(file, k=3)
    assert file.read_text("utf-8") == "k = = 5\n"
    file.write_bytes(b"k = 5 # \xff\n")
    with pytest.raises(UsageError, match=r"not valid TOML|不是合法"):
        change_settings(file, k=3)


def test_a_folder_in_the_way_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"can't be written|无法写入"):
        change_settings(tmp_path / "file" / "settings.toml", k=3)


def test_the_files_mode_and_place_stay(tmp_path):
    file = tmp_path / "dotfiles.toml"
    file.write_text("k = 5\n", "utf-8")
    file.chmod(0o640)
    (tmp_path / "settings.toml").symlink_to(file)
    change_settings(tmp_path / "settings.toml", k=3)
    assert file.read_text("utf-8") == "k = 3\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "settings.toml").is_symlink()


def test_the_file_named_at_the_start_is_the_one_written(tmp_path, monkeypatch):
    monkeypatch.setenv("ZHIKU_CONFIG", str(tmp_path / "elsewhere" / "mine.toml"))
    file = settings_path(tmp_path / "home")
    assert file == tmp_path / "elsewhere" / "mine.toml"
    change_settings(file, k=3)
    assert load_settings(tmp_path / "home").k == 3
    assert not (tmp_path / "home").exists()


def test_an_environment_variable_is_noticed(monkeypatch):
    monkeypatch.setenv("ZHIKU_K", "4")
    assert overridden("k")
    assert not overridden("model")
