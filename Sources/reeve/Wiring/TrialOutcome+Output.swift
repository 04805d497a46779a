import Governance
import Orchestrator

extension TrialOutcome {
  var document: Document {
    Document(entries: [
      ("plugin", Document(plugin.id)), ("version", Document(plugin.version)),
      (
        "found",
        plugin.kinds.contains(.discovery)
          ? Document(
            found.map {
              Self.place($0, [("attributes", $0.attributes)])
            }) : nil
      ),
      ("verdicts", plugin.kinds.contains(.check) ? Document(verdicts.map(Self.document)) : nil),
      (
        "tagOperations",
        tagOperations.isEmpty ? nil : Document(tagOperations.map { Self.document($0.operation, on: $0.resource) })
      ),
      ("actions", actions.isEmpty ? nil : Document(actions.map(Self.document))),
      ("faults", faults.isEmpty ? nil : Document(strings: faults)),
    ])
  }

  private static func place(_ resource: Resource, _ more: [(name: String, value: Document?)]) -> Document {
    Document(
      entries: [
        ("resource", Document(resource.id)), ("type", Document(resource.type)), ("account", Document(resource.account)),
        ("region", Document(resource.region)),
      ] + more)
  }

  private static func document(_ said: Said) -> Document {
    let (word, message, more) = parts(said.verdict)
    return place(
      said.resource,
      [
        ("check", Document(said.check)), ("verdict", Document(word)),
        ("message", message.isEmpty ? nil : Document(message)),
      ] + more)
  }

  private static func parts(_ verdict: Verdict) -> (String, String, [(name: String, value: Document?)]) {
    switch verdict {
    case .pass: ("pass", "", [])
    case .notApplicable: ("notApplicable", "", [])
    case .fail(let message, let evidence): ("fail", message, [("evidence", evidence)])
    case .notEvaluated(let reason): ("notEvaluated", reason.message, [("code", Document(reason.code))])
    }
  }

  private static func document(_ operation: TagOperation, on resource: Resource) -> Document {
    let kind: [(name: String, value: Document?)] =
      switch operation.kind {
      case .set(let value): [("operation", "set"), ("key", Document(operation.key)), ("value", Document(value))]
      case .remove: [("operation", "remove"), ("key", Document(operation.key))]
      case .rename(let new): [("operation", "rename"), ("key", Document(operation.key)), ("newKey", Document(new))]
      }
    return place(resource, kind + [("reason", Document(operation.reason))])
  }

  private static func document(_ action: Action) -> Document {
    Document(entries: [
      ("resource", Document(action.resource.id)), ("account", Document(action.resource.account)),
      ("region", Document(action.resource.region)), ("check", Document(action.check)),
      ("summary", Document(action.summary)), ("risk", Document(action.risk.rawValue)),
      ("call", Document("\(action.call.service):\(action.call.operation)")), ("parameters", action.call.parameters),
      ("before", action.before), ("after", action.after),
    ])
  }

  // MARK: For a person

  func table(firstOnly: Bool) -> String {
    var lines: [String] = []
    for resource in found.prefix(firstOnly ? 1 : found.count) {
      lines.append("found \(resource.type) \(resource.id) in \(resource.account)/\(resource.region)")
    }
    let shown = firstOnly ? Array(verdicts.filter { $0.verdict.isFailure }.prefix(1)) : verdicts
    for said in shown {
      let (word, message, _) = Self.parts(said.verdict)
      lines.append(
        "\(word.padded(to: 13)) \(said.check)  \(said.resource.id) in \(said.resource.account)/\(said.resource.region)"
          + (message.isEmpty ? "" : ": \(message)"))
    }
    for (resource, operation) in tagOperations.prefix(firstOnly ? 1 : tagOperations.count) {
      lines.append("tag           \(resource.id): \(operation.words)")
    }
    for action in actions.prefix(firstOnly ? 1 : actions.count) {
      lines.append("plan          \(action.summary) (\(action.call.service):\(action.call.operation))")
    }
    lines += faults
    var counts: [String] = []
    if plugin.kinds.contains(.discovery) { counts.append("\(found.count) resources found") }
    if plugin.kinds.contains(.check) {
      let failing = verdicts.count { $0.verdict.isFailure }
      counts.append("\(failing) findings, \(verdicts.count { $0.verdict.isNotEvaluated }) not evaluated")
    }
    if plugin.kinds.contains(.tagger) { counts.append("\(max(tagOperations.count, actions.count)) tag operations") }
    if plugin.kinds.contains(.remediator) { counts.append("\(actions.count) actions planned") }
    return lines.map { $0 + "\n" }.joined() + "\(plugin.id) \(plugin.version): \(counts.joined(separator: ", "))\n"
  }
}

extension Verdict {
  fileprivate var isFailure: Bool { if case .fail = self { true } else { false } }
  fileprivate var isNotEvaluated: Bool { if case .notEvaluated = self { true } else { false } }
}

extension TagOperation {
  fileprivate var words: String {
    switch kind {
    case .set(let value): "set \(key)=\(value): \(reason)"
    case .remove: "remove \(key): \(reason)"
    case .rename(let new): "rename \(key) to \(new): \(reason)"
    }
  }
}

/// An expected output: of each list every entry must be found with at least these members, and no other be there.
struct TrialExpectation {
  let expected: Document

  init(_ expected: Document) { self.expected = expected }

  func differences(from found: Document) -> [String] {
    var differences: [String] = []
    for (name, value) in expected.entries where value.kind == .array {
      var left = found[name]?.elements ?? []
      for element in value.elements {
        if let place = left.firstIndex(where: { $0.includes(element) }) {
          left.remove(at: place)
        } else {
          differences.append("/\(name): expected and not found: \(element.json)")
        }
      }
      for element in left { differences.append("/\(name): found and not expected: \(element.json)") }
    }
    if expected.entries.allSatisfy({ $0.value.kind != .array }) {
      differences.append("holds no list to compare with; expected verdicts, tagOperations, actions or found")
    }
    return differences
  }
}
