import AWSWire
import Governance
import Testing

@testable import EC2Simulator

@Suite struct EC2FidelityTests {
  @Test("What is noted is noted of an operation that is there")
  func lists() {
    let entries = EC2Operations.entries
    #expect(Set(entries.map(\.name)).count == entries.count)
    #expect(EC2Fidelity.table.keys.filter { name in !entries.contains { $0.name == name } } == [])
  }

  @Test("A refused parameter is answered as an unknown one, and changes nothing")
  func refused() throws {
    let owner = try SimulatorClient(yaml: neighbourhood).member("222222222222")
    let error = try owner.failure(
      "ec2", "CopyImage",
      [
        "Name": "copy", "SourceImageId": Document(String.image(1)), "SourceRegion": "eu-west-1",
        "DestinationOutpostArn": "arn:aws:outposts:eu-west-1:222222222222:outpost/op-1",
      ])
    #expect(error.code == "UnknownParameter")
    #expect(
      try owner.call("ec2", "DescribeImages", ["Filters": [["Name": "name", "Values": ["copy"]]]])["Images"] == [])
  }

  @Test("A client token gives what it gave; with other parameters it is an error")
  func tokens() throws {
    let owner = try SimulatorClient(yaml: neighbourhood).member("222222222222")
    let volume: [(name: String, value: Document?)] = [
      ("AvailabilityZone", "eu-west-1a"), ("ClientToken", "once"), ("Size", 1),
    ]
    let first = try owner.call("ec2", "CreateVolume", Document(entries: volume))
    #expect(try owner.call("ec2", "CreateVolume", Document(entries: volume))["VolumeId"] == first["VolumeId"])
    let other = Document(entries: volume.dropLast() + [("Size", 2)])
    #expect(try owner.failure("ec2", "CreateVolume", other).code == "IdempotentParameterMismatch")
    #expect(try owner.call("ec2", "DescribeVolumes")["Volumes"]?.count == 1)
  }

  @Test(
    "A launch with the token of another launch is an error, with its own it gives the same instances as they are now")
  func launchTokens() throws {
    let owner = try SimulatorClient(yaml: neighbourhood).member("222222222222")
    let launch: Document = [
      "ImageId": Document(String.image(1)), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1,
      "ClientToken": "once",
    ]
    func instance(_ answer: Document) -> Document? { answer.at(path: "Instances.0.InstanceId") }
    let first = try owner.call("ec2", "RunInstances", launch)
    let again = try owner.call("ec2", "RunInstances", launch)
    #expect(instance(again) == instance(first))
    #expect(again.at(path: "Instances.0.State.Name") == "running")
    let other = launch.setting("MaxCount", to: 2)
    #expect(try owner.failure("ec2", "RunInstances", other).code == "IdempotentParameterMismatch")
    let named: [(name: String, value: Document?)] = [("LaunchTemplateName", "web"), ("ClientToken", "twice")]
    let data: Document = ["ImageId": Document(String.image(1))]
    try owner.call("ec2", "CreateLaunchTemplate", ["LaunchTemplateName": "web", "LaunchTemplateData": data])
    let modify = Document(entries: named + [("DefaultVersion", "1")])
    let changed = try owner.call("ec2", "ModifyLaunchTemplate", modify)
    #expect(try owner.call("ec2", "ModifyLaunchTemplate", modify) == changed)
    #expect(
      try owner.failure("ec2", "ModifyLaunchTemplate", modify.setting("DefaultVersion", to: "2")).code
        == "IdempotentParameterMismatch")
  }

  @Test("A launch template may carry what is not simulated, and a launch from it says so")
  func templates() throws {
    let owner = try SimulatorClient(yaml: neighbourhood).member("222222222222")
    let data: Document = [
      "ImageId": Document(String.image(1)), "InstanceType": "t3.micro", "CpuOptions": ["CoreCount": 1],
    ]
    try owner.call("ec2", "CreateLaunchTemplate", ["LaunchTemplateName": "web", "LaunchTemplateData": data])
    let launch = try owner.failure(
      "ec2", "RunInstances", ["LaunchTemplate": ["LaunchTemplateName": "web"], "MinCount": 1, "MaxCount": 1])
    #expect(launch.code == "UnsupportedOperation" && launch.message.contains("CpuOptions"))
  }

  @Test("There are no networks: listings are empty, and an id is not there")
  func networks() throws {
    let owner = try SimulatorClient(yaml: neighbourhood).member("222222222222")
    #expect(try owner.call("ec2", "DescribeVpcs")["Vpcs"] == [])
    #expect(try owner.failure("ec2", "DescribeVpcs", ["VpcIds": ["vpc-1"]]).code == "InvalidVpcID.NotFound")
    let launch = try owner.failure(
      "ec2", "RunInstances",
      [
        "ImageId": Document(String.image(1)), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1,
        "SubnetId": "subnet-1",
      ])
    #expect(launch.code == "InvalidSubnetID.NotFound")
  }

  @Test("A snapshot can be archived unless an image stands on it, and the world remembers")
  func tiers() throws {
    let owner = try SimulatorClient(yaml: neighbourhood).member("222222222222")
    let image = try owner.call("ec2", "DescribeImages", ["ImageIds": [Document(String.image(1))]])
    let used = try #require(image.at(path: "Images.0.BlockDeviceMappings.0.Ebs.SnapshotId"))
    #expect(try owner.failure("ec2", "ModifySnapshotTier", ["SnapshotId": used]).code == "InvalidSnapshot.InUse")
    let free = try #require(
      try owner.call("ec2", "CopySnapshot", ["SourceSnapshotId": used, "SourceRegion": "eu-west-1"])["SnapshotId"])
    try owner.call("ec2", "ModifySnapshotTier", ["SnapshotId": free])
    func archived(_ client: SimulatorClient) throws -> [Document?] {
      let filter: Document = [["Name": "storage-tier", "Values": ["archive"]]]
      let answer = try client.call("ec2", "DescribeSnapshots", ["OwnerIds": ["self"], "Filters": filter])
      return answer["Snapshots"]?.elements.map { $0["SnapshotId"] } ?? []
    }
    #expect(try archived(owner) == [free])
    let again = try SimulatorClient(world: try World(yaml: owner.simulator.worldDump().json)).member("222222222222")
    #expect(try archived(again) == [free])
    try owner.call("ec2", "RestoreSnapshotTier", ["SnapshotId": free])
    #expect(try archived(owner) == [])
  }
}
