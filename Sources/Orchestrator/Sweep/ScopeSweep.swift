import Governance

/// One scope: discovery, checks, and what it all means for coverage. Throws only when the ledger fails.
struct ScopeSweep: Sendable {
  let scope: Scope
  let partition: Partition
  let selection: CheckSelection
  let plugins: any PluginSession
  let session: any CloudSession
  let ledger: any SweepLedger
  let oldestAnswer: Timestamp?
  let now: Timestamp

  /// A check sees at most this many resources in one call.
  private static let batch = 1_000

  func run() async throws -> ScopeResult {
    var found = ScopeResult(
      coverage: Coverage(scope: scope, verdict: .scanned, reason: ""), wanted: selection.learned)
    var gaps: [(verdict: Coverage.Verdict, reason: String)] = []
    for manifest in selection.discoveries {
      let discovery = Discovery(
        manifest: manifest, scope: scope, partition: partition, wanted: selection.wantedList, plugins: plugins,
        session: session, ledger: ledger, oldestAnswer: oldestAnswer, now: now)
      do throws(Discovery.Failure) {
        let finished = try await discovery.run()
        found.resources.append(contentsOf: finished.resources)
        found.answers.append(contentsOf: finished.answers)
        found.completeTypes.append(contentsOf: manifest.resourceTypes.filter { selection.wanted[$0] != nil })
      } catch {
        switch error {
        case .ledger(let failure): throw failure
        case .call(let reason): gaps.append((Self.verdict(of: reason), "\(manifest.id): \(reason)"))
        case .plugin(let failure): gaps.append((.pluginFailed, failure.description))
        }
      }
    }
    found.resources.sort { $0.key < $1.key }
    gaps += await evaluate(&found)
    gaps += Self.unread(in: found)
    if Task.isCancelled, !gaps.isEmpty { gaps.insert((.interrupted, "the sweep was stopped"), at: 0) }
    found.coverage = coverage(of: found, gaps: gaps)
    return found
  }

  private func evaluate(_ found: inout ScopeResult) async -> [(Coverage.Verdict, String)] {
    var gaps: [(Coverage.Verdict, String)] = []
    for evaluation in selection.evaluations {
      let positions = found.resources.indices.filter { evaluation.resourceTypes.contains(found.resources[$0].type) }
      for start in stride(from: 0, to: positions.count, by: Self.batch) {
        let batch = Array(positions[start..<min(start + Self.batch, positions.count)])
        let resources = batch.map { found.resources[$0] }
        do {
          let verdicts = try await plugins.evaluate(
            plugin: evaluation.plugin, checks: evaluation.checks.map(\.id), resources: resources, now: now)
          for verdict in verdicts {
            found.verdicts.append(
              ScopeVerdict(
                check: verdict.check, severity: selection.severity(of: verdict.check),
                resource: batch[verdict.resource], verdict: verdict.verdict))
          }
        } catch {
          gaps.append((.pluginFailed, error.description))
          for check in evaluation.checks {
            for position in batch where check.resourceTypes.contains(found.resources[position].type) {
              found.verdicts.append(
                ScopeVerdict(
                  check: check.id, severity: check.severity, resource: position,
                  verdict: .notEvaluated(error.reason)))
            }
          }
        }
      }
    }
    found.verdicts.sort { ($0.resource, $0.check) < ($1.resource, $1.check) }
    return gaps
  }

  /// Unread attributes and verdicts that could not be given: looked at, but not wholly.
  private static func unread(in found: ScopeResult) -> [(Coverage.Verdict, String)] {
    var counts: [String: Int] = [:]
    var covered: Set<Int> = []
    for (position, resource) in found.resources.enumerated() {
      for note in resource.notes {
        guard let reason = note.unread else { continue }
        covered.insert(position)
        counts["\(note.name) of \(resource.type) not read: \(reason.code)", default: 0] += 1
      }
    }
    for verdict in found.verdicts where !covered.contains(verdict.resource) {
      guard case .notEvaluated(let reason) = verdict.verdict else { continue }
      counts["\(verdict.check) not evaluated: \(reason.code)", default: 0] += 1
    }
    return counts.sorted { $0.key < $1.key }.map { (.partial, "\($0.value) × \($0.key)") }
  }

  /// A scope is as badly covered as its worst part; one of which something was seen is partial.
  private func coverage(of found: ScopeResult, gaps: [(verdict: Coverage.Verdict, reason: String)]) -> Coverage {
    var coverage = Coverage(scope: scope, verdict: .scanned, reason: "", resources: found.resources.count)
    guard let first = gaps.first else { return coverage }
    coverage.verdict = found.completeTypes.isEmpty || first.verdict == .interrupted ? first.verdict : .partial
    if gaps.contains(where: { $0.verdict == .pluginFailed }), coverage.verdict == .partial {
      coverage.verdict = .pluginFailed
    }
    coverage.reason = gaps.map(\.reason).joined(separator: "; ")
    return coverage
  }

  static func verdict(of reason: FailureReason) -> Coverage.Verdict {
    switch reason.kind {
    case .denied: .denied
    case .throttled: .throttledOut
    case .timedOut: .timedOut
    // A region that did not answer several times in a row is not asked again for a while: those scopes timed out too.
    case .unreachable where reason.code == FailureReason.regionUnreachable: .timedOut
    case .cancelled: .interrupted
    case .configuration, .badData, .unsupported, .internal, .unreachable, .rejected: .failed
    }
  }
}
