"""(b) boto3 against `reeve simulate`, unchanged: what it may see and do, what it is refused and in which words."""

import concurrent.futures
import datetime
import json
import urllib.error
import urllib.request

import pytest

from conftest import DEMO, refused, register, snapshot


def ids(answer):
    return [image["ImageId"] for image in answer["Images"]]


def test_organizations_are_read_by_pages_and_by_the_right_accounts_only(organization):
    simulation, accounts = organization
    client = simulation.client("organizations")
    pages = list(client.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 1}))
    assert len(pages) == 3 and {a["Id"] for p in pages for a in p["Accounts"]} >= set(accounts)
    member = simulation.client("organizations", credentials=simulation.assume(accounts[0]))
    refused("AccessDeniedException", member.list_accounts)
    assert member.describe_organization()["Organization"]["Id"].startswith("o-")
    refused("AlreadyInOrganizationException", client.create_organization, FeatureSet="ALL")
    again = client.create_account(AccountName="again", Email="alpha@example.com")["CreateAccountStatus"]
    assert (again["State"], again["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS")
    simulation.control("reset", {})
    refused("AWSOrganizationsNotInUseException", client.describe_organization)


def test_assume_role_chains_and_their_limits(organization):
    simulation, accounts = organization
    credentials = simulation.assume(accounts[0])
    identity = simulation.client("sts", credentials=credentials).get_caller_identity()
    assert identity["Account"] == accounts[0]
    assert identity["Arn"].endswith("assumed-role/OrganizationAccountAccessRole/conformance")
    assert refused("AccessDenied", simulation.assume, accounts[0], role="NoSuchRole")["Status"] == 403
    assert refused("ValidationError", simulation.assume, accounts[0], DurationSeconds=43200)["Message"] == (
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    # The session of a member account is nobody that another member's role trusts.
    refused("AccessDenied", simulation.assume, accounts[1], credentials=credentials)
    forged = dict(credentials, SessionToken=credentials["SessionToken"][:-4] + "AAAA")
    refused("InvalidClientTokenId", simulation.client("sts", credentials=forged).get_caller_identity)
    narrow = simulation.assume(accounts[0], Policy=(
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:DescribeRegions","Resource":"*"}]}'))
    ec2 = simulation.client("ec2", credentials=narrow)
    assert ec2.describe_regions()["Regions"]
    denied = refused("UnauthorizedOperation", ec2.describe_images)
    assert denied["Status"] == 403 and "because no session policy allows the ec2:DescribeImages action" in denied["Message"]
    simulation.control("clock", {"advance": "2h"})
    expired = simulation.client("ec2", credentials=credentials)
    assert refused("RequestExpired", expired.describe_regions)["Message"] == "Request has expired."
    refused("ExpiredToken", simulation.client("sts", credentials=credentials).get_caller_identity)


def test_a_wrong_key_or_secret_is_refused_in_each_service_s_words(simulate):
    simulation = simulate()
    wrong = dict(simulation.keys, SecretAccessKey="wrong")
    unknown = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "wrong"}
    for service, call, code, other in (
            ("ec2", "describe_regions", "AuthFailure", "AuthFailure"),
            ("sts", "get_caller_identity", "SignatureDoesNotMatch", "InvalidClientTokenId"),
            ("organizations", "list_roots", "InvalidSignatureException", "UnrecognizedClientException")):
        refused(code, getattr(simulation.client(service, credentials=wrong), call))
        refused(other, getattr(simulation.client(service, credentials=unknown), call))
    # A region that has to be switched on first, and one that there is not.
    for region in ("me-south-1", "xx-nowhere-1"):
        assert refused("AuthFailure", simulation.client("ec2", region).describe_regions)["Status"] == 401
    assert simulation.client("sts", "eu-west-1").get_caller_identity()["Account"]


def test_a_presigned_request_is_good_and_a_changed_one_is_not(simulate):
    simulation = simulate()
    url = simulation.client("sts").generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    with urllib.request.urlopen(url) as response:
        assert b"<Account>" in response.read()
    # STS holds nothing of what X-Amz-Expires says (a presigned call is good for its fifteen minutes), but it is signed.
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(url.replace("Expires=60", "Expires=61"))
    assert error.value.code == 403 and b"SignatureDoesNotMatch" in error.value.read()


def test_images_from_registration_to_public_and_back(organization):
    simulation, accounts = organization
    owner, other = (simulation.assume(account) for account in accounts)
    ec2 = simulation.client("ec2", credentials=owner)
    image = register(ec2, "golden-1")
    described = ec2.describe_images(Owners=["self"])["Images"]
    assert [i["ImageId"] for i in described] == [image]
    assert described[0]["Public"] is False and described[0]["State"] == "available"

    # As in AWS, a new account starts with block public access on.
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"
    assert "block public access for AMIs is enabled" in refused(
        "OperationNotPermitted", ec2.modify_image_attribute, ImageId=image,
        LaunchPermission={"Add": [{"Group": "all"}]})["Message"]
    ec2.disable_image_block_public_access()
    simulation.control("clock", {"advance": "15m"})
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "unblocked"

    # Both forms of ModifyImageAttribute; permissions in the order in which they came.
    consumer = simulation.client("ec2", credentials=other)
    assert ids(consumer.describe_images(Filters=[{"Name": "name", "Values": ["golden-*"]}])) == []
    assert ids(consumer.describe_images(ImageIds=[image])) == []
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": accounts[1]}]})
    assert ids(consumer.describe_images(ExecutableUsers=["self"])) == [image]
    ec2.modify_image_attribute(ImageId=image, Attribute="launchPermission", OperationType="add", UserGroups=["all"])
    organization_arn = simulation.client("organizations").describe_organization()["Organization"]["Arn"]
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"OrganizationArn": organization_arn}]})
    permissions = ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")["LaunchPermissions"]
    assert permissions == [{"UserId": accounts[1]}, {"Group": "all"}, {"OrganizationArn": organization_arn}]
    assert ec2.describe_images(ImageIds=[image])["Images"][0]["Public"] is True
    assert ids(consumer.describe_images(ExecutableUsers=["all"])) == [image]
    assert "LastLaunchedTime" not in consumer.describe_images(ImageIds=[image])["Images"][0]

    ec2.create_tags(Resources=[image], Tags=[{"Key": "Owner", "Value": "team-a"}])
    assert ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [image]}])["Tags"][0]["Value"] == "team-a"
    assert "Tags" not in consumer.describe_images(ImageIds=[image])["Images"][0]
    refused("AuthFailure", consumer.modify_image_attribute, ImageId=image,
            LaunchPermission={"Remove": [{"Group": "all"}]})
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Remove": [{"Group": "all"}]})
    assert ec2.describe_images(ImageIds=[image])["Images"][0]["Public"] is False
    ec2.modify_image_attribute(ImageId=image, Attribute="launchPermission", OperationType="remove",
                               UserIds=[accounts[1]])
    assert ids(consumer.describe_images(ExecutableUsers=["self"])) == [image], "the organization is still named"

    # Disabling forgets every permission, and enabling does not bring them back.
    ec2.disable_image(ImageId=image)
    assert ids(ec2.describe_images(Owners=["self"])) == []
    assert ec2.describe_images(Owners=["self"], IncludeDisabled=True)["Images"][0]["State"] == "disabled"
    ec2.enable_image(ImageId=image)
    assert ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")["LaunchPermissions"] == []
    ec2.deregister_image(ImageId=image)
    assert refused("InvalidAMIID.Unavailable", ec2.deregister_image, ImageId=image)["Message"] == (
        f"The image ID '{image}' is no longer available")


