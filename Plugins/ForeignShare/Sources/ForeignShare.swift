import ReevePluginKit

/// `image.shared-with-stranger`: launch permissions for accounts, organizations or organizational units that neither
/// belong to this organization nor are trusted by configuration. Where membership cannot be known the check says so,
/// unless a definite stranger is among them. The group `all` is `image.public`'s business.
public struct ForeignShare: Check {
  public static var id: StaticString { "image.shared-with-stranger" }
  private let organization: Organization

  public init(configuration: Document, organization: Organization) { self.organization = organization }

  public func evaluate(_ resource: borrowing Resource) throws -> Verdict {
    guard resource.type == "ec2:image" else { return .notApplicable }
    let permissions = try resource.required("LaunchPermissions")
    guard permissions.kind == .array else {
      return .notEvaluated(code: "UnexpectedType", message: "LaunchPermissions of \(resource.id) is not an array")
    }
    var strangers: [(name: String, permission: Document)] = []
    var unknown: [String] = []
    for permission in permissions.elements {
      guard let grantee = Grantee(permission, imageAccount: resource.account) else { continue }
      switch organization.relation(to: grantee) {
      case .own: continue
      case .stranger: strangers.append((grantee.description, permission.copy()))
      case .unknown: unknown.append(grantee.description)
      }
    }
    if !strangers.isEmpty { return verdict(on: resource, strangers.sorted { $0.name < $1.name }) }
    if unknown.isEmpty { return .pass }
    let reason = organization.membershipReason.isEmpty ? "" : ": \(organization.membershipReason)"
    return .notEvaluated(
      code: "MembershipUnknown",
      message: """
        image \(resource.id) is shared with \(unknown.sorted().joined(separator: ", ")), and whether that belongs to the \
        organization is not known\(reason)
        """)
  }

  private func verdict(
    on resource: borrowing Resource, _ strangers: [(name: String, permission: Document)]
  ) -> Verdict {
    .fail(
      "image \(resource.id) is shared outside of the organization: \(strangers.map(\.name).joined(separator: ", "))",
      evidence: ["LaunchPermissions": .array(strangers.map(\.permission))])
  }
}

/// Whom a launch permission is given to.
enum Grantee: CustomStringConvertible {
  case account(String)
  case organization(arn: String)
  case unit(arn: String)
  /// A kind of permission that is newer than this plugin.
  case other(String)

  /// nil: the group `all`, or the image's own account.
  init?(_ permission: DocumentView, imageAccount: Text) {
    if let account = permission["UserId"]?.text {
      if account == imageAccount { return nil }
      self = .account(account.string)
    } else if let arn = permission["OrganizationArn"]?.string {
      self = .organization(arn: arn)
    } else if let arn = permission["OrganizationalUnitArn"]?.string {
      self = .unit(arn: arn)
    } else if permission["Group"]?.text != nil {
      return nil
    } else {
      self = .other(permission.copy().description)
    }
  }

  var description: String {
    switch self {
    case .account(let id): "account \(id)"
    case .organization(let arn): "organization \(arn)"
    case .unit(let arn): "organizational unit \(arn)"
    case .other(let permission): "permission \(permission)"
    }
  }
}

enum Relation { case own, stranger, unknown }

extension Organization {
  func relation(to grantee: Grantee) -> Relation {
    switch grantee {
    case .account(let id):
      if isTrusted(id) || !managementAccount.isEmpty && id == managementAccount { return .own }
      guard membershipKnown else { return .unknown }
      return contains(account: id) ? .own : .stranger
    case .organization(let arn):
      if isTrusted(arn) || arn == self.arn { return .own }
      return relation(toOrganization: organizationID(in: arn))
    case .unit(let arn):
      if isTrusted(arn) { return .own }
      let owner = organizationID(in: arn)
      if !owner.isEmpty, trusted.contains(where: { $0.contains(":organization/") && organizationID(in: $0) == owner }) {
        return .own
      }
      return relation(toOrganization: owner)
    case .other: return .unknown
    }
  }

  /// An organization's id decides at once, also where its members could not be read.
  private func relation(toOrganization owner: String) -> Relation {
    guard !owner.isEmpty else { return .unknown }
    let own = id.isEmpty ? organizationID(in: arn) : id
    // No id although membership is known: the accounts stand alone, so any organization is a stranger.
    guard !own.isEmpty else { return membershipKnown ? .stranger : .unknown }
    return owner == own ? .own : .stranger
  }

  /// `o-…` of `arn:aws:organizations::ACCOUNT:organization/o-…` or `…:ou/o-…/ou-…`; empty when there is none.
  private func organizationID(in arn: String) -> String {
    arn.split(separator: "/").dropFirst().first { $0.hasPrefix("o-") }.map(String.init) ?? ""
  }
}
