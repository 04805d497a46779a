import CReevePlugin
import Governance
import Orchestrator

/// One discovery run in this process. Its state is guarded by its instance's lock.
///
/// 1. `end` is called exactly once for each run that was made, however it went.
/// 2. A request outside the grant never leaves the host: the plugin gets its denial at once.
/// 3. MORE with nothing outstanding ends the run as stalled.
@safe final class InlineRun: DiscoveryRun, @unchecked Sendable {
  /// Rounds in a row that the host answers itself; a plugin that goes on asking for what it may not have is stopped.
  private static let deniedRoundLimit = 100

  private let instance: InlineInstance
  private let pointer: OpaquePointer
  private let scope: Scope
  private let now: Timestamp
  private var outstanding: Set<UInt32> = []
  private var found: Set<ResourceKey> = []
  private var isOver = false
  private var hasEnded = false
  private var begun = DiscoveryStep(requests: [], resources: [], isDone: false)

  /// Does not change once `begin` has returned the run.
  var first: DiscoveryStep { begun }

  private init(_ instance: InlineInstance, _ pointer: OpaquePointer, _ scope: Scope, _ now: Timestamp) {
    self.instance = instance
    unsafe self.pointer = unsafe pointer
    self.scope = scope
    self.now = now
  }

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
    guard !isOver, !hasEnded else {
      return .failure(call.failure(manifest, "PluginRunOver", "was to go on with a run that is over"))
    }
    let strangers = responses.map(\.request).filter { !outstanding.contains($0) }
    guard strangers.isEmpty, !responses.isEmpty else {
      return .failure(
        call.failure(manifest, "PluginRunOver", "was to be handed answers to requests that it does not wait for"))
    }
    for response in responses where response.isLastPage { outstanding.remove(response.request) }
    let (result, intake) = advance(responses, call)
    let step = result.flatMap { settle($0, intake, call) }
    if case .failure = step { isOver = true }
    return step
  }

  /// Hands responses over.
  private func advance(_ responses: [DiscoveryResponse], _ call: PluginCall)
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

  /// What a call's status means for the run. Requests that were not granted are denied on the spot, which may bring more.
  private func settle(_ status: Int32, _ intake: DiscoveryIntake, _ call: PluginCall)
    -> Result<DiscoveryStep, PluginFailure>
  {
    var step = DiscoveryStep(requests: [], resources: [], isDone: false)
    var status = status
    var intake = intake
    for _ in 0..<Self.deniedRoundLimit {
      let denied = commit(intake, to: &step, call)
      if status == REEVE_RUN_DONE {
        isOver = true
        step.isDone = true
        return .success(step)
      }
      if denied.isEmpty {
        guard !outstanding.isEmpty else {
          return .failure(call.failure(manifest, "PluginStalled", "wants more, but has no request outstanding"))
        }
        return .success(step)
      }
      let next = advance(denied, call)
      intake = next.1
      switch next.0 {
      case .success(let more): status = more
      case .failure(let failure): return .failure(failure)
      }
    }
    return .failure(
      call.failure(manifest, "PluginStalled", "went on asking for operations that it was not granted"))
  }

  /// Takes over what a call emitted; returns the answers to what may not be asked.
  private func commit(_ intake: DiscoveryIntake, to step: inout DiscoveryStep, _ call: PluginCall)
    -> [DiscoveryResponse]
  {
    let (requests, resources) = intake.finish()
    for resource in resources {
      if found.insert(resource.key).inserted {
        step.resources.append(resource)
      } else {
        // AWS may list one thing on two pages while others come and go.
        endpoint.note(call.failure(manifest, "PluginRepeated", "emitted \(resource.id) twice; the first one counts"))
      }
    }
    var denied: [DiscoveryResponse] = []
    for request in requests {
      let operation = "\(request.call.service):\(request.call.operation)"
      if manifest.operations.contains(operation) {
        outstanding.insert(request.id)
        step.requests.append(request)
      } else {
        let failure = call.failure(manifest, "OperationNotGranted", "asked for \(operation), which it was not granted")
        endpoint.note(failure)
        denied.append(
          DiscoveryResponse(
            request: request.id,
            outcome: .failure(FailureReason(kind: .denied, code: failure.code, message: failure.message)),
            isLastPage: true))
      }
    }
    return denied
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
