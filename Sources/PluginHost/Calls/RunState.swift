import CReevePlugin
import Governance
import Orchestrator

/// What a discovery run has asked for and found, wherever its plugin runs.
///
/// 1. A request outside the grant never leaves the host: the plugin gets its denial at once.
/// 2. MORE with nothing outstanding ends the run as stalled.
/// 3. A resource that was emitted twice counts once.
struct RunState {
  /// Rounds in a row that the host answers itself; a plugin that goes on asking for what it may not have is stopped.
  private static let deniedRoundLimit = 100

  let manifest: PluginManifest
  let scope: Scope
  private(set) var outstanding: Set<UInt32> = []
  private var found: Set<ResourceKey> = []
  private(set) var isOver = false

  init(manifest: PluginManifest, scope: Scope) {
    self.manifest = manifest
    self.scope = scope
  }

  /// Nothing comes after a failure.
  mutating func fail() { isOver = true }

  /// Takes note of answers that are about to be handed over; what speaks against handing them over.
  mutating func accept(_ responses: [DiscoveryResponse], _ call: PluginCall) -> PluginFailure? {
    guard !isOver else { return call.failure(manifest, "PluginRunOver", "was to go on with a run that is over") }
    let strangers = responses.map(\.request).filter { !outstanding.contains($0) }
    guard strangers.isEmpty, !responses.isEmpty else {
      return call.failure(manifest, "PluginRunOver", "was to be handed answers to requests that it does not wait for")
    }
    for response in responses where response.isLastPage { outstanding.remove(response.request) }
    return nil
  }

  /// What a call's status means for the run. Requests that were not granted are denied on the spot, through `advance`,
  /// which may bring more.
  mutating func settle<Fault: Error>(
    _ status: Int32, _ intake: DiscoveryIntake, _ call: PluginCall, note: (PluginFailure) -> Void,
    fault: (PluginFailure) -> Fault,
    advance: ([DiscoveryResponse], Set<UInt32>) -> (Result<Int32, Fault>, DiscoveryIntake)
  ) -> Result<DiscoveryStep, Fault> {
    var step = DiscoveryStep(requests: [], resources: [], isDone: false)
    var status = status
    var intake = intake
    for _ in 0..<Self.deniedRoundLimit {
      let denied = commit(intake, to: &step, call, note)
      if status == REEVE_RUN_DONE {
        isOver = true
        step.isDone = true
        return .success(step)
      }
      if denied.isEmpty {
        guard !outstanding.isEmpty else {
          return .failure(fault(call.failure(manifest, "PluginStalled", "wants more, but has no request outstanding")))
        }
        return .success(step)
      }
      let next = advance(denied, outstanding)
      intake = next.1
      switch next.0 {
      case .success(let more): status = more
      case .failure(let failure): return .failure(failure)
      }
    }
    return .failure(
      fault(call.failure(manifest, "PluginStalled", "went on asking for operations that it was not granted")))
  }

  /// Takes over what a call emitted; returns the answers to what may not be asked.
  private mutating func commit(
    _ intake: DiscoveryIntake, to step: inout DiscoveryStep, _ call: PluginCall, _ note: (PluginFailure) -> Void
  ) -> [DiscoveryResponse] {
    let (requests, resources) = intake.finish()
    for resource in resources {
      if found.insert(resource.key).inserted {
        step.resources.append(resource)
      } else {
        // AWS may list one thing on two pages while others come and go.
        note(call.failure(manifest, "PluginRepeated", "emitted \(resource.id) twice; the first one counts"))
      }
    }
    var denied: [DiscoveryResponse] = []
    for request in requests {
      let operation = request.call.operationName
      if manifest.operations.contains(operation), request.call.isRead {
        outstanding.insert(request.id)
        step.requests.append(request)
      } else {
        let why = request.call.isRead ? "which it was not granted" : "which discovery may not do: it is no read"
        let failure = call.failure(manifest, "OperationNotGranted", "asked for \(operation), \(why)")
        note(failure)
        denied.append(
          DiscoveryResponse(
            request: request.id,
            outcome: .failure(FailureReason(kind: .denied, code: failure.code, message: failure.message)),
            isLastPage: true))
      }
    }
    return denied
  }
}
