"""`reeve sweep` over HTTP of `reeve simulate`: what it finds, with which credentials, and what a killed one leaves."""

import contextlib
import json
import signal
import sqlite3
import subprocess

import pytest

from conftest import DEMO, ROOT, end, found, register, sweep, sweep_command
from proxy import Proxy, numbered
from test_cli import WEB, profiles

EXPECTED = (ROOT / "Scenarios/demo.expected").read_text().splitlines()


def test_a_sweep_over_http_finds_what_was_seeded_and_nothing_else(simulate, reeve, tmp_path):
    simulation = simulate("--world", DEMO)
    # As a person does it: the file that simulate wrote, read by a shell.
    done = subprocess.run(
        ["sh", "-c", f'. "{simulation.env_file}" && exec "$@"', "sh", *sweep_command(reeve, tmp_path)],
        env=simulation.variables(AWS_ENDPOINT_URL=None, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None),
        capture_output=True, text=True, timeout=300)
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert found(report) == EXPECTED
    assert [c for c in report["coverage"] if c["gap"]] == [] and report["notEvaluated"] == []
    before = calls(simulation)
    # Nothing was changed, and nothing was asked twice: a page of images for each scope, and no call was refused.
    assert all(result == "OK" for (_, _, result) in before), before
    scanned = [c for c in report["coverage"] if c["verdict"] == "scanned"]
    assert before["ec2", "DescribeImages", "OK"] == len(scanned)
    assert not [name for (_, name, _) in before if not name.startswith(("Describe", "Get", "List", "AssumeRole"))]
    # A second sweep finds the same, as the same findings.
    again = sweep(reeve, simulation, tmp_path)[1]
    since = lambda r: {(f["check"], f["resourceId"]): f["since"] for f in r["findings"]}
    assert found(again) == EXPECTED and since(again) == since(report)


def calls(simulation):
    record = json.loads(simulation.control("calls"))["calls"]
    counts = {}
    for call in record:
        key = (call["service"], call["operation"], call["result"])
        counts[key] = counts.get(key, 0) + call["count"]
    return counts


def test_a_sweep_over_http_agrees_with_what_boto3_made(organization, reeve, tmp_path):
    simulation, accounts = organization
    ec2 = simulation.client("ec2", "eu-central-1", simulation.assume(accounts[0]))
    image = register(ec2, "published")
    ec2.disable_image_block_public_access()
    simulation.control("clock", {"advance": "15m"})
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})
    status, report, errors = sweep(reeve, simulation, tmp_path, "--checks", "image.public")
    assert status == 1, errors
    assert found(report) == [f"image.public {image} {accounts[0]} eu-central-1"]
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Remove": [{"Group": "all"}]})
    status, report, errors = sweep(reeve, simulation, tmp_path, "--checks", "image.public")
    assert status == 0 and report["findings"] == [], errors


def test_credentials_come_from_profiles_roles_and_processes(simulate, reeve, tmp_path):
    simulation = simulate("--world", DEMO)
    variables = profiles(simulation, tmp_path)
    public = [line for line in EXPECTED if line.startswith("image.public ")]
    run = lambda profile, *options: sweep(
        reeve, simulation, tmp_path, "--checks", "image.public", *options, AWS_PROFILE=profile, **variables)
    status, report, errors = run("made")
    assert (status, found(report) if report else errors) == (1, public)
    assert report["sweep"]["caller"].endswith(":user/admin")
    # A role of a member account may not list the organization, but may look at its own account.
    status, report, errors = run("chained")
    assert status in (3, 4), errors
    (tmp_path / "own.yaml").write_text(f'version: 1\norganization:\n  accounts: ["{WEB}"]\n')
    status, report, errors = run("chained", "--config", str(tmp_path / "own.yaml"))
    assert (status, found(report) if report else errors) == (1, [line for line in public if WEB in line])
    assert report["sweep"]["caller"].endswith("assumed-role/OrganizationAccountAccessRole/conformance")
    status, report, errors = run("broken")
    assert status == 4 and "NoSuchRole" in errors and "AccessDenied" in errors
    assert simulation.keys["SecretAccessKey"] not in errors


@pytest.mark.parametrize("clock", ["2020-01-01T00:00:00Z", "2035-01-01T00:00:00Z"])
def test_a_world_of_another_time_is_swept_as_one_of_today(simulate, reeve, tmp_path, clock):
    world = tmp_path / "world.yaml"
    world.write_text(f"clock: {clock}\n" + DEMO.read_text())
    simulation = simulate("--world", world)
    status, report, errors = sweep(reeve, simulation, tmp_path, "--checks", "image.public")
    assert status == 1, errors
    assert found(report) == [line for line in EXPECTED if line.startswith("image.public ")]
    assert calls(simulation)["sts", "AssumeRole", "OK"] == 10, "a session is good for its hour"
    # A role's profile of the CLI: botocore would refuse credentials that have expired by its own clock.
    identity = simulation.cli("sts", "get-caller-identity", AWS_PROFILE="chained", **profiles(simulation, tmp_path))
    assert identity["Account"] == WEB


