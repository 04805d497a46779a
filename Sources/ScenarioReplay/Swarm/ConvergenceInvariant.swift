import Configuration
import EC2Simulator
import Governance
import Ledger
import Orchestrator
import Synchronization

/// With faults gone, the last sweep, plan and apply of a swarm's scenario bring the organization to where it should be.
struct ConvergenceInvariant {
  let watch: SwarmWatch
  let run: ScenarioRun

  func check() async throws {
    let records = run.records
    func record(_ name: String) -> StepRecord? { records.first { $0.name == "\(SwarmScenario.settled)-\(name)" } }
    guard let sweep = record("sweep"), let again = record("again"), let apply = record("apply"),
      let plan = record("plan")
    else { return }
    for step in [sweep, again] where step.sweep == nil || step.exit == .crashed {
      report(step, "the sweep did not end: \(step.summary)")
    }
    guard let planned = plan.plan else { return report(plan, "there is no plan: \(plan.summary)") }
    guard let id = again.sweep, let checks = try await run.ledger(again.step.ledger).sweep(id)?.checks else { return }
    guard checks.contains("image.public"), isWithinBudget(planned) else { return }
    if !planned.actions.isEmpty, apply.run == nil, apply.exit != .status(0), apply.exit != .status(1) {
      report(apply, "the plan was not applied: \(apply.summary)")
    }
    let world = run.replay.simulator.world
    let excluded = run.scenario.reeve.configuration.accountSelection.exclude.accounts.map(\.pattern)
    for id in world.accountIDs {
      guard let account = world.account(id), account.state == "ACTIVE", !excluded.contains(id),
        account.organization == world.organizations.first?.id, SwarmReach.isOpen(account, in: run)
      else { continue }
      for region in world.regions where world.isRegionEnabled(region.name, in: id) {
        let state = world.state(of: Scope(account: id, region: region.name))
        for image in state.imageIDs.compactMap({ state.images[$0] }) where image.isPublic {
          report(apply, "\(image.id) in \(id)/\(region.name) is still public: \(apply.summary)")
        }
      }
    }
  }

  private func report(_ step: StepRecord, _ detail: String) { watch.report(.converges, step.name, detail) }

  /// A budget may rightly stop it, and so may failures elsewhere.
  private func isWithinBudget(_ plan: Plan) -> Bool {
    let budgets = run.scenario.reeve.configuration.budgets
    return plan.actions.count <= budgets.actionsPerRun && budgets.failureRate >= 1
  }
}
