"""The list of known holes, the bill of materials, and that what is said not to be reached isn't."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from tests.supply.advisories import ROOMS, Advisory, judge, shipped
from tests.supply.lock import LOCKS, ROOT, Pin, read
from tests.supply.sbom import bill

PINS = [pin for path in LOCKS.values() for pin in read(path)]


def test_no_known_hole_applies() -> None:
    _, advisories = shipped()
    applying = [verdict for verdict in judge(PINS, advisories) if verdict.applies]
    assert not applying


def test_the_list_can_be_read_and_gives_reasons() -> None:
    as_of, advisories = shipped()
    assert as_of.year >= 2026
    for advisory in advisories:
        SpecifierSet(advisory.affected)
        assert bool(advisory.why_not) == bool(advisory.unused), advisory.ids


def test_a_claim_that_no_longer_holds_is_found(tmp_path: Path) -> None:
    for room in ROOMS:
        (tmp_path / room).mkdir()
    advisory = Advisory(("X-1",), "thing", "<2", "bad", "never called", ("save_pretrained",))
    pins = [Pin("thing", "1.5", "", ())]
    (clean,) = judge(pins, [advisory], tmp_path)
    assert not clean.applies
    (tmp_path / "agents" / "a.py").write_text("model.save_pretrained(folder)\n", "utf-8")
    (found,) = judge(pins, [advisory], tmp_path)
    assert found.reached == ("agents/a.py:1",)
    assert found.applies
    assert judge([Pin("thing", "2.0", "", ())], [advisory], tmp_path) == []
    assert judge(pins, [Advisory(("X-2",), "thing", "<2", "bad")], tmp_path)[0].applies


def test_the_bill_names_every_package_once() -> None:
    document = bill(PINS)
    references = [component["bom-ref"] for component in document["components"]]
    assert len(references) == len(set(references)) == len({(p.name, p.version) for p in PINS})
    assert all(component["hashes"] for component in document["components"])
    assert "//" not in json.dumps(document)


def test_a_line_without_a_version_is_no_pin(tmp_path: Path) -> None:
    (tmp_path / "x.lock").write_text("thing>=1\n", "utf-8")
    with pytest.raises(ValueError, match="pins nothing"):
        read(tmp_path / "x.lock")


def test_make_audit(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.supply", str(tmp_path / "sbom.json")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "does not apply" in done.stdout
    assert json.loads((tmp_path / "sbom.json").read_text("utf-8"))["specVersion"] == "1.6"
