"""Scenarios over a real socket: the world behind `reeve simulate`'s server, reached with libcurl."""

import subprocess

import pytest

from conftest import ROOT, clean_environment

OVER_HTTP = ["accidental-quick-share", "defect-one-denied-of-forty", "credentials-expire-early",
             "defect-success-while-public", "crash-in-the-middle-of-an-apply"]


@pytest.mark.parametrize("name", OVER_HTTP)
def test_a_scenario_comes_true_over_http_as_well(name, reeve, tmp_path):
    path = str(ROOT / "Scenarios" / f"{name}.yaml")
    done = subprocess.run([reeve, "scenario", "run", path, "--seeds", "1..3", "--over-http"], cwd=tmp_path,
                          env=clean_environment(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 seeds" in done.stdout


def test_the_same_seed_gives_the_same_bytes_over_http(reeve, tmp_path):
    path = str(ROOT / "Scenarios/accidental-quick-share.yaml")
    for name in ("first", "second"):
        subprocess.run([reeve, "scenario", "run", path, "--seed", "7", "--over-http", "--transcript", name], cwd=tmp_path,
                       env=clean_environment(), capture_output=True, text=True, timeout=300, check=True)
    first = (tmp_path / "first").read_bytes()
    assert len(first) > 1_000 and first == (tmp_path / "second").read_bytes()


def test_a_running_simulator_is_recorded_and_the_recording_is_swept(simulate, reeve, tmp_path):
    simulation = simulate("--world", ROOT / "Scenarios/demo.yaml")
    done = subprocess.run([reeve, "scenario", "record", "--output", "world.yaml"], cwd=tmp_path,
                          env=simulation.variables(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "world.yaml").read_text()
    for original in ("604218839517", "web-prod", "ami-0b51c7e2d94f60a31", "o-nw7media42", "northwind"):
        assert original not in text
    swept = subprocess.run([reeve, "sweep", "--world", "world.yaml", "--format", "jsonl"], cwd=tmp_path,
                           env=clean_environment(), capture_output=True, text=True, timeout=300)
    assert swept.returncode == 1, swept.stderr
    expected = (ROOT / "Scenarios/demo.expected").read_text().splitlines()
    assert swept.stdout.count('"kind":"finding"') == len(expected)
