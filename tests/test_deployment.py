"""What operators are handed: each names what there is, and nothing that there is not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bot.settings.entries import names

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
METRICS = {
    "xueshi_http_requests_total", "xueshi_http_request_seconds_bucket", "xueshi_turns_total", "xueshi_connections",
    "xueshi_connections_cut_total", "xueshi_job_last_success_timestamp_seconds", "xueshi_job_failures_total",
    "xueshi_disk_free_bytes", "xueshi_clock_believed",
}  # fmt: skip


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["deploy/HANDBOOK.md", "deploy/compose.yaml", "deploy/Dockerfile", "deploy/xueshi.service", "SECURITY.md"]
)
def test_every_setting_that_is_named_exists(name: str) -> None:
    assert set(re.findall(r"XUESHI_[A-Z_]*[A-Z]", text(name))) <= set(names())


@pytest.mark.parametrize("name", ["deploy/alerts.yml", "deploy/grafana.json", "SECURITY.md"])
def test_every_number_that_is_watched_is_measured(name: str) -> None:
    assert set(re.findall(r"xueshi_\w+", text(name))) <= METRICS


def test_the_dashboard_is_one_that_can_be_imported() -> None:
    board = json.loads(text("deploy/grafana.json"))
    assert board["panels"]
    assert all(panel["targets"][0]["expr"] for panel in board["panels"])


def test_every_test_that_the_threat_model_rests_on_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+(?:\.py)?)(?:::(\w+))?`", text("SECURITY.md"))
    assert len(named) > 20
    for path, test in named:
        assert (ROOT / path).exists(), path
        assert not test or f"def {test}(" in text(path), test


def test_the_readme_leads_to_the_handbook_and_the_threat_model() -> None:
    assert "deploy/HANDBOOK.md" in text("README.md")
    assert "SECURITY.md" in text("README.md")


def test_the_service_runs_without_rights_that_it_does_not_need() -> None:
    unit, compose, image = text("deploy/xueshi.service"), text("deploy/compose.yaml"), text("deploy/Dockerfile")
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "UMask=0077"):
        assert line in unit
    assert "read_only: true" in compose
    assert "cap_drop: [ALL]" in compose
    assert "USER 10001" in image
    assert "--require-hashes" in image
