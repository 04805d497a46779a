"""(b) every paginator of EC2 that the simulator answers gives each thing once, and every waiter ends."""

import pytest

from conftest import register, snapshot

COUNT = 12


@pytest.fixture(scope="module")
def names():
    return [f"item-{number:02}" for number in range(COUNT)]


def prepare(ec2, names):
    """Twelve of each thing that is listed by pages."""
    images = [register(ec2, name, TagSpecifications=[
        {"ResourceType": "image", "Tags": [{"Key": "Name", "Value": name}]}]) for name in names]
    ec2.run_instances(ImageId=images[0], InstanceType="t3.micro", MinCount=COUNT, MaxCount=COUNT)
    for name in names:
        ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": images[0]})
        ec2.create_launch_template_version(
            LaunchTemplateName=names[0], LaunchTemplateData={"ImageId": images[0], "KeyName": name})
        ec2.create_image_usage_report(ImageId=images[0], ResourceTypes=[{"ResourceType": "ec2:Instance"}])
    return images


def test_pages_give_everything_once(simulate, names):
    ec2 = simulate().client("ec2")
    images = prepare(ec2, names)
    whole = {
        "describe_images": ({"Owners": ["self"]}, "Images", "ImageId", COUNT),
        "describe_snapshots": ({"OwnerIds": ["self"]}, "Snapshots", "SnapshotId", COUNT),
        "describe_volumes": ({}, "Volumes", "VolumeId", 2 * COUNT),
        "describe_tags": ({}, "Tags", "ResourceId", COUNT),
        "describe_launch_templates": ({}, "LaunchTemplates", "LaunchTemplateId", COUNT),
        "describe_launch_template_versions": (
            {"LaunchTemplateName": names[0]}, "LaunchTemplateVersions", "VersionNumber", COUNT + 1),
        "describe_instance_status": ({}, "InstanceStatuses", "InstanceId", COUNT),
        "describe_instance_image_metadata": ({}, "InstanceImageMetadata", "InstanceId", COUNT),
        "describe_image_usage_reports": ({}, "ImageUsageReports", "ReportId", COUNT),
        "describe_image_references": (
            {"ImageIds": images[:1], "IncludeAllResourceTypes": True}, "ImageReferences", "Arn", 2 * COUNT),
        "describe_snapshot_tier_status": ({}, "SnapshotTierStatuses", "SnapshotId", COUNT),
    }
    for operation, (parameters, member, key, count) in whole.items():
        paginator = ec2.get_paginator(operation)
        pages = list(paginator.paginate(PaginationConfig={"PageSize": 5}, **parameters))
        listed = [item[key] for page in pages for item in page[member]]
        assert len(listed) == len(set(listed)) == count, f"{operation}: {len(listed)} of {count}"
        assert len(pages) == -(-count // 5), operation
        assert sorted(listed, key=str) == sorted(
            (item[key] for item in paginator.paginate(**parameters).build_full_result()[member]), key=str), operation
    pages = list(ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 5}))
    assert len(pages) == 3
    assert len({i["InstanceId"] for page in pages for r in page["Reservations"] for i in r["Instances"]}) == COUNT
    for operation in ("list_images_in_recycle_bin", "list_snapshots_in_recycle_bin", "describe_security_groups",
                      "describe_network_acls", "describe_network_interfaces", "describe_vpcs", "describe_subnets",
                      "describe_client_vpn_endpoints", "describe_transit_gateways", "describe_image_usage_report_entries",
                      "describe_fast_snapshot_restores", "describe_store_image_tasks", "describe_import_snapshot_tasks",
                      "describe_fast_launch_images"):
        for page in ec2.get_paginator(operation).paginate(PaginationConfig={"PageSize": 5}):
            assert "NextToken" not in page, operation


def test_waiters_wait_for_what_takes_time(simulate, tmp_path):
    world = tmp_path / "world.yaml"
    world.write_text('creation: 3s\nregions: [us-east-1]\naccounts: [{id: "111122223333"}]\n')
    ec2 = simulate("--world", world).client("ec2")
    backing = snapshot(ec2)
    assert ec2.describe_snapshots(SnapshotIds=[backing])["Snapshots"][0]["State"] == "pending"
    short = {"Delay": 1, "MaxAttempts": 10}
    ec2.get_waiter("snapshot_completed").wait(SnapshotIds=[backing], WaiterConfig=short)
    image = register(ec2, "base", backing)
    copy = ec2.copy_image(Name="copy", SourceImageId=image, SourceRegion="us-east-1")["ImageId"]
    assert ec2.describe_images(ImageIds=[copy])["Images"][0]["State"] == "pending"
    ec2.get_waiter("image_exists").wait(ImageIds=[copy], WaiterConfig=short)
    ec2.get_waiter("image_available").wait(ImageIds=[copy], WaiterConfig=short)
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    ec2.get_waiter("volume_available").wait(VolumeIds=[volume], WaiterConfig=short)
    ec2.delete_volume(VolumeId=volume)
    ec2.get_waiter("volume_deleted").wait(VolumeIds=[volume], WaiterConfig=short)
