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
    guard let credentials = credentials(of: call.actor) else {
      return .failure(
        ServiceError(status: 403, code: "NoCredentials", message: "\(call.actor.text) has no access key now"))
    }
    return replay.simulator.perform(
      DirectCall(
        service: call.service, operation: call.operation, region: call.region,
        parameters: call.parameters.resolving { self.answer(of: $0.step) }, credentials: credentials))
  }

  private func credentials(of actor: ScenarioActor) -> Credentials? {
    let world = replay.simulator.world
    guard let id = world.accountID(named: actor.account), let account = world.account(id) else { return nil }
    let user = account.users.first { $0.name == actor.name }
    return user?.accessKeys.first(where: \.isActive).map {
      Credentials(accessKeyID: $0.id, secretAccessKey: $0.secret)
    }
  }
}
