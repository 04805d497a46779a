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
  /// What `reset` goes back to.
  private struct Beginning: Sendable {
    var world: World
    var seed: UInt64
    /// Where the world's clock begins beside the simulator's own.
    var offset: Duration = .zero

    func state(at now: Timestamp) -> SimulatorState {
      var state = SimulatorState(world: world, seed: seed, at: now + offset)
      state.offset = offset
      return state
    }
  }

  private let beginning: Mutex<Beginning>
  private let clock: any WorldClock
  /// What signatures' dates are compared with: the host's time; in a replay, the virtual one.
  private let wall: @Sendable () -> Timestamp
  private let state: Mutex<SimulatorState>
  /// There are rules for faults: told without the lock, for most simulations have none.
  private let hasFaults: Atomic<Bool>

  package init(
    world: World, seed: UInt64, clock: any WorldClock, wall: @escaping @Sendable () -> Timestamp
  ) {
    beginning = Mutex(Beginning(world: world, seed: seed))
    self.clock = clock
    self.wall = wall
    state = Mutex(SimulatorState(world: world, seed: seed, at: clock.now))
    hasFaults = Atomic(!world.faults.isEmpty)
  }

  package var now: Timestamp { clock.now + state.withLock { $0.offset } }

  package func advance(by duration: Duration) {
    state.withLock { $0.offset += duration }
  }

  /// Back to the initial world: its faults, no session, no record of calls, the clock where it would be without
  /// advances.
  package func reset() {
    begin(with: beginning.withLock { $0 }.state(at: clock.now))
  }

  /// Another world takes the place of everything, from its own clock on; `reset` goes back to it from now on.
  package func load(_ world: World) {
    let now = clock.now
    let offset = world.start.map { $0 - now } ?? .zero
    let other = Beginning(world: world, seed: world.seed, offset: offset)
    beginning.withLock { $0 = other }
    begin(with: other.state(at: now))
  }

  private func begin(with other: SimulatorState) {
    state.withLock { state in
      state = other
      hasFaults.store(!state.faults.rules.isEmpty, ordering: .releasing)
    }
  }

  /// Forward or back. What was promised for a time in between is kept at the next call.
  package func setClock(to time: Timestamp) {
    let offset = time - clock.now
    state.withLock { $0.offset = offset }
  }

  package var faults: [FaultRule] { state.withLock { $0.faults.rules } }

  /// Takes the place of all the rules there are, and counts from nothing.
  package func setFaults(_ rules: [FaultRule]) {
    let now = clock.now
    state.withLock { state in
      state.setFaults(rules, at: now + state.offset)
      hasFaults.store(!rules.isEmpty, ordering: .releasing)
    }
  }

  /// The world as it is now, in a stable order; loads again to the same world.
  package func worldDump() -> Document { world.dump(at: now) }

  /// A copy of the world as it is now.
  package var world: World { state.withLock { $0.world } }

  /// What other actors do without a call: changes the world between two requests.
  package func change(_ body: (inout World) -> Void) {
    let now = clock.now
    state.withLock { state in
      let before = state.faults.remembersWrites ? state.world : nil
      body(&state.world)
      if let before { state.faults.remember(before, at: now + state.offset) }
    }
  }

  package var calls: CallRecord { state.withLock { $0.calls } }

  /// Of the last calls those that are wanted, newest first.
  package func events(_ limit: Int, where isWanted: (CallEvent) -> Bool) -> [CallEvent] {
    state.withLock { $0.log.newest(limit, where: isWanted) }
  }

  /// The first access key of the ambient account's first user; nil when the world gives none.
  package var ambientCredentials: Credentials? {
    let initial = beginning.withLock { $0.world }
    guard let key = initial.account(initial.ambientAccount)?.users.flatMap(\.accessKeys).first else { return nil }
    return Credentials(accessKeyID: key.id, secretAccessKey: key.secret)
  }

  /// What the two clocks say when a call arrives.
  struct Times: Sendable {
    /// Without what `advance` added.
    var clock: Timestamp
    var wall: Timestamp
  }

  var times: Times { Times(clock: clock.now, wall: wall()) }

  func withState<Value: Sendable>(_ body: (inout sending SimulatorState) -> sending Value) -> Value {
    state.withLock(body)
  }
}

// MARK: One request

// Three steps: decode and verify, handle, encode. A direct call has only the second (Simulator.perform).
extension Simulator {
  package func respond(to request: HTTPRequest) -> HTTPResponse { respond(to: request, passage(of: request)) }

