"""Organizations' write side as boto3 sees it: units, policies with effect, delegation, invitations, closing."""

import json

import pytest

from conftest import refused
from test_identities import WORKLOAD, WORLD

ROOT, UNIT, SANDBOX = "r-conf", "ou-conf-workload", "333333333333"
DENY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Deny", "Action": "ec2:DescribeImages", "Resource": "*"}]})


@pytest.fixture
def simulation(simulate):
    return simulate("--world", WORLD)


@pytest.fixture
def organizations(simulation):
    return simulation.client("organizations")


def test_units_and_moves(organizations):
    one = organizations.create_organizational_unit(ParentId=ROOT, Name="One", Tags=[{"Key": "a", "Value": "1"}])[
        "OrganizationalUnit"]
    assert one["Path"].endswith(one["Id"] + "/")
    organizations.update_organizational_unit(OrganizationalUnitId=one["Id"], Name="Eins")
    organizations.move_account(AccountId=SANDBOX, SourceParentId=ROOT, DestinationParentId=one["Id"])
    refused("OrganizationalUnitNotEmptyException", organizations.delete_organizational_unit, OrganizationalUnitId=one["Id"])
    organizations.move_account(AccountId=SANDBOX, SourceParentId=one["Id"], DestinationParentId=ROOT)
    organizations.delete_organizational_unit(OrganizationalUnitId=one["Id"])
    refused("OrganizationalUnitNotFoundException", organizations.describe_organizational_unit, OrganizationalUnitId=one["Id"])


def test_a_service_control_policy_takes_effect_and_goes_again(simulation, organizations):
    ec2 = simulation.client("ec2", credentials=simulation.assume(WORKLOAD))
    summary = organizations.create_policy(
        Name="no reads", Description="d", Type="SERVICE_CONTROL_POLICY", Content=DENY)["Policy"]["PolicySummary"]
    organizations.attach_policy(PolicyId=summary["Id"], TargetId=UNIT)
    denied = refused("UnauthorizedOperation", ec2.describe_images)
    assert denied["Message"].endswith("with an explicit deny in a service control policy") and denied["Status"] == 403
    assert json.loads(organizations.describe_policy(PolicyId=summary["Id"])["Policy"]["Content"]) == json.loads(DENY)
    assert [t["TargetId"] for t in organizations.list_targets_for_policy(PolicyId=summary["Id"])["Targets"]] == [UNIT]
    assert {p["Name"] for p in organizations.list_policies_for_target(
        TargetId=UNIT, Filter="SERVICE_CONTROL_POLICY")["Policies"]} == {"FullAWSAccess", "no reads"}
    assert len(organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]) == 2
    organizations.update_policy(PolicyId=summary["Id"], Name="no writes", Content=DENY.replace("DescribeImages", "RunInstances"))
    assert ec2.describe_images(Owners=["self"])["Images"] == []
    refused("PolicyInUseException", organizations.delete_policy, PolicyId=summary["Id"])
    organizations.detach_policy(PolicyId=summary["Id"], TargetId=UNIT)
    organizations.delete_policy(PolicyId=summary["Id"])
    error = refused("ConstraintViolationException", organizations.detach_policy, PolicyId="p-FullAWSAccess", TargetId=UNIT)
    assert "at least one" in error["Message"]
    refused("MalformedPolicyDocumentException", organizations.create_policy,
            Name="x", Description="d", Type="SERVICE_CONTROL_POLICY", Content='{"Statement": 1}')


