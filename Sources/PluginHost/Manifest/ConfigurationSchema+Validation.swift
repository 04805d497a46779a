package import Governance

extension ConfigurationSchema {
  /// Everything in a configuration that does not fit, each at its JSON pointer. Empty: it fits.
  package func problems(in configuration: Document) -> [JSONProblem] {
    var problems: [JSONProblem] = []
    check(configuration, at: "", &problems)
    return problems
  }

  private func check(_ value: Document, at pointer: String, _ problems: inout [JSONProblem]) {
    func problem(_ message: String) { problems.append(JSONProblem(pointer: pointer, message: message)) }
    guard types.isEmpty || types.contains(where: { $0.fits(value) }) else {
      // What follows would only say the same once more.
      problem("expected \(types.map(\.rawValue).joined(separator: " or ")), found \(value.kindName)")
      return
    }
    if let choices, !choices.contains(value) { problem(unknown(value, among: choices)) }
    if let number = value.real {
      if let minimum, number < minimum { problem("\(value.json) is less than \(brief(minimum))") }
      if let maximum, number > maximum { problem("\(value.json) is more than \(brief(maximum))") }
    }
    if let pattern, let text = value.string {
      do {
        // Compiled once already when the schema was read; a Regex is not Sendable, so it is made anew.
        if try Regex(pattern).firstMatch(in: text) == nil {
          problem("\"\(text)\" does not match the pattern \(pattern)")
        }
      } catch {
        problem("the pattern \(pattern) cannot be applied: \(error)")
      }
    }
    if value.kind == .array { checkArray(value, at: pointer, &problems) }
    if value.kind == .object { checkObject(value, at: pointer, &problems) }
  }

  private func checkArray(_ value: Document, at pointer: String, _ problems: inout [JSONProblem]) {
    if let minimumItems, value.count < minimumItems {
      problems.append(
        JSONProblem(pointer: pointer, message: "has \(value.count) elements, expected at least \(minimumItems)"))
    }
    if let maximumItems, value.count > maximumItems {
      problems.append(
        JSONProblem(pointer: pointer, message: "has \(value.count) elements, expected at most \(maximumItems)"))
    }
    guard let items = items.first else { return }
    for (position, element) in value.elements.enumerated() {
      items.check(element, at: JSONPointer.below(pointer, "\(position)"), &problems)
    }
  }

  private func checkObject(_ value: Document, at pointer: String, _ problems: inout [JSONProblem]) {
    for (name, member) in value.entries {
      let place = JSONPointer.below(pointer, name)
      if let property = properties.first(where: { $0.name == name }) {
        property.schema.check(member, at: place, &problems)
        continue
      }
      switch additional {
      case .allowed: break
      case .fitting(let schema): schema.check(member, at: place, &problems)
      case .forbidden:
        let names = properties.map(\.name)
        let hint = names.isEmpty ? "nothing can be set here" : SourceReader.suggestion(for: name, among: names)
        problems.append(JSONProblem(pointer: place, message: "unknown key; \(hint)"))
      }
    }
    for name in required where value[name] == nil {
      problems.append(JSONProblem(pointer: JSONPointer.below(pointer, name), message: "is missing"))
    }
  }

  private func unknown(_ value: Document, among choices: [Document]) -> String {
    let words = choices.compactMap(\.string)
    if let text = value.string, words.count == choices.count {
      return "\"\(text)\" is not known here; \(SourceReader.suggestion(for: text, among: words))"
    }
    return "\(value.json) is not known here; expected one of \(choices.map(\.json).joined(separator: ", "))"
  }

  private func brief(_ number: Double) -> String {
    Int(exactly: number).map { "\($0)" } ?? "\(number)"
  }
}
