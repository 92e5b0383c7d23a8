"""A bill of materials in CycloneDX 1.6: every pinned package with its files' hashes and its licence."""

from __future__ import annotations

import importlib.metadata
import tomllib
from typing import Any

from tests.supply.lock import ROOT, Pin


def bill(pins: list[Pin]) -> dict[str, Any]:
    """The document as JSON has it; the same for the same locks and environment."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"expression": project["license"]}],
            }
        },
        "components": [_component(pin) for _, pin in sorted({(pin.name, pin.version): pin for pin in pins}.items())],
    }


def _component(pin: Pin) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": f"pkg:pypi/{pin.name}@{pin.version}",
        "name": pin.name,
        "version": pin.version,
        "purl": f"pkg:pypi/{pin.name}@{pin.version}",
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in pin.hashes],
    }
    if licence := _licence(pin.name):
        found["licenses"] = [{"license": {"name": licence}}]
    if pin.marker:
        found["properties"] = [{"name": "zhiku:marker", "value": pin.marker}]
    return found


def _licence(name: str) -> str:
    """As the installed package states it; empty where it is not installed or says nothing short."""
    try:
        metadata = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
    if expression := metadata.get("License-Expression"):
        return str(expression)
    for classifier in metadata.get_all("Classifier") or ():
        if classifier.startswith("License :: OSI Approved :: "):
            return str(classifier).rpartition(" :: ")[2]
    stated = str(metadata.get("License") or "").strip()
    return stated if stated and len(stated) < 60 and "\n" not in stated else ""
