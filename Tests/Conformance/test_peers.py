"""(b) Cloud Custodian and Prowler as they are, each from an environment of its own, against `reeve simulate`."""

import json
import subprocess

import pytest

from conftest import ROOT

ACCOUNT, OTHER = "111122223333", "444455556666"
PRIVATE, PUBLIC, SHARED = (f"ami-00000000000000a0{number}" for number in (1, 2, 3))
WORLD = f"""
clock: 2026-11-23T09:00:00Z
regions: [us-east-1]
accounts:
  - id: "{ACCOUNT}"
    imageBlockPublicAccess: {{us-east-1: unblocked}}
    images:
      - {{id: {PRIVATE}, name: private}}
      - {{id: {PUBLIC}, name: public, sharedWith: [all], snapshot: {{id: snap-00000000000000a02, sharedWith: [all]}}}}
      - {{id: {SHARED}, name: shared, sharedWith: ["{OTHER}"]}}
"""


@pytest.fixture
def simulation(simulate, tmp_path):
    world = tmp_path / "world.yaml"
    world.write_text(WORLD)
    return simulate("--world", world)


def peer(name, program):
    path = ROOT / f".venv-{name}/bin/{program}"
    if not path.exists():
        pytest.skip(f"{program} is not there; install it with:  make .venv-{name}/ready")
    return str(path)


def custodian(simulation, tmp_path, **policy):
    """Runs one policy: what it selected. Custodian ends with 0 when a policy fails in a region, so its words count too."""
    program = peer("Custodian", "custodian")
    policies = tmp_path / "policies.json"
    policies.write_text(json.dumps({"policies": [dict(policy, name="policy")]}))
    done = subprocess.run(
        [program, "run", "--cache-period", "0", "--region", "us-east-1", "-s", str(tmp_path / "out"), str(policies)],
        env=simulation.variables(AWS_MAX_ATTEMPTS=None), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and "ERROR" not in done.stderr, done.stderr
    found = json.loads((tmp_path / "out/policy/resources.json").read_text())
    return sorted(resource.get("ImageId") or resource["SnapshotId"] for resource in found)


def test_custodian_finds_and_closes_what_is_public(simulation, tmp_path):
    public = {"type": "value", "key": "Public", "value": True}
    assert custodian(simulation, tmp_path, resource="aws.ami", filters=[public], actions=[
        {"type": "set-permissions", "remove": ["all"]}, {"type": "tag", "tags": {"Closed": "yes"}}]) == [PUBLIC]
    ec2 = simulation.client("ec2")
    image = ec2.describe_images(ImageIds=[PUBLIC])["Images"][0]
    assert not image["Public"] and image["Tags"] == [{"Key": "Closed", "Value": "yes"}]
    assert ec2.describe_image_attribute(ImageId=SHARED, Attribute="launchPermission")["LaunchPermissions"]


def test_custodian_says_that_it_closed_what_is_still_public(simulation, tmp_path):
    """The second of the leading tools' defects: `remove: matched` never removes everyone, and the run succeeds."""
    assert custodian(simulation, tmp_path, resource="aws.ami", filters=["cross-account"], actions=[
        {"type": "set-permissions", "remove": "matched"}]) == [PUBLIC, SHARED]
    ec2 = simulation.client("ec2")
    assert ec2.describe_images(ImageIds=[PUBLIC])["Images"][0]["Public"]
    assert ec2.describe_image_attribute(ImageId=SHARED, Attribute="launchPermission")["LaunchPermissions"] == []


def test_custodian_closes_snapshots_and_deregisters(simulation, tmp_path):
    ec2 = simulation.client("ec2")
    assert custodian(simulation, tmp_path, resource="aws.ebs-snapshot", filters=["cross-account"]) == [
        "snap-00000000000000a02"]
    assert custodian(simulation, tmp_path, resource="aws.ami", filters=[{
        "type": "value", "key": "Name", "value": "private"}], actions=[
            {"type": "deregister", "delete-snapshots": True}]) == [PRIVATE]
    assert ec2.describe_images(ImageIds=[PRIVATE])["Images"] == []
    assert len(ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]) == 2


def test_prowler_judges_images_and_snapshots(simulation, tmp_path):
    checks = {
        "ec2_ami_public": {(PUBLIC, "FAIL"), (PRIVATE, "PASS"), (SHARED, "PASS")},
        "ec2_ebs_public_snapshot": None, "ec2_ami_account_block_public_access": None,
        "ec2_ebs_snapshot_account_block_public_access": None, "ec2_ebs_snapshots_encrypted": None}
    done = subprocess.run(
        [peer("Prowler", "prowler"), "aws", "--checks", *checks, "--region", "us-east-1", "-M", "json-ocsf",
         "--output-directory", str(tmp_path / "out"), "--output-filename", "report", "--no-banner"],
        env=simulation.variables(AWS_MAX_ATTEMPTS=None), capture_output=True, text=True, timeout=600)
    report = json.loads((tmp_path / "out/report.ocsf.json").read_text())
    verdicts = {}
    for finding in report:
        verdicts.setdefault(finding["metadata"]["event_code"], set()).add(
            (finding["resources"][0]["uid"].split("/")[-1], finding["status_code"]))
    assert set(verdicts) == set(checks), done.stdout
    assert verdicts["ec2_ami_public"] == checks["ec2_ami_public"]
    assert ("snap-00000000000000a02", "FAIL") in verdicts["ec2_ebs_public_snapshot"]
    assert len(verdicts["ec2_ebs_snapshots_encrypted"]) == 3
    # What it was refused, it would have passed over.
    failed = {c["operation"]: c["result"] for c in json.loads(simulation.control("calls"))["calls"] if c["result"] != "OK"}
    assert failed == {"DescribeAccount": "AWSOrganizationsNotInUseException"}
