"""What changed between two runs of the benchmarks."""

from __future__ import annotations

import json

from tests.benchmarks import __main__ as bench
from tests.benchmarks.comparing import compared, figures

TABLE = """# Benchmarks

## Search speed

| at 50,000 passages | median ms | 95th percentile ms |
|---|---:|---:|
| whole search | 40.0 | 1,200.5 |
| lexical leg | 10 | n^0.9 |

_scale: measured in 3 s_

## Retrieval

| set | kind | recall@1 |
|---|---|---:|
| llm-notes | file | .900 |
"""


def test_figures_are_known_by_heading_row_and_column():
    assert figures(TABLE) == {
        "Search speed / whole search / median ms": 40.0,
        "Search speed / whole search / 95th percentile ms": 1200.5,
        "Search speed / lexical leg · n^0.9 / median ms": 10.0,
        "Retrieval / llm-notes · file / recall@1": 0.9,
    }


def test_only_what_is_beyond_noise_is_told():
    old = figures(TABLE)
    assert "| figure" not in compared(old, old)
    assert "4 figures are the same" in compared(old, old)
    new = figures(TABLE.replace("40.0", "44.0").replace("| 10 |", "| 20 |").replace(".900", ".875"))
    told = compared(old, {**new, "more": 1.0})
    assert "median ms | 10 | 20 | × 2.00" in told
    assert "recall@1 | 0.9 | 0.875" in told
    assert "whole search" not in told
    assert "2 figures are the same" in told
    assert "1 are new, 0 are no longer measured" in told


def test_a_run_is_kept_and_compared_with_an_earlier_one(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    monkeypatch.setattr(bench, "_section", lambda name, options: (TABLE, True))
    assert bench.main(["scale"]) == 0
    kept = tmp_path / "bench" / "bench.json"
    assert json.loads(kept.read_text("utf-8"))["figures"]["Search speed / lexical leg · n^0.9 / median ms"] == 10
    assert "commit" in (tmp_path / "bench" / "bench.md").read_text("utf-8")
    kept.rename(tmp_path / "old.json")
    monkeypatch.setattr(bench, "_section", lambda name, options: (TABLE.replace("1,200.5", "600"), True))
    capsys.readouterr()
    assert bench.main(["scale", f"compare={tmp_path / 'old.json'}"]) == 0
    assert "1200.5 | 600 | × 0.50" in capsys.readouterr().out
    assert "## Changes" in (tmp_path / "bench" / "bench.md").read_text("utf-8")
