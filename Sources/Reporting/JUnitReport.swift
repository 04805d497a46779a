import Governance

/// Results as CI systems read them: one suite, a case each.
package struct JUnitReport: Sendable {
  package struct Case: Sendable, Equatable {
    /// What groups cases: the file, the plugin.
    package var className: String
    package var name: String
    package var outcome: Outcome

    package init(className: String, name: String, outcome: Outcome) {
      self.className = className
      self.name = name
      self.outcome = outcome
    }
  }

  package enum Outcome: Sendable, Equatable {
    case passed
    /// Why, in one line.
    case skipped(String)
    case failed(Failure)
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
  /// What the run was given, by name: a seed.
  package var properties: [(name: String, value: String)]
  package var cases: [Case]

  package init(suite: String, properties: [(name: String, value: String)] = [], cases: [Case]) {
    self.suite = suite
    self.properties = properties
    self.cases = cases
  }

  /// The same bytes for the same results: no time, no host.
  package var xml: String {
    let failures = cases.count { if case .failed = $0.outcome { true } else { false } }
    let skipped = cases.count { if case .skipped = $0.outcome { true } else { false } }
    let counts = "tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"0\""
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites \(counts)>\n"
    text += "  <testsuite name=\"\(Self.escaped(suite))\" \(counts) skipped=\"\(skipped)\">\n"
    if !properties.isEmpty {
      text += "    <properties>\n"
      for property in properties {
        text += "      <property name=\"\(Self.escaped(property.name))\" value=\"\(Self.escaped(property.value))\"/>\n"
      }
      text += "    </properties>\n"
    }
    for one in cases {
      let names = "classname=\"\(Self.escaped(one.className))\" name=\"\(Self.escaped(one.name))\""
      switch one.outcome {
      case .passed: text += "    <testcase \(names)/>\n"
      case .skipped(let why):
        text += "    <testcase \(names)>\n      <skipped message=\"\(Self.escaped(why))\"/>\n    </testcase>\n"
      case .failed(let failure):
        let message = "message=\"\(Self.escaped(failure.message))\" type=\"\(Self.escaped(failure.type))\""
        text += "    <testcase \(names)>\n      <failure \(message)>\(Self.escaped(failure.details))</failure>\n"
        text += "    </testcase>\n"
      }
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
