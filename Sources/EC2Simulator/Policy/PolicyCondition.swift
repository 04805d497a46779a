import Governance

/// One line of a statement's Condition: an operator, a key, values. "IAM JSON policy elements: Condition operators".
package struct PolicyCondition: Sendable {
  package enum Outcome: Sendable { case holds, fails, unknown }

  private enum Quantifier: Sendable { case none, any, all }

  /// As it was written, for a denial that is decoded.
  let name: String
  let key: String
  let texts: [String]
  private let quantifier: Quantifier
  private let ifExists: Bool
  private let comparison: PolicyComparison?
  private let lowercasedKey: String
  private let isKnown: Bool

  static func read(_ document: Document?, variables: Bool) throws(Policy.Malformed) -> [PolicyCondition] {
    guard let document else { return [] }
    guard document.kind == .object else { throw Policy.Malformed("Condition is no object") }
    var conditions: [PolicyCondition] = []
    for block in document.entries {
      guard block.value.kind == .object else {
        throw Policy.Malformed("the condition \(block.name) is no object")
      }
      for entry in block.value.entries {
        let list = entry.value.kind == .array ? entry.value.elements : [entry.value]
        let values = list.compactMap { $0.string ?? $0.bool.map { "\($0)" } ?? $0.int.map(String.init) }
        guard values.count == list.count else {
          throw Policy.Malformed("the condition on \(entry.name) has a value that is no text")
        }
        conditions.append(
          PolicyCondition(operation: block.name, key: entry.name, values: values, variables: variables))
      }
    }
    return conditions
  }

  private init(operation name: String, key: String, values: [String], variables: Bool) {
    self.name = name
    self.key = key
    texts = values
    var name = Substring(name)
    if name.hasPrefix("ForAnyValue:") {
      quantifier = .any
      name = name.dropFirst("ForAnyValue:".count)
    } else if name.hasPrefix("ForAllValues:") {
      quantifier = .all
      name = name.dropFirst("ForAllValues:".count)
    } else {
      quantifier = .none
    }
    // "Null" has no IfExists: it asks for the existence itself.
    ifExists = name.hasSuffix("IfExists") && name != "NullIfExists"
    if ifExists { name = name.dropLast("IfExists".count) }
    comparison = PolicyComparison(String(name), values, variables: variables)
    lowercasedKey = key.lowercased()
    isKnown = PolicyKeys.isKnown(lowercasedKey)
  }

  func outcome(in context: PolicyContext) -> Outcome {
    guard let comparison else { return .unknown }
    let actual = context.values(of: lowercasedKey)
    guard isKnown || actual != nil else { return .unknown }
    if case .absence(let wanted) = comparison { return wanted == (actual == nil) ? .holds : .fails }
    guard let actual, !actual.isEmpty else {
      // "If the key is not present, ForAllValues is true", and so is an operator that negates.
      if ifExists || quantifier == .all { return .holds }
      return comparison.isNegated && quantifier == .none ? .holds : .fails
    }
    var isAny = false
    var isAll = true
    for value in actual {
      guard let result = comparison.holds(value, in: context) else { return .unknown }
      if result { isAny = true } else { isAll = false }
    }
    return (quantifier == .any ? isAny : isAll) ? .holds : .fails
  }
}
