import AWSWire
import Governance

/// The page `Fidelity.md`, from the table of operations.
package enum FidelityPage {
  package static var text: String {
    var lines = [
      "# Fidelity", "",
      "What the simulator enforces, what differs from AWS, and what is not there.", "",
      "Written from the code by `make golden`; a test keeps it true.", "", "## Enforced", "",
    ]
    lines += Fidelity.enforced(throttling: true).map { "- \($0)" }
    lines += ["", "## Different everywhere", ""] + Fidelity.differences.map { "- \($0)" }
    lines += limits
    for service in OperationTable.services { lines += Self.service(service) }
    lines += unestablished
    return lines.joined(separator: "\n") + "\n"
  }

  private static var limits: [String] {
    let named = ["ec2": "InvalidAction, 400", "sts": "InvalidAction, 400", "iam": "InvalidAction, 400"]
    var lines = [
      "", "## Not there", "",
      "An operation of the model that is not simulated answers as AWS answers one it does not know, and is counted under",
      "`unsupported` of `/_simulator/calls`.", "", "| service | simulated | not there | answer |",
      "| --- | --- | --- | --- |",
    ]
    for service in OperationTable.services {
      guard let model = ServiceModel.named(service) else { continue }
      let there = OperationTable.operations(of: service)
      let missing = Set(model.operationNames).subtracting(there).count
      lines.append(
        "| \(service) | \(there.count) | \(missing) | \(named[service] ?? "UnknownOperationException, 400") |")
    }
    return lines
  }

  private static func service(_ service: String) -> [String] {
    let entries = OperationTable.entries.filter { $0.service == service }.sorted { $0.name < $1.name }
    guard !entries.isEmpty else { return [] }
    var lines = [
      "", "## Operations of \(service)", "", "| operation | authorized | beside AWS |", "| --- | --- | --- |",
    ]
    lines += entries.map { "| \($0.name) | \(authorization($0)) | \(notes($0)) |" }
    return lines
  }

  private static func authorization(_ entry: OperationEntry) -> String {
    guard entry.needsSignature else { return "unsigned" }
    return switch entry.authorization {
    case .none: "by the operation itself"
    case .anyResource: "on `*`"
    case .resources: "on each resource"
    }
  }

  private static func notes(_ entry: OperationEntry) -> String {
    var parts = entry.notes
    let ignored = entry.ignoredParameters.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }
    if !ignored.isEmpty { parts.append("accepted without effect: \(ignored.joined(separator: ", "))") }
    let refused = entry.refusedParameters
    if !refused.isEmpty { parts.append("refused: \(refused.sorted().joined(separator: ", "))") }
    return parts.map { $0.replacing("|", with: "\\|") }.joined(separator: "; ")
  }

  private static var unestablished: [String] {
    let entries = OperationTable.entries.filter { !$0.unestablished.isEmpty }.sorted { $0.action < $1.action }
    guard !entries.isEmpty else { return [] }
    return [
      "", "## Not established", "", "AWS's own code or text is not known; the nearest documented one is given.", "",
    ]
      + entries.flatMap { entry in entry.unestablished.map { "- `\(entry.action)`: \($0)" } }
  }
}
