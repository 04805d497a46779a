import AWSWire
import Governance

/// One request that is understood: who, what, where, when. One object, which whoever handles it refers to and the record
/// keeps.
final class Call: Sendable {
  let service: String
  let operation: String
  let region: String
  let parameters: Document
  let caller: Caller
  /// By the world's clock.
  let now: Timestamp
  /// By the client's: the date of the answer.
  let wall: Timestamp
  /// How long a change of block public access takes; nil: drawn, up to the world's limit.
  let rollout: Duration?
  /// Where it comes from, and with what; in process it comes from the machine itself.
  let sourceAddress: String
  let userAgent: String

  init(
    service: String, operation: String, region: String, parameters: Document, caller: Caller, now: Timestamp,
    wall: Timestamp, rollout: Duration? = nil, sourceAddress: String = "127.0.0.1", userAgent: String = ""
  ) {
    self.service = service
    self.operation = operation
    self.region = region
    self.parameters = parameters
    self.caller = caller
    self.now = now
    self.wall = wall
    self.rollout = rollout
    self.sourceAddress = sourceAddress
    self.userAgent = userAgent
  }

  var scope: Scope { Scope(account: caller.account, region: region) }

  func text(_ name: String) -> String? { parameters[name]?.string }
  func bool(_ name: String) -> Bool { parameters[name]?.bool ?? false }
  func integer(_ name: String) -> Int? { parameters[name]?.int }
  func texts(_ name: String) -> [String] { parameters[name]?.elements.compactMap(\.string) ?? [] }
  func list(_ name: String) -> [Document] { parameters[name]?.elements ?? [] }

  /// A text that must be there, in the words of the service that is called.
  func required(_ name: String) throws(ServiceError) -> String {
    if let text = text(name), !text.isEmpty { return text }
    switch service {
    case "ec2": throw .ec2("MissingParameter", "The request must contain the parameter \(name)")
    case "organizations":
      throw .organizations("InvalidInputException", "You specified an invalid value: \(name) is required.")
    default:
      let member = name.prefix(1).lowercased() + name.dropFirst()
      throw .sts(
        "ValidationError",
        "1 validation error detected: Value null at '\(member)' failed to satisfy constraint: Member must not be null")
    }
  }

  /// `Filters` by name.
  func filters() throws(ServiceError) -> [Filter] {
    var filters: [Filter] = []
    for entry in list("Filters") {
      guard let name = entry["Name"]?.string, !name.isEmpty else {
        throw .ec2("InvalidParameterValue", "The filter 'null' is invalid")
      }
      let values = entry["Values"]?.elements.compactMap(\.string) ?? []
      guard values.count <= 200 else {
        throw .ec2("FilterLimitExceeded", "The maximum number of filter values specified on a single call is 200")
      }
      filters.append(Filter(name: name, values: values))
    }
    return filters
  }

  func arn(_ resource: String, account: String = "") -> String {
    "arn:\(Partition(region: region).rawValue):\(service):\(region):\(account):\(resource)"
  }
}

/// Its values are alternatives; several filters must all match.
struct Filter: Sendable {
  var name: String
  var values: [String]

  func matches(_ actual: [String]) -> Bool {
    actual.contains { value in values.contains { Self.matches($0, value) } }
  }
  func matches(_ actual: String?) -> Bool { actual.map { matches([$0]) } ?? false }
  func matches(_ actual: Bool) -> Bool { matches([actual ? "true" : "false"]) }

  private static func matches(_ pattern: String, _ value: String) -> Bool {
    isPattern(pattern) ? Wildcard.matches(pattern, value) : pattern == value
  }

  static func isPattern(_ text: String) -> Bool { text.utf8.contains(where: isWildcard) }
  static func isWildcard(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") }

  /// `tag-key`, `tag:…`
  var isOfTags: Bool { name == "tag-key" || name.hasPrefix("tag:") }

  /// What `matches(tags:)` compares; nil for a filter that is none of tags.
  static func values(_ name: String, of tags: [Tag]) -> [String]? {
    if name == "tag-key" { return tags.map(\.key) }
    guard name.hasPrefix("tag:") else { return nil }
    let key = name.dropFirst(4)
    return tags.filter { $0.key == key }.map(\.value)
  }

  func matches(tags: [Tag]) -> Bool? {
    Self.values(name, of: tags).map { matches($0) }
  }

  var invalid: ServiceError { .ec2("InvalidParameterValue", "The filter '\(name)' is invalid") }
}

extension ServiceError {
  static func ec2(_ code: String, _ message: String, status: Int = 400) -> ServiceError {
    ServiceError(status: status, code: code, message: message)
  }
  static func sts(_ code: String, _ message: String, status: Int = 400) -> ServiceError {
    ServiceError(status: status, code: code, message: message)
  }
  static func organizations(_ code: String, _ message: String) -> ServiceError {
    ServiceError(status: 400, code: code, message: message)
  }
}
