import Governance

/// Parameters against the model, before a call is made. A value that an enumeration does not name is let through: AWS
/// adds values, and the service answers for itself.
enum ParameterCheck {
  static func check(_ parameters: Document, of operation: Operation) throws(ParameterError) {
    var problems: [String] = []
    if let input = operation.input {
      check(parameters, input, path: "", &problems)
    } else if parameters.count > 0 {
      problems.append("\(operation.name) takes no parameters")
    }
    guard problems.isEmpty else {
      throw ParameterError(problems: problems.map { "\(operation.service.name) \(operation.name): \($0)" })
    }
  }

  private static func check(_ value: Document, _ shape: Shape, path: String, _ problems: inout [String]) {
    func place(_ step: String) -> String { path.isEmpty ? step : "\(path).\(step)" }
    let ok: Bool
    let expected: String
    switch shape.kind {
    case .structure:
      (ok, expected) = (value.kind == .object, "an object")
      for entry in value.entries {
        if let member = shape.member(named: entry.name) {
          check(entry.value, member.shape, path: place(entry.name), &problems)
        } else {
          let suggestion = SourceReader.suggestion(for: entry.name, among: shape.members.map(\.name))
          problems.append("unknown parameter \(place(entry.name)); \(suggestion)")
        }
      }
      for member in shape.members where member.isRequired && value.kind == .object {
        if value[member.name].map({ $0.isNull || $0.string == "" }) ?? true {
          problems.append("\(place(member.name)) is required")
        }
      }
    case .list:
      (ok, expected) = (value.kind == .array, "a list")
      for (position, element) in value.elements.enumerated() {
        check(element, shape.element, path: place(String(position)), &problems)
      }
    case .map:
      (ok, expected) = (value.kind == .object, "an object")
      for entry in value.entries { check(entry.value, shape.element, path: place(entry.name), &problems) }
    case .string, .blob, .timestamp: (ok, expected) = (value.kind == .string, "text")
    case .integer, .long: (ok, expected) = (value.kind == .integer, "an integer")
    case .boolean: (ok, expected) = (value.kind == .boolean, "true or false")
    case .float, .double: (ok, expected) = (value.real != nil, "a number")
    }
    if !ok { problems.append("\(path.isEmpty ? "the parameters" : path): expected \(expected), found \(value.kind)") }
  }
}
