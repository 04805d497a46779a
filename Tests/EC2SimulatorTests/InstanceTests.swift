import AWSWire
import Configuration
import Governance
import Testing

@testable import EC2Simulator

@Suite struct InstanceTests {
  private func client(_ account: String = "222222222222") throws -> SimulatorClient {
    try SimulatorClient(yaml: neighbourhood).member(account)
  }

  private func launch(_ client: SimulatorClient, _ image: Int, _ more: [(name: String, value: Document?)] = []) throws
    -> Document
  {
    try client.call("ec2", "RunInstances", Self.launch(image, more))
  }

  private static func launch(_ image: Int, _ more: [(name: String, value: Document?)] = []) -> Document {
    Document(
      entries: [
        ("ImageId", Document(String.image(image))), ("InstanceType", "t3.micro"), ("MinCount", 1), ("MaxCount", 1),
      ] + more)
  }

  @Test(
    "An image that one may not launch cannot be launched",
    arguments: [
      // Private; shared with an account, with a unit; disabled; unknown.
      ("444444444444", String.image(1), "AuthFailure", "Not authorized for images: [ami-00000000000000a01]"),
      ("444444444444", .image(3), "AuthFailure", "Not authorized for images: [ami-00000000000000a03]"),
      ("444444444444", .image(5), "AuthFailure", "Not authorized for images: [ami-00000000000000a05]"),
      (
        "222222222222", .image(7), "InvalidAMIID.Unavailable",
        "The image ID 'ami-00000000000000a07' is no longer available"
      ),
      (
        "222222222222", "ami-0ffffffffffffffff", "InvalidAMIID.NotFound",
        "The image id '[ami-0ffffffffffffffff]' does not exist"
      ),
      ("222222222222", "ami-1", "InvalidAMIID.Malformed", "Invalid id: \"ami-1\""),
    ])
  func refused(account: String, image: String, code: String, message: String) throws {
    let client = try client(account)
    let error = try client.failure(
      "ec2", "RunInstances",
      ["ImageId": Document(image), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1])
    #expect(error.code == code)
    #expect(error.message == message)
    #expect(try client.call("ec2", "DescribeInstances")["Reservations"] == [])
  }

  @Test("What is shared, through whatever, can be launched; once it is taken back it cannot, and runs on")
  func shared() throws {
    let owner = try client()
    let web = try owner.colleague("333333333333")
    _ = try launch(web, 5)
    _ = try launch(web, 6)
    _ = try launch(web, 3)
    try owner.call(
      "ec2", "ResetImageAttribute", ["ImageId": Document(String.image(3)), "Attribute": "launchPermission"])
    #expect(try web.failure("ec2", "RunInstances", Self.launch(3)).code == "AuthFailure")
    try owner.call("ec2", "DeregisterImage", ["ImageId": Document(String.image(3))])
    #expect(try web.failure("ec2", "RunInstances", Self.launch(3)).code == "InvalidAMIID.Unavailable")
    let listed = try web.call("ec2", "DescribeInstanceImageMetadata")["InstanceImageMetadata"]?.elements ?? []
    let metadata = listed.compactMap { $0["ImageMetadata"] }.first { $0["ImageId"]?.string == .image(3) }
    #expect(metadata?["State"] == "deregistered")
    #expect(metadata?["Name"] == "to-account")
    #expect(metadata?["OwnerId"] == "222222222222")
    #expect(listed.count == 3)
  }

  @Test("Allowed AMIs keep an image of others from being launched, never one's own, and not in audit mode")
  func allowedImages() throws {
    let stranger = try client("444444444444")
    try stranger.call("ec2", "EnableAllowedImagesSettings", ["AllowedImagesSettingsState": "audit-mode"])
    _ = try launch(stranger, 2)
    try stranger.call("ec2", "EnableAllowedImagesSettings", ["AllowedImagesSettingsState": "enabled"])
    #expect(try stranger.failure("ec2", "RunInstances", Self.launch(2)).code == "AuthFailure")
    try stranger.call(
      "ec2", "ReplaceImageCriteriaInAllowedImagesSettings",
      ["ImageCriteria": [["ImageProviders": ["222222222222"]]]])
    _ = try launch(stranger, 2)
    let owner = try stranger.colleague("222222222222")
    try owner.call("ec2", "EnableAllowedImagesSettings", ["AllowedImagesSettingsState": "enabled"])
    _ = try launch(owner, 1)
  }

