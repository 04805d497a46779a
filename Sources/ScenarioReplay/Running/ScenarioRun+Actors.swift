import AWSWire
import EC2Simulator
import Governance

extension ScenarioRun {
  /// A call by somebody of the world, at once and without a network between.
  func perform(_ call: ScenarioCall, _ record: inout StepRecord) {
    let before = replay.simulator.calls.counts
    defer {
      count(actorCalls: replay.simulator.calls.counts.merging(before, uniquingKeysWith: -).filter { $0.value != 0 })
    }
    switch answer(to: call) {
    case .success(let answer):
      record.answer = answer
      keep(answer: answer, of: record.step.name)
    case .failure(let error):
      record.code = error.code
      record.error = "\(error.code): \(error.message)"
    }
  }
}

extension ScenarioRun {
  private func answer(to call: ScenarioCall) -> Result<Document, ServiceError> {
    replay.simulator.perform(
      ActorCall(
        principal: principal(call.actor), invokedBy: call.invokedBy, service: call.service, operation: call.operation,
        region: call.region, parameters: call.parameters.resolving { self.answer(of: $0.step) }))
  }

  /// The ARN, with the path that a user or role has now.
  private func principal(_ actor: ScenarioActor) -> String {
    let world = replay.simulator.world
    let id = accountID(actor.account)
    let path =
      switch actor.kind {
      case .user: world.account(id)?.users.first { $0.name == actor.name }?.path
      case .role: world.account(id)?.role(named: actor.name)?.path
      case .root: ""
      }
    return world.iamARN(account: id, "\(actor.kind.rawValue)\(path ?? "/")\(actor.name)")
  }
}
