package import Governance

/// An IAM user's access key. Never printed: a description names the id only.
package struct WorldAccessKey: Sendable, Equatable, CustomStringConvertible {
  package var id: String
  package var secret: String
  package var isActive = true
  /// nil: as old as the account.
  package var created: Timestamp?
  package var description: String { "access key \(id)" }
}

/// What a user, a group or a role may do.
package struct WorldPermissions: Sendable, Equatable {
  package struct Inline: Sendable, Equatable {
    package var name: String
    package var policy: Policy
  }
  /// Sorted by name.
  package private(set) var inline: [Inline] = []
  /// ARNs of managed policies, in the order of attachment.
  package var attached: [String] = []
  /// The ARN of the managed policy that bounds them.
  package var boundary: String?

  package init() {}

  /// `policy-1`, `policy-2`, …, for policies that nobody named; the administrator's is AWS's own managed policy.
  package init(_ policies: [Policy]) {
    for policy in policies { add(policy) }
  }

  package mutating func add(_ policy: Policy) {
    guard policy != .administrator else { return attach(ManagedPolicyCatalog.arn("AdministratorAccess")) }
    var number = inline.count + 1
    while inline.contains(where: { $0.name == "policy-\(number)" }) { number += 1 }
    put(Inline(name: "policy-\(number)", policy: policy))
  }

  package mutating func put(_ policy: Inline) {
    inline.removeAll { $0.name == policy.name }
    inline.append(policy)
    inline.sort { $0.name < $1.name }
  }

  package mutating func removeInline(named name: String) { inline.removeAll { $0.name == name } }

  package mutating func attach(_ arn: String) {
    if !attached.contains(arn) { attached.append(arn) }
  }
}

package struct WorldUser: Sendable, Equatable {
  package var name: String
  package var path = "/"
  /// `AIDA…`; nil: made from the ARN.
  package var id: String?
  package var created: Timestamp?
  package var accessKeys: [WorldAccessKey] = []
  package var permissions = WorldPermissions()
  /// Names of groups.
  package var groups: [String] = []
  package var tags: [Tag] = []
  /// The account's root user: it needs no policy, and may not assume roles.
  package var isRoot: Bool { name == "root" }

  package init(name: String, path: String = "/", accessKeys: [WorldAccessKey] = [], policies: [Policy] = []) {
    self.name = name
    self.path = path
    self.accessKeys = accessKeys
    permissions = WorldPermissions(policies)
  }
}

package struct WorldGroup: Sendable, Equatable {
  package var name: String
  package var path = "/"
  package var permissions = WorldPermissions()
}

package struct WorldRole: Sendable, Equatable {
  package var name: String
  package var path = "/"
  /// `AROA…`; nil: made from the ARN.
  package var id: String?
  package var trust: Policy
  package var permissions = WorldPermissions()
  package var maximumSession: Duration = .seconds(3_600)
  package var description: String?
  package var created: Timestamp?
  package var tags: [Tag] = []

  package init(name: String, path: String = "/", trust: Policy, policies: [Policy] = []) {
    self.name = name
    self.path = path
    self.trust = trust
    permissions = WorldPermissions(policies)
  }
}

/// A customer managed policy.
package struct WorldManagedPolicy: Sendable, Equatable {
  package struct Version: Sendable, Equatable {
    /// `v1`
    package var id: String
    package var policy: Policy
    package var created: Timestamp?
  }
  package var name: String
  package var path = "/"
  package var id: String?
  package var description: String?
  package var created: Timestamp?
  package var updated: Timestamp?
  /// At most five, oldest first.
  package var versions: [Version]
  package var defaultVersion: String
  package var tags: [Tag] = []

  package var policy: Policy? { versions.first { $0.id == defaultVersion }?.policy }
}

/// An OpenID Connect provider that roles of the account may trust.
package struct WorldIdentityProvider: Sendable, Equatable {
  /// Without `https://`: `token.actions.githubusercontent.com`.
  package var url: String
  package var clientIDs: [String]
}

/// What an identity provider says of a bearer, for AssumeRoleWithWebIdentity: a world's own tokens, signed by nobody.
package struct WorldWebToken: Sendable, Equatable {
  package var token: String
  /// Without `https://`.
  package var issuer: String
  package var subject: String
  package var audience: String
  /// nil: never.
  package var expires: Timestamp?
  /// Further claims, for conditions such as `token.actions.githubusercontent.com:repository`.
  package var claims: [Tag]
}
