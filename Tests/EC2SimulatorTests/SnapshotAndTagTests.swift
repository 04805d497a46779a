import AWSWire
import Governance
import Testing

@testable import EC2Simulator

@Suite struct SnapshotAndTagTests {
  @Test("Snapshots are listed, created from a volume that is known, and deleted when nothing uses them")
  func snapshots() throws {
    let owner = try SimulatorClient(yaml: neighbourhood).member("222222222222")
    let listed = try owner.call("ec2", "DescribeSnapshots", ["OwnerIds": ["self"], "MaxResults": 5])
    #expect(listed["Snapshots"]?.count == 5)
    #expect(listed["NextToken"] != nil)
    let one = try #require(listed.at(path: "Snapshots.0"))
    #expect(one["State"] == "completed")
    #expect(one["Encrypted"] == false)
    let made = try owner.call(
      "ec2", "CreateSnapshot",
      [
        "VolumeId": one["VolumeId"] ?? .null, "Description": "again",
        "TagSpecifications": [["ResourceType": "snapshot", "Tags": [["Key": "Owner", "Value": "x"]]]],
      ])
    #expect(made["Description"] == "again")
    let filter: Document = ["Filters": [["Name": "tag:Owner", "Values": ["x"]]]]
    #expect(try owner.call("ec2", "DescribeSnapshots", filter)["Snapshots"]?.count == 1)
    try owner.call("ec2", "DeleteSnapshot", ["SnapshotId": made["SnapshotId"] ?? .null])
    #expect(try owner.call("ec2", "DescribeSnapshots", filter)["Snapshots"]?.count == 0)
    #expect(try owner.failure("ec2", "CreateSnapshot", ["VolumeId": "vol-0nowhere"]).code == "InvalidVolume.NotFound")
    let web = try SimulatorClient(owner.simulator, try #require(owner.simulator.ambientCredentials)).member(
      "333333333333")
    let foreign = try web.failure(
      "ec2", "DescribeSnapshotAttribute",
      ["SnapshotId": one["SnapshotId"] ?? .null, "Attribute": "createVolumePermission"])
    #expect(foreign.code == "InvalidSnapshot.NotFound")
  }

  @Test("A world without any image is enough: volume, snapshot, image, and the dump reads back with its volumes")
  func fromAVolume() throws {
    let owner = try SimulatorClient(yaml: neighbourhood).member("222222222222")
    let volume = try owner.call(
      "ec2", "CreateVolume",
      [
        "AvailabilityZone": "eu-west-1a", "Size": 20, "Encrypted": true, "VolumeType": "gp3",
        "TagSpecifications": [["ResourceType": "volume", "Tags": [["Key": "Owner", "Value": "v"]]]],
      ])
    #expect(volume["State"] == "available")
    #expect(volume["Iops"] == 3_000)
    let id = volume["VolumeId"] ?? .null
    let listed = try owner.call("ec2", "DescribeVolumes", ["Filters": [["Name": "tag:Owner", "Values": ["v"]]]])
    #expect(listed["Volumes"] == [volume])
    let snapshot = try owner.call("ec2", "CreateSnapshot", ["VolumeId": id])
    #expect(snapshot["VolumeSize"] == 20)
    #expect(snapshot["Encrypted"] == true)
    let image = try owner.call(
      "ec2", "RegisterImage",
      [
        "Name": "first", "RootDeviceName": "/dev/xvda",
        "BlockDeviceMappings": [["DeviceName": "/dev/xvda", "Ebs": ["SnapshotId": snapshot["SnapshotId"] ?? .null]]],
      ])
    #expect(image["ImageId"]?.string?.hasPrefix("ami-") == true)
    let dump = owner.simulator.worldDump()
    #expect(try World(yaml: dump.json).dump(at: owner.simulator.now) == dump)
    try owner.call("ec2", "DeleteVolume", ["VolumeId": id])
    let after: Document = ["VolumeIds": [id]]
    #expect(try owner.failure("ec2", "DescribeVolumes", after).code == "InvalidVolume.NotFound")
  }

  @Test(
    "What CreateVolume cannot make is refused",
    arguments: [
      (["Size": 8], "MissingParameter"), (["AvailabilityZone": "eu-west-1z", "Size": 8], "InvalidZone.NotFound"),
      (["AvailabilityZone": "eu-west-1a"], "MissingParameter"),
      (["AvailabilityZone": "eu-west-1a", "Size": 0], "InvalidParameterValue"),
      (["AvailabilityZone": "eu-west-1a", "Size": 8, "VolumeType": "io2"], "MissingParameter"),
      (["AvailabilityZone": "eu-west-1a", "Size": 8, "Throughput": 200], "InvalidParameterCombination"),
      (["AvailabilityZone": "eu-west-1a", "SnapshotId": "snap-0ffffffffffffffff"], "InvalidSnapshot.NotFound"),
      (["AvailabilityZone": "eu-west-1a", "Size": 8, "KmsKeyId": "alias/x"], "InvalidParameterDependency"),
      (["AvailabilityZone": "eu-west-1a", "Size": 8, "OutpostArn": "arn:aws:outposts:x"], "UnknownParameter"),
    ] as [(Document, String)])
  func refusedVolumes(parameters: Document, code: String) throws {
    let owner = try SimulatorClient(yaml: neighbourhood).member("222222222222")
    #expect(try owner.failure("ec2", "CreateVolume", parameters).code == code)
  }

  @Test("Tags: set, changed, taken away by key and by value, listed in order, fifty at most")
  func tags() throws {
    let owner = try SimulatorClient(yaml: neighbourhood).member("222222222222")
    let id: Document = "ami-00000000000000a01"
    func keys() throws -> [String] {
      try owner.call("ec2", "DescribeTags", ["Filters": [["Name": "resource-id", "Values": [id]]]])["Tags"]?.elements
        .compactMap { "\($0["Key"]?.string ?? "")=\($0["Value"]?.string ?? "")" } ?? []
    }
    func change(_ operation: String, _ tags: [Document]) throws {
      try owner.call("ec2", operation, ["Resources": [id], "Tags": Document(tags)])
    }
    try change("CreateTags", [["Key": "Z", "Value": "1"], ["Key": "Owner", "Value": "b"]])
    #expect(try keys() == ["Owner=b", "Z=1"])
    try change("DeleteTags", [["Key": "Z", "Value": "2"]])
    #expect(try keys() == ["Owner=b", "Z=1"])
    try change("DeleteTags", [["Key": "Z"]])
    #expect(try keys() == ["Owner=b"])
    let many = (1...49).map { ["Key": Document("k\($0)"), "Value": ""] as Document }
    try change("CreateTags", many)
    let error = try owner.failure("ec2", "CreateTags", ["Resources": [id], "Tags": [["Key": "more", "Value": ""]]])
    #expect(error.code == "TagLimitExceeded")
    try owner.call("ec2", "DeleteTags", ["Resources": [id]])
    #expect(try keys().isEmpty)
  }
}
