import Governance

/// What a plugin's conformance run came to.
struct ConformanceReport {
  enum Outcome: Equatable {
    case passed
    case skipped(String)
    case failed(String)

    var isFailure: Bool { if case .failed = self { true } else { false } }

    /// As a process of a case writes it in its last line; nil: that is something else.
    init?(record: String, of id: String) {
      guard let document = try? Document(json: record), document["case"]?.string == id else { return nil }
      let message = document["message"]?.string ?? ""
      switch document["result"]?.string {
      case "passed": self = .passed
      case "skipped": self = .skipped(message)
      case "failed": self = .failed(message)
      default: return nil
      }
    }
  }

  struct Line {
    var id: String
    var asks: String
    var outcome: Outcome

    var text: String {
      switch outcome {
      case .passed: "✓ \(id.padded(to: 22)) \(asks)\n"
      case .skipped(let why): "· \(id.padded(to: 22)) \(asks): \(why)\n"
      case .failed(let message): "✗ \(id.padded(to: 22)) \(asks)\n  \(message)\n"
      }
    }

    var record: String {
      let (result, message) =
        switch outcome {
        case .passed: ("passed", "")
        case .skipped(let why): ("skipped", why)
        case .failed(let message): ("failed", message)
        }
      return Document(entries: [
        ("case", Document(id)), ("result", Document(result)), ("message", Document(message)),
      ]).json
    }
  }

  var plugin: String
  var seed: UInt64
  var lines: [Line]

  private var failures: Int { lines.count { $0.outcome.isFailure } }
  private var skipped: Int { lines.count { if case .skipped = $0.outcome { true } else { false } } }
  var hasFailed: Bool { failures > 0 }

  var summary: String {
    "\(plugin.isEmpty ? "" : plugin + ": ")\(lines.count - failures - skipped) passed, \(failures) failed, \(skipped) "
      + "skipped; seed \(seed)\n"
  }

  /// As JUnit's readers expect it: a suite with a case each.
  var junit: String {
    var out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    out +=
      "<testsuite name=\"\(Self.escaped(plugin))\" tests=\"\(lines.count)\" failures=\"\(failures)\" "
      + "skipped=\"\(skipped)\">\n"
    out += "  <properties><property name=\"seed\" value=\"\(seed)\"/></properties>\n"
    for line in lines {
      let head = "  <testcase classname=\"\(Self.escaped(plugin))\" name=\"\(Self.escaped(line.id))\""
      switch line.outcome {
      case .passed: out += head + "/>\n"
      case .skipped(let why): out += head + "><skipped message=\"\(Self.escaped(why))\"/></testcase>\n"
      case .failed(let message): out += head + "><failure message=\"\(Self.escaped(message))\"/></testcase>\n"
      }
    }
    return out + "</testsuite>\n"
  }

  /// XML 1.0 has no place for most control characters, not even escaped.
  private static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: out += "\u{FFFD}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}
