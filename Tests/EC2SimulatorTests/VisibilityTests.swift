import AWSWire
import Governance
import Testing

@testable import EC2Simulator

@Suite struct VisibilityTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var viewer: String
    var parameters: Document = .emptyObject
    var expected: [Int]
    var testDescription: String { "\(viewer) \(parameters.json)" }
  }

  static let owner = "222222222222"
  static let web = "333333333333"
  static let test = "444444444444"
  static let stranger = "888888888888"

  @Test(
    "Each account sees its own, what is shared with it by whatever name, and what is public",
    arguments: [
      Case(viewer: owner, parameters: ["Owners": ["self"]], expected: [1, 2, 3, 4, 5, 6, 8]),
      Case(
        viewer: owner, parameters: ["Owners": ["self"], "IncludeDisabled": true], expected: [1, 2, 3, 4, 5, 6, 7, 8]),
      Case(viewer: web, expected: [2, 3, 4, 5, 6]),
      Case(viewer: web, parameters: ["IncludeDeprecated": true], expected: [2, 3, 4, 5, 6, 8]),
      Case(viewer: web, parameters: ["IncludeDisabled": true], expected: [2, 3, 4, 5, 6]),
      Case(viewer: web, parameters: ["Owners": ["self"]], expected: []),
      Case(viewer: web, parameters: ["Owners": [Document(owner)]], expected: [2, 3, 4, 5, 6]),
      Case(viewer: web, parameters: ["ExecutableUsers": ["self"]], expected: [3, 4, 5, 6]),
      Case(viewer: web, parameters: ["ExecutableUsers": ["all"]], expected: [2]),
      Case(viewer: test, expected: [2, 4]),
      Case(viewer: stranger, expected: [2]),
      Case(viewer: stranger, parameters: ["ExecutableUsers": ["self"]], expected: []),
      Case(viewer: owner, parameters: ["ExecutableUsers": [Document(web)]], expected: [3]),
      Case(viewer: owner, parameters: ["ExecutableUsers": ["all"], "Owners": ["self"]], expected: [2, 8]),
      Case(viewer: stranger, parameters: ["ExecutableUsers": [Document(web)]], expected: []),
      Case(viewer: web, parameters: ["ImageIds": ["ami-00000000000000a03", "ami-00000000000000a01"]], expected: [3]),
      Case(viewer: owner, parameters: ["Filters": [["Name": "is-public", "Values": ["true"]]]], expected: [2, 8]),
      Case(
        viewer: owner, parameters: ["Filters": [["Name": "name", "Values": ["to-*", "priv?te"]]]],
        expected: [1, 3, 4, 5, 6]),
      Case(viewer: owner, parameters: ["Filters": [["Name": "tag:Owner", "Values": ["a"]]]], expected: [1]),
      Case(
        viewer: owner,
        parameters: ["Filters": [["Name": "tag-key", "Values": ["Owner"]], ["Name": "name", "Values": ["x"]]]],
        expected: []),
      Case(
        viewer: web, parameters: ["Filters": [["Name": "image-id", "Values": ["ami-00000000000000a04"]]]], expected: [4]
      ),
      Case(
        viewer: web,
        parameters: [
          "Filters": [
            ["Name": "owner-id", "Values": [Document(owner)]], ["Name": "image-id", "Values": ["ami-*a02"]],
          ]
        ], expected: [2]),
    ])
  func listing(_ example: Case) throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    let viewer =
      example.viewer == Self.stranger
      ? SimulatorClient(client.simulator, strangerCredentials) : try client.member(example.viewer)
    #expect(try viewer.ids(example.parameters) == example.expected.map(String.image))
  }

  @Test("The owner's tags, last launch and permissions are not for consumers")
  func consumers() throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    let owner = try client.member(Self.owner)
    let web = try client.member(Self.web)
    try owner.call(
      "ec2", "CreateTags", ["Resources": ["ami-00000000000000a03"], "Tags": [["Key": "Owner", "Value": "them"]]])
    try web.call(
      "ec2", "CreateTags", ["Resources": ["ami-00000000000000a03"], "Tags": [["Key": "Mine", "Value": "yes"]]])
    let ids: Document = ["ImageIds": ["ami-00000000000000a03"]]
    #expect(try owner.call("ec2", "DescribeImages", ids).at(path: "Images.0.Tags.0.Key") == "Owner")
    #expect(try web.call("ec2", "DescribeImages", ids).at(path: "Images.0.Tags") == [["Key": "Mine", "Value": "yes"]])
    let error = try web.failure(
      "ec2", "DescribeImageAttribute", ["Attribute": "launchPermission", "ImageId": "ami-00000000000000a03"])
    #expect(error.code == "AuthFailure")
  }

  @Test("Allowed AMIs: enabled hides what no criterion allows, audit mode says so, and one's own are always allowed")
  func allowedImages() throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    let web = try client.member(Self.web)
    try web.call(
      "ec2", "ReplaceImageCriteriaInAllowedImagesSettings",
      ["ImageCriteria": [["ImageProviders": ["222222222222"], "ImageNames": ["to-*"]]]])
    try web.call("ec2", "EnableAllowedImagesSettings", ["AllowedImagesSettingsState": "audit-mode"])
    let audited = try web.call("ec2", "DescribeImages")["Images"]?.elements ?? []
    #expect(audited.map { $0["ImageAllowed"]?.bool } == [false, true, true, true, true])
    try web.call("ec2", "EnableAllowedImagesSettings", ["AllowedImagesSettingsState": "enabled"])
    #expect(try web.ids() == [3, 4, 5, 6].map(String.image))
    #expect(try web.call("ec2", "GetAllowedImagesSettings")["State"] == "enabled")
    try web.call("ec2", "DisableAllowedImagesSettings")
    #expect(try web.ids().count == 5)
  }

  @Test("A share that is taken away is gone at once, also from the indexes")
  func revoked() throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    let owner = try client.member(Self.owner)
    let stranger = SimulatorClient(client.simulator, strangerCredentials)
    #expect(try stranger.ids() == [.image(2)])
    try owner.call(
      "ec2", "ModifyImageAttribute",
      ["ImageId": Document(String.image(2)), "LaunchPermission": ["Remove": [["Group": "all"]]]])
    #expect(try stranger.ids().isEmpty)
    try owner.call("ec2", "DisableImage", ["ImageId": Document(String.image(3))])
    #expect(try client.member(Self.web).ids(["ExecutableUsers": ["self"]]) == [4, 5, 6].map(String.image))
  }
}
