"""`reeve plan`, `apply` and `undo` over HTTP: what they change, what they leave, and what a killed one is succeeded by."""

import json
import re
import signal
import subprocess

import pytest

from conftest import DEMO, sweep
from proxy import Proxy, numbered

PLAYER = "ami-0b51c7e2d94f60a31"
MUTATING = (b"Action=ModifyImageAttribute&", b"Action=CreateTags&", b"Action=DeleteTags&")


@pytest.fixture
def planned(simulate, reeve, tmp_path):
    """The demo's world, swept, with a plan of what can be closed."""
    simulation = simulate("--world", DEMO)
    assert sweep(reeve, simulation, tmp_path)[0] == 1
    plan = tmp_path / "plan.json"
    done = run(reeve, simulation, tmp_path, "plan", "--output", plan)
    assert done.returncode == 0, done.stderr
    assert "5 actions written" in done.stdout
    return simulation, plan


def command(reeve, tmp_path, *words):
    return [reeve, *map(str, words), "--ledger", str(tmp_path / "ledger.db")]


def run(reeve, simulation, tmp_path, *words, **more):
    return subprocess.run(command(reeve, tmp_path, *words), env=simulation.variables(AWS_MAX_ATTEMPTS=None, **more),
                          capture_output=True, text=True, timeout=120, cwd=tmp_path)


def changes(simulation):
    """How often each changing call was carried out."""
    calls = json.loads(simulation.control("calls"))["calls"]
    counts = {}
    for call in calls:
        if call["result"] == "OK" and call["operation"].startswith(("Modify", "Create", "Delete", "Reset", "Disable")):
            counts[call["operation"]] = counts.get(call["operation"], 0) + call["count"]
    return counts


def test_a_plan_is_carried_out_as_written_and_taken_back_byte_for_byte(planned, reeve, tmp_path):
    simulation, plan = planned
    before = simulation.control("world")
    assert changes(simulation) == {}, "neither a sweep nor a plan changes anything"
    applied = run(reeve, simulation, tmp_path, "apply", plan, "--yes")
    assert applied.returncode == 0, applied.stderr
    assert changes(simulation) == {"ModifyImageAttribute": 3, "CreateTags": 1, "DeleteTags": 1}
    # The public image is private, and the accounts that depend on it have it still.
    ec2 = simulation.client("ec2", "eu-west-1", simulation.assume("604218839517"))
    assert ec2.describe_images(ImageIds=[PLAYER])["Images"][0]["Public"] is False
    assert ec2.describe_image_attribute(ImageId=PLAYER, Attribute="launchPermission")["LaunchPermissions"] == [
        {"UserId": "719053284610"}, {"UserId": "487611205938"}]
    status, report, errors = sweep(reeve, simulation, tmp_path, "--checks", "image.public")
    assert (status, report["findings"]) == (0, []), errors
    undone = run(reeve, simulation, tmp_path, "undo", identity(applied), "--yes")
    assert undone.returncode == 0, undone.stderr
    assert simulation.control("world") == before


def identity(done):
    return re.search(r"run-\w+-[0-9a-f]{6}", done.stdout).group()


def test_a_plan_is_refused_as_a_whole_when_the_world_or_the_plan_was_changed(planned, reeve, tmp_path):
    simulation, plan = planned
    ec2 = simulation.client("ec2", "eu-west-1", simulation.assume("604218839517"))
    ec2.modify_image_attribute(ImageId=PLAYER, LaunchPermission={"Remove": [{"Group": "all"}]})
    by_hand = {"ModifyImageAttribute": 1}
    stale = run(reeve, simulation, tmp_path, "apply", plan, "--yes")
    assert stale.returncode == 2 and PLAYER in stale.stderr, stale.stderr
    assert changes(simulation) == by_hand
    ec2.modify_image_attribute(ImageId=PLAYER, LaunchPermission={"Add": [{"Group": "all"}]})
    by_hand["ModifyImageAttribute"] = 2
    altered = plan.read_text().replace(PLAYER, "ami-0d3e8a7015bc942f7")
    plan.write_text(altered)
    refused = run(reeve, simulation, tmp_path, "apply", plan, "--yes")
    assert refused.returncode == 2 and "plan" in refused.stderr, refused.stderr
    assert changes(simulation) == by_hand


# An effect that is not there is waited for as long as AWS may take to show it, so that one case is enough.
@pytest.mark.parametrize("number, fault", [
    pytest.param(3, "hold", id="before its call arrives"), pytest.param(1, "deafen", id="after its first call"),
    pytest.param(5, "deafen", id="after its last call"),
])
def test_a_killed_apply_is_finished_by_the_next_and_nothing_is_done_twice(planned, reeve, tmp_path, number, fault):
    simulation, plan = planned
    before = simulation.control("world")
    choose = numbered(lambda position: fault if position == number else None, *MUTATING)
    with Proxy(simulation.endpoint, choose).serving() as proxy:
        first = subprocess.Popen(
            command(reeve, tmp_path, "apply", plan, "--yes"), cwd=tmp_path, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=simulation.variables(AWS_MAX_ATTEMPTS=None, AWS_ENDPOINT_URL=proxy.endpoint))
        try:
            assert proxy.held.wait(60), "the apply did not come to its call"
        finally:
            first.send_signal(signal.SIGKILL)
            first.wait(timeout=20)
    assert sum(changes(simulation).values()) == (number if fault == "deafen" else number - 1)
    second = run(reeve, simulation, tmp_path, "apply", plan, "--yes")
    assert second.returncode == 0, second.stdout + second.stderr
    assert "was interrupted" in second.stderr
    assert changes(simulation) == {"ModifyImageAttribute": 3, "CreateTags": 1, "DeleteTags": 1}
    undone = run(reeve, simulation, tmp_path, "undo", identity(second), "--yes")
    assert undone.returncode == 0, undone.stderr
    assert simulation.control("world") == before
