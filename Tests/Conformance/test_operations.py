"""(b) boto3 calls every operation that `reeve simulate` has, and each answer is held against botocore's own shapes."""

import json

import pytest

import shapes
from conftest import DEMO, refused, register


def answered(simulation):
    calls = json.loads(simulation.control("calls"))
    assert calls["unsupported"] == {}, "boto3 sent what the simulator passes over"
    return {f"{c['service']}:{c['operation']}" for c in calls["calls"] if c["result"] == "OK"}


def test_every_operation_answers_in_the_shape_that_boto3_expects(organization, simulate):
    simulation, accounts = organization
    organizations(simulation, accounts)
    tokens(simulation, accounts)
    owner = simulation.client("ec2", credentials=simulation.assume(accounts[0]))
    consumer = simulation.client("ec2", credentials=simulation.assume(accounts[1]))
    image, backing = creation(owner)
    sharing(simulation, owner, consumer, accounts, image, backing)
    tags(owner, image)
    guardrails(simulation, owner)
    end_of_life(simulation, owner, image, backing)

    assert answered(simulation)
    units(simulate("--world", DEMO).client("organizations"))


def organizations(simulation, accounts):
    client = simulation.client("organizations")
    whole = client.describe_organization()["Organization"]
    assert whole["FeatureSet"] == "ALL" and whole["MasterAccountId"] not in accounts
    root = client.list_roots()["Roots"][0]["Id"]
    listed = client.list_accounts()["Accounts"]
    assert {a["Id"] for a in listed} == {whole["MasterAccountId"], *accounts}
    assert all(a["State"] == a["Status"] == "ACTIVE" and a["JoinedTimestamp"].year > 2000 for a in listed)
    assert client.describe_account(AccountId=accounts[0])["Account"]["Name"] == "alpha"
    assert len(client.list_accounts_for_parent(ParentId=root)["Accounts"]) == 3
    assert client.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"] == []
    assert len(client.list_children(ParentId=root, ChildType="ACCOUNT")["Children"]) == 3
    assert client.list_parents(ChildId=accounts[0])["Parents"] == [{"Id": root, "Type": "ROOT"}]
    assert client.list_tags_for_resource(ResourceId=accounts[0])["Tags"] == []
    assert client.list_delegated_administrators()["DelegatedAdministrators"] == []


def units(client):
    """What only an organization with units can answer."""
    root = client.list_roots()["Roots"][0]["Id"]
    listed = client.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
    assert {u["Name"] for u in listed} == {"Infrastructure", "Workloads", "Sandbox"}
    one = client.describe_organizational_unit(OrganizationalUnitId=listed[0]["Id"])["OrganizationalUnit"]
    assert one == listed[0]
    inside = client.list_children(ParentId=one["Id"], ChildType="ACCOUNT")["Children"]
    assert client.list_parents(ChildId=inside[0]["Id"])["Parents"][0]["Id"] == one["Id"]
    states = {a["State"] for page in client.get_paginator("list_accounts").paginate() for a in page["Accounts"]}
    assert states == {"ACTIVE", "SUSPENDED"}


def tokens(simulation, accounts):
    sts = simulation.client("sts")
    assert sts.get_caller_identity()["Arn"].endswith(":user/admin")
    answer = sts.assume_role(
        RoleArn=f"arn:aws:iam::{accounts[0]}:role/OrganizationAccountAccessRole", RoleSessionName="shape",
        DurationSeconds=900, Policy=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}))
    assert answer["AssumedRoleUser"]["Arn"].endswith("assumed-role/OrganizationAccountAccessRole/shape")
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA") and answer["PackedPolicySize"] > 0
    # The role that Organizations makes trusts for sts:AssumeRole and not for sts:TagSession.
    refused("AccessDenied", simulation.assume, accounts[0], Tags=[{"Key": "team", "Value": "a"}])