  /// The answer that sets out on its way back; what becomes of it there is the transport's to do.
  package func respond(to request: HTTPRequest, _ passage: Passage) -> HTTPResponse {
    let claim = Result { () throws(SignatureV4.ClaimError) in try SignatureV4.claim(of: request) }
    guard let model = Self.service(of: request, claim: claim) else { return Self.unroutable(request, claim: claim) }
    let outcome = handle(request, claim: claim, model: model, passage: passage)
    switch outcome.result {
    case .failure(let error): return ServerCodec.error(error, of: model)
    case .success(let answer):
      guard let operation = outcome.operation else { preconditionFailure("a success is some operation's") }
      switch answer {
      case .body(let body, let requestID): return ServerCodec.response(operation, body: body, requestID: requestID)
      case .late(let answer):
        let requestID = outcome.id.text
        let body = ServerCodec.body(operation, requestID: requestID) { xml in answer.write(to: &xml) }
        return ServerCodec.response(operation, body: body, requestID: requestID)
      case .document(let output): return ServerCodec.response(operation, output, requestID: outcome.id.text)
      }
    }
  }

  private func handle(
    _ request: HTTPRequest, claim: Result<SignatureV4.Claim, SignatureV4.ClaimError>, model: ServiceModel,
    passage: Passage
  ) -> Outcome {
    var arrival = Arrival(model: model)
    arrival.userAgent = (request.headers["User-Agent"] ?? "").cut(to: 1_000)
    arrival.wantsBytes = true
    let times = times
    do throws(ServiceError) {
      let caller = try verify(request, claim: claim, arrival: &arrival, at: times)
      let incoming = try ServerCodec.request(request, of: model)
      arrival.operation = incoming.action.cut(to: 64)
      let known = arrival
      return state.withLock { $0.handle(incoming, of: known, caller: caller, passage: passage, at: times) }
    } catch {
      if arrival.operation.isEmpty { arrival.operation = Self.operationName(request) }
      let known = arrival
      return state.withLock { $0.refuse(known, because: error, at: times) }
    }
  }

  /// Who it is. The signature is computed without the lock.
  private func verify(
    _ request: HTTPRequest, claim: Result<SignatureV4.Claim, SignatureV4.ClaimError>, arrival: inout Arrival,
    at times: Times
  ) throws(ServiceError) -> Caller {
    let claimed: SignatureV4.Claim
    switch claim {
    case .success(let claim): claimed = claim
    case .failure(.missing):
      let name = Self.operationName(request)
      guard OperationTable.entry(arrival.model.name, name)?.needsSignature == false else {
        throw Authentication.error(.missing, model: arrival.model)
      }
      arrival.region =
        Self.region(ofAuthority: request.authority) ?? beginning.withLock { $0.world.partition.homeRegion }
      return .anonymous
    case .failure(let error): throw Authentication.error(error, model: arrival.model)
    }
    arrival.region = claimed.region
    arrival.accessKeyID = claimed.accessKeyID
    let authentication = Authentication(arrival: arrival, sessionToken: claimed.sessionToken)
    // What comes after the signature is looked up with the holder: two threads that handle requests meet at this lock.
    let found: Result<(Authentication.Holder, Result<Void, ServiceError>), ServiceError> = state.withLock { state in
      Result { () throws(ServiceError) in
        let holder = try authentication.holder(in: &state)
        let checked = Result { () throws(ServiceError) in
          try authentication.checkExpiry(of: holder, now: times.clock + state.offset)
          try authentication.checkRegion(of: holder.caller, in: state.world)
        }
        return (holder, checked)
      }
    }
    let (holder, checked) = try found.get()
    arrival.caller = holder.caller
    try authentication.checkSignature(claimed, of: holder, on: request, wall: times.wall)
    try checked.get()
    return holder.caller
  }
}

// MARK: Faults

extension Simulator {
  /// What becomes of a request that sets out now. Counted as a call: to be asked once.
  package func passage(of request: HTTPRequest) -> Passage {
    guard hasFaults.load(ordering: .acquiring), let claim = try? SignatureV4.claim(of: request),
      let model = OperationTable.model(claim.service)
    else { return .clear }
    // What cannot be read has no operation that a rule could name; it gets AWS's answer to what cannot be read.
    guard let incoming = try? ServerCodec.request(request, of: model) else { return .clear }
    let candidate = FaultCandidate(
      service: model.name, operation: incoming.action, account: "", region: claim.region,
      parameters: incoming.parameters)
    let now = clock.now
    return state.withLock { $0.passage(of: candidate, key: claim.accessKeyID, at: now + $0.offset) }
  }

  package func passage(of call: DirectCall) -> Passage {
    guard hasFaults.load(ordering: .acquiring) else { return .clear }
    let now = clock.now
    return state.withLock { state in
      let candidate = FaultCandidate(
        service: call.service, operation: call.operation, account: "",
        region: Endpoint.signingRegion(service: call.service, region: call.region), parameters: call.parameters)
      return state.passage(of: candidate, key: call.credentials?.accessKeyID ?? "", at: now + state.offset)
    }
  }
}

extension String {
  /// So many characters at most. Texts from outside are hardly ever as long as that, and characters are slow to count.
  func cut(to length: Int) -> String { utf8.count <= length ? self : String(prefix(length)) }
}
