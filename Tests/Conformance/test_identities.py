"""STS and policies as boto3 and the AWS CLI see them, on a world with users, roles and an identity provider."""

import json
import pathlib

import botocore
import botocore.config
import pytest

import shapes
from conftest import Simulation, refused

WORLD = pathlib.Path(__file__).with_name("identities.yaml")
WORKLOAD = "222222222222"


@pytest.fixture
def identities(simulate):
    return simulate("--world", WORLD)


def unsigned(simulation):
    client = Simulation.session.client(
        "sts", region_name="us-east-1", endpoint_url=simulation.endpoint,
        config=botocore.config.Config(signature_version=botocore.UNSIGNED, retries={"total_max_attempts": 1}))
    client.meta.events.register("before-parse", shapes.check_response)
    return client


def exercise_sts(simulation):
    """Every operation of STS, once."""
    sts = simulation.client("sts")
    answer = sts.assume_role(
        RoleArn=f"arn:aws:iam::{WORKLOAD}:role/OrganizationAccountAccessRole", RoleSessionName="chain",
        Tags=[{"Key": "team", "Value": "platform"}], TransitiveTagKeys=["team"], SourceIdentity="anna",
        PolicyArns=[{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}])
    assert answer["SourceIdentity"] == "anna" and answer["PackedPolicySize"] >= 1
    reader = simulation.client("ec2", credentials=answer["Credentials"])
    denied = refused("UnauthorizedOperation", reader.deregister_image, ImageId="ami-0123456789abcdef0")
    message = denied["Message"].split()[-1]
    owner = simulation.client("sts", credentials=simulation.assume(WORKLOAD))
    decoded = json.loads(owner.decode_authorization_message(EncodedMessage=message)["DecodedMessage"])
    assert decoded["context"]["action"] == "ec2:DeregisterImage" and decoded["allowed"] is False
    assert sts.get_session_token(DurationSeconds=900)["Credentials"]["AccessKeyId"].startswith("ASIA")
    assert sts.get_access_key_info(AccessKeyId=simulation.keys["AccessKeyId"])["Account"] == "111111111111"
    web = unsigned(simulation).assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{WORKLOAD}:role/build/Pipeline", RoleSessionName="run", WebIdentityToken="pipeline-token")
    assert web["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{WORKLOAD}:assumed-role/Pipeline/run"
    assert web["Provider"] == f"arn:aws:iam::{WORKLOAD}:oidc-provider/token.example.com"
    assert simulation.client("ec2", credentials=web["Credentials"]).describe_images(Owners=["self"])["Images"] == []


def test_sts(identities):
    exercise_sts(identities)


@pytest.mark.parametrize("role, token, code, status, words", [
    ("build/Pipeline", "stale-token", "ExpiredTokenException", 400, "Token expired"),
    ("build/Pipeline", "forged", "InvalidIdentityToken", 400, "not a valid JWT"),
    ("Absent", "pipeline-token", "AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
    ("OrganizationAccountAccessRole", "pipeline-token", "AccessDenied", 403, "Not authorized"),
])
def test_a_web_identity_that_is_not_let_in(identities, role, token, code, status, words):
    error = refused(code, unsigned(identities).assume_role_with_web_identity,
                    RoleArn=f"arn:aws:iam::{WORKLOAD}:role/{role}", RoleSessionName="run", WebIdentityToken=token)
    assert error["Status"] == status and words in error["Message"]


@pytest.mark.parametrize("key, secret, user", [("test", "test", "test"), ("111111111111", "bare-secret", "bare")])
def test_access_keys_have_any_shape(identities, key, secret, user):
    keys = {"AccessKeyId": key, "SecretAccessKey": secret}
    assert identities.client("sts", credentials=keys).get_caller_identity()["Arn"].endswith(f":user/{user}")
    error = refused("SignatureDoesNotMatch", identities.client(
        "sts", credentials=dict(keys, SecretAccessKey="another")).get_caller_identity)
    assert error["Status"] == 403
    if user == "bare":
        denied = refused("UnauthorizedOperation", identities.client("ec2", credentials=keys).describe_images)
        assert "because no identity-based policy allows the ec2:DescribeImages action" in denied["Message"]


def test_the_command_line_takes_a_web_identity_from_the_environment(identities, tmp_path):
    token = tmp_path / "token"
    token.write_text("pipeline-token")
    answer = identities.cli(
        "sts", "get-caller-identity", AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None,
        AWS_ROLE_ARN=f"arn:aws:iam::{WORKLOAD}:role/build/Pipeline", AWS_ROLE_SESSION_NAME="ci",
        AWS_WEB_IDENTITY_TOKEN_FILE=str(token))
    assert answer["Arn"] == f"arn:aws:sts::{WORKLOAD}:assumed-role/Pipeline/ci"
