import AWSWire
import EC2Simulator
import Governance

/// `?service=ec2&operation=ModifyImageAttribute&limit=20`: which calls of the record are wanted.
struct CallFilter {
  struct Failure: Error, CustomStringConvertible { var description: String }

  private static let names = [
    "service", "operation", "account", "region", "result", "caller", "resource", "since", "until", "limit",
  ]
  private static let defaultLimit = 100

  private var texts: [String: String] = [:]
  private var since: Timestamp?
  private var until: Timestamp?
  private(set) var limit = Self.defaultLimit

  init(query: String) throws(Failure) {
    guard let fields = PercentEncoding.fields(query.utf8) else {
      throw Failure(description: "the query string contains a syntax error")
    }
    for (name, value) in fields {
      switch name {
      case "since": since = try Self.time(value, name)
      case "until": until = try Self.time(value, name)
      case "limit":
        guard let number = Int(value), (0...10_000).contains(number) else {
          throw Failure(description: "limit=\(value.prefix(40)): expected 0 to 10000")
        }
        limit = number
      default:
        guard Self.names.contains(name) else {
          let hint = SourceReader.suggestion(for: name, among: Self.names)
          throw Failure(description: "unknown filter \"\(name.prefix(40))\"; \(hint)")
        }
        texts[name] = value
      }
    }
    // `operation=ec2:DescribeImages` says both.
    if let parts = texts["operation"]?.split(separator: ":").map(String.init), parts.count == 2 {
      texts["service"] = parts[0]
      texts["operation"] = parts[1]
    }
  }

  private static func time(_ text: String, _ name: String) throws(Failure) -> Timestamp {
    guard let time = Timestamp(iso8601: text) else {
      throw Failure(description: "\(name)=\(text.prefix(40)): expected a time such as 2026-11-23T09:00:00Z")
    }
    return time
  }

  private func fits(_ name: String, _ actual: String) -> Bool { texts[name].map { $0 == actual } ?? true }

  func matches(_ key: CallRecord.Key) -> Bool {
    fits("service", key.service) && fits("operation", key.operation) && fits("account", key.account)
      && fits("region", key.region) && fits("result", key.result)
  }

  func matches(_ event: CallEvent) -> Bool {
    fits("service", event.service) && fits("operation", event.operation) && fits("account", event.account)
      && fits("region", event.region) && fits("result", event.result) && fits("caller", event.caller?.arn ?? "")
      && since.map { $0 <= event.time } ?? true && until.map { event.time < $0 } ?? true
      && texts["resource"].map { event.parameters.holds($0) || event.answer?.holds($0) == true } ?? true
  }
}

extension Document {
  fileprivate func holds(_ text: String) -> Bool {
    switch kind {
    case .string: string == text
    case .array: elements.contains { $0.holds(text) }
    case .object: entries.contains { $0.value.holds(text) }
    default: false
    }
  }
}
