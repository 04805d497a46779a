package import AWSWire
package import Determinism
package import Governance
import Synchronization

/// World × request → world × response. Synchronous and thread-safe: one lock around the state, held for the handling of
/// one request and not for its decoding, its signature or its encoding.
///
/// Invariants:
/// 1. Nothing is drawn, dated or counted but from the seed, the clock and the requests so far: the same requests in the
///    same order get the same bytes.
/// 2. A request that is refused changes nothing but the record of calls.
/// 3. No request is handled before its signature is verified and its caller authorized.
package final class Simulator: Sendable {
  private let initial: World
  private let seed: UInt64
  private let clock: any WorldClock
  /// What signatures' dates are compared with: the host's time; in a replay, the virtual one.
  private let wall: @Sendable () -> Timestamp
  private let state: Mutex<SimulatorState>

  package init(
    world: World, seed: UInt64, clock: any WorldClock, wall: @escaping @Sendable () -> Timestamp
  ) {
    initial = world
    self.seed = seed
    self.clock = clock
    self.wall = wall
    state = Mutex(SimulatorState(world: world, seed: seed))
  }

  package var now: Timestamp { clock.now + state.withLock { $0.offset } }

  package func advance(by duration: Duration) {
    state.withLock { $0.offset += duration }
  }

  /// Back to the initial world: no session, no record of calls, the clock where it would be without advances.
  package func reset() {
    state.withLock { $0 = SimulatorState(world: initial, seed: seed) }
  }

  /// The world as it is now, in a stable order; loads again to the same world.
  package func worldDump() -> Document { world.dump(at: now) }

  /// A copy of the world as it is now.
  package var world: World { state.withLock { $0.world } }

  /// What other actors do without a call: changes the world between two requests.
  package func change(_ body: (inout World) -> Void) { state.withLock { body(&$0.world) } }

  package var calls: CallRecord { state.withLock { $0.calls } }

  /// The first access key of the ambient account's first user; nil when the world gives none.
  package var ambientCredentials: Credentials? {
    guard let key = initial.account(initial.ambientAccount)?.users.flatMap(\.accessKeys).first else { return nil }
    return Credentials(accessKeyID: key.id, secretAccessKey: key.secret)
  }

  package func respond(to request: HTTPRequest) -> HTTPResponse {
    let claim = Result { () throws(SignatureV4.ClaimError) in try SignatureV4.claim(of: request) }
    guard let model = Self.service(of: request, claim: claim) else { return Self.unroutable(request, claim: claim) }
    var key = CallRecord.Key(service: model.name, operation: "", account: "", region: "", result: "OK")
    do {
      let answer = try handle(request, claim: claim, model: model, key: &key)
      return ServerCodec.response(answer.operation, answer.output, requestID: answer.requestID)
    } catch {
      if key.operation.isEmpty { key.operation = Self.operationName(request) }
      return refuse(error, model: model, key: key)
    }
  }

  /// A failure that is none of the operation's own.
  func refuse(_ error: ServiceError, of request: HTTPRequest, claim: SignatureV4.Claim, model: ServiceModel)
    -> HTTPResponse
  {
    let account = state.withLock { state in
      state.sessions[claim.accessKeyID]?.account ?? state.world.keyHolders[claim.accessKeyID]?.account ?? ""
    }
    return refuse(
      error, model: model,
      key: CallRecord.Key(
        service: model.name, operation: Self.operationName(request), account: account, region: claim.region,
        result: error.code))
  }

  /// For the record only: what a request that was not decoded says it is. Cut: anybody can say anything.
  private static func operationName(_ request: HTTPRequest) -> String {
    if let target = request.headers["X-Amz-Target"] {
      return String(target.split(separator: ".").last?.prefix(64) ?? "")
    }
    let form = request.query + "&" + String(decoding: request.body.prefix(65_536), as: UTF8.self)
    return form.split(separator: "&").first { $0.hasPrefix("Action=") }.map { String($0.dropFirst(7).prefix(64)) } ?? ""
  }

  private func refuse(_ error: ServiceError, model: ServiceModel, key: CallRecord.Key) -> HTTPResponse {
    var error = error
    var key = key
    key.result = error.code
    error.requestID = state.withLock { state in
      state.calls.count(key)
      return error.requestID.isEmpty ? state.newRequestID() : error.requestID
    }
    return ServerCodec.error(error, of: model)
  }
}

