"""One seed, two processes: the same requests get the same bytes."""

import re

import test_bad_input as wire
from conftest import DEMO

EC2 = "&Version=2016-11-15"


def transcript(simulation):
    """A day's work as it comes over the wire, and what is left of it."""
    answers = []

    def call(body, service="ec2", **more):
        answers.append(wire.signed(simulation, body.encode(), service=service, **more))

    call("Action=GetCallerIdentity&Version=2011-06-15", "sts")
    call("Action=AssumeRole&Version=2011-06-15&RoleSessionName=abc"
         "&RoleArn=arn%3Aaws%3Aiam%3A%3A604218839517%3Arole%2FOrganizationAccountAccessRole", "sts")
    call("{}", "organizations", headers={
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AWSOrganizationsV20161128.ListAccounts"})
    call("Action=DescribeImages&Owner.1=self" + EC2)
    call("Action=CreateVolume&AvailabilityZone=us-east-1a&Size=1" + EC2)
    volume = re.search(r"vol-[0-9a-f]{17}", answers[-1][1])[0]
    call(f"Action=CreateSnapshot&VolumeId={volume}" + EC2)
    call("Action=EnableImageBlockPublicAccess&ImageBlockPublicAccessState=block-new-sharing" + EC2)
    call("Action=DescribeImages&ImageId.1=ami-0ffffffffffffffff" + EC2)
    call("Action=Nonsense" + EC2)
    # An expiration is counted from the host's clock, as clients hold it against theirs.
    answers = [(status, re.sub("<Expiration>[^<]*", "", text)) for status, text in answers]
    return answers + [simulation.control("world"), simulation.control("calls")]


def test_two_processes_give_the_same_bytes_and_another_seed_gives_others(simulate, tmp_path):
    world = tmp_path / "world.yaml"
    world.write_text(DEMO.read_text() + "\nclock: 2026-11-23T09:00:00Z\n")
    first, second, other = (
        transcript(simulate("--world", world, "--seed", seed, throttling="on")) for seed in ("5", "5", "6"))
    assert first == second
    assert first != other
    assert any(status == 200 for status, _ in first[:-2]) and any(status == 400 for status, _ in first[:-2])
