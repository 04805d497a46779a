import Governance

/// Reads a JSON document member by member and collects every problem instead of stopping at the first.
final class JSONReader {
  /// A value and where it stands.
  struct Place {
    var value: Document
    var pointer: String

    init(_ value: Document, at pointer: String = "") {
      self.value = value
      self.pointer = pointer
    }
  }

  private(set) var problems: [JSONProblem] = []

  /// A file's value. What is no JSON at all is one problem of the whole.
  static func document(_ bytes: [UInt8]) throws(JSONProblems) -> Document {
    do { return try Document(json: bytes) } catch {
      throw JSONProblems([JSONProblem(pointer: "", message: error.reason)])
    }
  }

  func problem(_ pointer: String, _ message: String) {
    problems.append(JSONProblem(pointer: pointer, message: message))
  }

  func finish() throws(JSONProblems) {
    guard problems.isEmpty else { throw JSONProblems(problems) }
  }

  /// The members of an object by name. Unknown names and missing required ones are problems.
  /// `listing`: say all known names beside the nearest one.
  func members(of place: Place, known: [String], required: [String], listing: Bool = false) -> [String: Place] {
    guard place.value.kind == .object else {
      expected("an object", place)
      return [:]
    }
    var members: [String: Place] = [:]
    for (name, value) in place.value.entries {
      let pointer = JSONPointer.below(place.pointer, name)
      if known.contains(name) {
        members[name] = Place(value, at: pointer)
      } else {
        let hint = SourceReader.suggestion(for: name, among: known)
        let all =
          listing && !hint.hasPrefix("expected") ? "; those that count are \(known.joined(separator: ", "))" : ""
        problem(pointer, "unknown key; \(hint)\(all)")
      }
    }
    for name in required where members[name] == nil {
      problem(JSONPointer.below(place.pointer, name), "is missing")
    }
    return members
  }

  /// The entries of an object whose names are data.
  func entries(_ place: Place?) -> [(name: String, place: Place)] {
    guard let place else { return [] }
    guard place.value.kind == .object else {
      expected("an object", place)
      return []
    }
    return place.value.entries.map { ($0.name, Place($0.value, at: JSONPointer.below(place.pointer, $0.name))) }
  }

  func elements(_ place: Place?) -> [Place] {
    guard let place else { return [] }
    guard place.value.kind == .array else {
      expected("an array", place)
      return []
    }
    return place.value.elements.enumerated().map { Place($1, at: JSONPointer.below(place.pointer, "\($0)")) }
  }

  /// A string that is not empty.
  func text(_ place: Place?) -> String? {
    guard let place else { return nil }
    guard let text = place.value.string else {
      expected("text", place)
      return nil
    }
    guard !text.isEmpty else {
      problem(place.pointer, "is empty")
      return nil
    }
    return text
  }

  /// A string of a certain form, described for a person.
  func text(_ place: Place?, _ form: String, where fits: (String) -> Bool) -> String? {
    guard let place, let text = text(place) else { return nil }
    guard fits(text) else {
      problem(place.pointer, "\"\(text)\" is not \(form)")
      return nil
    }
    return text
  }

  /// A list of different strings of a certain form.
  func texts(_ place: Place?, _ form: String = "text", where fits: (String) -> Bool = { _ in true }) -> [String] {
    var texts: [String] = []
    for element in elements(place) {
      guard let text = text(element, form, where: fits) else { continue }
      if texts.contains(text) {
        problem(element.pointer, "\"\(text)\" is given twice")
      } else {
        texts.append(text)
      }
    }
    return texts
  }

  func integer(_ place: Place?) -> Int? {
    guard let place else { return nil }
    guard let integer = place.value.int else {
      expected("an integer", place)
      return nil
    }
    return integer
  }

  func choice<Word: RawRepresentable<String> & CaseIterable>(_ place: Place?, among: Word.Type) -> Word? {
    guard let place, let text = text(place) else { return nil }
    guard let word = Word(rawValue: text) else {
      let words = Word.allCases.map(\.rawValue)
      problem(
        place.pointer, "\"\(text)\" is not known here; \(SourceReader.suggestion(for: text, among: words))")
      return nil
    }
    return word
  }

  private func expected(_ what: String, _ place: Place) {
    problem(place.pointer, "expected \(what), found \(place.value.kindName)")
  }
}

extension Document {
  var kindName: String {
    switch kind {
    case .null: "null"
    case .boolean: "a boolean"
    case .integer: "an integer"
    case .real: "a number"
    case .string: "text"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
