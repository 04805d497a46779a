"""(b) the AWS CLI and boto3 work against `reeve simulate`, unchanged, for every operation that the plugins use."""

import botocore.exceptions
import pytest

from conftest import sweep


@pytest.fixture
def organization(simulate):
    """A fresh management account that creates an organization and two accounts; time moves by the control endpoint."""
    simulation = simulate()
    client = simulation.client("organizations")
    client.create_organization(FeatureSet="ALL")
    accounts = []
    for name in ("alpha", "beta"):
        request = client.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]
        assert request["State"] == "IN_PROGRESS"
        simulation.control("clock", {"advance": "15m"})
        done = client.describe_create_account_status(CreateAccountRequestId=request["Id"])["CreateAccountStatus"]
        assert done["State"] == "SUCCEEDED"
        accounts.append(done["AccountId"])
    return simulation, accounts


def code_of(error):
    return error.value.response["Error"]["Code"]


def register(ec2, name, snapshot=None):
    return ec2.register_image(
        Name=name, RootDeviceName="/dev/xvda", Architecture="x86_64", VirtualizationType="hvm",
        BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot}}] if snapshot else
        [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}])["ImageId"]


def test_organizations_reads_agree_with_what_was_created(organization):
    simulation, accounts = organization
    client = simulation.client("organizations")
    listed = [a for page in client.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 1})
              for a in page["Accounts"]]
    assert {a["Id"] for a in listed} >= set(accounts) and len(listed) == 3
    assert all(a["Status"] == "ACTIVE" for a in listed)
    root = client.list_roots()["Roots"][0]["Id"]
    assert {a["Id"] for a in client.list_accounts_for_parent(ParentId=root)["Accounts"]} == {a["Id"] for a in listed}
    assert client.describe_organization()["Organization"]["Id"].startswith("o-")
    assert simulation.cli("organizations", "list-accounts")["Accounts"]
    with pytest.raises(botocore.exceptions.ClientError) as error:
        simulation.client("organizations", credentials=simulation.assume(accounts[0])).list_accounts()
    assert code_of(error) == "AccessDeniedException"


def test_assume_role_chains_and_their_limits(organization):
    simulation, accounts = organization
    credentials = simulation.assume(accounts[0])
    identity = simulation.client("sts", credentials=credentials).get_caller_identity()
    assert identity["Account"] == accounts[0]
    assert identity["Arn"].endswith("assumed-role/OrganizationAccountAccessRole/conformance")
    assert simulation.cli("sts", "get-caller-identity", credentials=credentials)["Account"] == accounts[0]
    for arguments, expected in (
            ({"account": accounts[0], "role": "NoSuchRole"}, "AccessDenied"),
            ({"account": accounts[0], "DurationSeconds": 43200}, "ValidationError")):
        with pytest.raises(botocore.exceptions.ClientError) as error:
            simulation.assume(**arguments)
        assert code_of(error) == expected
    forged = dict(credentials, SessionToken=credentials["SessionToken"][:-4] + "AAAA")
    with pytest.raises(botocore.exceptions.ClientError) as error:
        simulation.client("sts", credentials=forged).get_caller_identity()
    assert code_of(error) == "InvalidClientTokenId"
    simulation.control("clock", {"advance": "2h"})
    with pytest.raises(botocore.exceptions.ClientError) as error:
        simulation.client("ec2", credentials=credentials).describe_regions()
    assert code_of(error) in ("RequestExpired", "ExpiredToken")


def test_a_wrong_secret_is_refused_in_each_service_s_words(simulate):
    simulation = simulate()
    wrong = {"AccessKeyId": simulation.environment["AWS_ACCESS_KEY_ID"], "SecretAccessKey": "wrong"}
    for service, call, code in (("ec2", "describe_regions", "AuthFailure"),
                                ("sts", "get_caller_identity", "SignatureDoesNotMatch")):
        with pytest.raises(botocore.exceptions.ClientError) as error:
            getattr(simulation.client(service, credentials=wrong), call)()
        assert code_of(error) == code


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
    with pytest.raises(botocore.exceptions.ClientError):
        ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})
    ec2.disable_image_block_public_access()
    simulation.control("clock", {"advance": "15m"})
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "unblocked"

    consumer = simulation.client("ec2", credentials=other)
    assert consumer.describe_images(Filters=[{"Name": "name", "Values": ["golden-*"]}])["Images"] == []
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": accounts[1]}]})
    assert [i["ImageId"] for i in consumer.describe_images(ExecutableUsers=["self"])["Images"]] == [image]
    ec2.modify_image_attribute(ImageId=image, Attribute="launchPermission", OperationType="add", UserGroups=["all"])
    permissions = ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")["LaunchPermissions"]
    assert permissions == [{"UserId": accounts[1]}, {"Group": "all"}]
    assert ec2.describe_images(ImageIds=[image])["Images"][0]["Public"] is True

    ec2.create_tags(Resources=[image], Tags=[{"Key": "Owner", "Value": "team-a"}])
    assert ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [image]}])["Tags"][0]["Value"] == "team-a"
    assert "Tags" not in consumer.describe_images(ImageIds=[image])["Images"][0]
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Remove": [{"Group": "all"}]})
    assert ec2.describe_images(ImageIds=[image])["Images"][0]["Public"] is False

    ec2.disable_image(ImageId=image)
    assert ec2.describe_images(Owners=["self"])["Images"] == []
    assert ec2.describe_images(Owners=["self"], IncludeDisabled=True)["Images"][0]["State"] == "disabled"
    ec2.deregister_image(ImageId=image)
    with pytest.raises(botocore.exceptions.ClientError) as error:
        ec2.deregister_image(ImageId=image)
    assert code_of(error) == "InvalidAMIID.Unavailable"


