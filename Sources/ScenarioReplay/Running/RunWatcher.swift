import Governance
package import Orchestrator

/// Looks on while a scenario is played: each step, and each call of Reeve at the instant at which AWS handles it.
protocol RunWatcher: CallWatcher {
  /// Before the first step.
  func begins(_ run: ScenarioRun) async throws
  func begins(_ record: StepRecord, of run: ScenarioRun) async throws
  func ended(_ record: StepRecord, of run: ScenarioRun) async throws
  /// After the last one.
  func ended(_ run: ScenarioRun) async throws
}

/// What is put between Reeve and its ports: by a test that wants to know whether a fault would be noticed.
package struct PortDecoration: Sendable {
  package var cloud: @Sendable (any Cloud) -> any Cloud
  package var ledger: @Sendable (any SweepLedger) -> any SweepLedger

  package init(
    cloud: @escaping @Sendable (any Cloud) -> any Cloud = { $0 },
    ledger: @escaping @Sendable (any SweepLedger) -> any SweepLedger = { $0 }
  ) {
    self.cloud = cloud
    self.ledger = ledger
  }
}