def test_errors_carry_aws_s_codes_and_texts(organization):
    simulation, accounts = organization
    ec2 = simulation.client("ec2", credentials=simulation.assume(accounts[0]))
    backing = snapshot(ec2)
    image = register(ec2, "golden-1", backing)
    change = lambda **what: ec2.modify_image_attribute(ImageId=image, **what)
    disk = lambda **ebs: [{"DeviceName": "/dev/xvda", "Ebs": ebs}]
    new = lambda **what: ec2.register_image(**{"Name": "golden-2", "RootDeviceName": "/dev/xvda", **what})
    # [capture] and [quote] of real AWS, as FACTS has them.
    cases = [
        (lambda: ec2.describe_images(MaxResults=1), 400, "InvalidParameterValue",
         "Invalid value '1' for maxResults. Expecting a value greater than 5."),
        (lambda: ec2.describe_images(ImageIds=[image], MaxResults=10), 400, "InvalidParameterCombination",
         "The parameter imageIdsSet cannot be used with the parameter maxResults"),
        (lambda: ec2.describe_images(ImageIds=[""]), 400, "MissingParameter",
         "The request must contain the parameter ImageId"),
        (lambda: ec2.describe_images(ImageIds=["ami-00000000000000000"]), 400, "InvalidAMIID.Malformed",
         'Invalid id: "ami-00000000000000000"'),
        (lambda: ec2.describe_images(ImageIds=["golden"]), 400, "InvalidAMIID.Malformed",
         'Invalid id: "golden" (expecting "ami-...")'),
        (lambda: ec2.describe_images(ImageIds=["ami-0ffffffffffffffff"]), 400, "InvalidAMIID.NotFound",
         "The image id '[ami-0ffffffffffffffff]' does not exist"),
        (lambda: ec2.describe_images(ImageIds=["ami-0ffffffffffffffff", "ami-0eeeeeeeeeeeeeeee"]), 400,
         "InvalidAMIID.NotFound", "The image ids '[ami-0ffffffffffffffff, ami-0eeeeeeeeeeeeeeee]' do not exist"),
        (lambda: ec2.describe_images(Filters=[{"Name": "colour", "Values": ["red"]}]), 400, "InvalidParameterValue",
         "The filter 'colour' is invalid"),
        (lambda: ec2.describe_images(DryRun=True), 412, "DryRunOperation",
         "Request would have succeeded, but DryRun flag is set."),
        (lambda: ec2.describe_image_attribute(ImageId=image, Attribute="blockDeviceMapping"), 400, "AuthFailure",
         "Unauthorized attempt to access restricted resource"),
        (lambda: change(), 400, "InvalidParameterCombination", "No attributes specified."),
        (lambda: change(LaunchPermission={}), 400, "InvalidParameterCombination", "No attributes specified."),
        (lambda: change(Description={"Value": "x"}, ImdsSupport={"Value": "v2.0"}), 400, "InvalidParameterCombination",
         "Fields for multiple attribute types specified: description, imdsSupport"),
        (lambda: change(Description={"Value": ""}), 400, "MissingParameter",
         "The request must contain the parameter description"),
        (lambda: change(LaunchPermission={"Add": [{"UserId": "123"}]}), 400, "InvalidAMIAttributeItemValue",
         'Invalid attribute item value "123 " for userId item type.'),
        (lambda: ec2.reset_image_attribute(ImageId=image, Attribute="description"), 400, "InvalidRequest",
         "The request received was invalid."),
        (lambda: new(Name="golden-1", BlockDeviceMappings=disk(SnapshotId=backing)), 400, "InvalidAMIName.Duplicate",
         f"AMI name golden-1 is already in use by AMI {image}"),
        (lambda: new(Name="a#b", BlockDeviceMappings=disk(SnapshotId=backing)), 400, "InvalidAMIName.Malformed",
         "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', "
         "'/' and '_'"),
        (lambda: new(BlockDeviceMappings=disk(VolumeSize=8)), 400, "InvalidBlockDeviceMapping",
         "No root snapshot specified in device mapping."),
        (lambda: new(BlockDeviceMappings=disk(SnapshotId="snap-0ffffffffffffffff")), 400, "InvalidSnapshotID.NotFound",
         "The snapshot ID 'snap-0ffffffffffffffff' does not exist"),
        (lambda: new(BlockDeviceMappings=disk(SnapshotId=backing, Encrypted=False)), 400, "InvalidParameter",
         "Parameter encrypted is invalid. You cannot specify the encrypted flag if specifying a snapshot id in a block "
         "device mapping."),
        (lambda: ec2.delete_snapshot(SnapshotId=backing), 400, "InvalidSnapshot.InUse",
         f"The snapshot {backing} is currently in use by {image}"),
        (lambda: ec2.delete_snapshot(SnapshotId=backing, DryRun=True), 412, "DryRunOperation", None),
        (lambda: ec2.delete_snapshot(SnapshotId="snap-0ffffffffffffffff"), 400, "InvalidSnapshot.NotFound",
         "The snapshot 'snap-0ffffffffffffffff' does not exist."),
    ]
    for call, status, code, message in cases:
        error = refused(code, call)
        assert error["Status"] == status, error
        assert message in (None, error["Message"])
    assert ids(ec2.describe_images(Owners=["self"])) == [image], "what was refused changed nothing"


