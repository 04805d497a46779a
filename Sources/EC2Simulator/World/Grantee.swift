/// Whom an image or a snapshot is shared with.
package enum Grantee: Hashable, Sendable {
  /// `Group: all`
  case everyone
  case account(String)
  case organization(arn: String)
  case unit(arn: String)

  /// As world files write it: `all`, an account id, the ARN of an organization or of an organizational unit.
  package init?(text: String) {
    if text == "all" {
      self = .everyone
    } else if text.contains(":organizations:"), text.contains(":organization/") {
      self = .organization(arn: text)
    } else if text.contains(":organizations:"), text.contains(":ou/") {
      self = .unit(arn: text)
    } else if text.utf8.count == 12, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) {
      self = .account(text)
    } else {
      return nil
    }
  }

  package var text: String {
    switch self {
    case .everyone: "all"
    case .account(let id): id
    case .organization(let arn), .unit(let arn): arn
    }
  }

  /// The member that names it in `LaunchPermissions`.
  package var memberName: String {
    switch self {
    case .everyone: "Group"
    case .account: "UserId"
    case .organization: "OrganizationArn"
    case .unit: "OrganizationalUnitArn"
    }
  }
}
