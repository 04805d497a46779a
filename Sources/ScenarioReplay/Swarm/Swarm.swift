import EC2Simulator
package import Governance
package import Orchestrator

/// Random scenarios, one per seed, held against what must always be true.
///
/// Invariants:
/// 1. A seed says everything: world, people, faults, crashes, Reeve's configuration, the schedule. The same seed, the
///    same run, in whatever process.
/// 2. A scenario that shows a violation is shrunk only to scenarios that show a violation of the same invariant.
package struct Swarm: Sendable {
  package let catalog: any PluginCatalog
  /// For tests that want to know whether a fault of Reeve's would be noticed.
  package var ports: PortDecoration?
  /// Each seed is run twice, and its bytes are compared.
  package var repeats = false

  package init(catalog: any PluginCatalog) { self.catalog = catalog }

  /// What one scenario showed.
  package struct Outcome: Sendable {
    package var document: Document
    package var scheduleSeed: UInt64
    package var violations: [SwarmViolation]
    package var transcript: String
    /// Calls of the simulator.
    package var calls: Int
    package var steps: Int
  }

  package static func document(seed: UInt64) -> Document { SwarmScenario.document(seed: seed) }

  /// The scenario of a seed.
  package func run(seed: UInt64) -> Outcome {
    let document = SwarmScenario.document(seed: seed)
    var outcome = run(document, scheduleSeed: seed)
    guard repeats, outcome.violations.isEmpty else { return outcome }
    let again = run(document, scheduleSeed: seed)
    if again.transcript != outcome.transcript {
      let lines = outcome.transcript.split(separator: "\n", omittingEmptySubsequences: false)
      let others = again.transcript.split(separator: "\n", omittingEmptySubsequences: false)
      let place = zip(lines, others).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? lines.count
      outcome.violations.append(
        SwarmViolation(
          .sameSeedSameBytes, step: "-", detail: "two runs differ from line \(place + 1) of the transcript"))
    }
    return outcome
  }

  /// Any scenario, as the content of its file.
  package func run(_ document: Document, scheduleSeed: UInt64) -> Outcome {
    var outcome = Outcome(
      document: document, scheduleSeed: scheduleSeed, violations: [], transcript: "", calls: 0, steps: 0)
    let scenario: Scenario
    do {
      scenario = try Self.scenario(document)
    } catch {
      outcome.violations = [SwarmViolation(.harness, step: "-", detail: "the scenario cannot be read: \(error)")]
      return outcome
    }
    let watch = SwarmWatch(manifests: catalog.manifests)
    var setting = ScenarioRunner.Setting(scheduleSeed: scheduleSeed, catalog: catalog)
    setting.makeWatcher = { watch }
    setting.ports = ports
    let result = ScenarioRunner(setting).run(scenario)
    outcome.violations = watch.violations + Self.harnessFailures(result)
    outcome.transcript = result.transcript
    outcome.calls = result.replay?.simulator.calls.total ?? 0
    outcome.steps = result.steps.count
    return outcome
  }

  /// Calls and commands that are refused are life; what else fails is the harness's own.
  private static func harnessFailures(_ result: ScenarioResult) -> [SwarmViolation] {
    result.failures.filter(\.isOfHarness).map {
      SwarmViolation(.harness, step: "-", detail: $0.actual.joined(separator: "; "))
    }
  }

  static func isScenario(_ document: Document) -> Bool {
    do {
      _ = try scenario(document)
      return true
    } catch {
      return false
    }
  }

  package static func scenario(_ document: Document) throws(SourceProblems) -> Scenario {
    try Scenario(
      source: SourceValue(document: document, location: .init(file: "(swarm)", line: 1, column: 1)),
      files: { _ in nil })
  }
}
