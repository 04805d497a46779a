"""`reeve plan`, `apply` and `undo` over HTTP: the whole way there and back, and a kill in the middle."""

import json
import signal
import subprocess

import pytest

from conftest import DEMO, sweep
from test_sweeps import Proxy, numbered


def run(reeve, simulation, tmp_path, *words, **variables):
    done = subprocess.run(
        [reeve, *words, "--ledger", str(tmp_path / "ledger.db")], cwd=tmp_path,
        env=simulation.variables(AWS_MAX_ATTEMPTS=None, **variables), capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout, done.stderr


def changes(simulation):
    record = json.loads(simulation.control("calls"))
    return sum(line["count"] for line in record["calls"]
               if line["operation"] in ("ModifyImageAttribute", "CreateTags", "DeleteTags") and line["result"] == "OK")


def latest_run(reeve, simulation, tmp_path):
    status, output, errors = run(reeve, simulation, tmp_path, "runs")
    assert status == 0, errors
    return output.splitlines()[1].split()[0]


def test_a_plan_is_applied_a_second_sweep_is_clean_and_undo_brings_the_world_back(simulate, reeve, tmp_path):
    simulation = simulate("--world", DEMO)
    before = simulation.control("world")
    assert sweep(reeve, simulation, tmp_path)[0] == 1
    status, output, errors = run(reeve, simulation, tmp_path, "plan")
    assert status == 0, errors
    plan = json.loads((tmp_path / "reeve.plan.json").read_text())
    assert len(plan["actions"]) == 5
    status, output, errors = run(reeve, simulation, tmp_path, "apply", "reeve.plan.json", "--yes")
    assert status == 0, errors
    assert changes(simulation) == 5
    status, report, errors = sweep(reeve, simulation, tmp_path, "--checks", "image.public")
    assert (status, report["findings"]) == (0, []), errors
    # Other shares are as they were.
    shared = next(a for a in plan["actions"] if len(a["before"].get("LaunchPermissions", [])) > 1)
    assert shared["after"]["LaunchPermissions"] == [
        p for p in shared["before"]["LaunchPermissions"] if p != {"Group": "all"}]
    status, output, errors = run(
        reeve, simulation, tmp_path, "undo", latest_run(reeve, simulation, tmp_path), "--yes")
    assert status == 0, errors
    assert simulation.control("world") == before


@pytest.mark.parametrize("how", ["hold", "lose"], ids=["before the call arrives", "after the call was carried out"])
def test_an_apply_killed_in_the_middle_is_finished_by_the_next_one(simulate, reeve, tmp_path, how):
    simulation = simulate("--world", DEMO)
    assert sweep(reeve, simulation, tmp_path)[0] == 1
    assert run(reeve, simulation, tmp_path, "plan")[0] == 0
    second = numbered(lambda number: how if number == 2 else None, b"Action=ModifyImageAttribute")
    with Proxy(simulation.endpoint, second).serving() as proxy:
        first = subprocess.Popen(
            [reeve, "apply", "reeve.plan.json", "--yes", "--ledger", str(tmp_path / "ledger.db")], cwd=tmp_path,
            env=simulation.variables(AWS_MAX_ATTEMPTS=None, AWS_ENDPOINT_URL=proxy.endpoint),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            assert proxy.held.wait(120), "the apply did not come to its second image"
        finally:
            first.send_signal(signal.SIGKILL)
            first.communicate(timeout=20)
    status, output, errors = run(reeve, simulation, tmp_path, "apply", "reeve.plan.json", "--yes")
    assert status == 0, errors
    assert "was interrupted" in errors
    assert changes(simulation) == 5
    status, report, errors = sweep(reeve, simulation, tmp_path, "--checks", "image.public")
    assert (status, report["findings"]) == (0, []), errors


def test_a_forged_plan_is_refused(simulate, reeve, tmp_path):
    simulation = simulate("--world", DEMO)
    assert sweep(reeve, simulation, tmp_path)[0] == 1
    assert run(reeve, simulation, tmp_path, "plan")[0] == 0
    path = tmp_path / "reeve.plan.json"
    path.write_text(path.read_text().replace('"operation": "ModifyImageAttribute"', '"operation": "DeregisterImage"'))
    status, output, errors = run(reeve, simulation, tmp_path, "apply", "reeve.plan.json", "--yes")
    assert status == 2 and "changed after it was written" in errors
    assert changes(simulation) == 0
