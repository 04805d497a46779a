"""(b) boto3 on what uses images: instances, launch templates, reports, the Recycle Bin, encryption by default."""

import json

import pytest

from conftest import refused, register, snapshot

TRUE = {"Return": True}


@pytest.fixture
def pair(organization):
    simulation, accounts = organization
    clients = [simulation.client("ec2", credentials=simulation.assume(account)) for account in accounts]
    return simulation, accounts, *clients


def plain(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def launch(ec2, image, **options):
    return ec2.run_instances(
        ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, **options)["Instances"][0]["InstanceId"]


def test_instances_live_and_end(pair):
    simulation, accounts, owner, consumer = pair
    image = register(owner, "golden-1", EnaSupport=True)
    refused("AuthFailure", launch, consumer, image)
    owner.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": accounts[1]}]})
    instance = launch(consumer, image, KeyName="mine", UserData="echo", TagSpecifications=[
        {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}])
    for waiter in ("instance_exists", "instance_running", "instance_status_ok", "system_status_ok"):
        consumer.get_waiter(waiter).wait(InstanceIds=[instance], WaiterConfig={"MaxAttempts": 1})
    found = consumer.describe_instances(Filters=[{"Name": "tag:Name", "Values": ["w*"]}])["Reservations"]
    assert [i["InstanceId"] for r in found for i in r["Instances"]] == [instance]
    assert found[0]["Instances"][0]["BlockDeviceMappings"][0]["Ebs"]["Status"] == "attached"
    for attribute, member, value in (
            ("userData", "UserData", {"Value": "ZWNobw=="}), ("instanceType", "InstanceType", {"Value": "t3.micro"}),
            ("disableApiTermination", "DisableApiTermination", {"Value": False}), ("kernel", "KernelId", {}),
            ("instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior", {"Value": "stop"})):
        assert consumer.describe_instance_attribute(InstanceId=instance, Attribute=attribute)[member] == value
    consumer.reboot_instances(InstanceIds=[instance])
    stopping = consumer.stop_instances(InstanceIds=[instance])["StoppingInstances"][0]
    assert (stopping["PreviousState"]["Name"], stopping["CurrentState"]["Name"]) == ("running", "stopping")
    consumer.get_waiter("instance_stopped").wait(InstanceIds=[instance], WaiterConfig={"MaxAttempts": 1})
    assert consumer.start_instances(InstanceIds=[instance])["StartingInstances"][0]["CurrentState"]["Code"] == 0
    metadata = consumer.describe_instance_image_metadata()["InstanceImageMetadata"][0]["ImageMetadata"]
    assert (metadata["ImageId"], metadata["State"], metadata["OwnerId"]) == (image, "available", accounts[0])
    consumer.terminate_instances(InstanceIds=[instance])
    consumer.get_waiter("instance_terminated").wait(InstanceIds=[instance], WaiterConfig={"MaxAttempts": 1})
    assert consumer.describe_volumes()["Volumes"] == []
    simulation.control("clock", {"advance": "24h"})
    later = simulation.client("ec2", credentials=simulation.assume(accounts[0]))
    assert "LastLaunchedTime" in later.describe_images(ImageIds=[image])["Images"][0]


def test_an_image_of_an_instance_and_who_uses_it(pair):
    simulation, accounts, owner, consumer = pair
    base = register(owner, "base")
    instance = launch(owner, base)
    image = owner.create_image(InstanceId=instance, Name="captured", Description="by hand")["ImageId"]
    owner.get_waiter("image_available").wait(ImageIds=[image], WaiterConfig={"MaxAttempts": 1})
    chain = owner.get_image_ancestry(ImageId=image)["ImageAncestryEntries"]
    assert [entry["ImageId"] for entry in chain] == [image, base] and chain[0]["SourceImageId"] == base
    assert len(owner.create_snapshots(InstanceSpecification={"InstanceId": instance})["Snapshots"]) == 1
    owner.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": accounts[1]}]})
    consumer.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"ImageId": image})
    report = owner.create_image_usage_report(
        ImageId=image, ResourceTypes=[{"ResourceType": "ec2:Instance"}, {"ResourceType": "ec2:LaunchTemplate"}])["ReportId"]
    owner.get_waiter("image_usage_report_available").wait(ReportIds=[report], WaiterConfig={"MaxAttempts": 1})
    described = owner.describe_image_usage_reports(ReportIds=[report])["ImageUsageReports"][0]
    assert described["State"] == "available" and (described["ExpirationTime"] - described["CreationTime"]).days == 30
    entries = owner.describe_image_usage_report_entries(ReportIds=[report])["ImageUsageReportEntries"]
    assert [(e["AccountId"], e["ResourceType"], e["UsageCount"]) for e in entries] == [
        (accounts[1], "ec2:LaunchTemplate", 1)]
    assert plain(owner.delete_image_usage_report(ReportId=report)) == TRUE
    references = owner.describe_image_references(ImageIds=[base, image], IncludeAllResourceTypes=True)["ImageReferences"]
    assert [(r["ImageId"], r["ResourceType"]) for r in references] == [(base, "ec2:Instance")]
    assert plain(consumer.cancel_image_launch_permission(ImageId=image)) == TRUE
    refused("AuthFailure", launch, consumer, image)


