import Governance
package import Orchestrator

/// Plays scenarios: the real orchestrator and plugins on the simulator, step by step under virtual time.
package struct ScenarioRunner: Sendable {
  package struct Setting: Sendable {
    package var scheduleSeed: UInt64
    package var catalog: any PluginCatalog
    /// Plugins that could not be loaded, as a sweep is told of them.
    package var missing: [String]
    /// nil: within the process.
    package var network: Replay.Network?
    /// One for each run.
    var makeWatcher: (@Sendable () -> any RunWatcher)?
    /// What stands between Reeve and its ports; nil: nothing.
    package var ports: PortDecoration?

    package init(
      scheduleSeed: UInt64, catalog: any PluginCatalog, missing: [String] = [], network: Replay.Network? = nil
    ) {
      self.scheduleSeed = scheduleSeed
      self.catalog = catalog
      self.missing = missing
      self.network = network
    }
  }

  private let setting: Setting

  package init(_ setting: Setting) { self.setting = setting }

  /// Never throws: whatever keeps a scenario from being played is a failure of it.
  package func run(_ scenario: Scenario) -> ScenarioResult {
    var result = ScenarioResult(scenario: scenario, scheduleSeed: setting.scheduleSeed)
    do {
      let run = try ScenarioRun(scenario, setting)
      result.run = run
      do {
        try run.play()
      } catch {
        result.failures.append(.harness(error))
      }
      result.steps = run.records
      result.failures += run.failures
    } catch {
      result.failures.append(.harness(error))
    }
    return result
  }
}

/// What came of a scenario under one schedule seed.
package struct ScenarioResult: Sendable {
  package let scenario: Scenario
  package let scheduleSeed: UInt64
  package fileprivate(set) var steps: [StepRecord] = []
  package fileprivate(set) var failures: [ScenarioFailure] = []
  fileprivate var run: ScenarioRun?

  fileprivate init(scenario: Scenario, scheduleSeed: UInt64) {
    self.scenario = scenario
    self.scheduleSeed = scheduleSeed
  }

  package var passed: Bool { failures.isEmpty }
  package var transcript: String { run?.replay.transcript.text ?? "" }

  /// Every ledger of the scenario, in a stable order.
  package func ledgerDump() throws -> String { try run?.ledgerDump() ?? "" }
  /// For who looks further: the swarm's invariants.
  package var replay: Replay? { run?.replay }

  /// What happened, line by line: equal for equal seeds.
  package var report: String {
    var lines = ["\(scenario.title) (schedule seed \(scheduleSeed))"]
    for step in steps {
      let time = step.started.iso8601Milliseconds
      let summary = step.summary.isEmpty ? "done" : step.summary
      lines.append("\(time) \(step.name): \(summary), after \((step.ended - step.started).brief)")
    }
    lines.append(passed ? "passed" : "failed: \(failures.count)")
    return lines.map { $0 + "\n" }.joined()
  }
}
