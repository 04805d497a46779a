import Governance

/// One line of a statement's Condition: an operator, a key, values.
package struct PolicyCondition: Sendable {
  package enum Outcome: Sendable { case holds, fails, unknown }

  private enum Quantifier: Sendable { case none, any, all }

  private var quantifier: Quantifier
  private var operation: String
  private var ifExists: Bool
  private var key: String
  private var values: [String]

  static func read(_ document: Document?) throws(Policy.Malformed) -> [PolicyCondition] {
    guard let document else { return [] }
    guard document.kind == .object else { throw Policy.Malformed(description: "Condition is no object") }
    var conditions: [PolicyCondition] = []
    for block in document.entries {
      guard block.value.kind == .object else {
        throw Policy.Malformed(description: "the condition \(block.name) is no object")
      }
      for entry in block.value.entries {
        let list = entry.value.kind == .array ? entry.value.elements : [entry.value]
        let values = list.compactMap { $0.string ?? $0.bool.map { "\($0)" } ?? $0.int.map(String.init) }
        guard values.count == list.count else {
          throw Policy.Malformed(description: "the condition on \(entry.name) has a value that is no text")
        }
        conditions.append(PolicyCondition(operation: block.name, key: entry.name, values: values))
      }
    }
    return conditions
  }

  private init(operation name: String, key: String, values: [String]) {
    var name = Substring(name)
    quantifier = .none
    if name.hasPrefix("ForAnyValue:") {
      quantifier = .any
      name = name.dropFirst("ForAnyValue:".count)
    } else if name.hasPrefix("ForAllValues:") {
      quantifier = .all
      name = name.dropFirst("ForAllValues:".count)
    }
    ifExists = name.hasSuffix("IfExists")
    if ifExists { name = name.dropLast("IfExists".count) }
    operation = String(name)
    self.key = key.lowercased()
    self.values = values
  }

  /// Keys that this simulator knows the value, or the absence, of. A condition on any other fails closed.
  private static let knownKeys: Set<String> = [
    "aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths",
    "aws:principalorgmasteraccountid", "aws:principaltype", "aws:userid", "aws:username", "aws:requestedregion",
    "aws:currenttime", "aws:epochtime", "aws:tagkeys", "aws:multifactorauthpresent", "aws:viaawsservice",
    "aws:principalisawsservice", "aws:resourceaccount", "aws:resourceorgid", "sts:externalid", "sts:rolesessionname",
    "ec2:add/group", "ec2:add/userid", "ec2:remove/group", "ec2:remove/userid", "ec2:attribute", "ec2:owner",
    "ec2:public", "ec2:imageid", "ec2:imagetype", "ec2:region", "ec2:createaction", "ec2:snapshotid",
  ]
  private static let knownPrefixes = ["aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "ec2:resourcetag/"]

  package func outcome(in context: [String: [String]]) -> Outcome {
    guard Self.knownKeys.contains(key) || Self.knownPrefixes.contains(where: key.hasPrefix) else { return .unknown }
    let actual = context[key]
    if operation == "Null" {
      guard let wantsAbsence = values.first else { return .unknown }
      return (wantsAbsence == "true") == (actual == nil) ? .holds : .fails
    }
    guard let comparison = Comparison(operation) else { return .unknown }
    guard let actual else {
      if ifExists || quantifier == .all { return .holds }
      return comparison.isNegated && quantifier == .none ? .holds : .fails
    }
    let results = actual.map { value in comparison.holds(value, among: values, context: context) }
    if results.contains(where: { $0 == nil }) { return .unknown }
    switch quantifier {
    case .none, .all: return results.allSatisfy { $0 == true } ? .holds : .fails
    case .any: return results.contains(true) ? .holds : .fails
    }
  }
}

/// What an operator compares, and how.
private struct Comparison {
  private var test: (_ value: String, _ pattern: String) -> Bool?
  var isNegated: Bool

  init?(_ operation: String) {
    isNegated = operation.contains("Not")
    switch operation {
    case "StringEquals", "StringNotEquals": test = { $0 == $1 }
    case "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase": test = { $0.lowercased() == $1.lowercased() }
    case "StringLike", "StringNotLike": test = { Wildcard.matches($1, $0) }
    case "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike": test = { Wildcard.matchesARN($1, $0) }
    case "Bool": test = { $0.lowercased() == $1.lowercased() }
    case "NumericEquals", "NumericNotEquals": test = Self.numbers(==)
    case "NumericLessThan": test = Self.numbers(<)
    case "NumericLessThanEquals": test = Self.numbers(<=)
    case "NumericGreaterThan": test = Self.numbers(>)
    case "NumericGreaterThanEquals": test = Self.numbers(>=)
    case "DateEquals", "DateNotEquals": test = Self.dates(==)
    case "DateLessThan": test = Self.dates(<)
    case "DateLessThanEquals": test = Self.dates(<=)
    case "DateGreaterThan": test = Self.dates(>)
    case "DateGreaterThanEquals": test = Self.dates(>=)
    default: return nil
    }
  }

  private static func numbers(_ test: @escaping (Double, Double) -> Bool) -> (String, String) -> Bool? {
    { value, pattern in
      guard let value = Double(value), let pattern = Double(pattern) else { return nil }
      return test(value, pattern)
    }
  }
  private static func dates(_ test: @escaping (Timestamp, Timestamp) -> Bool) -> (String, String) -> Bool? {
    { value, pattern in
      guard let value = Timestamp(iso8601: value), let pattern = Timestamp(iso8601: pattern) else { return nil }
      return test(value, pattern)
    }
  }

  /// nil: it cannot be compared.
  func holds(_ value: String, among patterns: [String], context: [String: [String]]) -> Bool? {
    var matches = false
    for pattern in patterns {
      guard let pattern = PolicyVariable.replaced(in: pattern, context: context), let result = test(value, pattern)
      else { return nil }
      matches = matches || result
    }
    return matches != isNegated
  }
}

/// `${aws:username}` inside a pattern.
enum PolicyVariable {
  /// nil: a variable without a value, or without an end.
  static func replaced(in pattern: String, context: [String: [String]]) -> String? {
    guard pattern.contains("${") else { return pattern }
    var result = ""
    var rest = Substring(pattern)
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      guard rest.hasPrefix("{") else {
        result += "$"
        continue
      }
      guard let close = rest.firstIndex(of: "}") else { return nil }
      let name = rest[rest.index(after: rest.startIndex)..<close].lowercased()
      guard let value = context[name]?.first else { return nil }
      result += value
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }
}
