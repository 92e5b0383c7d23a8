"""`python -m tests.supply [SBOM]`: write the bill of materials, and say which known holes apply. Status 1 if one does."""

from __future__ import annotations

import importlib.metadata
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.supply.advisories import judge, shipped
from tests.supply.lock import LOCKS, ROOT, read
from tests.supply.sbom import bill

_STALE_DAYS = 90


def main(target: Path) -> int:
    users, developers = (read(path) for path in LOCKS.values())
    pins = [*users, *developers]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(bill(pins), indent=1) + "\n", "utf-8")
    print(f"{len(users)} packages for users, {len(developers)} more for developers; bill of materials: {target}")
    other = sorted(
        f"{p.name} {there} instead of {p.version}" for p in pins if (there := _installed(p.name)) not in {"", p.version}
    )
    if other:
        print(f"Installed otherwise than locked: {', '.join(other)}")
    as_of, advisories = shipped()
    age = (datetime.now(UTC).date() - as_of).days
    print(
        f"{len(advisories)} known holes on the list of {as_of}"
        + (" – go through it again" if age > _STALE_DAYS else "")
    )
    verdicts = judge(pins, advisories)
    for verdict in verdicts:
        entry = verdict.advisory
        print(f"\n{', '.join(entry.ids)}: {entry.package} {verdict.version}. {entry.what}")
        if verdict.applies:
            print(f"  APPLIES{': ' + ', '.join(verdict.reached) if verdict.reached else ''}")
        else:
            print(f"  does not apply: {entry.why_not}")
    applying = sum(verdict.applies for verdict in verdicts)
    print(f"\n{len(verdicts)} concern a pinned version; {applying} apply.")
    return 1 if applying else 0


def _installed(name: str) -> str:
    try:
        return importlib.metadata.version(name).split("+")[0]
    except importlib.metadata.PackageNotFoundError:
        return ""


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "sbom.cdx.json"))
