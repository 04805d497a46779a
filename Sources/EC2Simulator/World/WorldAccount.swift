package import Governance

package struct WorldAccount: Sendable, Equatable {
  package var id: String
  package var name: String
  package var email: String
  /// `PENDING_ACTIVATION`, `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`, `CLOSED`.
  package var state = "ACTIVE"
  /// `amazon`, `aws-marketplace`: how DescribeImages names a well-known owner.
  package var alias: String?
  /// nil: a stranger, in no organization.
  package var organization: String?
  /// The root's or a unit's id.
  package var parent: String?
  package var joined: Timestamp
  package var joinedMethod = "CREATED"
  package var tags: [Tag] = []
  /// Opt-in regions that are switched on.
  package var optedIn: Set<String> = []
  package var users: [WorldUser] = []
  package var groups: [WorldGroup] = []
  package var roles: [WorldRole] = []
  /// Customer managed policies.
  package var policies: [WorldManagedPolicy] = []
  package var identityProviders: [WorldIdentityProvider] = []
  package var publicImageQuota = 5
  package var imageQuota = WorldAccount.defaultImageQuota

  package static let defaultImageQuota = 50_000

  package var isUsable: Bool { state == "ACTIVE" }

  package func user(named name: String) -> WorldUser? { users.first { $0.name == name } }
  package func role(named name: String) -> WorldRole? { roles.first { $0.name == name } }
  package func policy(arn: String) -> WorldManagedPolicy? {
    policies.first { arn.hasSuffix(":policy\($0.path)\($0.name)") }
  }
}
