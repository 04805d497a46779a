import ImageDiscoveryLogic
import PublicImageLogic
import ReevePluginKit
import ReevePluginTesting
import RevokePublicAccessLogic
import TagPolicyLogic
import Testing

/// The authors' helpers, on shipped plugins: what holds passes, and what does not is recorded.
struct HelperTests {
  @Test("A verdict that is expected records nothing")
  func verdicts() throws {
    try expectVerdict(of: PublicImage.self, on: .image(), .pass)
    try expectVerdict(of: PublicImage.self, on: .image(isPublic: true), .fail(saying: "is public"))
    try expectVerdict(of: PublicImage.self, on: .image(isPublic: true), .fail(evidence: ["Public": true]))
    try expectVerdict(of: PublicImage.self, on: .snapshot(), .notApplicable)
    try expectVerdict(
      of: PublicImage.self, on: .image().unread("Public"), .notEvaluated(code: "UnauthorizedOperation"))
    try expectVerdict(of: PublicImage.self, on: .image().without("Public"), .notEvaluated(code: "AttributeMissing"))
  }

  @Test(
    "Another verdict is recorded",
    arguments: [
      .fail(), .notApplicable, .notEvaluated(code: "UnauthorizedOperation"),
    ] as [ExpectedVerdict])
  func otherVerdict(_ expected: ExpectedVerdict) throws {
    withKnownIssue { try expectVerdict(of: PublicImage.self, on: .image(), expected) }
  }

  @Test(
    "A failure with other words or evidence is recorded",
    arguments: [.fail(saying: "is private"), .fail(evidence: ["Public": false])] as [ExpectedVerdict])
  func otherWords(_ expected: ExpectedVerdict) throws {
    withKnownIssue { try expectVerdict(of: PublicImage.self, on: .image(isPublic: true), expected) }
  }

  @Test("Tag operations, actions and discoveries")
  func others() throws {
    let configuration: Document = ["required": [["key": "Owner", "aliases": ["team"]]]]
    let image = DiscoveredResource.image(tags: [("team", "a")])
    withKnownIssue {
      try expectTagOperations(of: RequiredTagsTagger.self, on: image, [], configuration: configuration)
    }
    let planned = try actions(
      of: RevokePublicAccess.self, on: .image(isPublic: true), findings: [Finding(check: "image.public")])
    #expect(planned.map(\.call.operation) == ["ModifyImageAttribute"])
    let found = try discover(
      with: ImageDiscovery.self,
      in: Scope(account: Sample.account, region: Sample.region, wanted: ["ec2:image": ["Public"]])
    ) { request in
      #expect(request.operation == "DescribeImages")
      return .page(["Images": [["ImageId": "ami-1", "Public": true]]])
    }
    #expect(found.map(\.id) == ["ami-1"])
  }
}
