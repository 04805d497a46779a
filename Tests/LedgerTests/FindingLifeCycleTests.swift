import Governance
import Orchestrator
import Testing

@testable import Ledger

@Suite struct FindingLifeCycleTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    /// One commit a minute; nil: the image is not in the listing.
    var verdicts: [Verdict?]
    var lastCoverage = Coverage.Verdict.scanned
    var status: Finding.Status?
    var sinceMinute: Int64 = 0
    var lastSeenMinute: Int64 = 0
    var resolvedMinute: Int64?
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "a fail opens", verdicts: [failing], status: .open),
    Case(name: "a pass opens nothing", verdicts: [.pass]),
    Case(name: "not applicable opens nothing", verdicts: [.notApplicable]),
    Case(name: "not evaluated opens nothing", verdicts: [unread]),
    Case(name: "another fail refreshes", verdicts: [failing, failing], status: .open, lastSeenMinute: 1),
    Case(name: "a pass resolves", verdicts: [failing, .pass], status: .resolved, resolvedMinute: 1),
    Case(name: "not applicable resolves", verdicts: [failing, .notApplicable], status: .resolved, resolvedMinute: 1),
    Case(
      name: "resolved stays resolved, since then", verdicts: [failing, .pass, .pass], status: .resolved,
      resolvedMinute: 1),
    Case(name: "not evaluated leaves it open", verdicts: [failing, unread], status: .open),
    Case(
      name: "not evaluated leaves it resolved", verdicts: [failing, .pass, unread], status: .resolved, resolvedMinute: 1
    ),
    Case(
      name: "a fail reopens, since now", verdicts: [failing, .pass, failing], status: .reopened, sinceMinute: 2,
      lastSeenMinute: 2),
    Case(
      name: "reopened stays reopened", verdicts: [failing, .pass, failing, failing], status: .reopened, sinceMinute: 2,
      lastSeenMinute: 3),
    Case(
      name: "reopened resolves", verdicts: [failing, .pass, failing, .pass], status: .resolved, sinceMinute: 2,
      lastSeenMinute: 2, resolvedMinute: 3),
    Case(name: "a gone resource resolves", verdicts: [failing, nil], status: .resolved, resolvedMinute: 1),
    Case(
      name: "a resource that came back reopens", verdicts: [failing, nil, failing], status: .reopened, sinceMinute: 2,
      lastSeenMinute: 2),
    Case(name: "absence in a gap resolves nothing", verdicts: [failing, nil], lastCoverage: .denied, status: .open),
    Case(
      name: "absence from a complete listing resolves, though the scope is partial", verdicts: [failing, nil],
      lastCoverage: .partial, status: .resolved, resolvedMinute: 1),
  ]

  @Test("A finding lives as its verdicts say", arguments: cases)
  func life(of example: Case) async throws {
    let ledger = try memoryLedger()
    for (position, given) in example.verdicts.enumerated() {
      let isLast = position == example.verdicts.count - 1
      let id = "s\(position)"
      try await ledger.beginSweep(sweep(id, at: at(Int64(position))))
      let scope = result(
        given == nil ? [] : [image("ami-1")], given.map { [verdict($0)] } ?? [],
        coverage: isLast ? example.lastCoverage : .scanned)
      try await ledger.commit(scope, sweep: id, now: at(Int64(position)))
    }
    let found = try await ledger.findings(matching: FindingQuery(statuses: []))
    #expect(found.map(\.status) == (example.status.map { [$0] } ?? []))
    guard let finding = found.first else { return }
    #expect(finding.since == at(example.sinceMinute))
    #expect(finding.lastSeen == at(example.lastSeenMinute))
    #expect(finding.resolvedAt == example.resolvedMinute.map(at))
    #expect(finding.resourceName == "n-ami-1")
    #expect(finding.evidence == ["LaunchPermissions": [["Group": "all"]]])
  }

  @Test("Only the checks that gave a verdict are touched")
  func otherChecks() async throws {
    let ledger = try memoryLedger()
    try await ledger.beginSweep(sweep("s"))
    let both = [verdict(failing, check: "a"), verdict(failing, check: "b")]
    try await ledger.commit(result([image("ami-1")], both), sweep: "s", now: at(0))
    try await ledger.commit(result([image("ami-1")], [verdict(.pass, check: "a")]), sweep: "s", now: at(1))
    let open = try await ledger.findings(matching: FindingQuery())
    #expect(open.map(\.check) == ["b"])
    #expect(open.first?.lastSeen == at(0))
  }

  @Test("An excepted finding stays excepted while it fails, and resolves")
  func excepted() async throws {
    let ledger = try memoryLedger()
    try await ledger.beginSweep(sweep("s"))
    try await ledger.commit(result([image("ami-1")], [verdict(failing)]), sweep: "s", now: at(0))
    try await ledger.write("test") { database throws(LedgerError) in
      try database.script("UPDATE findings SET status = 'excepted'")
    }
    try await ledger.commit(result([image("ami-1")], [verdict(failing)]), sweep: "s", now: at(1))
    let excepted = try await ledger.findings(matching: FindingQuery(statuses: [.excepted]))
    #expect(excepted.map(\.lastSeen) == [at(1)])
    try await ledger.commit(result([image("ami-1")], [verdict(.pass)]), sweep: "s", now: at(2))
    #expect(try await ledger.findings(matching: FindingQuery(statuses: [.resolved])).count == 1)
  }

  @Test("A refreshed finding says what is so now")
  func refreshed() async throws {
    let ledger = try memoryLedger()
    try await ledger.beginSweep(sweep("s"))
    try await ledger.commit(result([image("ami-1")], [verdict(failing)]), sweep: "s", now: at(0))
    let changed = ScopeVerdict(
      check: "public-image", severity: .critical, resource: 0, verdict: .fail(message: "new", evidence: ["x": 1]))
    try await ledger.commit(result([image("ami-1")], [changed]), sweep: "s", now: at(1))
    let finding = try #require(try await ledger.findings(matching: FindingQuery()).first)
    #expect(finding.message == "new")
    #expect(finding.severity == .critical)
    #expect(finding.evidence == ["x": 1])
    #expect(finding.since == at(0))
  }

  @Test("A query narrows by each of its parts, and answers in order")
  func queries() async throws {
    let ledger = try memoryLedger()
    try await ledger.beginSweep(sweep("s"))
    let scopes = [
      Scope(account: "222222222222", region: "eu-west-1"), Scope(account: "111111111111", region: "us-east-1"),
      Scope(account: "111111111111", region: "eu-west-1"),
    ]
    for scope in scopes {
      let images = ["ami-2", "ami-1"].map { image($0, in: scope) }
      let verdicts = [0, 1].flatMap { [verdict(failing, on: $0, check: "b"), verdict(failing, on: $0, check: "a")] }
      try await ledger.commit(result(images, verdicts, in: scope), sweep: "s", now: at(0))
    }
    let all = try await ledger.findings(matching: FindingQuery())
    #expect(all.count == 12)
    #expect(zip(all, all.dropFirst()).allSatisfy { ($0.resource, $0.check) < ($1.resource, $1.check) })
    #expect(try await ledger.findings(matching: FindingQuery(checks: ["a"])).count == 6)
    #expect(try await ledger.findings(matching: FindingQuery(accounts: ["222222222222"])).count == 4)
    #expect(try await ledger.findings(matching: FindingQuery(regions: ["eu-west-1"])).count == 8)
    #expect(try await ledger.findings(matching: FindingQuery(resourceIDs: ["ami-2", "'"])).count == 6)
    #expect(try await ledger.findings(matching: FindingQuery(statuses: [.resolved])).isEmpty)
  }
}
