"""(b) what Terraform's provider, Cloud Custodian, Prowler and the AWS CLI ask on their way to images and snapshots.

client_calls.json lists what each sends, parameters and all. `source` is the repository and the files that were opened for
it; without one, and where a call says `"from": "knowledge"`, it was listed from knowledge of the client (its helpers and
newer versions among it) and not seen in a file. Every call is answered, or refused as the client expects it. What they ask of other services (auto scaling groups and launch configurations in Cloud Custodian's
`unused` filter of aws.ami, CloudWatch, CloudTrail) is not simulated and not listed."""

import json
import pathlib

import botocore.exceptions
import pytest
from botocore import xform_name

from conftest import register, snapshot

CALLS = json.loads((pathlib.Path(__file__).parent / "client_calls.json").read_text())


def filled(value, names):
    if isinstance(value, dict):
        return {key: filled(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, names) for inner in value]
    return value.format(**names) if isinstance(value, str) else value


@pytest.mark.parametrize("client", CALLS)
def test_what_clients_ask_is_answered(organization, client):
    simulation, accounts = organization
    credentials = simulation.assume(accounts[0])
    ec2 = simulation.client("ec2", credentials=credentials)
    backing = snapshot(ec2)
    names = {"snapshot": snapshot(ec2), "image": register(ec2, "base", backing), "other": accounts[1], "stamp": "1"}
    names["instance"] = ec2.run_instances(
        ImageId=names["image"], InstanceType="t3.micro", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    names["template"] = ec2.create_launch_template(
        LaunchTemplateName="web", LaunchTemplateData={"ImageId": names["image"]})["LaunchTemplate"]["LaunchTemplateId"]
    for service, operation, parameters, *expected in CALLS[client]["calls"]:
        expected = expected[0] if expected else {}
        call = getattr(simulation.client(service, credentials=credentials), xform_name(operation))
        try:
            answer = call(**filled(parameters, names))
        except botocore.exceptions.ClientError as error:
            code = error.response["Error"]["Code"]
            assert code == expected.get("refused"), f"{operation} {parameters}: {error}"
        else:
            assert "refused" not in expected, f"{operation} {parameters} was answered, expected {expected['refused']}"
            names.update({name: answer[member] for name, member in expected.get("save", {}).items()})


def test_every_call_says_where_it_is_from():
    for client, listed in CALLS.items():
        assert set(listed) == {"source", "calls"}, client
        marked = [rest[0] for _, _, _, *rest in listed["calls"] if rest and "from" in rest[0]]
        assert all(rest["from"] == "knowledge" for rest in marked), client
        # Without a source all of it is knowledge, and nothing has to say so.
        assert listed["source"] or not marked, client
        assert len(marked) < len(listed["calls"]), f"{client}: nothing of it was seen in {listed['source']}"