def test_protection_and_the_recycle_bin(simulate, tmp_path):
    world = tmp_path / "world.yaml"
    world.write_text("""
clock: 2026-11-23T09:00:00Z
regions: [us-east-1]
accounts: [{id: "111122223333", recycleBin: {us-east-1: {keepImages: 168h, keepSnapshots: 336h}}}]
""")
    simulation = simulate("--world", world)
    ec2 = simulation.client("ec2")
    backing = snapshot(ec2)
    image = register(ec2, "golden-1", backing)
    assert ec2.enable_image_deregistration_protection(ImageId=image, WithCooldown=True)["Return"] == "enabled-with-cooldown"
    refused("OperationNotPermitted", ec2.deregister_image, ImageId=image)
    assert ec2.disable_image_deregistration_protection(ImageId=image)["Return"].startswith("disabled after 2026-11-24")
    simulation.control("clock", {"advance": "24h"})
    ec2.deregister_image(ImageId=image, DeleteAssociatedSnapshots=True)
    listed = ec2.list_images_in_recycle_bin()["Images"]
    assert [(i["ImageId"], i["Name"]) for i in listed] == [(image, "golden-1")]
    assert (listed[0]["RecycleBinExitTime"] - listed[0]["RecycleBinEnterTime"]).days == 7
    assert [s["SnapshotId"] for s in ec2.list_snapshots_in_recycle_bin()["Snapshots"]] == [backing]
    assert ec2.restore_snapshot_from_recycle_bin(SnapshotId=backing)["VolumeSize"] == 8
    assert plain(ec2.restore_image_from_recycle_bin(ImageId=image)) == TRUE
    assert ec2.describe_images(ImageIds=[image])["Images"][0]["State"] == "available"


