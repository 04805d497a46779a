/// One thing wrong in a JSON document, and where: a JSON pointer (RFC 6901), empty for the document as a whole.
package struct JSONProblem: Error, Sendable, Equatable, CustomStringConvertible {
  package var pointer: String
  /// What is wrong and what was expected.
  package var message: String

  package init(pointer: String, message: String) {
    self.pointer = pointer
    self.message = message
  }

  package var description: String { pointer.isEmpty ? message : "\(pointer): \(message)" }
}

/// All that is wrong in a JSON document at once.
package struct JSONProblems: Error, Sendable, Equatable, CustomStringConvertible {
  package var problems: [JSONProblem]

  package init(_ problems: [JSONProblem]) { self.problems = problems }
  package var description: String { problems.map(\.description).joined(separator: "\n") }
}

enum JSONPointer {
  /// The pointer to a member or an element below another pointer.
  static func below(_ pointer: String, _ step: String) -> String {
    var out = pointer + "/"
    for character in step {
      switch character {
      case "~": out += "~0"
      case "/": out += "~1"
      default: out.append(character)
      }
    }
    return out
  }
}

extension Sequence<String> {
  /// `"a", "b"`, for messages.
  var quoted: String { map { "\"\($0)\"" }.joined(separator: ", ") }
}
