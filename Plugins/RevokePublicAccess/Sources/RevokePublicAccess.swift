import ReevePluginKit

/// Plans to make a public image private by removing the group `all` from its launch permissions, and nothing else: every
/// other share stays as it is. (`ResetImageAttribute` would wipe them all.)
public struct RevokePublicAccess: Remediator {
  private static let everyone: Document = ["Group": "all"]
  /// LastLaunchedTime lags by a day; within this many days before the sweep an image counts as in use.
  private static let recentDays: Int64 = 30

  public init(configuration: Document, organization: Organization) {}

  public func plan(_ resource: borrowing Resource, findings: [Finding]) throws -> [Action] {
    guard resource.type == "ec2:image", let finding = findings.first(where: { $0.check == "image.public" }) else {
      return []
    }
    // The image as it is now decides, not the finding of some time ago.
    guard try resource.required("Public").boolean == true else { return [] }
    let id = resource.id.string
    let (before, after) = Self.change(of: resource)
    return [
      Action(
        check: finding.check, summary: "make image \(id) private: remove \"all\" from its launch permissions",
        risk: Self.risk(of: resource), call: Self.modify(id, "Remove"),
        precondition: Self.permissions(of: id, .contains("LaunchPermissions", Self.everyone)),
        undo: Self.modify(id, "Add"),
        verification: Self.permissions(of: id, .lacks("LaunchPermissions", Self.everyone)), before: before,
        after: after)
    ]
  }

  private static func modify(_ id: String, _ change: String) -> Action.Call {
    let permission = Document.object([(name: change, value: [everyone])])
    return Action.Call("ec2", "ModifyImageAttribute", ["ImageId": .string(id), "LaunchPermission": permission])
  }

  private static func permissions(of id: String, _ expectation: Action.Expectation) -> Action.Observation {
    Action.Observation(
      "ec2", "DescribeImageAttribute", ["Attribute": "launchPermission", "ImageId": .string(id)],
      expect: [expectation])
  }

  private static func change(of resource: borrowing Resource) -> (before: Document, after: Document) {
    guard let permissions = resource.ifRead("LaunchPermissions")?.copy(), permissions.elements.contains(everyone)
    else { return (["Public": true], ["Public": false]) }
    let rest = permissions.elements.filter { $0 != everyone }
    return (
      ["Public": true, "LaunchPermissions": permissions], ["Public": false, "LaunchPermissions": .array(rest)]
    )
  }

  /// By use: who launches the image from outside loses it.
  private static func risk(of resource: borrowing Resource) -> Action.Risk {
    do {
      guard let last = try resource["LastLaunchedTime"]?.string, !last.isEmpty else { return .low }
      guard let time = Time(last) else { return .medium }
      return time.advanced(days: recentDays) >= resource.now ? .high : .medium
    } catch {
      // Whether it is in use is not known, so it is not said to be unused.
      return .medium
    }
  }
}
