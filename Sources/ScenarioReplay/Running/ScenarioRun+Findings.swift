import EC2Simulator
import Governance
import Ledger
import Orchestrator

/// A finding or a missing verdict, as patterns see it.
private struct Sighting {
  var check: String
  var resource: ResourceKey
  var name: String
  var isOpen: Bool
  var status: Finding.Status?
  var message: String
  var code: String

  init(_ finding: Finding) {
    check = finding.check
    resource = finding.resource
    name = finding.resourceName
    isOpen = finding.isOpen
    status = finding.status
    message = finding.message
    code = ""
  }

  init(_ missing: NotEvaluated) {
    check = missing.check
    resource = missing.resource
    name = ""
    isOpen = true
    message = missing.reason.message
    code = missing.reason.code
  }

  var line: String {
    var words = "\(check) \(resource.id) \(resource.account) \(resource.region)"
    if !code.isEmpty { words += " (\(code))" }
    if let status, status != .open { words += " (\(status.rawValue))" }
    return words
  }

  var pattern: FindingPattern {
    FindingPattern(
      check: check, resource: resource.id, account: resource.account, region: resource.region,
      status: status == .open || status == .reopened ? nil : status)
  }
}

extension ScenarioRun {
  private func matches(_ pattern: FindingPattern, _ sighting: Sighting) -> Bool {
    guard pattern.check == sighting.check,
      pattern.resource == nil || pattern.resource == sighting.resource.id || pattern.resource == sighting.name,
      pattern.account.map({ accountID($0) == sighting.resource.account }) ?? true,
      (pattern.region ?? sighting.resource.region) == sighting.resource.region,
      pattern.message.map({ sighting.message.contains($0) }) ?? true,
      pattern.code.map({ $0 == sighting.code }) ?? true
    else { return false }
    return pattern.status.map { $0 == sighting.status } ?? sighting.isOpen
  }

  func findings(_ patterns: PatternSet, _ outlook: Outlook) async throws -> Verification {
    let findings = try await outlook.ledger.findings(matching: FindingQuery(statuses: Finding.Status.allCases))
    return try await compare(patterns, findings.map(Sighting.init), outlook)
  }

  func notEvaluated(_ patterns: PatternSet, _ outlook: Outlook) async throws -> Verification {
    guard let sweep = outlook.sweep else { return noSweep(patterns.document, outlook) }
    let missing = try await outlook.ledger.notEvaluated(ofSweep: sweep.id)
    return try await compare(patterns, missing.map(Sighting.init), outlook)
  }

  private func compare(_ patterns: PatternSet, _ sightings: [Sighting], _ outlook: Outlook) async throws
    -> Verification
  {
    let unknown = unknownChecks(patterns)
    switch patterns {
    case .exactly(let expected):
      var left = sightings.filter { sighting in
        sighting.isOpen || expected.contains { $0.status != nil && matches($0, sighting) }
      }
      var missing: [FindingPattern] = []
      // The narrow ones first, so that a wide one does not take what only a narrow one fits.
      for pattern in expected.sorted(by: { Self.width($0) < Self.width($1) }) {
        if let position = left.firstIndex(where: { matches(pattern, $0) }) {
          left.remove(at: position)
        } else {
          missing.append(pattern)
        }
      }
      let measured = sightings.filter(\.isOpen).map(\.pattern.document)
      return Verification(
        holds: missing.isEmpty && left.isEmpty && unknown.isEmpty,
        expected: missing.map { "+ \(Self.line($0))" } + left.map { _ in "(nothing)" },
        actual: missing.map { _ in "(nothing)" } + left.map { "- \($0.line)" } + unknown,
        measured: Document(measured))
    case .some(let contains, let absent):
      let missing = contains.filter { pattern in !sightings.contains { matches(pattern, $0) } }
      let present = absent.flatMap { pattern in sightings.filter { matches(pattern, $0) } }
      // What never was cannot be found: then its absence says nothing.
      var unreal: [String] = []
      for pattern in absent where try await !exists(pattern, outlook) { unreal.append(Self.line(pattern)) }
      return Verification(
        holds: missing.isEmpty && present.isEmpty && unreal.isEmpty && unknown.isEmpty,
        expected: missing.map { "+ \(Self.line($0))" } + present.map { _ in "(nothing)" }
          + unreal.map { "absent: \($0)" },
        actual: missing.map { _ in "(nothing)" } + present.map { "- \($0.line)" }
          + unreal.map { _ in "no such resource is in the world: its absence proves nothing" } + unknown)
    }
  }

  private static func line(_ pattern: FindingPattern) -> String { pattern.document.string ?? pattern.document.json }

  /// How much a pattern leaves open.
  private static func width(_ pattern: FindingPattern) -> Int {
    [pattern.resource, pattern.account, pattern.region, pattern.message, pattern.code].count { $0 == nil }
  }

  private func unknownChecks(_ patterns: PatternSet) -> [String] {
    let known = setting.catalog.manifests.flatMap { $0.checks.map(\.id) }
    return Set(patterns.patterns.map(\.check)).subtracting(known).sorted().map {
      "no check \"\($0)\"; \(SourceReader.suggestion(for: $0, among: known))"
    }
  }

  /// Is, or was, there a resource that the pattern could be about?
  private func exists(_ pattern: FindingPattern, _ outlook: Outlook) async throws -> Bool {
    guard let resource = pattern.resource else { return true }
    let recorded = try await outlook.ledger.resources(matching: ResourceQuery(includesGone: true))
    if recorded.contains(where: { $0.resource.id == resource || $0.resource.name == resource }) { return true }
    let worlds = [scenario.world.world, replay.simulator.world]
    return worlds.contains { world in
      world.accountIDs.contains { account in
        world.regions.contains { region in
          let state = world.state(of: Scope(account: account, region: region.name))
          return region.name == resource || state.imageIDs.contains(resource)
            || state.snapshotIDs.contains(resource)
            || state.imageIDs.contains { state.images[$0]?.name == resource }
        }
      }
    }
  }

