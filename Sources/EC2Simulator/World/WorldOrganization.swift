package import Governance

package struct WorldUnit: Sendable, Equatable {
  package var id: String
  package var name: String
  /// The root's or another unit's id.
  package var parent: String
  package var tags: [Tag] = []
}

/// A policy of an organization and what it is attached to.
package struct WorldOrganizationPolicy: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case serviceControl = "SERVICE_CONTROL_POLICY"
    case resourceControl = "RESOURCE_CONTROL_POLICY"
    case declarativeEC2 = "DECLARATIVE_POLICY_EC2"
    case tag = "TAG_POLICY"
    case backup = "BACKUP_POLICY"
    case aiOptOut = "AISERVICES_OPT_OUT_POLICY"
    case chatbot = "CHATBOT_POLICY"
    case securityHub = "SECURITYHUB_POLICY"
    case inspector = "INSPECTOR_POLICY"
    case upgradeRollout = "UPGRADE_ROLLOUT_POLICY"
    case bedrock = "BEDROCK_POLICY"
    case s3 = "S3_POLICY"
    case networkSecurityDirector = "NETWORK_SECURITY_DIRECTOR_POLICY"

    /// Policies whose parts are inherited and merged; DescribeEffectivePolicy is for these.
    var isManagement: Bool { self != .serviceControl && self != .resourceControl }
  }
  /// `p-…`
  package var id: String
  package var name: String
  package var description = ""
  package var kind = Kind.serviceControl
  /// Ids of the root, of units, of accounts; in the order of attachment.
  package var targets: [String]
  package var document: Document
  /// A service or a resource control policy, compiled.
  package var policy: Policy?
  package var tags: [Tag] = []

  package static func == (left: Self, right: Self) -> Bool {
    left.id == right.id && left.name == right.name && left.description == right.description && left.kind == right.kind
      && left.targets == right.targets && left.document == right.document && left.tags == right.tags
  }
}

package struct WorldDelegate: Sendable, Equatable {
  package struct Service: Sendable, Equatable {
    package var principal: String
    package var since: Timestamp
  }
  package var account: String
  package var services: [Service]
  package var since: Timestamp
}

/// Invariant: a unit's parent stands before it, and is the root or a unit of the same organization.
package struct WorldOrganization: Sendable, Equatable {
  package var id: String
  package var root: String
  package var managementAccount: String
  package var units: [WorldUnit] = [] { didSet { unitPositions = Self.positions(units.map(\.id)) } }
  package var rootTags: [Tag] = []
  package var policyKinds: Set<WorldOrganizationPolicy.Kind> = [.serviceControl]
  package var policies: [WorldOrganizationPolicy] = [] { didSet { indexPolicies() } }
  /// Targets from which FullAWSAccess was taken: there only what a policy allows is allowed.
  package var withoutFullAccess: Set<String> = []
  package var delegates: [WorldDelegate] = []
  /// Services with trusted access, and since when.
  package var trustedServices: [WorldDelegate.Service] = []
  /// The policy that lets member accounts act; JSON.
  package var resourcePolicy: String?

  private var unitPositions: [String: Int] = [:]
  private var policyPositions: [String: [Int]] = [:]

  package init(id: String, root: String, managementAccount: String) {
    self.id = id
    self.root = root
    self.managementAccount = managementAccount
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.id == right.id && left.root == right.root && left.managementAccount == right.managementAccount
      && left.units == right.units && left.rootTags == right.rootTags
      && left.policyKinds == right.policyKinds && left.policies == right.policies
      && left.withoutFullAccess == right.withoutFullAccess && left.delegates == right.delegates
      && left.trustedServices == right.trustedServices && left.resourcePolicy == right.resourcePolicy
  }

  private static func positions(_ ids: [String]) -> [String: Int] {
    Dictionary(ids.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  private mutating func indexPolicies() {
    policyPositions = [:]
    for (position, policy) in policies.enumerated() {
      for target in policy.targets { policyPositions[target, default: []].append(position) }
    }
  }

  package func unit(_ id: String) -> WorldUnit? { unitPositions[id].map { units[$0] } }

  func policies(of kind: WorldOrganizationPolicy.Kind, on target: String) -> [WorldOrganizationPolicy] {
    (policyPositions[target] ?? []).map { policies[$0] }.filter { $0.kind == kind }
  }

  func has(_ kind: WorldOrganizationPolicy.Kind) -> Bool { policies.contains { $0.kind == kind } }

  /// What binds at one level: FullAWSAccess, unless it was taken away, and what is attached.
  func serviceControl(on target: String) -> [Policy] {
    let full = withoutFullAccess.contains(target) ? [] : [Policy.administrator]
    return full + policies(of: .serviceControl, on: target).compactMap(\.policy)
  }
}
