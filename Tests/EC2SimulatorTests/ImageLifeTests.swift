import AWSWire
import Configuration
import Governance
import Testing

@testable import EC2Simulator

/// Making images of instances, protecting, recycling and tracing them, and who uses them.
@Suite struct ImageLifeTests {
  private func owner(_ world: String = neighbourhood) throws -> SimulatorClient {
    try SimulatorClient(yaml: world).member("222222222222")
  }

  private func launch(_ client: SimulatorClient, _ image: String) throws -> Document {
    let answer = try client.call(
      "ec2", "RunInstances",
      ["ImageId": Document(image), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1])
    return try #require(answer.at(path: "Instances.0.InstanceId"))
  }

  @Test("An image of an instance has a snapshot of each volume, and knows where it came from")
  func capturing() throws {
    let owner = try owner()
    let instance = try launch(owner, .image(1))
    let id = try #require(
      try owner.call(
        "ec2", "CreateImage",
        [
          "InstanceId": instance, "Name": "captured", "NoReboot": true,
          "TagSpecifications": [
            ["ResourceType": "image", "Tags": [["Key": "Owner", "Value": "a"]]],
            ["ResourceType": "snapshot", "Tags": [["Key": "Owner", "Value": "b"]]],
          ],
        ])["ImageId"])
    let image = try #require(try owner.call("ec2", "DescribeImages", ["ImageIds": [id]]).at(path: "Images.0"))
    #expect(image["State"] == "available")
    #expect(image["SourceInstanceId"] == instance)
    #expect(image["SourceImageId"]?.string == .image(1))
    #expect(image["Tags"] == [["Key": "Owner", "Value": "a"]])
    let snapshot = try #require(image.at(path: "BlockDeviceMappings.0.Ebs.SnapshotId"))
    let described = try owner.call("ec2", "DescribeSnapshots", ["SnapshotIds": [snapshot]])
    #expect(described.at(path: "Snapshots.0.Tags") == [["Key": "Owner", "Value": "b"]])
    let ancestry = try owner.call("ec2", "GetImageAncestry", ["ImageId": id])["ImageAncestryEntries"]?.elements ?? []
    #expect(ancestry.map { $0["ImageId"] } == [id, Document(String.image(1))])
    #expect(ancestry.last?["SourceImageId"] == nil)
    let again = try owner.failure("ec2", "CreateImage", ["InstanceId": instance, "Name": "captured"])
    #expect(again.code == "InvalidAMIName.Duplicate")
    let gone = try owner.failure("ec2", "CreateImage", ["InstanceId": "i-0ffffffffffffffff", "Name": "other"])
    #expect(gone.code == "InvalidInstanceID.NotFound")
  }

  @Test("Where a world says that creation takes time, images and snapshots are pending until then")
  func pending() throws {
    let owner = try owner("creation: 5m\n" + neighbourhood)
    let id = try #require(
      try owner.call(
        "ec2", "CopyImage",
        ["Name": "copy", "SourceImageId": Document(String.image(1)), "SourceRegion": "eu-west-1", "ClientToken": "a"]
      )["ImageId"])
    func state(_ client: SimulatorClient) throws -> [Document?] {
      let image = try client.call("ec2", "DescribeImages", ["ImageIds": [id]])
      let snapshot = try #require(image.at(path: "Images.0.BlockDeviceMappings.0.Ebs.SnapshotId"))
      return [
        image.at(path: "Images.0.State"),
        try client.call("ec2", "DescribeSnapshots", ["SnapshotIds": [snapshot]]).at(path: "Snapshots.0.State"),
      ]
    }
    #expect(try state(owner) == ["pending", "pending"])
    let refused = try owner.failure(
      "ec2", "RunInstances", ["ImageId": id, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1])
    #expect(refused.code == "InvalidAMIID.Unavailable")
    // The promise survives a dump.
    let dump = owner.simulator.worldDump()
    let reloaded = try SimulatorClient(world: try World(yaml: YAML.write(dump))).member("222222222222")
    #expect(try state(reloaded) == ["pending", "pending"])
    for client in [owner, reloaded] {
      client.simulator.advance(by: .seconds(300))
      #expect(try state(client) == ["available", "completed"])
    }
    #expect(owner.simulator.worldDump().json == reloaded.simulator.worldDump().json)
    let again = try owner.call(
      "ec2", "CopyImage",
      ["Name": "copy", "SourceImageId": Document(String.image(1)), "SourceRegion": "eu-west-1", "ClientToken": "a"])
    #expect(again["ImageId"] == id)
  }

  @Test("Deregistration protection holds, with a cooldown for a day after it is switched off")
  func protection() throws {
    let owner = try owner()
    let id = Document(String.image(1))
    #expect(
      try owner.call("ec2", "EnableImageDeregistrationProtection", ["ImageId": id, "WithCooldown": true])["Return"]
        == "enabled-with-cooldown")
    #expect(try owner.failure("ec2", "DeregisterImage", ["ImageId": id]).code == "OperationNotPermitted")
    #expect(
      try owner.call("ec2", "DisableImageDeregistrationProtection", ["ImageId": id])["Return"]
        == "disabled after 2026-11-24T09:00:00Z")
    #expect(try owner.failure("ec2", "DeregisterImage", ["ImageId": id]).code == "OperationNotPermitted")
    owner.simulator.advance(by: .seconds(86_400))
    let later = try owner.colleague("222222222222")
    try later.call("ec2", "DeregisterImage", ["ImageId": id])
    // Without the cooldown it ends at once.
    let other = Document(String.image(2))
    try later.call("ec2", "EnableImageDeregistrationProtection", ["ImageId": other])
    try later.call("ec2", "DisableImageDeregistrationProtection", ["ImageId": other])
    try later.call("ec2", "DeregisterImage", ["ImageId": other])
  }

  @Test("A consumer can leave a share that names it, and no other")
  func cancelling() throws {
    let web = try owner().colleague("333333333333")
    try web.call("ec2", "CancelImageLaunchPermission", ["ImageId": Document(String.image(3))])
    #expect(!(try web.ids().contains(.image(3))))
    for number in [2, 4, 5] {
      let error = try web.failure("ec2", "CancelImageLaunchPermission", ["ImageId": Document(String.image(number))])
      #expect(error.code == "InvalidRequest")
    }
    #expect(
      try web.failure("ec2", "CancelImageLaunchPermission", ["ImageId": Document(String.image(1))]).code
        == "InvalidAMIID.NotFound")
  }

  @Test("With a retention rule, what is deleted can be brought back until its time is over")
  func recycling() throws {
    let world = neighbourhood.replacing(
      "name: owner\n", with: "name: owner\n    recycleBin: {eu-west-1: {keepImages: 168h, keepSnapshots: 168h}}\n")
    let owner = try owner(world)
    let id = Document(String.image(2))
    let snapshot = try #require(
      try owner.call("ec2", "DescribeImages", ["ImageIds": [id]])
        .at(path: "Images.0.BlockDeviceMappings.0.Ebs.SnapshotId"))
    let result = try owner.call("ec2", "DeregisterImage", ["ImageId": id, "DeleteAssociatedSnapshots": true])
    #expect(result.at(path: "DeleteSnapshotResults.0.ReturnCode") == "success")
    #expect(try owner.ids(["ImageIds": [id]]) == [])
    let listed = try owner.call("ec2", "ListImagesInRecycleBin")
    #expect(listed.at(path: "Images.0.ImageId") == id)
    #expect(listed.at(path: "Images.0.RecycleBinExitTime")?.string?.hasPrefix("2026-11-30T09:00:00") == true)
    // Its snapshot is in the bin as well, and comes first.
    #expect(try owner.failure("ec2", "RestoreImageFromRecycleBin", ["ImageId": id]).code == "InvalidSnapshot.NotFound")
    try owner.call("ec2", "CreateTags", ["Resources": [id], "Tags": [["Key": "Why", "Value": "back"]]])
    let dump = owner.simulator.worldDump()
    #expect(try World(yaml: YAML.write(dump)).dump(at: owner.simulator.now).json == dump.json)
    try owner.call("ec2", "RestoreSnapshotFromRecycleBin", ["SnapshotId": snapshot])
    try owner.call("ec2", "RestoreImageFromRecycleBin", ["ImageId": id])
    let image = try owner.call("ec2", "DescribeImages", ["ImageIds": [id]])
    #expect(image.at(path: "Images.0.Public") == true)
    #expect(image.at(path: "Images.0.Tags") == [["Key": "Why", "Value": "back"]])
    #expect(try owner.call("ec2", "ListImagesInRecycleBin")["Images"] == [])
    #expect(try owner.call("ec2", "ListSnapshotsInRecycleBin")["Snapshots"] == [])
    try owner.call("ec2", "DeregisterImage", ["ImageId": id])
    owner.simulator.advance(by: .seconds(7 * 86_400))
    let later = try owner.colleague("222222222222")
    #expect(try later.failure("ec2", "RestoreImageFromRecycleBin", ["ImageId": id]).code == "InvalidAMIID.NotFound")
  }

  @Test("A usage report counts other accounts' instances after a day, and templates at once")
  func usage() throws {
    let owner = try owner()
    let web = try owner.colleague("333333333333")
    let id = Document(String.image(3))
    _ = try launch(web, .image(3))
    _ = try launch(owner, .image(3))
    try web.call(
      "ec2", "CreateLaunchTemplate", ["LaunchTemplateName": "web", "LaunchTemplateData": ["ImageId": id]])
    func counts(_ client: SimulatorClient, _ more: [(name: String, value: Document?)] = []) throws -> [String] {
      let report = try client.call(
        "ec2", "CreateImageUsageReport",
        Document(
          entries: [
            ("ImageId", id),
            ("ResourceTypes", [["ResourceType": "ec2:Instance"], ["ResourceType": "ec2:LaunchTemplate"]]),
          ] + more))
      let entries = try client.call(
        "ec2", "DescribeImageUsageReportEntries", ["ReportIds": [try #require(report["ReportId"])]])
      return (entries["ImageUsageReportEntries"]?.elements ?? []).map {
        "\($0["AccountId"]?.string ?? "") \($0["ResourceType"]?.string ?? "") \($0["UsageCount"]?.int ?? 0)"
      }
    }
    #expect(try counts(owner) == ["333333333333 ec2:LaunchTemplate 1"])
    #expect(try counts(owner, [("AccountIds", ["444444444444"])]) == [])
    owner.simulator.advance(by: .seconds(86_400))
    let later = try owner.colleague("222222222222")
    #expect(try counts(later) == ["333333333333 ec2:Instance 1", "333333333333 ec2:LaunchTemplate 1"])
    let reports = try later.call("ec2", "DescribeImageUsageReports", ["ImageIds": [id]])["ImageUsageReports"]
    #expect(reports?.count == 3)
    let first = try #require(reports?[0]?["ReportId"])
    try later.call("ec2", "DeleteImageUsageReport", ["ReportId": first])
    #expect(
      try later.failure("ec2", "DescribeImageUsageReports", ["ReportIds": [first]]).code
        == "InvalidImageUsageReportId.NotFound")
    owner.simulator.advance(by: .seconds(30 * 86_400))
    let muchLater = try owner.colleague("222222222222")
    #expect(try muchLater.call("ec2", "DescribeImageUsageReports")["ImageUsageReports"] == [])
    let foreign = try web.colleague("333333333333")
    #expect(
      try foreign.failure(
        "ec2", "CreateImageUsageReport", ["ImageId": id, "ResourceTypes": [["ResourceType": "ec2:Instance"]]]
      ).code == "AuthFailure")
  }

  @Test("References are the account's own instances and the newest versions of its launch templates")
  func references() throws {
    let owner = try owner()
    let id = Document(String.image(1))
    let instance = try launch(owner, .image(1))
    let template = try owner.call(
      "ec2", "CreateLaunchTemplate", ["LaunchTemplateName": "web", "LaunchTemplateData": ["ImageId": id]])
    try owner.call(
      "ec2", "CreateLaunchTemplateVersion",
      ["LaunchTemplateName": "web", "LaunchTemplateData": ["ImageId": Document(String.image(2))]])
    func arns(_ question: [(name: String, value: Document?)]) throws -> [String] {
      let answer = try owner.call(
        "ec2", "DescribeImageReferences", Document(entries: [("ImageIds", [id])] + question))
      return answer["ImageReferences"]?.elements.compactMap { $0["Arn"]?.string } ?? []
    }
    let instanceARN = "arn:aws:ec2:eu-west-1:222222222222:instance/\(instance.string ?? "")"
    let templateARN =
      "arn:aws:ec2:eu-west-1:222222222222:launch-template/\(template.at(path: "LaunchTemplate.LaunchTemplateId")?.string ?? "")"
    #expect(try arns([("IncludeAllResourceTypes", true)]) == [instanceARN, templateARN])
    let shallow: Document = [
      [
        "ResourceType": "ec2:LaunchTemplate",
        "ResourceTypeOptions": [["OptionName": "version-depth", "OptionValues": ["1"]]],
      ]
    ]
    #expect(try arns([("ResourceTypes", shallow)]) == [])
    let stopped: Document = [
      [
        "ResourceType": "ec2:Instance",
        "ResourceTypeOptions": [["OptionName": "state-name", "OptionValues": ["stopped"]]],
      ]
    ]
    #expect(try arns([("ResourceTypes", stopped)]) == [])
    #expect(try owner.failure("ec2", "DescribeImageReferences", ["ImageIds": [id]]).code == "MissingParameter")
  }

  @Test("Images in the Recycle Bin and disabled ones count for the quota")
  func quota() throws {
    let world = neighbourhood.replacing(
      "name: owner\n", with: "name: owner\n    imageQuota: 8\n    recycleBin: {eu-west-1: {keepImages: 24h}}\n")
    let owner = try owner(world)
    try owner.call("ec2", "DeregisterImage", ["ImageId": Document(String.image(2))])
    let copy: Document = [
      "Name": "copy", "SourceImageId": Document(String.image(1)), "SourceRegion": "eu-west-1",
    ]
    #expect(try owner.failure("ec2", "CopyImage", copy).code == "ResourceLimitExceeded")
    owner.simulator.advance(by: .seconds(86_400))
    let later = try owner.colleague("222222222222")
    try later.call("ec2", "CopyImage", copy)
  }

  @Test("Encryption by default encrypts what is new, and copies of what is not")
  func encryption() throws {
    let owner = try owner()
    try owner.call("ec2", "EnableEbsEncryptionByDefault")
    try owner.call("ec2", "ModifyEbsDefaultKmsKeyId", ["KmsKeyId": "alias/team"])
    let volume = try owner.call("ec2", "CreateVolume", ["AvailabilityZone": "eu-west-1a", "Size": 1])
    #expect(volume["Encrypted"] == true)
    #expect(volume["KmsKeyId"] == "alias/team")
    let snapshot = try owner.call("ec2", "CreateSnapshot", ["VolumeId": try #require(volume["VolumeId"])])
    #expect(snapshot["State"] == "pending")
    let copy = try owner.call(
      "ec2", "CopySnapshot",
      [
        "SourceSnapshotId": try #require(snapshot["SnapshotId"]), "SourceRegion": "eu-west-1",
        "KmsKeyId": "alias/other",
      ])
    let described = try owner.call(
      "ec2", "DescribeSnapshots", ["SnapshotIds": [try #require(copy["SnapshotId"])]])
    #expect(described.at(path: "Snapshots.0.KmsKeyId") == "alias/other")
    #expect(described.at(path: "Snapshots.0.VolumeId") == "vol-ffffffff")
    #expect(described.at(path: "Snapshots.0.State") == "completed")
    try owner.call("ec2", "ResetEbsDefaultKmsKeyId")
    try owner.call("ec2", "DisableEbsEncryptionByDefault")
    #expect(try owner.call("ec2", "GetEbsEncryptionByDefault")["EbsEncryptionByDefault"] == false)
    let plain = try owner.failure(
      "ec2", "CreateVolume", ["AvailabilityZone": "eu-west-1a", "Size": 1, "KmsKeyId": "alias/team"])
    #expect(plain.code == "InvalidParameterDependency")
  }

  @Test("A world with everything in it loads again from its dump")
  func roundTrip() throws {
    let owner = try owner()
    let instance = try launch(owner, .image(1))
    try owner.call("ec2", "CreateImage", ["InstanceId": instance, "Name": "captured"])
    try owner.call(
      "ec2", "CreateLaunchTemplate",
      [
        "LaunchTemplateName": "web", "VersionDescription": "first",
        "LaunchTemplateData": ["ImageId": Document(String.image(1)), "SecurityGroupIds": ["sg-1"]],
      ])
    try owner.call("ec2", "EnableEbsEncryptionByDefault")
    try owner.call(
      "ec2", "CreateImageUsageReport",
      ["ImageId": Document(String.image(1)), "ResourceTypes": [["ResourceType": "ec2:Instance"]]])
    try owner.call("ec2", "CreateTags", ["Resources": [instance], "Tags": [["Key": "Name", "Value": "x"]]])
    let dump = owner.simulator.worldDump()
    let again = try World(yaml: YAML.write(dump))
    #expect(again.dump(at: owner.simulator.now).json == dump.json)
    let scope = Scope(account: "222222222222", region: "eu-west-1")
    #expect(again.state(of: scope).workloads == owner.simulator.world.state(of: scope).workloads)
    #expect(again.promises.count == 1)
  }

  @Test("Zones have names and ids of their region; unknown ones are refused")
  func zones() throws {
    let owner = try owner()
    let zones = try owner.call("ec2", "DescribeAvailabilityZones")["AvailabilityZones"]?.elements ?? []
    #expect(zones.map { $0["ZoneId"] } == ["euw1-az1", "euw1-az2", "euw1-az3"])
    #expect(AvailabilityZoneOperations.id(of: "ap-southeast-2b") == "apse2-az2")
    #expect(AvailabilityZoneOperations.id(of: "us-gov-west-1a") == "usgw1-az1")
    let error = try owner.failure("ec2", "DescribeAvailabilityZones", ["ZoneNames": ["eu-west-1z"]])
    #expect(error.code == "InvalidZone.NotFound")
  }
}
