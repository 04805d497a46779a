import Governance

/// Results as CI systems read them: one suite, a case each.
package struct JUnitReport: Sendable, Equatable {
  package struct Case: Sendable, Equatable {
    /// What groups cases: the file, the plugin.
    package var className: String
    package var name: String
    /// nil: it passed.
    package var failure: Failure?

    package init(className: String, name: String, failure: Failure? = nil) {
      self.className = className
      self.name = name
      self.failure = failure
    }
  }

  package struct Failure: Sendable, Equatable {
    /// One line.
    package var message: String
    /// `expectation`, `crash`, …
    package var type: String
    package var details: String

    package init(message: String, type: String, details: String) {
      self.message = message
      self.type = type
      self.details = details
    }
  }

  package var suite: String
  package var cases: [Case]

  package init(suite: String, cases: [Case]) {
    self.suite = suite
    self.cases = cases
  }

  /// The same bytes for the same results: no time, no host.
  package var xml: String {
    let counts = "tests=\"\(cases.count)\" failures=\"\(cases.count { $0.failure != nil })\" errors=\"0\""
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites \(counts)>\n"
    text += "  <testsuite name=\"\(Self.escaped(suite))\" \(counts) skipped=\"0\">\n"
    for one in cases {
      let names = "classname=\"\(Self.escaped(one.className))\" name=\"\(Self.escaped(one.name))\""
      guard let failure = one.failure else {
        text += "    <testcase \(names)/>\n"
        continue
      }
      let message = "message=\"\(Self.escaped(failure.message))\" type=\"\(Self.escaped(failure.type))\""
      text += "    <testcase \(names)>\n      <failure \(message)>\(Self.escaped(failure.details))</failure>\n"
      text += "    </testcase>\n"
    }
    return text + "  </testsuite>\n</testsuites>\n"
  }

  /// What XML 1.0 has no character for becomes a replacement character: a report must be readable whatever is in it.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\n": escaped += "&#10;"
      case "\t": escaped += "&#9;"
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
