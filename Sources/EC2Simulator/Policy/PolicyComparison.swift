import Governance

/// What an operator compares with what, its values read once.
enum PolicyComparison: Sendable {
  enum Relation: Sendable {
    case equal, less, lessOrEqual, greater, greaterOrEqual

    func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
      switch self {
      case .equal: left == right
      case .less: left < right
      case .lessOrEqual: left <= right
      case .greater: left > right
      case .greaterOrEqual: left >= right
      }
    }
  }

  case texts([PolicyPattern], ignoringCase: Bool, isNegated: Bool)
  case arns([PolicyPattern], isNegated: Bool)
  /// nil among the values of the following: a text that is none, which nothing can be compared with.
  case numbers([Double?], Relation, isNegated: Bool)
  case dates([Timestamp?], Relation, isNegated: Bool)
  case flags([Bool?])
  case addresses([AddressRange?], isNegated: Bool)
  /// Base64, compared as bytes: equal texts.
  case binaries([String])
  /// `Null`: true asks that the key be absent.
  case absence(Bool)

  /// nil: no operator of IAM's.
  init?(_ name: String, _ values: [String], variables: Bool) {
    let isNegated = name.contains("Not")
    func patterns(wildcards: Bool, ignoringCase: Bool = false) -> [PolicyPattern] {
      values.map { PolicyPattern($0, wildcards: wildcards, variables: variables, ignoringCase: ignoringCase) }
    }
    switch name {
    case "StringEquals", "StringNotEquals":
      self = .texts(patterns(wildcards: false), ignoringCase: false, isNegated: isNegated)
    case "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase":
      self = .texts(patterns(wildcards: false, ignoringCase: true), ignoringCase: true, isNegated: isNegated)
    case "StringLike", "StringNotLike":
      self = .texts(patterns(wildcards: true), ignoringCase: false, isNegated: isNegated)
    case "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike":
      self = .arns(patterns(wildcards: true), isNegated: isNegated)
    case "Bool": self = .flags(values.map(Self.flag))
    case "IpAddress", "NotIpAddress": self = .addresses(values.map(AddressRange.init), isNegated: isNegated)
    case "BinaryEquals": self = .binaries(values)
    case "Null":
      guard let wanted = values.first.flatMap(Self.flag) else { return nil }
      self = .absence(wanted)
    default:
      if let relation = Self.relation(name, after: "Numeric") {
        self = .numbers(values.map { Double($0) }, relation, isNegated: isNegated)
      } else if let relation = Self.relation(name, after: "Date") {
        self = .dates(values.map(Self.date), relation, isNegated: isNegated)
      } else {
        return nil
      }
    }
  }

  private static func relation(_ name: String, after prefix: String) -> Relation? {
    guard name.hasPrefix(prefix) else { return nil }
    switch name.dropFirst(prefix.count) {
    case "Equals", "NotEquals": return .equal
    case "LessThan": return .less
    case "LessThanEquals": return .lessOrEqual
    case "GreaterThan": return .greater
    case "GreaterThanEquals": return .greaterOrEqual
    default: return nil
    }
  }

  private static func flag(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true": true
    case "false": false
    default: nil
    }
  }

  /// ISO 8601, or seconds since 1970.
  private static func date(_ text: String) -> Timestamp? {
    if let seconds = Int64(text), abs(seconds) < 9_000_000_000 { return Timestamp(seconds: seconds) }
    return Timestamp(iso8601: text)
  }

  var isNegated: Bool {
    switch self {
    case .texts(_, _, let isNegated), .arns(_, let isNegated), .numbers(_, _, let isNegated),
      .dates(_, _, let isNegated), .addresses(_, let isNegated):
      isNegated
    case .flags, .binaries, .absence: false
    }
  }

  /// One value of the request against all of the policy's. nil: the policy's cannot be compared with.
  func holds(_ value: String, in context: PolicyContext) -> Bool? {
    switch self {
    case .texts(let patterns, let ignoringCase, let isNegated):
      let bytes = Array((ignoringCase ? value.lowercased() : value).utf8)
      return patterns.contains { $0.matches(bytes, in: context) } != isNegated
    case .arns(let patterns, let isNegated):
      let bytes = Array(value.utf8)
      return patterns.contains { $0.matchesARN(bytes, in: context) } != isNegated
    case .numbers(let given, let relation, let isNegated):
      return Self.holds(Double(value), given, isNegated) { relation.holds($0, $1) }
    case .dates(let given, let relation, let isNegated):
      return Self.holds(Self.date(value), given, isNegated) { relation.holds($0, $1) }
    case .addresses(let ranges, let isNegated):
      return Self.holds(AddressRange(value), ranges, isNegated) { $1.contains($0) }
    case .flags(let flags): return Self.holds(Self.flag(value), flags, false) { $0 == $1 }
    case .binaries(let texts): return texts.contains(value)
    case .absence: return nil
    }
  }

  private static func holds<Value>(
    _ actual: Value?, _ given: [Value?], _ isNegated: Bool, _ test: (Value, Value) -> Bool
  ) -> Bool? {
    var matches = false
    for value in given {
      guard let value else { return nil }
      if let actual, test(actual, value) { matches = true }
    }
    return matches != isNegated
  }
}
