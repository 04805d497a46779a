import ReevePluginKit

/// `image.block-public-access-off`: nothing keeps this account from making images public in this region.
public struct ImageBlockPublicAccess: Check {
  public static var id: StaticString { "image.block-public-access-off" }

  public init(configuration: Document, organization: Organization) {}

  public func evaluate(_ resource: borrowing Resource) throws -> Verdict {
    guard resource.type == "ec2:image-block-public-access" else { return .notApplicable }
    return try BlockPublicAccess(
      subject: "images", attribute: "ImageBlockPublicAccessState", operation: "EnableImageBlockPublicAccess"
    ).evaluate(resource)
  }
}

/// `snapshot.block-public-access-off`: the same for snapshots.
public struct SnapshotBlockPublicAccess: Check {
  public static var id: StaticString { "snapshot.block-public-access-off" }

  public init(configuration: Document, organization: Organization) {}

  public func evaluate(_ resource: borrowing Resource) throws -> Verdict {
    guard resource.type == "ec2:snapshot-block-public-access" else { return .notApplicable }
    return try BlockPublicAccess(
      subject: "snapshots", attribute: "State", operation: "EnableSnapshotBlockPublicAccess"
    ).evaluate(resource)
  }
}

/// The guardrail exists twice, with the same states.
struct BlockPublicAccess {
  var subject: String
  var attribute: StaticString
  var operation: String

  func evaluate(_ resource: borrowing Resource) throws -> Verdict {
    let state = try resource.required(attribute).text
    if state == "block-new-sharing" || state == "block-all-sharing" { return .pass }
    guard state == "unblocked" else {
      return .notEvaluated(
        code: "UnknownState",
        message: "\(attribute) is \(state.map { "\"\($0)\"" } ?? "no text"), which this check does not know")
    }
    let manager = resource.ifRead("ManagedBy")?.string
    var evidence: [(name: String, value: Document)] = [(name: attribute.description, value: "unblocked")]
    if let manager { evidence.append((name: "ManagedBy", value: .string(manager))) }
    return .fail(message(for: resource, manager: manager), evidence: .object(evidence))
  }

  private func message(for resource: borrowing Resource, manager: String?) -> String {
    let finding = "block public access for \(subject) is off in account \(resource.account), \(resource.region)"
    // GetImageBlockPublicAccessState: while a declarative policy manages the state, the account cannot change it.
    guard manager == "declarative-policy" else {
      return "\(finding): switch it on with \(operation) (it can take ten minutes to show)"
    }
    return """
      \(finding), and a declarative policy of the organization keeps it off: change the policy, do not fight it from the \
      account
      """
  }
}
