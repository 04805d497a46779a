import CReevePlugin
import Governance
import Orchestrator

/// One discovery run in this process. Its state is guarded by its instance's lock.
///
/// `end` is called exactly once for each run that was made, however it went.
@safe final class InlineRun: DiscoveryRun, @unchecked Sendable {
  private let instance: InlineInstance
  private let pointer: OpaquePointer
  private let now: Timestamp
  private var state: RunState
  private var hasEnded = false
  private var begun = DiscoveryStep(requests: [], resources: [], isDone: false)

  /// Does not change once `begin` has returned the run.
  var first: DiscoveryStep { begun }

  private init(_ instance: InlineInstance, _ pointer: OpaquePointer, _ scope: Scope, _ now: Timestamp) {
    self.instance = instance
    unsafe self.pointer = unsafe pointer
    self.now = now
    state = RunState(manifest: instance.endpoint.manifest, scope: scope)
  }

  private var scope: Scope { state.scope }
  private var endpoint: InlineEndpoint { instance.endpoint }
  private var manifest: PluginManifest { instance.endpoint.manifest }

  static func begin(
    _ instance: InlineInstance, _ owner: OpaquePointer, _ setting: DiscoverySetting, _ now: Timestamp,
    _ cancellation: CancellationFlag
  ) -> Result<InlineRun, PluginFailure> {
    guard let interface = unsafe instance.endpoint.descriptor.interfaces.discovery else {
      return .failure(instance.missing("begin", .discovery))
    }
    let manifest = instance.endpoint.manifest
    let intake = DiscoveryIntake(manifest: manifest, scope: setting.scope, outstanding: [])
    let batch = ScopeBatch(setting)
    let call = PluginCall(function: "begin", returns: .run, now: now, cancellation: cancellation, scope: setting.scope)
    var pointer: OpaquePointer?
    let result = unsafe instance.endpoint.perform(call, intake) { context in
      withExtendedLifetime(batch) { unsafe interface.pointee.begin(owner, context, batch.pointer, &pointer) }
    }
    guard let pointer = unsafe pointer else {
      return result.flatMap { _ in .failure(call.failure(manifest, "PluginBadData", "began a run and gave none")) }
    }
    let run = unsafe InlineRun(instance, pointer, setting.scope, now)
    switch result.flatMap({ run.settle($0, intake, call) }) {
    case .success(let step):
      run.begun = step
      return .success(run)
    case .failure(let failure):
      run.endHeld()
      return .failure(failure)
    }
  }

  func resume(with responses: [DiscoveryResponse]) async throws(PluginFailure) -> DiscoveryStep {
    unsafe try await instance.withInstance("resume") { _, cancellation in self.resume(responses, cancellation) }
  }

  private func resume(_ responses: [DiscoveryResponse], _ cancellation: CancellationFlag)
    -> Result<DiscoveryStep, PluginFailure>
  {
    let call = PluginCall(function: "resume", returns: .run, now: now, cancellation: cancellation, scope: scope)
    if hasEnded { state.fail() }
    if let refusal = state.accept(responses, call) { return .failure(refusal) }
    let (result, intake) = advance(responses, call, outstanding: state.outstanding)
    let step = result.flatMap { settle($0, intake, call) }
    if case .failure = step { state.fail() }
    return step
  }

  /// Hands responses over.
  private func advance(_ responses: [DiscoveryResponse], _ call: PluginCall, outstanding: Set<UInt32>)
    -> (Result<Int32, PluginFailure>, DiscoveryIntake)
  {
    let intake = DiscoveryIntake(manifest: manifest, scope: scope, outstanding: outstanding)
    guard let interface = unsafe endpoint.descriptor.interfaces.discovery else {
      return (.failure(instance.missing("resume", .discovery)), intake)
    }
    let batch = ResponseBatch(responses, now: now)
    let result = unsafe endpoint.perform(call, intake) { context in
      withExtendedLifetime(batch) { unsafe interface.pointee.resume(pointer, context, batch.span) }
    }
    return (result, intake)
  }

  private func settle(_ status: Int32, _ intake: DiscoveryIntake, _ call: PluginCall)
    -> Result<DiscoveryStep, PluginFailure>
  {
    // Taken out, not copied: what was found grows with the scope.
    var settled = state
    state = RunState(manifest: manifest, scope: scope)
    defer { state = settled }
    return settled.settle(
      status, intake, call, note: endpoint.note, fault: { $0 },
      advance: { denied, outstanding in advance(denied, call, outstanding: outstanding) })
  }

  func end() async {
    do throws(PluginFailure) {
      // Not through `withInstance`: an instance that was closed meanwhile has ended its runs.
      try await instance.alone { self.endHeld() }
    } catch {
      endpoint.note(error)
    }
  }

  /// Ends the run while the instance is held.
  func endHeld() {
    guard !hasEnded, let interface = unsafe endpoint.descriptor.interfaces.discovery else { return }
    hasEnded = true
    let call = PluginCall(function: "end", now: now, cancellation: CancellationFlag(), scope: scope)
    endpoint.watched(call) { unsafe interface.pointee.end(pointer) }
    instance.forget(self)
  }
}
