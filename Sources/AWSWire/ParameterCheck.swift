import Governance

/// Values against the model: a client's parameters before a call is made, a server's output in its tests. A value that an
/// enumeration does not name is let through: AWS adds values, and the service answers for itself.
struct ParameterCheck {
  /// What a member is called in a problem's text.
  private let noun: String
  private let requiresMembers: Bool
  private var problems: [String] = []

  private init(noun: String, requiresMembers: Bool) {
    self.noun = noun
    self.requiresMembers = requiresMembers
  }

  static func check(_ parameters: Document, of operation: Operation) throws(ParameterError) {
    var check = ParameterCheck(noun: "parameter", requiresMembers: true)
    if let input = operation.input {
      check.value(parameters, input, path: "")
    } else if parameters.count > 0 || (parameters.kind != .object && !parameters.isNull) {
      check.problems.append("\(operation.name) takes no parameters")
    }
    guard check.problems.isEmpty else {
      throw ParameterError(problems: check.problems.map { "\(operation.service.name) \(operation.name): \($0)" })
    }
  }

  /// Of an operation's answer. Members that the model requires may be missing: AWS leaves them out too.
  static func problems(ofOutput output: Document, of operation: Operation) -> [String] {
    var check = ParameterCheck(noun: "member", requiresMembers: false)
    if let shape = operation.output {
      check.value(output, shape, path: "")
    } else if output.count > 0 {
      check.problems.append("\(operation.name) answers nothing")
    }
    return check.problems
  }

  private mutating func value(_ value: Document, _ shape: Shape, path: String) {
    guard let expected = Self.expectation(of: value, shape) else {
      return children(value, shape, path: path)
    }
    problems.append("\(path.isEmpty ? "the \(noun)s" : path): expected \(expected), found \(value.kind)")
  }

  private mutating func children(_ value: Document, _ shape: Shape, path: String) {
    func place(_ step: String) -> String { path.isEmpty ? step : "\(path).\(step)" }
    switch shape.kind {
    case .structure:
      for entry in value.entries {
        if let member = shape.member(named: entry.name) {
          self.value(entry.value, member.shape, path: place(entry.name))
        } else {
          let suggestion = SourceReader.suggestion(for: entry.name, among: shape.members.map(\.name))
          problems.append("unknown \(noun) \(place(entry.name)); \(suggestion)")
        }
      }
      for member in shape.members where member.isRequired && requiresMembers {
        // An empty text is none, unless the model says that it may be empty (a tag's value).
        let isMissing = value[member.name].map { $0.string == "" && member.shape.minimum != 0 } ?? true
        if isMissing { problems.append("\(place(member.name)) is required") }
      }
    case .list:
      for (position, element) in value.elements.enumerated() {
        self.value(element, shape.element, path: place(String(position)))
      }
    case .map: for entry in value.entries { self.value(entry.value, shape.element, path: place(entry.name)) }
    default: break
    }
  }

  /// What the shape expects where the value is something else.
  private static func expectation(of value: Document, _ shape: Shape) -> String? {
    switch shape.kind {
    case .structure, .map: value.kind == .object ? nil : "an object"
    case .list: value.kind == .array ? nil : "a list"
    case .string, .blob: value.kind == .string ? nil : "text"
    case .timestamp:
      value.string.flatMap { Timestamp(iso8601: $0) } != nil ? nil : "a time such as 2026-11-23T10:00:00Z"
    case .integer, .long: value.kind == .integer ? nil : "an integer"
    case .boolean: value.kind == .boolean ? nil : "true or false"
    case .float, .double: value.real != nil ? nil : "a number"
    }
  }
}
