"""(b) the AWS CLI against `reeve simulate`, as a person types it."""

import json

from conftest import DEMO

WEB, PAYMENTS, ML = "604218839517", "719053284610", "338125470962"
PLAYER, DEBUG = "ami-0b51c7e2d94f60a31", "ami-0d3e8a7015bc942f6"


def test_the_cli_prints_what_boto3_parses(organization):
    simulation, accounts = organization
    credentials = simulation.assume(accounts[0])
    ec2 = simulation.client("ec2", credentials=credentials)
    cli = lambda *words: simulation.cli("ec2", *words, credentials=credentials)
    volume = cli("create-volume", "--availability-zone", "us-east-1a", "--size", "8")["VolumeId"]
    backing = cli("create-snapshot", "--volume-id", volume, "--description", "first")["SnapshotId"]
    image = cli("register-image", "--name", "golden-1", "--root-device-name", "/dev/xvda", "--virtualization-type", "hvm",
                "--architecture", "x86_64", "--block-device-mappings",
                f"DeviceName=/dev/xvda,Ebs={{SnapshotId={backing}}}")["ImageId"]
    assert cli("wait", "image-available", "--image-ids", image) is None
    listed = cli("describe-images", "--owners", "self", "amazon")["Images"]
    plain = ec2.describe_images(Owners=["self"])["Images"]
    assert listed == plain and listed[0]["ImageId"] == image
    cli("create-tags", "--resources", image, "--tags", "Key=Owner,Value=team a")
    cli("modify-image-attribute", "--image-id", image, "--launch-permission", f"Add=[{{UserId={accounts[1]}}}]")
    attribute = cli("describe-image-attribute", "--image-id", image, "--attribute", "launchPermission")
    assert attribute["LaunchPermissions"] == [{"UserId": accounts[1]}]
    snapshots = cli("describe-snapshots", "--owner-ids", "self")["Snapshots"]
    assert [s["SnapshotId"] for s in snapshots] == [backing] and snapshots[0]["Encrypted"] is False
    assert cli("get-image-block-public-access-state") == {
        "ImageBlockPublicAccessState": "block-new-sharing", "ManagedBy": "account"}
    assert cli("get-snapshot-block-public-access-state")["State"] == "unblocked"
    assert cli("get-allowed-images-settings")["State"] == "disabled"
    refused = simulation.cli("ec2", "describe-fleets", credentials=credentials, check=False)
    assert refused.returncode == 255 and "InvalidAction" in refused.stderr


def test_publishing_and_revoking_as_a_person_does_it(simulate):
    simulation = simulate("--world", DEMO)
    credentials = simulation.cli(
        "sts", "assume-role", "--role-arn", f"arn:aws:iam::{WEB}:role/OrganizationAccountAccessRole",
        "--role-session-name", "by-hand")["Credentials"]
    assert simulation.cli("sts", "get-caller-identity", credentials=credentials)["Account"] == WEB
    ec2 = lambda *words, **more: simulation.cli(
        "ec2", *words, "--region", "eu-west-1", credentials=credentials, **more)
    names = lambda *words: sorted(i["ImageId"] for i in ec2("describe-images", *words)["Images"])
    assert names("--owners", "self", "--filters", "Name=is-public,Values=true") == [PLAYER, DEBUG]
    assert names("--filters", "Name=tag:Purpose,Values=demo,none", "Name=state,Values=available") == [PLAYER]
    assert names("--image-ids", PLAYER) == [PLAYER] and names("--executable-users", PAYMENTS) == [PLAYER]
    ec2("modify-image-attribute", "--image-id", PLAYER, "--launch-permission", "Remove=[{Group=all}]")
    assert names("--owners", "self", "--filters", "Name=is-public,Values=true") == [DEBUG]
    ec2("modify-image-attribute", "--image-id", PLAYER, "--launch-permission", "Add=[{Group=all}]")
    attribute = ec2("describe-image-attribute", "--image-id", PLAYER, "--attribute", "launchPermission")
    assert attribute["LaunchPermissions"] == [{"UserId": PAYMENTS}, {"UserId": "487611205938"}, {"Group": "all"}]
    ec2("modify-image-attribute", "--image-id", PLAYER, "--attribute", "launchPermission", "--operation-type", "remove",
        "--user-groups", "all")
    dry = ec2("deregister-image", "--image-id", DEBUG, "--dry-run", check=False)
    assert dry.returncode == 255 and "DryRunOperation" in dry.stderr
    assert ec2("enable-image-block-public-access", "--image-block-public-access-state", "block-new-sharing")
    simulation.control("clock", {"advance": "10m"})
    again = ec2("modify-image-attribute", "--image-id", PLAYER, "--launch-permission", "Add=[{Group=all}]", check=False)
    assert again.returncode == 255 and "OperationNotPermitted" in again.stderr


def test_the_cli_pages_through_an_organization(simulate):
    simulation = simulate("--world", DEMO)
    list_accounts = lambda *words: simulation.cli("organizations", "list-accounts", *words)
    everything = list_accounts("--page-size", "5")
    assert len(everything["Accounts"]) == 12 and "NextToken" not in everything
    first = list_accounts("--max-items", "4")
    rest = list_accounts("--starting-token", first["NextToken"])
    assert len(first["Accounts"]) == 4 and first["Accounts"] + rest["Accounts"] == everything["Accounts"]
    assert list_accounts("--query", "Accounts[?Status=='SUSPENDED'].Name") == ["sandbox-legacy"]


def test_profiles_with_roles_and_processes_work_for_the_cli(simulate, tmp_path):
    simulation = simulate("--world", DEMO)
    variables = profiles(simulation, tmp_path)
    for profile, account in (("chained", WEB), ("made", "118402657390")):
        identity = simulation.cli("sts", "get-caller-identity", AWS_PROFILE=profile, **variables)
        assert identity["Account"] == account


def profiles(simulation, tmp_path):
    """Configuration files as people have them, and the environment that names them, and no keys in it."""
    process = tmp_path / "print credentials"
    process.write_text("#!/bin/sh\ncat <<'END'\n" + json.dumps({"Version": 1, **simulation.keys}) + "\nEND\n")
    process.chmod(0o700)
    (tmp_path / "credentials").write_text(
        f"[base]\naws_access_key_id = {simulation.keys['AccessKeyId']}\n"
        f"aws_secret_access_key = {simulation.keys['SecretAccessKey']}\n")
    (tmp_path / "config").write_text(f"""
[profile base]
region = us-east-1

[profile chained]
role_arn = arn:aws:iam::{WEB}:role/OrganizationAccountAccessRole
source_profile = base
role_session_name = conformance

[profile made]
credential_process = "{process}" --unused
region = eu-west-1

[profile broken]
role_arn = arn:aws:iam::{WEB}:role/NoSuchRole
source_profile = made
""")
    # A home of its own: the CLI keeps a role's session there for the next time.
    return dict(HOME=str(tmp_path), AWS_CONFIG_FILE=str(tmp_path / "config"), AWS_SHARED_CREDENTIALS_FILE=str(tmp_path / "credentials"),
                AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
