/// The organization that is swept, as a value.
public struct Organization: Sendable {
  public struct Account: Sendable, Equatable {
    public var id: String
    public var name: String
    /// ACTIVE, SUSPENDED, … as Organizations says it.
    public var state: String
    /// `o-abc/r-root/ou-root-one/ou-root-two/`; empty: not known.
    public var unitPath: String

    public init(id: String, name: String = "", state: String = "ACTIVE", unitPath: String = "") {
      self.id = id
      self.name = name
      self.state = state
      self.unitPath = unitPath
    }
  }

  public struct Unit: Sendable, Equatable {
    public var id: String
    public var arn: String
    public var name: String
    public var path: String

    public init(id: String, arn: String, name: String = "", path: String = "") {
      self.id = id
      self.arn = arn
      self.name = name
      self.path = path
    }
  }

  /// Empty: not known, or no organization.
  public let id: String
  public let arn: String
  public let managementAccount: String
  public let partition: String
  public let accounts: [Account]
  public let units: [Unit]
  /// Account ids, organization and unit ARNs trusted by configuration.
  public let trusted: [String]
  /// Whether accounts and units are complete. If not, do not judge by them: give *not evaluated* with the reason.
  public let membershipKnown: Bool
  /// Why membership is not known; empty when it is.
  public let membershipReason: String
  private let accountsByID: [String: Account]
  private let trustedSet: Set<String>

  public init(
    id: String = "", arn: String = "", managementAccount: String = "", partition: String = "aws",
    accounts: [Account] = [], units: [Unit] = [], trusted: [String] = [], membershipKnown: Bool = true,
    membershipReason: String = ""
  ) {
    self.id = id
    self.arn = arn
    self.managementAccount = managementAccount
    self.partition = partition
    self.accounts = accounts
    self.units = units
    self.trusted = trusted
    self.membershipKnown = membershipKnown
    self.membershipReason = membershipReason
    accountsByID = Dictionary(accounts.map { ($0.id, $0) }) { first, _ in first }
    trustedSet = Set(trusted)
  }

  public func account(_ id: String) -> Account? { accountsByID[id] }

  /// Whether the account is a member. Ask only where `membershipKnown`.
  public func contains(account id: String) -> Bool {
    accountsByID[id] != nil || !id.isEmpty && id == managementAccount
  }

  /// Whether configuration trusts this account id or ARN.
  public func isTrusted(_ identifier: String) -> Bool { trustedSet.contains(identifier) }

  /// Whether the account lies in the organizational unit (or root), at any depth. nil when that is not known.
  public func isAccount(_ id: String, in unit: String) -> Bool? {
    guard membershipKnown else { return nil }
    guard let account = accountsByID[id] else { return false }
    guard !account.unitPath.isEmpty else { return nil }
    return account.unitPath.split(separator: "/").contains { $0 == unit }
  }
}
