import CReevePlugin
import Governance
import Orchestrator
import PluginFrames
import Synchronization

/// One discovery run in a host process. Its state is guarded by its worker.
///
/// 1. A run whose process ended is begun again in the next one and told again what it was told: a plugin is a function of
///    what it is handed. What it says then is thrown away up to where it was.
/// 2. A run that falls twice has failed.
/// 3. `end` is called at most once in each process, and once in the last: by the process itself when the plugin says that
///    the run is over, else when `end` is asked for.
final class SandboxRun: DiscoveryRun, @unchecked Sendable {
  private let instance: SandboxInstance
  private let worker: SandboxWorker
  private let setting: DiscoverySetting
  private let now: Timestamp
  private let number: UInt32
  private var state: RunState
  /// All that the run was handed, for a run that has to take its place.
  private var handed: [[DiscoveryResponse]] = []
  /// The worker's process that has the run.
  private var generation = -1
  /// That process has ended the run, or is about to.
  private var isEndedThere = false
  private var falls = 0
  private var hasEnded = false
  private var begun = DiscoveryStep(requests: [], resources: [], isDone: false)

  /// Does not change once `begin` has returned.
  var first: DiscoveryStep { begun }

  private static let numbers = Atomic<UInt32>(1)
  private static let fallLimit = 2

  init(_ instance: SandboxInstance, _ worker: SandboxWorker, _ setting: DiscoverySetting, _ now: Timestamp) {
    self.instance = instance
    self.worker = worker
    self.setting = setting
    self.now = now
    number = Self.numbers.wrappingAdd(1, ordering: .relaxed).oldValue
    state = RunState(manifest: instance.endpoint.manifest, scope: setting.scope)
  }

  private var endpoint: SandboxEndpoint { instance.endpoint }
  private var manifest: PluginManifest { endpoint.manifest }
  private var limit: Duration { endpoint.plugin.environment.callLimit }

  private func call(_ function: String, _ cancellation: CancellationFlag) -> PluginCall {
    PluginCall(
      function: function, returns: function == "end" ? .status : .run, now: now, cancellation: cancellation,
      scope: setting.scope)
  }

  // MARK: Begin and resume

  /// While the worker is held.
  func begin(_ cancellation: CancellationFlag) -> Result<Void, PluginFailure> {
    let step = retrying(cancellation) { self.start(cancellation, quietly: false) }
    if case .failure = step { endHeld() }
    return step.map { begun = $0 }
  }

  func resume(with responses: [DiscoveryResponse]) async throws(PluginFailure) -> DiscoveryStep {
    try await endpoint.withWorker(worker) { cancellation in
      let call = self.call("resume", cancellation)
      if self.hasEnded { self.state.fail() }
      if let refusal = self.state.accept(responses, call) { return .failure(refusal) }
      self.handed.append(responses)
      let step = self.retrying(cancellation) { self.goOn(cancellation) }
      if case .failure = step { self.state.fail() }
      if case .success(let step) = step, step.isDone {
        self.handed = []
        self.endpoint.succeeded(1)
      }
      return step
    }
  }

  /// Tries once more after a fall.
  private func retrying(
    _ cancellation: CancellationFlag, _ body: () -> Result<DiscoveryStep, CallFault>
  ) -> Result<DiscoveryStep, PluginFailure> {
    while true {
      switch body() {
      case .success(let step): return .success(step)
      case .failure(let fault):
        guard fault.kind == .died || fault.kind == .hung else { return .failure(fault.failure) }
        falls += 1
        if let verdict = endpoint.fell(fault) { return .failure(verdict) }
        guard falls < Self.fallLimit, !cancellation.isSet else { return .failure(fault.failure) }
      }
    }
  }

  /// Hands over what came last; before that, all that came earlier to a process that has not seen it.
  private func goOn(_ cancellation: CancellationFlag) -> Result<DiscoveryStep, CallFault> {
    if generation != worker.generation || !worker.isRunning {
      if case .failure(let fault) = start(cancellation, quietly: true) { return .failure(fault) }
      for earlier in handed.dropLast() {
        let call = call("resume", cancellation)
        if let refusal = state.accept(earlier, call) { return .failure(differs(refusal)) }
        if case .failure(let fault) = settle(advance(earlier, call, state.outstanding), call, quietly: true) {
          return .failure(fault)
        }
      }
      if let last = handed.last, let refusal = state.accept(last, call("resume", cancellation)) {
        return .failure(differs(refusal))
      }
    }
    guard let last = handed.last else { return .failure(differs(nil)) }
    let call = call("resume", cancellation)
    return settle(advance(last, call, state.outstanding), call, quietly: false)
  }