def creation(ec2):
    regions = ec2.describe_regions(AllRegions=True)["Regions"]
    assert {"us-east-1", "eu-central-1"} <= {r["RegionName"] for r in regions}
    volume = ec2.create_volume(
        AvailabilityZone="us-east-1b", Size=12, VolumeType="gp3",
        TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": "Owner", "Value": "a"}]}])
    assert (volume["State"], volume["Iops"], volume["Throughput"]) == ("available", 3000, 125)
    ec2.get_waiter("volume_available").wait(VolumeIds=[volume["VolumeId"]], WaiterConfig={"MaxAttempts": 1})
    snapshot = ec2.create_snapshot(VolumeId=volume["VolumeId"], Description="first")
    ec2.get_waiter("snapshot_completed").wait(SnapshotIds=[snapshot["SnapshotId"]], WaiterConfig={"MaxAttempts": 1})
    assert snapshot["VolumeSize"] == 12 and snapshot["StartTime"].tzinfo
    ec2.delete_volume(VolumeId=volume["VolumeId"])
    image = register(
        ec2, "golden-1", snapshot["SnapshotId"], EnaSupport=True, ImdsSupport="v2.0", BootMode="uefi",
        Description="an image", TagSpecifications=[{"ResourceType": "image", "Tags": [{"Key": "Owner", "Value": "a"}]}])
    ec2.get_waiter("image_exists").wait(ImageIds=[image], WaiterConfig={"MaxAttempts": 1})
    ec2.get_waiter("image_available").wait(ImageIds=[image], WaiterConfig={"MaxAttempts": 1})
    described = ec2.describe_images(ImageIds=[image])["Images"][0]
    wanted = {
        "Name": "golden-1", "State": "available", "Public": False, "Architecture": "x86_64", "Hypervisor": "xen",
        "VirtualizationType": "hvm", "RootDeviceName": "/dev/xvda", "RootDeviceType": "ebs", "EnaSupport": True,
        "ImdsSupport": "v2.0", "BootMode": "uefi", "Description": "an image", "PlatformDetails": "Linux/UNIX",
        "UsageOperation": "RunInstances", "DeregistrationProtection": "disabled", "ImageType": "machine",
        "FreeTierEligible": True, "Tags": [{"Key": "Owner", "Value": "a"}], "BlockDeviceMappings": [{
            "DeviceName": "/dev/xvda", "Ebs": {
                "DeleteOnTermination": True, "SnapshotId": snapshot["SnapshotId"], "VolumeSize": 12,
                "VolumeType": "gp2", "Encrypted": False}}]}
    assert {name: described.get(name) for name in wanted} == wanted
    assert described["CreationDate"].endswith(".000Z") and described["ImageLocation"].endswith("/golden-1")
    return image, snapshot["SnapshotId"]


def sharing(simulation, owner, consumer, accounts, image, backing):
    owner.disable_image_block_public_access()
    simulation.control("clock", {"advance": "15m"})
    owner.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": accounts[1]}]})
    for attribute, member, value in (
            ("launchPermission", "LaunchPermissions", [{"UserId": accounts[1]}]),
            ("description", "Description", {"Value": "an image"}), ("kernel", "KernelId", {}),
            ("bootMode", "BootMode", {"Value": "uefi"}), ("imdsSupport", "ImdsSupport", {"Value": "v2.0"}),
            ("deregistrationProtection", "DeregistrationProtection", {"Value": "disabled"}),
            ("productCodes", "ProductCodes", [])):
        answer = owner.describe_image_attribute(ImageId=image, Attribute=attribute)
        assert answer[member] == value and answer["ImageId"] == image, attribute
    owner.modify_snapshot_attribute(
        SnapshotId=backing, CreateVolumePermission={"Add": [{"UserId": accounts[1]}]})
    assert owner.describe_snapshot_attribute(SnapshotId=backing, Attribute="createVolumePermission")[
        "CreateVolumePermissions"] == [{"UserId": accounts[1]}]
    assert [s["SnapshotId"] for s in consumer.describe_snapshots(RestorableByUserIds=["self"])["Snapshots"]] == [backing]
    copy = consumer.copy_image(Name="copied", SourceImageId=image, SourceRegion="us-east-1")["ImageId"]
    copied = consumer.describe_images(ImageIds=[copy])["Images"][0]
    assert (copied["SourceImageId"], copied["SourceImageRegion"]) == (image, "us-east-1")
    owner.modify_snapshot_attribute(
        SnapshotId=backing, Attribute="createVolumePermission", OperationType="remove", UserIds=[accounts[1]])


def tags(ec2, image):
    ec2.create_tags(Resources=[image], Tags=[{"Key": "Purpose", "Value": "shape"}, {"Key": "Empty", "Value": ""}])
    listed = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [image]}])["Tags"]
    assert {(t["Key"], t["Value"]) for t in listed} == {("Owner", "a"), ("Purpose", "shape"), ("Empty", "")}
    ec2.delete_tags(Resources=[image], Tags=[{"Key": "Empty"}])


