/// `aws`, `aws-cn`, `aws-us-gov`.
package enum Partition: String, Sendable, CaseIterable {
  case aws
  case china = "aws-cn"
  case usGov = "aws-us-gov"

  /// The partition that a region belongs to.
  package init(region: String) {
    self = region.hasPrefix("cn-") ? .china : region.hasPrefix("us-gov-") ? .usGov : .aws
  }

  /// Where an organization-wide service is signed for when no region is given.
  package var homeRegion: String {
    switch self {
    case .aws: "us-east-1"
    case .china: "cn-northwest-1"
    case .usGov: "us-gov-west-1"
    }
  }

  package var dnsSuffix: String { self == .china ? "amazonaws.com.cn" : "amazonaws.com" }
}

/// `arn:partition:service:region:account:resource`
package struct ARN: Hashable, Sendable, CustomStringConvertible {
  package var partition: String
  package var service: String
  package var region: String
  package var account: String
  package var resource: String

  package init(partition: String, service: String, region: String, account: String, resource: String) {
    self.partition = partition
    self.service = service
    self.region = region
    self.account = account
    self.resource = resource
  }

  package init?(_ text: String) {
    let parts = text.fields(at: ":", maxSplits: 5)
    guard parts.count == 6, parts[0] == "arn", !parts[2].isEmpty, !parts[5].isEmpty else { return nil }
    self.init(partition: parts[1], service: parts[2], region: parts[3], account: parts[4], resource: parts[5])
  }

  package var description: String { "arn:\(partition):\(service):\(region):\(account):\(resource)" }
}

/// An account as AWS Organizations lists it.
package struct Account: Hashable, Sendable {
  package var id: String
  package var name: String
  package var email: String
  /// `PENDING_ACTIVATION`, `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`, `CLOSED`.
  package var state: String
  package var arn: String
  /// `o-abc/r-root/ou-root-one/`; empty when it is not known.
  package var unitPath: String
  package var tags: [Tag]

  package init(
    id: String, name: String = "", email: String = "", state: String = "ACTIVE", arn: String = "",
    unitPath: String = "", tags: [Tag] = []
  ) {
    self.id = id
    self.name = name
    self.email = email
    self.state = state
    self.arn = arn
    self.unitPath = unitPath
    self.tags = tags
  }

  package static func isID(_ text: String) -> Bool {
    text.utf8.count == 12 && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}

package struct OrganizationalUnit: Hashable, Sendable {
  package var id: String
  package var arn: String
  package var name: String
  /// `o-abc/r-root/ou-root-one/`, itself included.
  package var path: String

  package init(id: String, arn: String, name: String, path: String) {
    self.id = id
    self.arn = arn
    self.name = name
    self.path = path
  }
}

package struct Organization: Hashable, Sendable {
  /// Empty: not known, or there is none.
  package var id: String
  package var arn: String
  package var managementAccount: String
  package var partition: Partition
  package var accounts: [Account]
  package var units: [OrganizationalUnit]
  /// Why `accounts` and `units` cannot be taken as the whole organization; nil when they are.
  package var membershipUnknown: String?

  package init(
    id: String, arn: String, managementAccount: String, partition: Partition, accounts: [Account],
    units: [OrganizationalUnit], membershipUnknown: String? = nil
  ) {
    self.id = id
    self.arn = arn
    self.managementAccount = managementAccount
    self.partition = partition
    self.accounts = accounts
    self.units = units
    self.membershipUnknown = membershipUnknown
  }
}

/// One account in one region: the unit of work and of coverage.
package struct Scope: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var account: String
  package var region: String

  package init(account: String, region: String) {
    self.account = account
    self.region = region
  }

  package static func < (left: Scope, right: Scope) -> Bool {
    (left.account, left.region) < (right.account, right.region)
  }
  package var description: String { "\(account)/\(region)" }
}

package struct Tag: Hashable, Sendable {
  package var key: String
  package var value: String

  package init(key: String, value: String) {
    self.key = key
    self.value = value
  }
}
