package import Governance

/// An IAM user's access key. Never printed: a description names the id only.
package struct WorldAccessKey: Sendable, Equatable, CustomStringConvertible {
  package var id: String
  package var secret: String
  package var isActive = true
  package var description: String { "access key \(id)" }
}

package struct WorldUser: Sendable, Equatable {
  package var name: String
  package var path = "/"
  package var accessKeys: [WorldAccessKey] = []
  package var policies: [Policy] = []
  /// The account's root user: it needs no policy, and may not assume roles.
  package var isRoot: Bool { name == "root" }
}

package struct WorldRole: Sendable, Equatable {
  package var name: String
  package var path = "/"
  package var trust: Policy
  package var policies: [Policy] = []
  package var maximumSession: Duration = .seconds(3_600)
}

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
  package var roles: [WorldRole] = []
  package var publicImageQuota = 5
  package var imageQuota = WorldAccount.defaultImageQuota

  package static let defaultImageQuota = 50_000

  package var isUsable: Bool { state == "ACTIVE" }

  package func role(named name: String) -> WorldRole? { roles.first { $0.name == name } }
}

package struct WorldUnit: Sendable, Equatable {
  package var id: String
  package var name: String
  /// The root's or another unit's id.
  package var parent: String
}

/// A service control policy and what it is attached to.
package struct WorldServiceControlPolicy: Sendable, Equatable {
  package var name: String
  /// Ids of the root, of units, of accounts.
  package var targets: [String]
  package var policy: Policy
}

package struct WorldDelegate: Sendable, Equatable {
  package var account: String
  package var services: [String]
  package var since: Timestamp
}

package struct WorldOrganization: Sendable, Equatable {
  package var id: String
  package var root: String
  package var managementAccount: String
  /// In the order of the file; a parent stands before its children.
  package var units: [WorldUnit] = []
  package var policies: [WorldServiceControlPolicy] = []
  /// Targets from which FullAWSAccess was taken: there only what a policy allows is allowed.
  package var withoutFullAccess: Set<String> = []
  package var delegates: [WorldDelegate] = []

  package func unit(_ id: String) -> WorldUnit? { units.first { $0.id == id } }
}
