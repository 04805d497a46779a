import Configuration
import Governance
import Ledger
import Orchestrator
import PluginHost

extension Command {
  static let pluginRecord = Command(
    path: ["plugin", "record"], summary: "write resources of a sweep to a file for `reeve plugin run`, redacted",
    discussion: """
      Reads the ledger, asks nobody. Account ids, organization, ids, names, tag values and ARNs become others, the same one
      the same way everywhere; AWS's own words, tag keys, types, numbers and times stay. Read it before you share it.
      """,
    options: [
      .init(name: "--config", value: "FILE", help: "the configuration; only its ledger is used"),
      Settings.ledgerOption,
      .init(name: "--type", value: "TYPE", help: "only this resource type, such as ec2:image", repeats: true),
      .init(name: "--check", value: "ID", help: "only resources with an open finding of this check", repeats: true),
      .init(name: "--image", value: "ID", help: "only this resource", repeats: true),
      .init(name: "--account", value: "ID", help: "only this account", repeats: true),
      .init(name: "--limit", value: "N", help: "at most so many resources. Default: 100"),
      .init(name: "--out", value: "FILE", help: "where to write. Default: standard output"),
    ]
  ) { arguments, context in
    let limit = try arguments.parsed("--limit", expected: "a number from 1") { Int($0).flatMap { $0 > 0 ? $0 : nil } }
    let ledger = try LedgerReading.open(arguments, context)
    let checks = arguments.values("--check")
    let findings = try await ledger.findings(matching: FindingQuery(checks: checks))
    var resources = try await ledger.resources(
      matching: ResourceQuery(
        types: arguments.values("--type"), accounts: arguments.values("--account"), ids: arguments.values("--image"))
    ).map(\.resource)
    if !checks.isEmpty {
      let keys = Set(findings.map(\.resource))
      resources = resources.filter { keys.contains($0.key) }
    }
    guard !resources.isEmpty else {
      throw CommandFailure.usage("the ledger holds no such resource; `reeve sweep` fills it, `reeve findings` lists it")
    }
    let kept = Array(resources.prefix(limit ?? 100))
    let keys = Set(kept.map(\.key))
    let accounts = try await ledger.accounts()
    let fixture = ResourceFixture(
      organization: Organization(
        id: "o-recorded", arn: "", managementAccount: "", partition: .aws, accounts: accounts, units: []),
      resources: kept,
      findings: findings.filter { keys.contains($0.resource) }.map {
        .init(resource: $0.resource.id, check: $0.check, message: $0.message, evidence: $0.evidence)
      })
    var redaction = FixtureRedaction()
    let json = redaction.redacted(fixture).json
    if kept.count < resources.count {
      context.errors.write("\(kept.count) of \(resources.count) resources; --limit takes more\n")
    }
    guard let path = arguments.value("--out") else {
      context.output.write(json)
      return .clean
    }
    try context.files.replace(path, with: Array(json.utf8), mode: 0o644)
    context.output.write("\(kept.count) resources written to \(path)\n")
    return .clean
  }
}