// MARK: One request

extension Simulator {
  private struct Answer {
    var operation: Operation
    var output: Document
    var requestID: String
  }

  private func handle(
    _ request: HTTPRequest, claim: Result<SignatureV4.Claim, SignatureV4.ClaimError>, model: ServiceModel,
    key: inout CallRecord.Key
  ) throws(ServiceError) -> Answer {
    let caller = try authenticate(request, claim: claim, model: model, key: &key)
    let incoming = try ServerCodec.request(request, of: model)
    key.operation = String(incoming.action.prefix(64))
    guard let operation = model.operation(incoming.action),
      let entry = OperationTable.entry(model.name, incoming.action)
    else {
      state.withLock { $0.calls.countUnsupported("\(model.name):\(incoming.action.prefix(64))") }
      throw Self.unknownAction(incoming, service: model)
    }
    try refuseUnknown(incoming, service: model.name)
    let now = now
    let call = Call(
      service: model.name, operation: incoming.action, region: key.region, parameters: incoming.parameters,
      caller: caller, now: now, wall: wall())
    let outcome: Result<Answer, ServiceError> = state.withLock { state in
      let requestID = state.newRequestID()
      do throws(ServiceError) {
        state.settle(at: now)
        let output = try Self.perform(call, entry: entry, requestID: requestID, in: &state)
        state.calls.count(key)
        return .success(Answer(operation: operation, output: output, requestID: requestID))
      } catch {
        var error = error
        error.requestID = requestID
        return .failure(error)
      }
    }
    return try outcome.get()
  }

  private func authenticate(
    _ request: HTTPRequest, claim: Result<SignatureV4.Claim, SignatureV4.ClaimError>, model: ServiceModel,
    key: inout CallRecord.Key
  ) throws(ServiceError) -> Caller {
    let verified: SignatureV4.Claim
    switch claim {
    case .success(let claim): verified = claim
    case .failure(let error): throw Authentication.error(error, service: model.name)
    }
    key.region = verified.region
    let authentication = Authentication(service: model.name, claim: verified)
    let found: Result<Authentication.Holder, ServiceError> = state.withLock { state in
      Result { () throws(ServiceError) in try authentication.holder(in: state) }
    }
    let holder = try found.get()
    key.account = holder.caller.account
    try authentication.check(holder, of: request, now: now, wall: wall())
    let enabled: Result<Void, ServiceError> = state.withLock { state in
      Result { () throws(ServiceError) in try authentication.checkRegion(of: holder.caller, in: state.world) }
    }
    try enabled.get()
    return holder.caller
  }

  private static func perform(
    _ call: Call, entry: OperationEntry, requestID: String, in state: inout SimulatorState
  ) throws(ServiceError) -> Document {
    try authorize(call, entry: entry, requestID: requestID, in: state.world)
    if call.service == "ec2", call.bool("DryRun") {
      throw .ec2("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", status: 412)
    }
    return try entry.handler(call, &state)
  }

  // A function of its own: a copy of the world that lived on while the handler writes would make it copy its tables.
  private static func authorize(_ call: Call, entry: OperationEntry, requestID: String, in world: World)
    throws(ServiceError)
  {
    let authorizer = Authorizer(world: world, call: call)
    let targets: [Authorizer.Target]
    switch entry.authorization {
    case .none: targets = []
    case .anyResource: targets = [Authorizer.Target()]
    case .resources(let touched): targets = touched(call, world)
    }
    for target in targets {
      let action = target.action ?? entry.action
      if case .denied(let reason) = authorizer.decision(action: action, target: target) {
        throw authorizer.denial(action: action, target: target, because: reason, requestID: requestID)
      }
    }
  }

  /// EC2 and Organizations refuse what they do not know; STS ignores it, and it is counted.
  private func refuseUnknown(_ incoming: ServerCodec.Incoming, service: String) throws(ServiceError) {
    guard let first = incoming.unknown.first else { return }
    switch service {
    case "ec2":
      throw .ec2("UnknownParameter", "The parameter \(first) is not recognized")
    default:
      state.withLock { state in
        for name in incoming.unknown {
          state.calls.countUnsupported("\(service):\(incoming.action):\(name.prefix(64))")
        }
      }
    }
  }
}
