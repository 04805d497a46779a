/// What a discovery run looks at: one account in one region, and what of it is wanted.
public struct Scope: Sendable {
  public let account: String
  public let region: String
  public let partition: String
  private let wanted: [String: Set<String>]

  public init(account: String, region: String, partition: String = "aws", wanted: [String: Set<String>] = [:]) {
    self.account = account
    self.region = region
    self.partition = partition
    self.wanted = wanted
  }

  /// Whether a selected check reads this attribute. Make no call for an attribute that nobody wants.
  public func wants(_ resourceType: String, _ attribute: String) -> Bool {
    wanted[resourceType]?.contains(attribute) ?? false
  }

  /// The attributes of a type that selected checks read; empty when the type is of no interest.
  public func wanted(_ resourceType: String) -> Set<String> { wanted[resourceType] ?? [] }

  /// Whether any attribute of the type is wanted.
  public func wants(_ resourceType: String) -> Bool { !wanted(resourceType).isEmpty }

  var pairs: [(type: String, name: String)] {
    wanted.sorted { $0.key < $1.key }.flatMap { entry in entry.value.sorted().map { (entry.key, $0) } }
  }
}
