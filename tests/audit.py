"""`make audit`: holes that are known in what we depend on. Where the list of them cannot be asked it says so, and finds no fault."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PATIENCE = 180  # seconds


def asked() -> list[dict[str, Any]]:
    """Every release of the lock file: its name, and what is known against it; or why nothing is known of it."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
    command = [
        uv,
        "tool",
        "run",
        "pip-audit",
        "--require-hashes",
        "--disable-pip",
        "-r",
        "requirements.lock",
        "-f",
        "json",
    ]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=PATIENCE, check=False)
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return []
    return found


def main() -> int:
    releases = asked()
    silent = [one for one in releases if "skip_reason" in one]
    holes = [(one["name"], one["version"], hole) for one in releases for hole in one.get("vulns", ())]
    for name, version, hole in holes:
        print(f"{name} {version}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no release yet'}")
    print(f"audit: {len(releases) - len(silent)} releases asked about, {len(holes)} holes known", end="")
    print(f"; the list does not know {len(silent)}" if silent else "" if releases else "; the list cannot be reached")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
