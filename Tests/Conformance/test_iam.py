"""IAM's API as Terraform's provider and the CLI use it, and CloudTrail's record of what was done."""

import json

import pytest

from conftest import refused
from test_identities import WORKLOAD, WORLD

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"}]})
READS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.fixture
def simulation(simulate):
    return simulate("--world", WORLD)


@pytest.fixture
def iam(simulation):
    return simulation.client("iam")


def test_the_life_of_a_role(simulation, iam):
    made = iam.create_role(RoleName="made", Path="/tools/", AssumeRolePolicyDocument=TRUST, Description="d",
                           MaxSessionDuration=7200, Tags=[{"Key": "team", "Value": "a"}])["Role"]
    assert made["AssumeRolePolicyDocument"] == json.loads(TRUST) and made["Arn"].endswith(":role/tools/made")
    keys = simulation.client("sts").assume_role(RoleArn=made["Arn"], RoleSessionName="session")["Credentials"]
    ec2 = simulation.client("ec2", credentials=keys)
    refused("UnauthorizedOperation", ec2.describe_images)
    iam.put_role_policy(RoleName="made", PolicyName="reads", PolicyDocument=json.dumps(READS))
    assert ec2.describe_images(Owners=["self"])["Images"] == []
    assert iam.get_role_policy(RoleName="made", PolicyName="reads")["PolicyDocument"] == READS
    assert iam.list_role_policies(RoleName="made")["PolicyNames"] == ["reads"]
    iam.attach_role_policy(RoleName="made", PolicyArn=READ_ONLY)
    assert iam.list_attached_role_policies(RoleName="made")["AttachedPolicies"] == [
        {"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]
    iam.put_role_permissions_boundary(RoleName="made", PermissionsBoundary=READ_ONLY)
    assert iam.get_role(RoleName="made")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == READ_ONLY
    iam.delete_role_permissions_boundary(RoleName="made")
    iam.update_role(RoleName="made", MaxSessionDuration=3600)
    assert iam.update_role_description(RoleName="made", Description="e")["Role"]["Description"] == "e"
    iam.update_assume_role_policy(RoleName="made", PolicyDocument=TRUST)
    iam.tag_role(RoleName="made", Tags=[{"Key": "cost", "Value": "1"}])
    iam.untag_role(RoleName="made", TagKeys=["team"])
    assert iam.list_role_tags(RoleName="made")["Tags"] == [{"Key": "cost", "Value": "1"}]
    assert iam.list_instance_profiles_for_role(RoleName="made")["InstanceProfiles"] == []
    assert [r["RoleName"] for r in iam.list_roles(PathPrefix="/tools/")["Roles"]] == ["made"]
    refused("DeleteConflict", iam.delete_role, RoleName="made")
    iam.detach_role_policy(RoleName="made", PolicyArn=READ_ONLY)
    iam.delete_role_policy(RoleName="made", PolicyName="reads")
    iam.delete_role(RoleName="made")
    error = refused("NoSuchEntity", iam.get_role, RoleName="made")
    assert (error["Status"], error["Message"]) == (404, "The role with name made cannot be found.")


def test_the_life_of_a_user_and_a_group(simulation, iam):
    assert iam.create_user(UserName="anna")["User"]["Arn"].endswith(":user/anna")
    key = iam.create_access_key(UserName="anna")["AccessKey"]
    own = simulation.client("iam", credentials=key)
    refused("AccessDenied", own.get_user)
    iam.put_user_policy(UserName="anna", PolicyName="self", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "iam:GetUser", "Resource": "arn:aws:iam::*:user/${aws:username}"}]}))
    assert own.get_user()["User"]["UserName"] == "anna"
    refused("AccessDenied", own.get_user, UserName="admin")
    assert iam.get_user_policy(UserName="anna", PolicyName="self")["UserName"] == "anna"
    assert iam.list_user_policies(UserName="anna")["PolicyNames"] == ["self"]
    iam.attach_user_policy(UserName="anna", PolicyArn=READ_ONLY)
    assert len(iam.list_attached_user_policies(UserName="anna")["AttachedPolicies"]) == 1
    iam.put_user_permissions_boundary(UserName="anna", PermissionsBoundary=READ_ONLY)
    iam.delete_user_permissions_boundary(UserName="anna")
    iam.tag_user(UserName="anna", Tags=[{"Key": "team", "Value": "a"}])
    assert iam.list_user_tags(UserName="anna")["Tags"] == [{"Key": "team", "Value": "a"}]
    iam.untag_user(UserName="anna", TagKeys=["team"])
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="reads", PolicyDocument=json.dumps(READS))
    iam.attach_group_policy(GroupName="readers", PolicyArn=READ_ONLY)
    iam.add_user_to_group(GroupName="readers", UserName="anna")
    assert [g["GroupName"] for g in iam.list_groups_for_user(UserName="anna")["Groups"]] == ["readers"]
    assert [u["UserName"] for u in iam.get_group(GroupName="readers")["Users"]] == ["anna"]
    assert [g["GroupName"] for g in iam.list_groups()["Groups"]] == ["readers"]
    assert iam.get_group_policy(GroupName="readers", PolicyName="reads")["PolicyDocument"] == READS
    assert iam.list_group_policies(GroupName="readers")["PolicyNames"] == ["reads"]
    assert len(iam.list_attached_group_policies(GroupName="readers")["AttachedPolicies"]) == 1
    iam.detach_user_policy(UserName="anna", PolicyArn=READ_ONLY)
    assert simulation.client("ec2", credentials=key).describe_images(Owners=["self"])["Images"] == []
    iam.remove_user_from_group(GroupName="readers", UserName="anna")
    refused("UnauthorizedOperation", simulation.client("ec2", credentials=key).describe_images)
    iam.detach_group_policy(GroupName="readers", PolicyArn=READ_ONLY)
    iam.delete_group_policy(GroupName="readers", PolicyName="reads")
    iam.delete_group(GroupName="readers")
    assert iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["UserName"] == "anna"
    iam.update_access_key(UserName="anna", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert iam.list_access_keys(UserName="anna")["AccessKeyMetadata"][0]["Status"] == "Inactive"
    refused("InvalidClientTokenId", own.get_user)
    iam.delete_access_key(UserName="anna", AccessKeyId=key["AccessKeyId"])
    for empty in (iam.list_mfa_devices, iam.list_ssh_public_keys, iam.list_signing_certificates):
        empty(UserName="anna")
    iam.delete_user_policy(UserName="anna", PolicyName="self")
    iam.delete_user(UserName="anna")
    assert {u["UserName"] for u in iam.list_users()["Users"]} == {"admin", "bare", "test"}


def test_managed_policies_and_the_account(iam):
    policy = iam.create_policy(PolicyName="reads", PolicyDocument=json.dumps(READS), Description="d")["Policy"]
    arn = policy["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(READS), SetAsDefault=True)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"] == READS
    assert {v["VersionId"] for v in iam.list_policy_versions(PolicyArn=arn)["Versions"]} == {"v1", "v2"}
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "team", "Value": "a"}])
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "team", "Value": "a"}]
    iam.untag_policy(PolicyArn=arn, TagKeys=["team"])
    iam.attach_user_policy(UserName="bare", PolicyArn=arn)
    assert [u["UserName"] for u in iam.list_entities_for_policy(PolicyArn=arn)["PolicyUsers"]] == ["bare"]
    assert [p["PolicyName"] for p in iam.list_policies(Scope="Local", OnlyAttached=True)["Policies"]] == ["reads"]
    assert "AdministratorAccess" in {p["PolicyName"] for p in iam.list_policies(Scope="AWS")["Policies"]}
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
    iam.detach_user_policy(UserName="bare", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    assert iam.get_account_summary()["SummaryMap"]["Users"] == 3
    assert iam.list_account_aliases()["AccountAliases"] == []
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []
    assert iam.list_instance_profiles()["InstanceProfiles"] == []
    assert iam.list_server_certificates()["ServerCertificateMetadataList"] == []


def test_the_command_line_makes_a_role_and_takes_it(simulation, tmp_path):
    document = tmp_path / "trust.json"
    document.write_text(TRUST)
    made = simulation.cli("iam", "create-role", "--role-name", "cli", "--assume-role-policy-document", f"file://{document}")
    simulation.cli("iam", "attach-role-policy", "--role-name", "cli", "--policy-arn", READ_ONLY)
    keys = simulation.cli("sts", "assume-role", "--role-arn", made["Role"]["Arn"], "--role-session-name", "session")["Credentials"]
    assert simulation.cli("ec2", "describe-images", "--owners", "self", credentials=keys) == {"Images": []}
    events = simulation.cli("cloudtrail", "lookup-events", "--lookup-attributes",
                            f"AttributeKey=AccessKeyId,AttributeValue={keys['AccessKeyId']}")["Events"]
    assert [e["EventName"] for e in events] == ["DescribeImages"]


def test_cloudtrail_tells_who_made_an_image_public(simulation):
    from conftest import register
    ec2 = simulation.client("ec2", credentials=simulation.assume(WORKLOAD))
    image = register(ec2, "image")
    ec2.disable_image_block_public_access()
    simulation.control("clock", {"advance": "15m"})
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})
    trail = simulation.client("cloudtrail", credentials=simulation.assume(WORKLOAD))
    found = trail.lookup_events(LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": image}])["Events"]
    event = next(e for e in found if e["EventName"] == "ModifyImageAttribute")
    record = json.loads(event["CloudTrailEvent"])
    assert record["requestParameters"]["launchPermission"]["add"]["items"] == [{"group": "all"}]
    assert record["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"] == "OrganizationAccountAccessRole"
    assert "Botocore" in record["userAgent"] or "Boto3" in record["userAgent"]
    pages = trail.get_paginator("lookup_events").paginate(PaginationConfig={"PageSize": 3})
    ids = [e["EventId"] for page in pages for e in page["Events"]]
    assert len(ids) == len(set(ids)) >= 4