def test_a_declarative_policy_holds_the_setting(simulation, organizations):
    ec2 = simulation.client("ec2", credentials=simulation.assume(WORKLOAD))
    types = organizations.enable_policy_type(RootId=ROOT, PolicyType="DECLARATIVE_POLICY_EC2")["Root"]["PolicyTypes"]
    assert {t["Type"] for t in types} == {"DECLARATIVE_POLICY_EC2", "SERVICE_CONTROL_POLICY"}
    content = {"ec2_attributes": {"snapshot_block_public_access": {"state": {"@@assign": "block_all_sharing"}}}}
    policy = organizations.create_policy(Name="hold", Description="d", Type="DECLARATIVE_POLICY_EC2",
                                         Content=json.dumps(content))["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=ROOT)
    state = ec2.get_snapshot_block_public_access_state()
    assert (state["State"], state["ManagedBy"]) == ("block-all-sharing", "declarative-policy")
    refused("OperationNotPermitted", ec2.disable_snapshot_block_public_access)
    effective = organizations.describe_effective_policy(PolicyType="DECLARATIVE_POLICY_EC2", TargetId=WORKLOAD)
    assert json.loads(effective["EffectivePolicy"]["PolicyContent"])["ec2_attributes"][
        "snapshot_block_public_access"]["state"] == "block_all_sharing"
    organizations.disable_policy_type(RootId=ROOT, PolicyType="DECLARATIVE_POLICY_EC2")
    assert ec2.get_snapshot_block_public_access_state()["ManagedBy"] == "account"


def test_delegation_and_the_resource_policy(simulation, organizations):
    service = "config.amazonaws.com"
    member = simulation.client("organizations", credentials=simulation.assume(WORKLOAD))
    assert refused("AccessDeniedException", member.list_accounts)["Status"] == 400
    organizations.enable_aws_service_access(ServicePrincipal=service)
    assert [s["ServicePrincipal"] for s in organizations.list_aws_service_access_for_organization()[
        "EnabledServicePrincipals"]] == [service]
    organizations.register_delegated_administrator(AccountId=WORKLOAD, ServicePrincipal=service)
    assert len(member.list_accounts()["Accounts"]) == 3
    assert [s["ServicePrincipal"] for s in organizations.list_delegated_services_for_account(AccountId=WORKLOAD)[
        "DelegatedServices"]] == [service]
    organizations.deregister_delegated_administrator(AccountId=WORKLOAD, ServicePrincipal=service)
    organizations.disable_aws_service_access(ServicePrincipal=service)
    policy = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": WORKLOAD}, "Action": "organizations:List*", "Resource": "*"}]}
    organizations.put_resource_policy(Content=json.dumps(policy))
    assert json.loads(organizations.describe_resource_policy()["ResourcePolicy"]["Content"]) == policy
    assert member.list_roots()["Roots"][0]["Id"] == ROOT
    organizations.delete_resource_policy()
    refused("ResourcePolicyNotFoundException", organizations.describe_resource_policy)


def test_tags_and_pages(organizations):
    for resource in (WORKLOAD, UNIT, ROOT):
        organizations.tag_resource(ResourceId=resource, Tags=[{"Key": "team", "Value": "a"}])
        assert organizations.list_tags_for_resource(ResourceId=resource)["Tags"] == [{"Key": "team", "Value": "a"}]
        organizations.untag_resource(ResourceId=resource, TagKeys=["team"])
    pages = list(organizations.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(p["Accounts"]) for p in pages] == [2, 1]
    refused("InvalidInputException", organizations.list_accounts, NextToken="none")


def test_accounts_come_and_go(simulation, organizations):
    request = organizations.create_account(AccountName="new", Email="new@example.com")["CreateAccountStatus"]
    simulation.control("clock", {"advance": "1m"})
    assert organizations.describe_create_account_status(CreateAccountRequestId=request["Id"])[
        "CreateAccountStatus"]["State"] == "SUCCEEDED"
    done = organizations.list_create_account_status(States=["SUCCEEDED"])["CreateAccountStatuses"]
    account = done[0]["AccountId"]
    refused("ConstraintViolationException", organizations.remove_account_from_organization, AccountId=account)
    leaver = simulation.client("organizations", credentials=simulation.assume(SANDBOX))
    simulation.control("clock", {"advance": "5d"})
    organizations.remove_account_from_organization(AccountId=account)
    leaver = simulation.client("organizations", credentials=simulation.assume(SANDBOX))
    leaver.leave_organization()
    refused("AWSOrganizationsNotInUseException", leaver.describe_organization)
    invited = organizations.invite_account_to_organization(Target={"Id": SANDBOX, "Type": "ACCOUNT"})["Handshake"]
    assert (invited["State"], invited["Action"]) == ("OPEN", "INVITE")
    organizations.cancel_handshake(HandshakeId=invited["Id"])
    for answer in ("decline_handshake", "accept_handshake"):
        invited = organizations.invite_account_to_organization(Target={"Id": SANDBOX, "Type": "ACCOUNT"})["Handshake"]
        assert leaver.describe_handshake(HandshakeId=invited["Id"])["Handshake"]["Id"] == invited["Id"]
        assert len(leaver.list_handshakes_for_account()["Handshakes"]) >= 1
        getattr(leaver, answer)(HandshakeId=invited["Id"])
    assert len(organizations.list_handshakes_for_organization()["Handshakes"]) == 3
    assert leaver.describe_organization()["Organization"]["Id"] == "o-conform0001"
    organizations.close_account(AccountId=WORKLOAD)
    simulation.control("clock", {"advance": "5m"})
    assert organizations.describe_account(AccountId=WORKLOAD)["Account"]["State"] == "CLOSED"


def test_an_empty_organization_can_be_deleted(simulate):
    organizations = simulate().client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    organizations.delete_organization()
    refused("AWSOrganizationsNotInUseException", organizations.describe_organization)