def test_filters_of_every_kind_find_what_they_say(simulate):
    simulation = simulate("--world", DEMO)
    ec2 = simulation.client("ec2", "eu-west-1", simulation.assume("604218839517"))
    find = lambda **filters: set(ids(ec2.describe_images(Owners=["self"], Filters=[
        {"Name": name.replace("_", "-").replace("tag-is", "tag:Purpose"), "Values": values}
        for name, values in filters.items()])))
    everything = find()
    public = {"ami-0b51c7e2d94f60a31", "ami-0d3e8a7015bc942f6"}
    assert public < everything
    assert find(is_public=["true"]) == public and find(is_public=["false"]) == everything - public
    assert find(is_public=["true"], name=["*debug*"]) == {"ami-0d3e8a7015bc942f6"}
    assert find(image_id=sorted(public)) == public
    assert find(tag_is=["demo", "debugging"]) == public
    assert find(tag_key=["Nothing"]) == set() and find(tag_key=["Purpose"]) >= public
    assert find(creation_date=["2026-11-11T*"]) == {"ami-0d3e8a7015bc942f6"}
    assert find(name=["northwind-player-demo-?.?"]) == {"ami-0b51c7e2d94f60a31"}
    assert find(owner_id=["604218839517"]) == everything and find(owner_id=["999988887777"]) == set()
    assert find(state=["available"], root_device_type=["ebs"], virtualization_type=["hvm"]) == everything
    assert find(description=["*trade fair"]) == {"ami-0b51c7e2d94f60a31"}
    one = ec2.describe_images(ImageIds=["ami-0b51c7e2d94f60a31"])["Images"][0]
    backing = one["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    assert ids(ec2.describe_images(Filters=[{"Name": "block-device-mapping.snapshot-id", "Values": [backing]}])) == [
        "ami-0b51c7e2d94f60a31"]
    # Two images of other accounts are visible here as well, until an owner is asked for.
    seen = set(ids(ec2.describe_images()))
    assert everything < seen and set(ids(ec2.describe_images(Owners=["amazon"]))) == set()


