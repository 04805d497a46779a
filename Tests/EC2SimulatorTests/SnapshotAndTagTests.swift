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
