import AWSWire
import Governance
import Testing

@testable import EC2Simulator

@Suite struct GuardrailTests {
  static let publish: Document = [
    "ImageId": "ami-00000000000000a01", "LaunchPermission": ["Add": [["Group": "all"]]],
  ]

  @Test("Block public access takes its time: reads and enforcement stay behind until the clock has come")
  func lag() throws {
    let owner = try SimulatorClient(yaml: neighbourhood).member("222222222222")
    func state() throws -> Document? {
      try owner.call("ec2", "GetImageBlockPublicAccessState")["ImageBlockPublicAccessState"]
    }
    #expect(try state() == "unblocked")
    let answer = try owner.call(
      "ec2", "EnableImageBlockPublicAccess", ["ImageBlockPublicAccessState": "block-new-sharing"])
    #expect(answer["ImageBlockPublicAccessState"] == "block-new-sharing")
    #expect(try state() == "unblocked")
    try owner.call("ec2", "ModifyImageAttribute", Self.publish)
    owner.simulator.advance(by: .seconds(600))
    #expect(try state() == "block-new-sharing")
    // What is public already stays public; new shares are refused, shares with accounts are not.
    #expect(try owner.ids(["ExecutableUsers": ["all"], "Owners": ["self"]]).contains(.image(1)))
    try owner.call(
      "ec2", "ModifyImageAttribute",
      ["ImageId": "ami-00000000000000a01", "LaunchPermission": ["Remove": [["Group": "all"]]]])
    let error = try owner.failure("ec2", "ModifyImageAttribute", Self.publish)
    #expect(error.code == "OperationNotPermitted")
    #expect(error.message == ImageModification.blocked.message)
    try owner.call(
      "ec2", "ModifyImageAttribute",
      ["ImageId": "ami-00000000000000a01", "LaunchPermission": ["Add": [["UserId": "888888888888"]]]])
    try owner.call("ec2", "DisableImageBlockPublicAccess")
    #expect(try state() == "block-new-sharing")
    owner.simulator.advance(by: .seconds(600))
    #expect(try state() == "unblocked")
  }

  @Test("A setting without lag takes effect at once, and one under a declarative policy is not the account's to change")
  func declarative() throws {
    let yaml = neighbourhood.replacing("seed: 3", with: "seed: 3\nrollout: 0s")
    let owner = try SimulatorClient(yaml: yaml).member("222222222222")
    try owner.call("ec2", "EnableImageBlockPublicAccess", ["ImageBlockPublicAccessState": "block-new-sharing"])
    #expect(
      try owner.call("ec2", "GetImageBlockPublicAccessState")
        == ["ImageBlockPublicAccessState": "block-new-sharing", "ManagedBy": "account"])
    let managed = try SimulatorClient(
      yaml: neighbourhood.replacing(
        "{eu-west-1: unblocked}", with: "{eu-west-1: {state: unblocked, managedBy: declarative-policy}}")
    ).member("222222222222")
    #expect(try managed.call("ec2", "GetImageBlockPublicAccessState")["ManagedBy"] == "declarative-policy")
    let error = try managed.failure(
      "ec2", "EnableImageBlockPublicAccess", ["ImageBlockPublicAccessState": "block-new-sharing"])
    #expect(error.code == "OperationNotPermitted")
  }

  @Test("Snapshots: block-all-sharing hides what is public and changes no permission")
  func snapshots() throws {
    let client = try SimulatorClient(
      yaml: neighbourhood.replacing(
        "name: private, tags: {Owner: a}",
        with: "name: private, tags: {Owner: a}, snapshot: {id: snap-00000000000000a01, sharedWith: [all]}"))
    let owner = try client.member("222222222222")
    let stranger = SimulatorClient(client.simulator, strangerCredentials)
    func visible() throws -> [String] {
      try stranger.call("ec2", "DescribeSnapshots", ["RestorableByUserIds": ["all"]])["Snapshots"]?.elements
        .compactMap { $0["SnapshotId"]?.string } ?? []
    }
    #expect(try visible() == ["snap-00000000000000a01"])
    try owner.call("ec2", "EnableSnapshotBlockPublicAccess", ["State": "block-all-sharing"])
    #expect(try visible().isEmpty)
    let permission: Document = ["SnapshotId": "snap-00000000000000a01", "Attribute": "createVolumePermission"]
    #expect(
      try owner.call("ec2", "DescribeSnapshotAttribute", permission)["CreateVolumePermissions"] == [["Group": "all"]])
    try owner.call("ec2", "DisableSnapshotBlockPublicAccess")
    #expect(try visible() == ["snap-00000000000000a01"])
    try owner.call("ec2", "EnableSnapshotBlockPublicAccess", ["State": "block-new-sharing"])
    #expect(try visible() == ["snap-00000000000000a01"])
    try owner.call(
      "ec2", "ModifySnapshotAttribute",
      [
        "SnapshotId": "snap-00000000000000a01", "Attribute": "createVolumePermission", "OperationType": "remove",
        "GroupNames": ["all"],
      ])
    let error = try owner.failure(
      "ec2", "ModifySnapshotAttribute",
      ["SnapshotId": "snap-00000000000000a01", "CreateVolumePermission": ["Add": [["Group": "all"]]]])
    #expect(error.code == "OperationNotPermitted")
  }

  @Test("A condition on ec2:Add/group binds snapshots, and does nothing for images: the key is not there")
  func addGroupKey() throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    let policy = """
      {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny",\
      "Action":["ec2:ModifyImageAttribute","ec2:ModifySnapshotAttribute"],"Resource":"*",\
      "Condition":{"StringEquals":{"ec2:Add/group":"all"}}}]}
      """
    let owner = try client.assuming(
      "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole", [("Policy", Document(policy))])
    let snapshot = try #require(
      try owner.call("ec2", "DescribeImages", ["ImageIds": ["ami-00000000000000a01"]])
        .at(path: "Images.0.BlockDeviceMappings.0.Ebs.SnapshotId"))
    let error = try owner.failure(
      "ec2", "ModifySnapshotAttribute",
      ["SnapshotId": snapshot, "CreateVolumePermission": ["Add": [["Group": "all"]]]])
    #expect(error.code == "UnauthorizedOperation")
    try owner.call("ec2", "ModifyImageAttribute", Self.publish)
  }
}
