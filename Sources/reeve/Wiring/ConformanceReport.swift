import Governance
import Reporting

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

  var junit: String {
    let cases = lines.map { line in
      let outcome: JUnitReport.Outcome =
        switch line.outcome {
        case .passed: .passed
        case .skipped(let why): .skipped(why)
        case .failed(let message): .failed(.init(message: message, type: "conformance", details: line.asks))
        }
      return JUnitReport.Case(className: plugin, name: line.id, outcome: outcome)
    }
    return JUnitReport(suite: plugin, properties: [("seed", "\(seed)")], cases: cases).xml
  }
}