  /// It did not ask for the same again.
  private func differs(_ refusal: PluginFailure?) -> CallFault {
    .unavailable(
      PluginFailure(
        plugin: manifest.id, code: "PluginBadData",
        message: "version \(manifest.version) does not do the same when it is told the same again in \(setting.scope)"))
  }

  private func start(_ cancellation: CancellationFlag, quietly: Bool) -> Result<DiscoveryStep, CallFault> {
    if case .failure(let failure) = endpoint.prepare(instance, worker, cancellation) {
      return .failure(.unavailable(failure))
    }
    state = RunState(manifest: manifest, scope: setting.scope)
    let intake = DiscoveryIntake(manifest: manifest, scope: setting.scope, outstanding: [])
    let batch = ScopeBatch(setting)
    let call = call("begin", cancellation)
    var made = false
    let result = worker.call(.begin, call, intake, limit: limit) { packer, header in
      header.instance = instance.id
      header.run = number
      unsafe header.first = packer.append(
        reeve_span(items: batch.pointer, count: 1, stride: UInt32(MemoryLayout<reeve_scope>.size)), .scope)
    }
    if case .success(let returned) = result { made = returned.made }
    isEndedThere = false
    note(result)
    // A call that failed may have made the run all the same: the host process knows.
    generation = worker.generation
    if case .success = result, !made {
      let failure = call.failure(manifest, "PluginBadData", "began a run and gave none")
      return .failure(CallFault(failure, nil, of: call, kind: .lied))
    }
    return settle((result.map(\.status), intake), call, quietly: quietly)
  }

  private func advance(_ responses: [DiscoveryResponse], _ call: PluginCall, _ outstanding: Set<UInt32>)
    -> (Result<Int32, CallFault>, DiscoveryIntake)
  {
    let intake = DiscoveryIntake(manifest: manifest, scope: setting.scope, outstanding: outstanding)
    let batch = ResponseBatch(responses, now: now)
    let result = worker.call(.resume, call, intake, limit: limit) { packer, header in
      header.instance = instance.id
      header.run = number
      unsafe header.first = packer.append(batch.span, .response)
    }
    note(result)
    return (result.map(\.status), intake)
  }

  /// A run that is over is ended by the host process itself.
  private func note(_ result: Result<HostProcess.Returned, CallFault>) {
    guard case .success(let returned) = result, returned.ending else { return }
    isEndedThere = true
    worker.lastEnded = setting.scope
  }

  private func settle(
    _ result: (Result<Int32, CallFault>, DiscoveryIntake), _ call: PluginCall, quietly: Bool
  ) -> Result<DiscoveryStep, CallFault> {
    result.0.flatMap { status in
      // Taken out, not copied: what was found grows with the scope.
      var settled = state
      state = RunState(manifest: manifest, scope: setting.scope)
      defer { state = settled }
      return settled.settle(
        status, result.1, call, note: { if !quietly { endpoint.plugin.note($0) } },
        fault: { CallFault($0, nil, of: call, kind: .said) },
        advance: { denied, outstanding in advance(denied, call, outstanding) })
    }
  }

  // MARK: The end

  func end() async {
    do throws(PluginFailure) {
      try await endpoint.withWorker(worker) { _ in
        self.endHeld()
        return .success(())
      }
    } catch {
      endpoint.plugin.note(error)
    }
  }

  private func endHeld() {
    guard !hasEnded else { return }
    hasEnded = true
    handed = []
    instance.forget(self)
    guard worker.isRunning, generation == worker.generation, !isEndedThere else { return }
    let call = call("end", CancellationFlag())
    let result = worker.call(.end, call, NoIntake(), limit: limit) { packer, header in
      header.instance = instance.id
      header.run = number
    }
    if case .failure(let fault) = result { endpoint.plugin.note(fault.failure) }
  }
}