def guardrails(simulation, ec2):
    assert ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")[
        "ImageBlockPublicAccessState"] == "block-new-sharing"
    # It takes up to ten minutes, and until then the old state is told and enforced.
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "unblocked"
    simulation.control("clock", {"advance": "10m"})
    assert ec2.get_image_block_public_access_state() | {"ResponseMetadata": 0} == {
        "ImageBlockPublicAccessState": "block-new-sharing", "ManagedBy": "account", "ResponseMetadata": 0}
    assert ec2.enable_snapshot_block_public_access(State="block-all-sharing")["State"] == "block-all-sharing"
    assert ec2.get_snapshot_block_public_access_state()["State"] == "block-all-sharing"
    assert ec2.disable_snapshot_block_public_access()["State"] == "unblocked"
    criteria = [{"ImageProviders": ["amazon", "111122223333"], "ImageNames": ["golden-*"],
                 "CreationDateCondition": {"MaximumDaysSinceCreated": 300}}]
    assert ec2.replace_image_criteria_in_allowed_images_settings(ImageCriteria=criteria)["ReturnValue"] is True
    assert ec2.enable_allowed_images_settings(AllowedImagesSettingsState="audit-mode")[
        "AllowedImagesSettingsState"] == "audit-mode"
    settings = ec2.get_allowed_images_settings()
    assert (settings["State"], settings["ImageCriteria"]) == ("audit-mode", criteria)
    assert all(i["ImageAllowed"] for i in ec2.describe_images(Owners=["self"])["Images"])
    assert ec2.disable_allowed_images_settings()["AllowedImagesSettingsState"] == "disabled"


def end_of_life(simulation, ec2, image, backing):
    ec2.reset_image_attribute(ImageId=image, Attribute="launchPermission")
    assert ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")["LaunchPermissions"] == []
    assert ec2.enable_image_deprecation(ImageId=image, DeprecateAt="2027-12-01T00:00:00Z")["Return"] is True
    assert ec2.describe_images(ImageIds=[image])["Images"][0]["DeprecationTime"] == "2027-12-01T00:00:00.000Z"
    assert ec2.disable_image_deprecation(ImageId=image)["Return"] is True
    assert ec2.disable_image(ImageId=image)["Return"] is True
    assert ec2.enable_image(ImageId=image)["Return"] is True
    assert ec2.deregister_image(ImageId=image)["Return"] is True
    assert ec2.describe_images(ImageIds=[image])["Images"] == []
    ec2.delete_snapshot(SnapshotId=backing)
    second = register(ec2, "golden-2")
    results = ec2.deregister_image(ImageId=second, DeleteAssociatedSnapshots=True)["DeleteSnapshotResults"]
    assert [r["ReturnCode"] for r in results] == ["success"]


@pytest.mark.parametrize("body", [
    "<DescribeImagesResponse xmlns='{ns}'><requestId>r</requestId><imageSet/></DescribeImagesResponse>",
    "<DescribeImagesResponse xmlns='{ns}'><imagesSet/></DescribeImagesResponse>",
    "<DescribeImagesResponse xmlns='urn:other'><requestId>r</requestId><imagesSet/></DescribeImagesResponse>",
    "<DescribeImagesResponse xmlns='{ns}'><requestId>r</requestId><imagesSet><member/></imagesSet></DescribeImagesResponse>",
    "<DescribeImagesResponse xmlns='{ns}'><requestId>r</requestId><imagesSet><item><isPublic>yes</isPublic></item>"
    "</imagesSet></DescribeImagesResponse>",
    "<DescribeImagesResponse xmlns='{ns}'><requestId>r</requestId><imagesSet><item><imageState>ready</imageState></item>"
    "</imagesSet></DescribeImagesResponse>",
])
def test_the_measure_itself_refuses_what_botocore_would_pass_over(body):
    model = shapes.model("ec2", "DescribeImages")
    body = body.format(ns=model.service_model.metadata["xmlNamespace"]).encode()
    with pytest.raises(shapes.WrongShape):
        shapes.check_response(model, {"status_code": 200, "body": body})