def test_launch_templates_and_their_versions(pair):
    _, _, owner, _ = pair
    image = register(owner, "base")
    made = owner.create_launch_template(
        LaunchTemplateName="web", VersionDescription="one", LaunchTemplateData={
            "ImageId": image, "InstanceType": "t3.small", "MetadataOptions": {"HttpTokens": "required"},
            "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "from", "Value": "template"}]}]},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": [{"Key": "team", "Value": "a"}]}])["LaunchTemplate"]
    assert (made["LatestVersionNumber"], made["Tags"]) == (1, [{"Key": "team", "Value": "a"}])
    second = owner.create_launch_template_version(
        LaunchTemplateId=made["LaunchTemplateId"], SourceVersion="1",
        LaunchTemplateData={"InstanceType": "t3.large"})["LaunchTemplateVersion"]
    assert (second["VersionNumber"], second["LaunchTemplateData"]["ImageId"]) == (2, image)
    assert owner.modify_launch_template(LaunchTemplateName="web", DefaultVersion="2")["LaunchTemplate"]["DefaultVersionNumber"] == 2
    versions = owner.describe_launch_template_versions(LaunchTemplateName="web")["LaunchTemplateVersions"]
    assert [v["VersionNumber"] for v in versions] == [2, 1]
    assert [v["LaunchTemplateId"] for v in owner.describe_launch_template_versions(Versions=["$Latest"])[
        "LaunchTemplateVersions"]] == [made["LaunchTemplateId"]]
    found = owner.describe_launch_templates(Filters=[{"Name": "tag:team", "Values": ["a"]}])["LaunchTemplates"]
    assert [t["LaunchTemplateName"] for t in found] == ["web"]
    instance = owner.run_instances(LaunchTemplate={"LaunchTemplateName": "web"}, MinCount=1, MaxCount=1)["Instances"][0]
    assert (instance["InstanceType"], instance["MetadataOptions"]["HttpTokens"]) == ("t3.large", "required")
    assert {"Key": "from", "Value": "template"} in instance["Tags"]
    done = owner.delete_launch_template_versions(LaunchTemplateName="web", Versions=["1", "2"])
    assert [v["VersionNumber"] for v in done["SuccessfullyDeletedLaunchTemplateVersions"]] == [1]
    assert len(done["UnsuccessfullyDeletedLaunchTemplateVersions"]) == 1
    owner.delete_launch_template(LaunchTemplateName="web")
    refused("InvalidLaunchTemplateName.NotFoundException", owner.describe_launch_templates, LaunchTemplateNames=["web"])


def test_encryption_copies_and_surroundings(pair):
    _, accounts, owner, consumer = pair
    assert owner.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is False
    assert owner.enable_ebs_encryption_by_default()["EbsEncryptionByDefault"] is True
    assert owner.get_ebs_default_kms_key_id()["KmsKeyId"] == "alias/aws/ebs"
    backing = snapshot(owner)
    assert owner.describe_snapshots(SnapshotIds=[backing])["Snapshots"][0]["Encrypted"] is True
    refused("OperationNotPermitted", owner.modify_snapshot_attribute, SnapshotId=backing,
            CreateVolumePermission={"Add": [{"UserId": accounts[1]}]})
    assert owner.modify_ebs_default_kms_key_id(KmsKeyId="alias/team")["KmsKeyId"] == "alias/team"
    copy = owner.copy_snapshot(
        SourceSnapshotId=backing, SourceRegion="us-east-1", Description="to share", TagSpecifications=[
            {"ResourceType": "snapshot", "Tags": [{"Key": "a", "Value": "b"}]}])
    assert copy["Tags"] == [{"Key": "a", "Value": "b"}]
    owner.modify_snapshot_attribute(
        SnapshotId=copy["SnapshotId"], CreateVolumePermission={"Add": [{"UserId": accounts[1]}]})
    assert consumer.describe_snapshots(SnapshotIds=[copy["SnapshotId"]])["Snapshots"][0]["KmsKeyId"] == "alias/team"
    owner.reset_snapshot_attribute(SnapshotId=copy["SnapshotId"], Attribute="createVolumePermission")
    refused("InvalidSnapshot.NotFound", consumer.describe_snapshots, SnapshotIds=[copy["SnapshotId"]])
    assert owner.reset_ebs_default_kms_key_id()["KmsKeyId"] == "alias/aws/ebs"
    assert owner.disable_ebs_encryption_by_default()["EbsEncryptionByDefault"] is False
    zones = owner.describe_availability_zones()["AvailabilityZones"]
    assert [z["ZoneName"][-1] for z in zones] == list("abcdef") and zones[0]["ZoneId"] == "use1-az1"
    attributes = owner.describe_account_attributes(AttributeNames=["supported-platforms"])["AccountAttributes"]
    assert attributes == [{"AttributeName": "supported-platforms", "AttributeValues": [{"AttributeValue": "VPC"}]}]