def test_paginators_waiters_and_retry_modes_work(organization):
    simulation, accounts = organization
    credentials = simulation.assume(accounts[0])
    ec2 = simulation.client("ec2", credentials=credentials)
    backing = snapshot(ec2)
    images = {register(ec2, f"golden-{number}", backing) for number in range(12)}
    pages = list(ec2.get_paginator("describe_images").paginate(Owners=["self"], PaginationConfig={"PageSize": 5}))
    assert [len(page["Images"]) for page in pages] == [5, 5, 2]
    assert {i["ImageId"] for page in pages for i in page["Images"]} == images
    for mode in ("legacy", "standard", "adaptive"):
        client = simulation.client("ec2", credentials=credentials, retries={"mode": mode, "total_max_attempts": 3})
        one = min(images)
        client.get_waiter("image_available").wait(ImageIds=[one], WaiterConfig={"Delay": 1, "MaxAttempts": 1})
        # An error of the caller's is not tried again.
        before = calls(simulation, "DescribeImages", "InvalidAMIID.NotFound")
        refused("InvalidAMIID.NotFound", client.describe_images, ImageIds=["ami-0ffffffffffffffff"])
        assert calls(simulation, "DescribeImages", "InvalidAMIID.NotFound") == before + 1
    refused("InvalidParameterValue", ec2.describe_images, NextToken="not-a-token")


def calls(simulation, operation, result):
    record = json.loads(simulation.control("calls"))["calls"]
    return sum(c["count"] for c in record if (c["operation"], c["result"]) == (operation, result))


def test_many_clients_at_once_get_what_one_after_the_other_would(organization):
    simulation, accounts = organization
    ec2 = simulation.client("ec2", credentials=simulation.assume(accounts[0]), max_pool_connections=16)
    backing = snapshot(ec2)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda n: register(ec2, f"golden-{n}", backing), range(64)))
        listed = list(pool.map(lambda _: ids(ec2.describe_images(Owners=["self"])), range(32)))
    assert len(set(made)) == 64
    assert all(answer == sorted(made) for answer in listed)


def test_times_are_told_by_the_world_s_clock(organization):
    simulation, accounts = organization
    ec2 = simulation.client("ec2", credentials=simulation.assume(accounts[0]))
    backing = snapshot(ec2)
    first = register(ec2, "golden-1", backing)
    simulation.control("clock", {"advance": "50m"})
    second = register(ec2, "golden-2", backing)
    made = {i["ImageId"]: datetime.datetime.fromisoformat(i["CreationDate"].replace("Z", "+00:00"))
            for i in ec2.describe_images(Owners=["self"])["Images"]}
    gap = made[second] - made[first]
    assert datetime.timedelta(minutes=50) <= gap < datetime.timedelta(minutes=52)
