import ReevePluginKit
import RevokePublicAccessLogic
import Testing

struct RevokePublicAccessTests {
  static let finding = Finding(check: "image.public")

  private func plan(_ image: DiscoveredResource, _ finding: Finding = finding) throws -> [Action] {
    try PluginHarness(remediator: RevokePublicAccess.self, now: Sample.now)
      .plan([Sample.image(), image], findings: [(1, finding)]).map { planned in
        #expect(planned.resource == 1)
        return planned.action
      }
  }

  @Test("The plan removes the group all and nothing else, with a way back and a proof")
  func action() throws {
    let permissions: Document = [["Group": "all"], ["UserId": "222222222222"]]
    let actions = try plan(Sample.image(["Public": true, "LaunchPermissions": permissions]))
    let id: Document = "ami-0123456789abcdef0"
    let read: Document = ["Attribute": "launchPermission", "ImageId": id]
    #expect(
      actions == [
        Action(
          check: "image.public",
          summary: "make image ami-0123456789abcdef0 private: remove \"all\" from its launch permissions", risk: .low,
          call: .init(
            "ec2", "ModifyImageAttribute", ["ImageId": id, "LaunchPermission": ["Remove": [["Group": "all"]]]]),
          precondition: .init(
            "ec2", "DescribeImageAttribute", read, expect: [.contains("LaunchPermissions", ["Group": "all"])]),
          undo: .init("ec2", "ModifyImageAttribute", ["ImageId": id, "LaunchPermission": ["Add": [["Group": "all"]]]]),
          verification: .init(
            "ec2", "DescribeImageAttribute", read, expect: [.lacks("LaunchPermissions", ["Group": "all"])]),
          before: ["Public": true, "LaunchPermissions": permissions],
          after: ["Public": false, "LaunchPermissions": [["UserId": "222222222222"]]])
      ])
  }

  @Test("Launch permissions that were not read do not hinder the plan")
  func unreadPermissions() throws {
    var image = Sample.image(["Public": true])
    image.markUnread("LaunchPermissions", Sample.denied)
    let actions = try plan(image)
    #expect(actions.map(\.before) == [["Public": true]] && actions.map(\.after) == [["Public": false]])
  }

  @Test("What is not public, not known to be, or another check's finding gets no action")
  func noAction() throws {
    #expect(try plan(Sample.image(["Public": false])).isEmpty)
    #expect(try plan(Sample.image([:])).isEmpty)
    #expect(try plan(Sample.snapshot(["Public": true])).isEmpty)
    #expect(try plan(Sample.image(["Public": true]), Finding(check: "image.shared-with-stranger")).isEmpty)
    var unread = Sample.image()
    unread.markUnread("Public", Sample.denied)
    #expect(try plan(unread).isEmpty)
  }

  @Test(
    "The risk goes by the last launch",
    arguments: [
      (nil, .low), ("2026-09-20T00:00:00Z", .high), ("2026-08-22T14:13:20Z", .high), ("2026-08-22T14:13:19Z", .medium),
      ("2020-01-01T00:00:00Z", .medium), ("yesterday", .medium),
    ] as [(String?, Action.Risk)])
  func risk(_ lastLaunch: String?, expected: Action.Risk) throws {
    var image = Sample.image(["Public": true])
    if let lastLaunch { image.set("LastLaunchedTime", to: .string(lastLaunch)) }
    #expect(try plan(image).map(\.risk) == [expected])
  }

  @Test("An image whose last launch could not be read is not called unused")
  func unknownRisk() throws {
    var image = Sample.image(["Public": true])
    image.markUnread("LastLaunchedTime", Sample.denied)
    #expect(try plan(image).map(\.risk) == [.medium])
  }
}
