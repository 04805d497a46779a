package import Governance

/// How AWS is reached, apart from who the caller is.
package struct CloudSettings: Sendable, Equatable {
  /// Where STS is asked, and whatever else belongs to no region of its own.
  package var region: String
  package var partition: Partition
  /// From the caller's credentials to a member account; empty where only the caller's own account is looked at.
  package var chain: [RoleHop]
  package var endpoints: EndpointSettings
  package var limits: CallLimits
  package var organization: OrganizationSource
  /// Sessions of member accounts kept at a time. An older one is assumed again when it is asked for again.
  package var sessionCacheSize: Int

  package init(
    region: String, partition: Partition, chain: [RoleHop], endpoints: EndpointSettings, limits: CallLimits,
    organization: OrganizationSource, sessionCacheSize: Int
  ) {
    self.region = region
    self.partition = partition
    self.chain = chain
    self.endpoints = endpoints
    self.limits = limits
    self.organization = organization
    self.sessionCacheSize = sessionCacheSize
  }
}

/// One role of a chain.
package struct RoleHop: Sendable, Equatable {
  /// An ARN, in which `{account}` and `{partition}` are filled in, or a role's name (with its path) in the target account.
  package var role: String
  package var externalID: String?
  package var sessionName: String
  /// A chained hop never gets more than one hour: AWS's rule.
  package var duration: Duration
  package var tags: [Tag]

  package init(role: String, externalID: String?, sessionName: String, duration: Duration, tags: [Tag]) {
    self.role = role
    self.externalID = externalID
    self.sessionName = sessionName
    self.duration = duration
    self.tags = tags
  }

  /// What a plain `--role` means.
  package static func named(_ role: String) -> RoleHop {
    RoleHop(role: role, externalID: nil, sessionName: "reeve", duration: .seconds(3_600), tags: [])
  }
}

package struct EndpointSettings: Sendable, Equatable {
  /// By service; under `""` the one for all services (AWS_ENDPOINT_URL).
  package var overrides: [String: EndpointURL]
  package var useFIPS: Bool
  package var useDualStack: Bool

  package init(overrides: [String: EndpointURL], useFIPS: Bool, useDualStack: Bool) {
    self.overrides = overrides
    self.useFIPS = useFIPS
    self.useDualStack = useDualStack
  }

  package static let standard = EndpointSettings(overrides: [:], useFIPS: false, useDualStack: false)
}

package struct CallLimits: Sendable, Equatable {
  /// The part of AWS's token buckets that Reeve may use, above 0 and up to 1: production needs the rest.
  package var share: Double
  package var maximumAttempts: Int
  /// One attempt, connection included. The connect timeout is the transport's.
  package var callTimeout: Duration
  /// Calls to a region that could not connect or timed out in a row until the region counts as unreachable.
  package var breakerThreshold: Int
  package var breakerCoolDown: Duration

  package init(
    share: Double, maximumAttempts: Int, callTimeout: Duration, breakerThreshold: Int, breakerCoolDown: Duration
  ) {
    self.share = share
    self.maximumAttempts = maximumAttempts
    self.callTimeout = callTimeout
    self.breakerThreshold = breakerThreshold
    self.breakerCoolDown = breakerCoolDown
  }

  package static let standard = CallLimits(
    share: 0.5, maximumAttempts: 6, callTimeout: .seconds(30), breakerThreshold: 5, breakerCoolDown: .seconds(60))
}

/// Where the list of accounts comes from.
package enum OrganizationSource: Sendable, Equatable {
  /// AWS Organizations; tags cost one call per account, so they are read only when something needs them.
  case organizations(readTags: Bool)
  /// Accounts named by the configuration, where Organizations may not be read.
  case accounts([Account])
}
