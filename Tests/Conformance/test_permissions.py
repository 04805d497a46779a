"""The CloudFormation template that `reeve plugin permissions` prints is one that CloudFormation would take."""

import json
import pathlib
import subprocess
import sys

import pytest

LINTER = str(pathlib.Path(sys.executable).with_name("cfn-lint"))


def permissions(reeve, *options):
    return subprocess.run([reeve, "plugin", "permissions", *options], capture_output=True, text=True, check=True).stdout


CHAINS = {
    "one role": ["--role", "ReeveRead"],
    "a role with a path": ["--role", "audit/ReeveRead"],
    "a hub": ["--role", "arn:aws:iam::210987654321:role/ReeveHub", "--role", "ReeveRead"],
    "the default": [],
}


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS.keys())
def test_template_passes_cfn_lint(reeve, tmp_path, chain):
    template = tmp_path / "template.json"
    template.write_text(permissions(reeve, "--format", "cloudformation", *chain))
    linted = subprocess.run([LINTER, str(template)], capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_a_broken_template_does_not_pass(reeve, tmp_path):
    broken = json.loads(permissions(reeve, "--format", "cloudformation"))
    broken["Resources"]["MemberRole"]["Properties"]["Rolename"] = "x"
    template = tmp_path / "template.json"
    template.write_text(json.dumps(broken))
    linted = subprocess.run([LINTER, str(template)], capture_output=True, text=True)
    assert linted.returncode != 0 and "Rolename" in linted.stdout, linted.stdout + linted.stderr


def test_policies_hold_the_grants_and_nothing_that_changes_on_everything(reeve):
    member = json.loads(permissions(reeve, "--partition", "aws-cn"))["member"]
    reads = [action for statement in member["sweepPolicy"]["Statement"] for action in statement["Action"]]
    assert reads and all(action.split(":")[1].startswith(("Describe", "Get", "List")) for action in reads)
    for statement in member["applyPolicy"]["Statement"]:
        assert statement["Resource"] == ["arn:aws-cn:ec2:*::image/*"]
