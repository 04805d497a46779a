/// An error code at length, for `reeve plugin explain`.
package struct PluginExplanation: Sendable, Equatable {
  package var code: String
  /// What happened, and which side has to change.
  package var what: String
  package var expected: String
  package var found: String
  /// The likeliest first.
  package var causes: [String]
  /// The next command to run.
  package var next: String

  init(_ code: String, _ what: String, expected: String, found: String, causes: [String], next: String) {
    self.code = code
    self.what = what
    self.expected = expected
    self.found = found
    self.causes = causes
    self.next = next
  }

  /// Of every code, in the order of their numbers; then those of running plugins.
  package static let all: [PluginExplanation] =
    PluginLoadError.Code.allCases.map(explanation(of:)) + PluginFault.allCases.map(explanation(of:))

  /// Codes are found however they are written.
  package static func of(_ code: String) -> PluginExplanation? {
    all.first { $0.code.lowercased() == code.lowercased() }
  }

  package var text: String {
    var text = "\(code): \(what)\n\n  expected  \(expected)\n  found     \(found)\n\nlikely causes, in order:\n"
    for (position, cause) in causes.enumerated() { text += "  \(position + 1). \(cause)\n" }
    return text + "\nnext: \(next)\n"
  }
}
