import AWSWire
import Governance
import Testing

@testable import EC2Simulator

@Suite struct ImageOperationTests {
  private func owner() throws -> SimulatorClient { try SimulatorClient(yaml: neighbourhood).member("222222222222") }

  private func permissions(_ client: SimulatorClient, _ number: Int) throws -> Document? {
    try client.call(
      "ec2", "DescribeImageAttribute",
      ["ImageId": Document(String.image(number)), "Attribute": "launchPermission"])["LaunchPermissions"]
  }

  @Test("Permissions come back in the order of their granting; taking one leaves the others")
  func permissionOrder() throws {
    let owner = try owner()
    let id = Document(String.image(1))
    let unit = "arn:aws:organizations::111111111111:ou/o-home/ou-home-web"
    try owner.call(
      "ec2", "ModifyImageAttribute",
      ["ImageId": id, "LaunchPermission": ["Add": [["UserId": "333333333333"], ["Group": "all"]]]])
    try owner.call(
      "ec2", "ModifyImageAttribute",
      [
        "ImageId": id, "Attribute": "launchPermission", "OperationType": "add",
        "OrganizationalUnitArns": [Document(unit)],
      ])
    try owner.call("ec2", "ModifyImageAttribute", ["ImageId": id, "LaunchPermission": ["Add": [["Group": "all"]]]])
    #expect(
      try permissions(owner, 1)
        == [["UserId": "333333333333"], ["Group": "all"], ["OrganizationalUnitArn": Document(unit)]])
    #expect(try owner.call("ec2", "DescribeImages", ["ImageIds": [id]]).at(path: "Images.0.Public") == true)
    try owner.call(
      "ec2", "ModifyImageAttribute",
      ["ImageId": id, "Attribute": "launchPermission", "OperationType": "remove", "UserGroups": ["all"]])
    #expect(try permissions(owner, 1) == [["UserId": "333333333333"], ["OrganizationalUnitArn": Document(unit)]])
    #expect(try owner.call("ec2", "DescribeImages", ["ImageIds": [id]]).at(path: "Images.0.Public") == false)
    try owner.call("ec2", "ResetImageAttribute", ["ImageId": id, "Attribute": "launchPermission"])
    #expect(try permissions(owner, 1) == [])
  }

  @Test("Attributes that are not set are there and empty")
  func attributes() throws {
    let owner = try owner()
    let id = Document(String.image(1))
    func value(_ attribute: String, _ member: String) throws -> Document? {
      try owner.call("ec2", "DescribeImageAttribute", ["ImageId": id, "Attribute": Document(attribute)])[member]
    }
    for (attribute, member) in [
      ("description", "Description"), ("kernel", "KernelId"), ("ramdisk", "RamdiskId"), ("bootMode", "BootMode"),
      ("tpmSupport", "TpmSupport"), ("uefiData", "UefiData"), ("imdsSupport", "ImdsSupport"),
      ("sriovNetSupport", "SriovNetSupport"), ("lastLaunchedTime", "LastLaunchedTime"),
    ] {
      #expect(try value(attribute, member) == .emptyObject, "\(attribute)")
    }
    #expect(try value("deregistrationProtection", "DeregistrationProtection")?["Value"] == "disabled")
    #expect(try value("productCodes", "ProductCodes") == [])
    try owner.call("ec2", "ModifyImageAttribute", ["ImageId": id, "Description": ["Value": "two < three"]])
    try owner.call("ec2", "ModifyImageAttribute", ["ImageId": id, "ImdsSupport": ["Value": "v2.0"]])
    #expect(try value("description", "Description")?["Value"] == "two < three")
    #expect(try value("imdsSupport", "ImdsSupport")?["Value"] == "v2.0")
  }

  @Test("A disabled image is private, hidden, the owner's only, and enabling brings no share back")
  func disabling() throws {
    let owner = try owner()
    try owner.call("ec2", "DisableImage", ["ImageId": Document(String.image(2))])
    #expect(try permissions(owner, 2) == [])
    #expect(!(try owner.ids(["Owners": ["self"]]).contains(.image(2))))
    try owner.call("ec2", "EnableImage", ["ImageId": Document(String.image(2))])
    #expect(try permissions(owner, 2) == [])
    #expect(try owner.ids(["Owners": ["self"]]).contains(.image(2)))
  }

  @Test("Deprecation has a limit of ten years, and is rounded to the minute")
  func deprecation() throws {
    let owner = try owner()
    let id = Document(String.image(1))
    try owner.call("ec2", "EnableImageDeprecation", ["ImageId": id, "DeprecateAt": "2027-01-01T10:00:42Z"])
    let image = try owner.call("ec2", "DescribeImages", ["ImageIds": [id]])
    #expect(image.at(path: "Images.0.DeprecationTime") == "2027-01-01T10:00:00.000Z")
    for date in ["2026-01-01T00:00:00Z", "2036-12-01T00:00:00Z"] {
      let error = try owner.failure("ec2", "EnableImageDeprecation", ["ImageId": id, "DeprecateAt": Document(date)])
      #expect(error.code == "InvalidParameter")
    }
    try owner.call("ec2", "DisableImageDeprecation", ["ImageId": id])
    #expect(try owner.call("ec2", "DescribeImages", ["ImageIds": [id]]).at(path: "Images.0.DeprecationTime") == nil)
  }

  @Test("Registering takes snapshots of one's own, gives AWS's defaults, and deregistering frees them")
  func registering() throws {
    let owner = try owner()
    let snapshot = try #require(
      try owner.call("ec2", "DescribeImages", ["ImageIds": [Document(String.image(1))]])
        .at(path: "Images.0.BlockDeviceMappings.0.Ebs.SnapshotId"))
    let made = try owner.call(
      "ec2", "RegisterImage",
      [
        "Name": "fresh (1)", "RootDeviceName": "/dev/sda1",
        "BlockDeviceMappings": [["DeviceName": "/dev/sda1", "Ebs": ["SnapshotId": snapshot]]],
        "TagSpecifications": [["ResourceType": "image", "Tags": [["Key": "Owner", "Value": "b"]]]],
      ])
    let id = try #require(made["ImageId"])
    let image = try #require(try owner.call("ec2", "DescribeImages", ["ImageIds": [id]]).at(path: "Images.0"))
    #expect(image["State"] == "available")
    #expect(image["CreationDate"] == "2026-11-23T09:00:00.000Z")
    #expect(image["ImageLocation"] == "222222222222/fresh (1)")
    #expect(image["PlatformDetails"] == "Linux/UNIX")
    #expect(image["UsageOperation"] == "RunInstances")
    #expect(image["DeregistrationProtection"] == "disabled")
    #expect(image["Tags"] == [["Key": "Owner", "Value": "b"]])
    for absent in ["BootMode", "EnaSupport", "ImdsSupport", "Description"] { #expect(image[absent] == nil) }
    let ebs: Document = [
      "DeleteOnTermination": true, "SnapshotId": snapshot, "VolumeSize": 8, "VolumeType": "gp2", "Encrypted": false,
    ]
    #expect(image.at(path: "BlockDeviceMappings.0.Ebs") == ebs)
    let inUse = try owner.failure("ec2", "DeleteSnapshot", ["SnapshotId": snapshot])
    let users = [String.image(1), id.string ?? ""].sorted().joined(separator: ", ")
    #expect(inUse.message == "The snapshot \(snapshot.string ?? "") is currently in use by \(users)")
    #expect(
      try owner.failure("ec2", "DeleteSnapshot", ["SnapshotId": snapshot, "DryRun": true]).code == "DryRunOperation")

    let first = try owner.call("ec2", "DeregisterImage", ["ImageId": id, "DeleteAssociatedSnapshots": true])
    #expect(first["DeleteSnapshotResults"] == [["SnapshotId": snapshot, "ReturnCode": "skipped"]])
    let again = try owner.failure("ec2", "DeregisterImage", ["ImageId": id])
    #expect(again.code == "InvalidAMIID.Unavailable")
    #expect(again.message == "The image ID '\(id.string ?? "")' is no longer available")
    #expect(try owner.ids(["ImageIds": [id]]).isEmpty)
    let last = try owner.call(
      "ec2", "DeregisterImage", ["ImageId": Document(String.image(1)), "DeleteAssociatedSnapshots": true])
    #expect(last["DeleteSnapshotResults"] == [["SnapshotId": snapshot, "ReturnCode": "success"]])
    #expect(last["Return"] == true)
  }

  @Test("A copy needs the storage, not the image alone, and takes neither shares nor tags with it")
  func copying() throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    let web = try client.member("333333333333")
    let owner = try client.member("222222222222")
    let source = Document(String.image(3))
    let parameters: Document = ["Name": "copy", "SourceImageId": source, "SourceRegion": "eu-west-1"]
    let refused = try web.failure("ec2", "CopyImage", parameters)
    #expect(refused.code == "InvalidRequest")
    #expect(refused.message == "You do not have permission to access the storage of this ami")
    let snapshot = try #require(
      try owner.call("ec2", "DescribeImages", ["ImageIds": [source]])
        .at(path: "Images.0.BlockDeviceMappings.0.Ebs.SnapshotId"))
    try owner.call(
      "ec2", "ModifySnapshotAttribute",
      ["SnapshotId": snapshot, "CreateVolumePermission": ["Add": [["UserId": "333333333333"]]]])
    let copy = try #require(try web.call("ec2", "CopyImage", parameters)["ImageId"])
    let image = try web.call("ec2", "DescribeImages", ["ImageIds": [copy]]).at(path: "Images.0")
    #expect(image?["OwnerId"] == "333333333333")
    #expect(image?["SourceImageId"] == source)
    #expect(image?["Tags"] == nil)
    #expect(image?.at(path: "BlockDeviceMappings.0.Ebs.SnapshotId") != snapshot)
  }

  @Test("Pages are cut at the limit and continue behind the last id, also when things vanish between them")
  func pages() throws {
    let owner = try owner()
    let first = try owner.call("ec2", "DescribeImages", ["Owners": ["self"], "MaxResults": 5])
    #expect(first["Images"]?.count == 5)
    let token = try #require(first["NextToken"])
    try owner.call("ec2", "DeregisterImage", ["ImageId": Document(String.image(5))])
    let second = try owner.call("ec2", "DescribeImages", ["Owners": ["self"], "MaxResults": 5, "NextToken": token])
    #expect(second["Images"]?.elements.compactMap { $0["ImageId"]?.string } == [6, 8].map(String.image))
    #expect(second["NextToken"] == nil)
    #expect(
      try owner.failure("ec2", "DescribeImages", ["MaxResults": 5, "NextToken": "abc"]).code == "InvalidParameterValue")
  }

  @Test("The sixth public image is one too many")
  func publicQuota() throws {
    let owner = try owner()
    // Two are public to begin with.
    for (number, expected) in [(1, nil), (3, nil), (4, nil), (5, "ResourceLimitExceeded")] as [(Int, String?)] {
      let parameters: Document = [
        "ImageId": Document(String.image(number)), "LaunchPermission": ["Add": [["Group": "all"]]],
      ]
      if let expected {
        #expect(try owner.failure("ec2", "ModifyImageAttribute", parameters).code == expected)
      } else {
        try owner.call("ec2", "ModifyImageAttribute", parameters)
      }
    }
  }

  @Test("What the account's own key encrypts cannot be shared")
  func encrypted() throws {
    let client = try SimulatorClient(
      yaml: """
        regions: [eu-west-1]
        organization: {management: "111111111111"}
        accounts:
          - id: "222222222222"
            imageBlockPublicAccess: {eu-west-1: unblocked}
            images:
              - {id: ami-00000000000000a01, name: default-key, snapshot: {id: snap-00000000000000a01, encrypted: true}}
              - {id: ami-00000000000000a02, name: own-key, snapshot: {id: snap-00000000000000a02, encrypted: true, kmsKey: "arn:aws:kms:eu-west-1:222222222222:key/1"}}
        """)
    let owner = try client.member("222222222222")
    func share(_ number: Int, _ who: Document) -> Document {
      ["ImageId": Document(String.image(number)), "LaunchPermission": ["Add": [who]]]
    }
    let error = try owner.failure("ec2", "ModifyImageAttribute", share(1, ["UserId": "111111111111"]))
    #expect(error.message == "Snapshots encrypted with the AWS Managed CMK can't be shared. Specify another snapshot.")
    try owner.call("ec2", "ModifyImageAttribute", share(2, ["UserId": "111111111111"]))
    #expect(try owner.failure("ec2", "ModifyImageAttribute", share(2, ["Group": "all"])).code == "InvalidParameter")
    let snapshot = try owner.failure(
      "ec2", "ModifySnapshotAttribute",
      ["SnapshotId": "snap-00000000000000a01", "CreateVolumePermission": ["Add": [["UserId": "111111111111"]]]])
    #expect(snapshot.code == "OperationNotPermitted")
    #expect(snapshot.message == "Encrypted snapshots with EBS default key cannot be shared")
  }
}