  // MARK: Coverage

  func noSweep(_ expected: Document, _ outlook: Outlook) -> Verification {
    Verification(
      holds: false, expected: [expected.json], actual: [outlook.record?.error ?? "no sweep in the ledger"])
  }

  private func lines(_ coverage: [Coverage]) -> [String] {
    coverage.map { "\($0.scope) \($0.verdict.rawValue)\($0.reason.isEmpty ? "" : ": \($0.reason)")" }
  }

  private func holds(_ expected: ScopeExpectation, _ actual: Coverage) -> Bool {
    (expected.account == "*" ? "*" : accountID(expected.account)) == actual.scope.account
      && expected.region == actual.scope.region && expected.verdict == actual.verdict
      && (expected.reason.map { actual.reason.contains($0) } ?? true)
  }

  func coverage(_ expected: [ScopeExpectation], _ outlook: Outlook) async throws -> Verification {
    let document = Expectation.Kind.coverage(expected).document
    guard let sweep = outlook.sweep else { return noSweep(document, outlook) }
    let coverage = try await outlook.ledger.coverage(ofSweep: sweep.id)
    let wrong = expected.filter { scope in !coverage.contains { holds(scope, $0) } }
    let actual = wrong.map { scope -> String in
      let account = scope.account == "*" ? "*" : accountID(scope.account)
      let entry = coverage.first { $0.scope == Scope(account: account, region: scope.region) }
      return entry.map { lines([$0])[0] } ?? "\(scope.place) has no coverage; there is: "
        + lines(coverage.filter { $0.scope.account == account }).joined(separator: ", ")
    }
    let measured = expected.compactMap { scope -> (name: String, value: Document?)? in
      let account = scope.account == "*" ? "*" : accountID(scope.account)
      let entry = coverage.first { $0.scope == Scope(account: account, region: scope.region) }
      return entry.map { (scope.place, Document($0.verdict.rawValue)) }
    }
    return Verification(
      holds: wrong.isEmpty,
      expected: wrong.map { "\($0.place) \($0.verdict.rawValue)\($0.reason.map { ": …\($0)…" } ?? "")" },
      actual: actual, measured: measured.count == expected.count ? Document(entries: measured) : nil)
  }

  func gaps(_ expected: [ScopeExpectation], _ outlook: Outlook) async throws -> Verification {
    let document = Expectation.Kind.gaps(expected).document
    guard let sweep = outlook.sweep else { return noSweep(document, outlook) }
    let gaps = try await outlook.ledger.coverage(ofSweep: sweep.id).filter(\.verdict.isGap)
    let missing = expected.filter { scope in !gaps.contains { holds(scope, $0) } }
    let unexpected = gaps.filter { gap in !expected.contains { holds($0, gap) } }
    return Verification(
      holds: missing.isEmpty && unexpected.isEmpty,
      expected: expected.isEmpty ? ["no gap"] : expected.map { "\($0.place) \($0.verdict.rawValue)" },
      actual: gaps.isEmpty ? ["no gap"] : lines(gaps),
      measured: Document(entries: gaps.map { ("\($0.scope)", Document($0.verdict.rawValue)) }))
  }

  func scopes(_ expected: [CountedVerdict], _ outlook: Outlook) async throws -> Verification {
    let document = Expectation.Kind.scopes(expected).document
    guard let sweep = outlook.sweep else { return noSweep(document, outlook) }
    let coverage = try await outlook.ledger.coverage(ofSweep: sweep.id)
    func count(_ verdict: Coverage.Verdict) -> Int { coverage.count { $0.verdict == verdict } }
    let measured = expected.map { (name: $0.verdict.rawValue, value: Optional(Document(count($0.verdict)))) }
    return Verification(
      holds: expected.allSatisfy { $0.bound.holds(for: count($0.verdict)) },
      expected: expected.map { "\($0.bound.text) \($0.verdict.rawValue)" },
      actual: Coverage.Verdict.allCases.filter { count($0) > 0 }.map { "\(count($0)) \($0.rawValue)" },
      measured: Document(entries: measured))
  }

  func kpis(_ expected: [NamedBound], _ outlook: Outlook) async throws -> Verification {
    let document = Expectation.Kind.kpis(expected).document
    guard let sweep = outlook.sweep else { return noSweep(document, outlook) }
    let coverage = try await outlook.ledger.coverage(ofSweep: sweep.id)
    let missing = try await outlook.ledger.notEvaluated(ofSweep: sweep.id)
    let conclusion = SweepConclusion(
      findings: try await outlook.ledger.findings(
        matching: FindingQuery(statuses: Finding.Status.allCases, checks: sweep.checks)), coverage: coverage,
      notEvaluated: missing)
    let totals = SweepTotals(
      findings: conclusion.findings, coverage: coverage, notEvaluated: missing, calls: sweep.calls)
    let measured = expected.map { (name: $0.name, value: totals[$0.name].map { Document($0) }) }
    return Verification(
      holds: expected.allSatisfy { bound in totals[bound.name].map { bound.bound.holds(for: $0) } ?? false },
      expected: expected.map { "\($0.name): \($0.bound.text)" },
      actual: expected.map { "\($0.name): \(totals[$0.name].map { "\($0)" } ?? "unknown")" },
      measured: Document(entries: measured))
  }
}