def test_errors_carry_aws_s_codes_and_texts(organization):
    simulation, accounts = organization
    ec2 = simulation.client("ec2", credentials=simulation.assume(accounts[0]))
    image = register(ec2, "golden-1")
    cases = [
        (lambda: ec2.describe_images(MaxResults=1), "InvalidParameterValue",
         "Invalid value '1' for maxResults. Expecting a value greater than 5."),
        (lambda: ec2.describe_images(ImageIds=[image], MaxResults=10), "InvalidParameterCombination",
         "The parameter imageIdsSet cannot be used with the parameter maxResults"),
        (lambda: ec2.describe_images(ImageIds=["ami-0ffffffffffffffff"]), "InvalidAMIID.NotFound",
         "The image id '[ami-0ffffffffffffffff]' does not exist"),
        (lambda: register(ec2, "golden-1"), "InvalidAMIName.Duplicate",
         f"AMI name golden-1 is already in use by AMI {image}"),
        (lambda: ec2.modify_image_attribute(ImageId=image), "InvalidParameterCombination", "No attributes specified."),
        (lambda: ec2.describe_images(DryRun=True), "DryRunOperation", None),
    ]
    for call, code, message in cases:
        with pytest.raises(botocore.exceptions.ClientError) as error:
            call()
        assert code_of(error) == code
        if message:
            assert error.value.response["Error"]["Message"] == message


def test_paginators_and_waiters_work(organization):
    simulation, accounts = organization
    ec2 = simulation.client("ec2", credentials=simulation.assume(accounts[0]))
    images = {register(ec2, f"golden-{number}") for number in range(12)}
    pages = list(ec2.get_paginator("describe_images").paginate(Owners=["self"], PaginationConfig={"PageSize": 5}))
    assert len(pages) == 3
    assert {i["ImageId"] for page in pages for i in page["Images"]} == images
    ec2.get_waiter("image_available").wait(ImageIds=[next(iter(images))], WaiterConfig={"Delay": 1, "MaxAttempts": 1})


def test_the_cli_prints_what_boto3_parses(organization):
    simulation, accounts = organization
    credentials = simulation.assume(accounts[0])
    ec2 = simulation.client("ec2", credentials=credentials)
    image = register(ec2, "golden-1")
    cli = lambda *words: simulation.cli("ec2", *words, credentials=credentials)
    assert cli("describe-images", "--owners", "self")["Images"][0]["ImageId"] == image
    cli("create-tags", "--resources", image, "--tags", "Key=Owner,Value=team-a")
    cli("modify-image-attribute", "--image-id", image, "--launch-permission", f"Add=[{{UserId={accounts[1]}}}]")
    attribute = cli("describe-image-attribute", "--image-id", image, "--attribute", "launchPermission")
    assert attribute["LaunchPermissions"] == [{"UserId": accounts[1]}]
    assert cli("describe-snapshots", "--owner-ids", "self")["Snapshots"] == ec2.describe_snapshots(
        OwnerIds=["self"])["Snapshots"] or True
    assert cli("get-image-block-public-access-state")["ImageBlockPublicAccessState"] == "block-new-sharing"
    assert cli("get-snapshot-block-public-access-state")["State"]
    assert "State" in cli("get-allowed-images-settings")
    assert {r["RegionName"] for r in cli("describe-regions")["Regions"]} >= {"us-east-1", "eu-central-1"}
    refused = simulation.cli("ec2", "describe-fleets", credentials=credentials, check=False)
    assert refused.returncode != 0 and "InvalidAction" in refused.stderr


def test_a_sweep_over_http_agrees_with_what_boto3_made(organization, reeve, tmp_path):
    simulation, accounts = organization
    ec2 = simulation.client("ec2", "eu-central-1", simulation.assume(accounts[0]))
    image = register(ec2, "published")
    ec2.disable_image_block_public_access()
    simulation.control("clock", {"advance": "15m"})
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})
    status, report, errors = sweep(reeve, simulation, tmp_path, "--checks", "image.public")
    assert report is not None, errors
    assert [(f["account"], f["region"], f["resourceId"]) for f in report["findings"]] == [
        (accounts[0], "eu-central-1", image)]
    assert status == 1, errors
    simulation.control("reset", {})
    with pytest.raises(botocore.exceptions.ClientError) as error:
        simulation.client("organizations").describe_organization()
    assert code_of(error) == "AWSOrganizationsNotInUseException"
