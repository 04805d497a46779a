import Governance

/// The part of JSON Schema that Reeve's own schemas use, read independently of the code that writes them. An unknown
/// keyword is a problem as well, so that nothing in a schema goes untested.
struct JSONSchemaSubset {
  let root: Document

  /// What does not hold, each with its place.
  func problems(of value: Document) throws -> [String] { try check(value, root, "$") }

  private func check(_ value: Document, _ schema: Document, _ place: String) throws -> [String] {
    var problems: [String] = []
    for (keyword, rule) in schema.entries {
      switch keyword {
      case "$schema", "$id", "title", "description", "default", "examples", "$defs": continue
      case "$ref":
        let path = (rule.string ?? "").dropFirst(2).split(separator: "/").joined(separator: ".")
        guard let target = root.at(path: path) else { return ["\(place): no \(path)"] }
        problems += try check(value, target, place)
      case "type":
        let kinds = rule.string.map { [$0] } ?? rule.elements.compactMap(\.string)
        if !kinds.contains(where: { isKind(value, $0) }) {
          problems.append("\(place): \(value.json) is not \(rule.json)")
        }
      case "enum":
        if !rule.elements.contains(value) { problems.append("\(place): \(value.json) is none of \(rule.json)") }
      case "const":
        if value != rule { problems.append("\(place): \(value.json) is not \(rule.json)") }
      case "minimum":
        if let number = value.real, let bound = rule.real, number < bound { problems.append("\(place): too small") }
      case "maximum":
        if let number = value.real, let bound = rule.real, number > bound { problems.append("\(place): too large") }
      case "pattern":
        guard let text = value.string else { continue }
        if try Regex(rule.string ?? "").firstMatch(in: text) == nil {
          problems.append("\(place): \(value.json) does not match \(rule.json)")
        }
      case "items":
        for (position, element) in value.elements.enumerated() {
          problems += try check(element, rule, "\(place)[\(position)]")
        }
      case "anyOf":
        let tries = try rule.elements.map { try check(value, $0, place) }
        if !tries.contains(where: \.isEmpty) { problems += tries.first ?? [] }
      case "required":
        for name in rule.elements.compactMap(\.string) where value.kind == .object && value[name] == nil {
          problems.append("\(place): \(name) is missing")
        }
      case "properties":
        for (name, member) in rule.entries {
          if let part = value[name] { problems += try check(part, member, "\(place).\(name)") }
        }
      case "additionalProperties":
        let named = Set(schema["properties"]?.entries.map(\.name) ?? [])
        for (name, member) in value.entries where !named.contains(name) {
          if rule.bool == false {
            problems.append("\(place): \(name) is unknown")
          } else {
            problems += try check(member, rule, "\(place).\(name)")
          }
        }
      case "propertyNames":
        for (name, _) in value.entries { problems += try check(Document(name), rule, "\(place).\(name)") }
      default: problems.append("\(place): the keyword \(keyword) is not tested")
      }
    }
    return problems
  }

  private func isKind(_ value: Document, _ kind: String) -> Bool {
    switch kind {
    case "null": value.isNull
    case "boolean": value.kind == .boolean
    case "integer": value.kind == .integer
    case "number": value.kind == .integer || value.kind == .real
    case "string": value.kind == .string
    case "array": value.kind == .array
    case "object": value.kind == .object
    default: false
    }
  }
}
