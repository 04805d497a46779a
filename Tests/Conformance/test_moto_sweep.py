"""(a) moto's server with an organization built by boto3: reeve finds exactly the public and foreign-shared images."""

from conftest import sweep


def test_a_sweep_of_moto_finds_exactly_the_public_and_the_foreign_shared_images(moto, reeve, tmp_path):
    organizations = moto.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="Workloads")["OrganizationalUnit"]["Id"]
    accounts = []
    for number in range(3):
        status = organizations.create_account(AccountName=f"team-{number}", Email=f"team-{number}@example.com")
        accounts.append(status["CreateAccountStatus"]["AccountId"])
    organizations.move_account(AccountId=accounts[0], SourceParentId=root, DestinationParentId=unit)

    stranger = "999988887777"
    expected = set()
    for position, account in enumerate(accounts):
        credentials = moto.assume(account)
        for region in ("us-east-1", "eu-central-1"):
            ec2 = moto.client("ec2", region, credentials)
            instance = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
            image = {name: ec2.create_image(InstanceId=instance, Name=f"{name}-{position}")["ImageId"]
                     for name in ("private", "public", "inside", "foreign")}
            share = {"public": {"Group": "all"}, "inside": {"UserId": accounts[(position + 1) % 3]},
                     "foreign": {"UserId": stranger}}
            for name, permission in share.items():
                ec2.modify_image_attribute(ImageId=image[name], LaunchPermission={"Add": [permission]})
            expected.add(("image.public", account, region, image["public"]))
            expected.add(("image.shared-with-stranger", account, region, image["foreign"]))

    status, report, errors = sweep(
        reeve, moto, tmp_path, "--checks", "image.public,image.shared-with-stranger",
        "--regions", "us-east-1,eu-central-1")
    assert report is not None, errors
    found = {(f["check"], f["account"], f["region"], f["resourceId"]) for f in report["findings"]}
    assert found == expected
    assert [c for c in report["coverage"] if c["gap"]] == []
    assert report["notEvaluated"] == []
    assert status == 1
