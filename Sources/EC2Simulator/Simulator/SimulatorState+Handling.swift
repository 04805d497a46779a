import AWSWire
import Governance

// One call whose caller is known, from here the same for every way it can come.
extension SimulatorState {
  mutating func handle(
    _ incoming: ServerCodec.Incoming, of arrival: Arrival, caller: Caller, passage: Passage,
    at times: Simulator.Times
  ) -> Outcome {
    let model = arrival.model
    let call = Call(
      service: model.name, operation: incoming.action, region: arrival.region, parameters: incoming.parameters,
      caller: caller, now: times.clock + offset, wall: times.wall, rollout: passage.rollout,
      sourceAddress: arrival.sourceAddress, userAgent: arrival.userAgent)
    for actor in passage.before { act(actor, beside: call, at: times) }
    defer { for actor in passage.after { act(actor, beside: call, at: times) } }
    guard let operation = model.operation(incoming.action),
      let entry = OperationTable.entry(model.name, incoming.action)
    else {
      calls.countUnsupported("\(model.name):\(incoming.action.prefix(64))")
      return refuse(arrival, because: Simulator.unknownAction(incoming, service: model), at: times)
    }
    let id = nextRequestID()
    do throws(ServiceError) {
      if let refusal = passage.refusal(of: model) { throw refusal }
      guard !world.isThrottling || buckets.admit(call) else { throw ServiceError.throttled(by: model) }
      try refuseUnknown(incoming, entry: entry)
      settle(at: call.now)
      let answer = try perform(
        call, of: arrival.wantsBytes ? operation : nil, entry: entry, id: id, staleness: passage.staleness)
      record(arrival, call: call, entry: entry, id: id, result: .success(answer))
      return Outcome(id: id, operation: operation, result: .success(answer))
    } catch {
      var error = error
      error.requestID = id.text
      record(arrival, call: call, entry: entry, id: id, result: .failure(error))
      return Outcome(id: id, operation: operation, result: .failure(error))
    }
  }

  /// A call that does not get as far as that.
  mutating func refuse(_ arrival: Arrival, because error: ServiceError, at times: Simulator.Times) -> Outcome {
    let id = nextRequestID()
    var error = error
    error.requestID = id.text
    let call = Call(
      service: arrival.model.name, operation: arrival.operation, region: arrival.region, parameters: .emptyObject,
      caller: arrival.caller ?? .anonymous, now: times.clock + offset, wall: times.wall,
      sourceAddress: arrival.sourceAddress, userAgent: arrival.userAgent)
    record(arrival, call: call, entry: nil, id: id, result: .failure(error))
    return Outcome(id: id, operation: nil, result: .failure(error))
  }

  /// With `operation`, in bytes where the operation writes its own.
  private mutating func perform(
    _ call: Call, of operation: Operation?, entry: OperationEntry, id: RequestID, staleness: Duration?
  ) throws(ServiceError) -> Answer {
    try authorize(call, entry: entry, id: id)
    #if DEBUG
      // From here on: what only a policy asks for has no effect.
      DocumentReads.current?.watch(call.parameters)
    #endif
    if call.service == "ec2", call.bool("DryRun") {
      throw .ec2("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", status: 412)
    }
    if let staleness, let answer = try staleAnswer(to: call, of: operation, entry: entry, id: id, by: staleness) {
      return answer
    }
    guard entry.isMutating, faults.remembersWrites else { return try answer(to: call, of: operation, entry, id) }
    let before = world
    let output = try answer(to: call, of: operation, entry, id)
    faults.remember(before, at: call.now)
    return output
  }

  private mutating func answer(to call: Call, of operation: Operation?, _ entry: OperationEntry, _ id: RequestID)
    throws(ServiceError) -> Answer
  {
    guard let operation, let output = operation.output else { return .document(try entry.handler(call, &self)) }
    if let maker = entry.maker { return .late(try maker(call, &self)) }
    guard let writer = entry.writer else { return .document(try entry.handler(call, &self)) }
    let requestID = id.text
    let body = try ServerCodec.body(operation, requestID: requestID) { xml throws(ServiceError) in
      try writer(call, &self, output, &xml)
    }
    return .body(body, requestID: requestID)
  }

  /// "Eventual consistency": a read sees what was there before; what was made just now is NotFound to a write as well.
  private func staleAnswer(
    to call: Call, of operation: Operation?, entry: OperationEntry, id: RequestID, by lag: Duration
  ) throws(ServiceError) -> Answer? {
    guard let before = faults.world(before: lag, at: call.now) else { return nil }
    var stale = self
    stale.world = before
    if !entry.isMutating { return try stale.answer(to: call, of: operation, entry, id) }
    do throws(ServiceError) {
      _ = try entry.handler(call, &stale)
    } catch  where error.code.contains("NotFound") {
      throw error
    } catch {}
    return nil
  }

  // Not in `perform`: a copy of the world that lived on while the handler writes would make it copy its tables.
  private func authorize(_ call: Call, entry: OperationEntry, id: RequestID) throws(ServiceError) {
    let targets: [Authorizer.Target]
    switch entry.authorization {
    case .none: return
    case .anyResource: targets = [Authorizer.Target()]
    case .resources(let touched): targets = touched(call, world)
    }
    let policies = Authorizer.policies(of: call.caller, in: world)
    for target in targets {
      let action = target.action ?? entry.action
      // Policies without conditions ask nothing of the world: a copy of it is made for those that do.
      let decision =
        policies.arePlain
        ? PolicyEvaluator.decide(.plain(action: action, resource: target.resource), policies: policies)
        : Authorizer(world: world, call: call).decision(action: action, target: target)
      if case .denied(let reason) = decision {
        throw Authorizer(world: world, call: call)
          .denial(action: action, target: target, because: reason, requestID: id.text)
      }
    }
  }

  /// EC2 refuses what it does not know; the other services ignore it. What AWS knows and this simulator does not is
  /// refused by each: to ignore it would be a success that is none. It is counted with each.
  private mutating func refuseUnknown(_ incoming: ServerCodec.Incoming, entry: OperationEntry) throws(ServiceError) {
    let missing = entry.parameters.firstMissing(in: incoming.parameters)
    guard missing != nil || !incoming.unknown.isEmpty else { return }
    for name in incoming.unknown + [missing].compactMap(\.self) {
      calls.countUnsupported("\(entry.service):\(incoming.action):\(name.prefix(64))")
    }
    switch (entry.service, missing) {
    case ("ec2", _):
      let name = incoming.unknown.first ?? missing ?? ""
      throw .ec2("UnknownParameter", "The parameter \(name) is not recognized")
    case (_, nil): return
    case ("organizations", let name?): throw .invalidInput("\(name) is not simulated.", reason: "INVALID_ENUM")
    case (_, let name?): throw ServiceError(status: 400, code: "ValidationError", message: "\(name) is not simulated")
    }
  }

  private mutating func record(
    _ arrival: Arrival, call: Call, entry: OperationEntry?, id: RequestID, result: Result<Answer, ServiceError>
  ) {
    let isMutating = entry?.isMutating ?? false
    var answer: Answer?
    var failure: ServiceError?
    switch result {
    case .success(.body): break
    case .success(let given): if isMutating { answer = given }
    case .failure(let error): failure = error
    }
    calls.count(
      CallRecord.Key(
        service: call.service, operation: arrival.operation, account: call.caller.account, region: call.region,
        result: failure?.code ?? "OK"))
    log.append(
      CallEvent(
        id: id, call: call, operation: arrival.operation, accessKeyID: arrival.accessKeyID, isMutating: isMutating,
        answer: answer, error: failure))
  }
}