def from_the_twelfth_scope_on():
    return numbered(lambda number: "hold" if number >= 12 else None, b"Action=DescribeImages")


THROTTLED = (503, b"<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message>"
                  b"</Error></Errors><RequestID>0</RequestID></Response>")


@pytest.mark.parametrize("fault", [
    pytest.param(THROTTLED, id="throttled"), pytest.param((500, b"<html>Internal error"), id="a server error"),
    pytest.param("drop", id="connections closed"), pytest.param("cut", id="half an answer"),
])
def test_a_sweep_gets_through_a_network_that_fails_now_and_then(simulate, reeve, tmp_path, fault):
    simulation = simulate("--world", DEMO)
    with Proxy(simulation.endpoint, numbered(lambda number: fault if number % 7 == 0 else None)).serving() as proxy:
        status, report, errors = sweep(
            reeve, simulation, tmp_path, "--checks", "image.public", AWS_ENDPOINT_URL=proxy.endpoint)
    assert status == 1, (errors, report and [c for c in report["coverage"] if c["gap"]])
    assert found(report) == [line for line in EXPECTED if line.startswith("image.public ")]


@pytest.mark.parametrize("resumed", [False, True], ids=["a new sweep", "--resume"])
def test_a_killed_sweep_leaves_a_ledger_that_says_so_and_lets_the_next_one_in_at_once(
        simulate, reeve, tmp_path, resumed):
    simulation = simulate("--world", DEMO)
    with Proxy(simulation.endpoint, from_the_twelfth_scope_on()).serving() as proxy:
        first = subprocess.Popen(
            sweep_command(reeve, tmp_path, "--concurrency", "2"),
            env=simulation.variables(AWS_MAX_ATTEMPTS=None, AWS_ENDPOINT_URL=proxy.endpoint),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            assert proxy.held.wait(120), "the sweep did not come to its twelfth scope"
        finally:
            first.send_signal(signal.SIGKILL)
            first.communicate(timeout=20)
    assert first.returncode == -signal.SIGKILL

    # The ledger opens, holds what was covered, and names a holder that is gone.
    with contextlib.closing(sqlite3.connect(f"file:{tmp_path / 'ledger.db'}?mode=ro", uri=True)) as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert ledger.execute("SELECT status FROM sweeps").fetchall() == [("running",)]
        [(identity,)] = ledger.execute("SELECT id FROM sweeps").fetchall()
        [(holder,)] = ledger.execute("SELECT holder FROM lease").fetchall()
        [(covered,)] = ledger.execute("SELECT count(*) FROM coverage WHERE verdict = 'scanned'").fetchall()
    assert f"pid {first.pid}" in holder and covered >= 5

    status, report, errors = sweep(reeve, simulation, tmp_path, *(["--resume"] if resumed else []))
    assert status == 1, errors
    assert found(report) == EXPECTED
    assert [c for c in report["coverage"] if c["gap"]] == []
    if resumed:
        assert f"resuming sweep {identity}" in errors and report["sweep"]["id"] == identity
    else:
        assert f"sweep {identity}" in errors and "was interrupted" in errors and report["sweep"]["id"] != identity
    with contextlib.closing(sqlite3.connect(f"file:{tmp_path / 'ledger.db'}?mode=ro", uri=True)) as ledger:
        statuses = dict(ledger.execute("SELECT id, status FROM sweeps").fetchall())
        assert ledger.execute("SELECT count(*) FROM lease").fetchone() == (0,)
    assert statuses[report["sweep"]["id"]] == "complete"
    assert resumed or statuses[identity] == "interrupted"


def test_a_sweep_that_is_under_way_keeps_a_second_one_out_and_ends_cleanly_when_it_is_told_to(simulate, reeve, tmp_path):
    simulation = simulate("--world", DEMO)
    with Proxy(simulation.endpoint, from_the_twelfth_scope_on()).serving() as proxy:
        first = subprocess.Popen(
            sweep_command(reeve, tmp_path, "--concurrency", "2"),
            env=simulation.variables(AWS_MAX_ATTEMPTS=None, AWS_ENDPOINT_URL=proxy.endpoint),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            assert proxy.held.wait(120), "the sweep did not come to its twelfth scope"
            status, report, errors = sweep(reeve, simulation, tmp_path)
            assert status == 4 and report is None and f"pid {first.pid}" in errors
            first.send_signal(signal.SIGINT)
            output, errors = first.communicate(timeout=60)
        finally:
            if first.poll() is None:
                end(first)
    assert first.returncode == 3, errors
    report = json.loads(output)
    assert report["sweep"]["status"] == "interrupted"
    gaps = [c for c in report["coverage"] if c["gap"]]
    assert gaps and {c["verdict"] for c in gaps} <= {"interrupted", "failed", "timed-out"}
    assert sweep(reeve, simulation, tmp_path, "--resume")[0] == 1