  @Test("A launch shows in the image's last launch a day later, whoever launched it")
  func lastLaunched() throws {
    let owner = try client()
    let web = try owner.colleague("333333333333")
    _ = try launch(web, 3)
    func read() throws -> Document? {
      try owner.call(
        "ec2", "DescribeImageAttribute",
        ["ImageId": Document(String.image(3)), "Attribute": "lastLaunchedTime"]
      ).at(path: "LastLaunchedTime.Value")
    }
    #expect(try read() == nil)
    owner.simulator.advance(by: .seconds(86_399))
    let later = try owner.colleague("222222222222")
    #expect(
      try later.call(
        "ec2", "DescribeImageAttribute", ["ImageId": Document(String.image(3)), "Attribute": "lastLaunchedTime"]
      ).at(path: "LastLaunchedTime.Value") == nil)
    owner.simulator.advance(by: .seconds(1))
    let value = try later.call(
      "ec2", "DescribeImageAttribute",
      ["ImageId": Document(String.image(3)), "Attribute": "lastLaunchedTime"]
    ).at(path: "LastLaunchedTime.Value")
    #expect(value == "2026-11-23T09:00:00Z")
  }

  @Test("Volumes come from the image's devices as the request changes them, and go or stay with the instance")
  func volumes() throws {
    let owner = try client()
    let answer = try launch(
      owner, 1,
      [
        (
          "BlockDeviceMappings",
          [
            ["DeviceName": "/dev/xvda", "Ebs": ["VolumeSize": 20, "VolumeType": "gp3"]],
            ["DeviceName": "/dev/xvdb", "Ebs": ["VolumeSize": 5, "DeleteOnTermination": false]],
          ]
        ),
        (
          "TagSpecifications",
          [
            ["ResourceType": "instance", "Tags": [["Key": "Name", "Value": "one"]]],
            ["ResourceType": "volume", "Tags": [["Key": "Owner", "Value": "a"]]],
          ]
        ),
      ])
    let id = try #require(answer.at(path: "Instances.0.InstanceId"))
    #expect(answer.at(path: "Instances.0.State.Name") == "pending")
    let instance = try owner.call("ec2", "DescribeInstances", ["InstanceIds": [id]])
    #expect(instance.at(path: "Reservations.0.Instances.0.State.Name") == "running")
    #expect(instance.at(path: "Reservations.0.Instances.0.Tags") == [["Key": "Name", "Value": "one"]])
    let volumes = try owner.call("ec2", "DescribeVolumes")["Volumes"]?.elements ?? []
    #expect(volumes.count == 2)
    #expect(volumes.allSatisfy { $0["State"] == "in-use" && $0["Tags"] == [["Key": "Owner", "Value": "a"]] })
    let kept = try #require(volumes.first { $0["Size"] == 5 }?["VolumeId"])
    #expect(try owner.failure("ec2", "DeleteVolume", ["VolumeId": kept]).code == "VolumeInUse")
    let small = try owner.failure(
      "ec2", "RunInstances",
      Self.launch(1, [("BlockDeviceMappings", [["DeviceName": "/dev/xvda", "Ebs": ["VolumeSize": 4]]])]))
    #expect(small.code == "InvalidBlockDeviceMapping")
    let ended = try owner.call("ec2", "TerminateInstances", ["InstanceIds": [id]])
    #expect(ended.at(path: "TerminatingInstances.0.CurrentState.Name") == "shutting-down")
    #expect(ended.at(path: "TerminatingInstances.0.PreviousState.Name") == "running")
    let left = try owner.call("ec2", "DescribeVolumes")["Volumes"]?.elements ?? []
    #expect(left.map { $0["VolumeId"] } == [kept])
    #expect(left.first?["State"] == "available")
  }

  @Test("A terminated instance is told of for an hour; a protected one cannot be terminated")
  func terminating() throws {
    let owner = try client()
    let id = try #require(try launch(owner, 1).at(path: "Instances.0.InstanceId"))
    let guarded = try #require(
      try launch(owner, 1, [("DisableApiTermination", true)]).at(path: "Instances.0.InstanceId"))
    #expect(try owner.failure("ec2", "TerminateInstances", ["InstanceIds": [guarded]]).code == "OperationNotPermitted")
    try owner.call("ec2", "TerminateInstances", ["InstanceIds": [id]])
    let status = try owner.call("ec2", "DescribeInstanceStatus", ["IncludeAllInstances": true])
    #expect(status["InstanceStatuses"]?.count == 2)
    #expect(try owner.call("ec2", "DescribeInstanceStatus")["InstanceStatuses"]?.count == 1)
    owner.simulator.advance(by: .seconds(3_601))
    let later = try owner.colleague("222222222222")
    #expect(try later.failure("ec2", "DescribeInstances", ["InstanceIds": [id]]).code == "InvalidInstanceID.NotFound")
    #expect(try later.call("ec2", "DescribeInstances")["Reservations"]?.count == 1)
  }

  @Test("Stopping and starting; a token gives what it gave; the wrong architecture is refused")
  func states() throws {
    let owner = try client()
    let first = try launch(owner, 1, [("ClientToken", "once")])
    #expect(try launch(owner, 1, [("ClientToken", "once")])["ReservationId"] == first["ReservationId"])
    let id = try #require(first.at(path: "Instances.0.InstanceId"))
    try owner.call("ec2", "StopInstances", ["InstanceIds": [id]])
    let stopped: Document = ["InstanceIds": [id], "Filters": [["Name": "instance-state-name", "Values": ["stopped"]]]]
    #expect(try owner.call("ec2", "DescribeInstances", stopped)["Reservations"]?.count == 1)
    try owner.call("ec2", "StartInstances", ["InstanceIds": [id]])
    #expect(try owner.call("ec2", "DescribeInstances", stopped)["Reservations"]?.count == 0)
    let arm = try owner.failure(
      "ec2", "RunInstances",
      ["ImageId": Document(String.image(1)), "InstanceType": "m7g.large", "MinCount": 1, "MaxCount": 1])
    #expect(arm.message.hasPrefix("The architecture 'arm64' of the specified instance type does not match"))
  }

  @Test("A launch template is launched by version; the request wins over it; its default can be moved")
  func templates() throws {
    let owner = try client()
    try owner.call(
      "ec2", "CreateLaunchTemplate",
      [
        "LaunchTemplateName": "web",
        "LaunchTemplateData": ["ImageId": Document(String.image(1)), "InstanceType": "t3.small"],
      ])
    let second = try owner.call(
      "ec2", "CreateLaunchTemplateVersion",
      ["LaunchTemplateName": "web", "SourceVersion": "1", "LaunchTemplateData": ["InstanceType": "t3.large"]])
    #expect(second.at(path: "LaunchTemplateVersion.LaunchTemplateData.ImageId")?.string == .image(1))
    func type(_ version: String?, _ own: String? = nil) throws -> Document? {
      try owner.call(
        "ec2", "RunInstances",
        Document(entries: [
          (
            "LaunchTemplate",
            Document(entries: [("LaunchTemplateName", "web"), ("Version", version.map { Document($0) })])
          ), ("InstanceType", own.map { Document($0) }), ("MinCount", 1), ("MaxCount", 1),
        ])
      ).at(path: "Instances.0.InstanceType")
    }
    #expect(try type(nil) == "t3.small")
    #expect(try type("$Latest") == "t3.large")
    #expect(try type("2", "m5.large") == "m5.large")
    try owner.call("ec2", "ModifyLaunchTemplate", ["LaunchTemplateName": "web", "DefaultVersion": "2"])
    #expect(try type(nil) == "t3.large")
    let deleted = try owner.call(
      "ec2", "DeleteLaunchTemplateVersions", ["LaunchTemplateName": "web", "Versions": ["1", "2", "7"]])
    #expect(deleted["SuccessfullyDeletedLaunchTemplateVersions"]?.count == 1)
    let kept = deleted["UnsuccessfullyDeletedLaunchTemplateVersions"]?.elements ?? []
    #expect(kept.map { $0.at(path: "ResponseError.Code") } == ["unexpectedError", "launchTemplateVersionDoesNotExist"])
    #expect(
      try owner.failure("ec2", "DescribeLaunchTemplateVersions", ["LaunchTemplateName": "web", "Versions": ["1"]]).code
        == "InvalidLaunchTemplateId.VersionNotFound")
    #expect(
      try owner.failure(
        "ec2", "CreateLaunchTemplate", ["LaunchTemplateName": "web", "LaunchTemplateData": ["InstanceType": "t3.nano"]]
      ).code == "InvalidLaunchTemplateName.AlreadyExistsException")
    try owner.call("ec2", "DeleteLaunchTemplate", ["LaunchTemplateName": "web"])
    #expect(try owner.call("ec2", "DescribeLaunchTemplates")["LaunchTemplates"] == [])
  }

  @Test("A launch needs a permission on the image and on each thing it makes; conditions see owner and publicity")
  func authorization() throws {
    let yaml = """
      regions: [eu-west-1]
      accounts:
        - id: "222222222222"
          imageBlockPublicAccess: {eu-west-1: unblocked}
          users:
            - {name: admin, accessKeys: [{id: AKIAADMIN, secret: one}], policies: [AdministratorAccess]}
            - name: launcher
              accessKeys: [{id: AKIALAUNCHER, secret: two}]
              policies:
                - {Statement: {Effect: Allow, Action: "ec2:RunInstances", Resource: "arn:aws:ec2:*:222222222222:*"}}
                - Statement:
                    Effect: Allow
                    Action: "ec2:RunInstances"
                    Resource: "arn:aws:ec2:*::image/*"
                    Condition: {StringEquals: {"ec2:Owner": "222222222222"}, Bool: {"ec2:Public": "false"}}
                - Statement:
                    Effect: Allow
                    Action: "ec2:CreateTags"
                    Resource: "arn:aws:ec2:*:222222222222:instance/*"
                    Condition: {StringEquals: {"ec2:CreateAction": "RunInstances", "aws:RequestTag/Owner": "me"}}
          images:
            - {id: ami-00000000000000a01, name: private}
            - {id: ami-00000000000000a02, name: public, sharedWith: [all]}
      """
    let client = try SimulatorClient(yaml: yaml)
    let launcher = SimulatorClient(
      client.simulator, Credentials(accessKeyID: "AKIALAUNCHER", secretAccessKey: "two"))
    func tags(_ owner: String) -> [(name: String, value: Document?)] {
      [
        (
          "TagSpecifications",
          [["ResourceType": "instance", "Tags": [["Key": "Owner", "Value": Document(owner)]]]]
        )
      ]
    }
    _ = try launch(launcher, 1)
    _ = try launch(launcher, 1, tags("me"))
    let wrongTag = try launcher.failure("ec2", "RunInstances", Self.launch(1, tags("you")))
    #expect(wrongTag.code == "UnauthorizedOperation")
    #expect(wrongTag.message.contains("ec2:CreateTags on resource: arn:aws:ec2:eu-west-1:222222222222:instance/*"))
    let isPublic = try launcher.failure("ec2", "RunInstances", Self.launch(2))
    #expect(isPublic.message.contains("on resource: arn:aws:ec2:eu-west-1::image/ami-00000000000000a02"))
  }
}

extension SimulatorClient {
  /// Another account's caller, or the same one's anew after its session has expired.
  func colleague(_ account: String) throws -> SimulatorClient {
    let administrator = SimulatorClient(simulator, try #require(simulator.ambientCredentials), region: region)
    return try administrator.member(account)
  }
}
