import CReevePlugin
import CSandbox
import Determinism
import Governance
import Orchestrator
import PluginFrames
import Synchronization

/// One of a plugin's host processes at a time, and what is made in it. A process that ended is followed by another one
/// when it is asked for; what was in it is made again there.
///
/// `lock` is held for the length of each body that works with it: no two calls overlap.
final class SandboxWorker: @unchecked Sendable {
  let plugin: SandboxedPlugin
  let lane: any Lane
  private let lock = Mutex(())
  // Guarded by `lock`.
  private var process: HostProcess?
  /// Counts the processes. What was made in an earlier one is gone.
  private(set) var generation = 0
  /// Of the run that the present process ended last.
  var lastEnded: Scope?
  /// Instances that the present process has.
  private var instances: Set<UInt32> = []

  init(_ plugin: SandboxedPlugin, lane: any Lane, process: HostProcess?) {
    self.plugin = plugin
    self.lane = lane
    self.process = process
    generation = process == nil ? 0 : 1
  }

  private var manifest: PluginManifest { plugin.manifest }

  /// Runs `body` where calls belong, alone. Cancelling the task is passed on through the flag.
  func run<Value: Sendable>(
    _ body: @escaping @Sendable (CancellationFlag) -> Result<Value, PluginFailure>
  ) async throws(PluginFailure) -> Value {
    let cancellation = CancellationFlag()
    let result: Result<Value, PluginFailure> = await withTaskCancellationHandler {
      do {
        return try await lane.run {
          self.lock.withLock { _ in
            self.settle()
            return body(cancellation)
          }
        }
      } catch {
        return .failure(
          PluginFailure(plugin: manifest.id, code: "PluginLane", message: "its calls can no longer be made: \(error)"))
      }
    } onCancel: {
      cancellation.set()
    }
    return try result.get()
  }

  // MARK: While the worker is held

  /// Waits until the process has ended the run that was over last; what it does not come back from is no fault of the
  /// call that comes next.
  private func settle() {
    guard let process, process.isEndingRun else { return }
    let end = PluginCall(
      function: "end", now: Timestamp(seconds: 0), cancellation: CancellationFlag(), scope: lastEnded)
    let result = call(.end, end, NoIntake(), limit: plugin.environment.callLimit) { _, _ in }
    if case .failure(let fault) = result { plugin.note(fault.failure) }
  }

  /// Makes one call into the process, which is started when there is none.
  func call(
    _ kind: FrameHeader.Kind, _ call: PluginCall, _ intake: any Intake, limit: Duration,
    _ pack: (inout FramePacker, inout FrameHeader) -> Void
  ) -> Result<HostProcess.Returned, CallFault> {
    let process: HostProcess
    switch running() {
    case .success(let running): process = running
    case .failure(let failure): return .failure(.unavailable(failure))
    }
    let log = plugin.environment.log
    let id = manifest.id
    let context = CallContext(intake: intake, cancellation: call.cancellation) { level, message in
      log(PluginLogLine(plugin: id, level: level, message: message))
    }
    let result = process.call(
      kind, now: call.now, cancellation: call.cancellation, limit: limit, context: context, pack)
    switch result {
    case .failure(let ending):
      if let noticed = ending.noticed { plugin.environment.observe(.noticed(noticed)) }
      forget()
      return .failure(CallFault(ending, call, plugin))
    case .success(let returned):
      for line in process.takeLog() {
        log(PluginLogLine(plugin: id, level: .info, message: PluginLogLine.printable(line)))
      }
      if let badData = context.badData {
        let failure = call.failure(
          manifest, "PluginBadData", "handed over bad data: \(badData.message)", resource: badData.resource)
        return .failure(CallFault(failure, badData.resource, of: call, kind: .lied))
      }
      if let failure = call.failure(manifest, returned: returned.status, said: context.said) {
        let kind: CallFault.Kind = failure.code == "PluginBadData" ? .lied : .said
        return .failure(CallFault(failure, context.said?.resource, of: call, kind: kind))
      }
      return .success(returned)
    }
  }

  private func running() -> Result<HostProcess, PluginFailure> {
    if let process { return .success(process) }
    switch plugin.start() {
    case .success(let started):
      process = started
      generation += 1
      return .success(started)
    case .failure(let failure): return .failure(failure)
    }
  }

  var isRunning: Bool { process != nil }

  private func forget() {
    process = nil
    instances = []
  }

  /// Makes an instance in the present process, unless it is there.
  func ensure(_ instance: SandboxInstance, _ cancellation: CancellationFlag) -> Result<Void, CallFault> {
    if process != nil, instances.contains(instance.id) { return .success(()) }
    let create = PluginCall(function: "create", now: instance.made, cancellation: cancellation)
    let result = call(.create, create, NoIntake(), limit: plugin.environment.callLimit) { packer, header in
      header.instance = instance.id
      instance.pack(into: &packer, &header)
    }
    switch result {
    case .failure(let fault): return .failure(fault)
    case .success(let returned):
      guard returned.made else {
        let failure = create.failure(manifest, "PluginBadData", "said OK in create and made no instance")
        return .failure(CallFault(failure, nil, of: create, kind: .said))
      }
      instances.insert(instance.id)
      return .success(())
    }
  }

  /// Releases an instance, if the present process has it.
  func release(_ instance: UInt32) {
    guard process != nil, instances.remove(instance) != nil else { return }
    let destroy = PluginCall(function: "destroy", now: Timestamp(seconds: 0), cancellation: CancellationFlag())
    let result = call(.destroy, destroy, NoIntake(), limit: plugin.environment.callLimit) { $1.instance = instance }
    if case .failure(let fault) = result { plugin.note(fault.failure) }
  }
}

/// Why a call gave nothing, and where the plugin was.
struct CallFault: Error, Sendable {
  enum Kind: Sendable {
    /// The process ended.
    case died
    /// It had to be ended: time was up.
    case hung
    /// What was handed over breaks the contract.
    case lied
    /// The plugin ended the call with an error of its own.
    case said
    /// There is no process to call.
    case unavailable
  }

  var failure: PluginFailure
  var kind: Kind
  /// Of the call's batch.
  var resource: Int?
  /// Index in the descriptor.
  var check: Int?
  var isCertain: Bool

  init(_ failure: PluginFailure, _ resource: Int?, of call: PluginCall, kind: Kind) {
    self.failure = failure
    self.kind = failure.code == "PluginCancelled" ? .unavailable : kind
    self.resource = resource.flatMap { call.resources.indices.contains($0) ? $0 : nil }
    isCertain = true
  }

  init(_ ending: HostEnding, _ call: PluginCall, _ plugin: SandboxedPlugin) {
    let resource = ending.resource.flatMap { call.resources.indices.contains($0) ? $0 : nil }
    failure = call.failure(
      plugin.manifest, ending.code, ending.message(memoryLimit: plugin.settings.memoryLimit),
      resource: ending.isCertain ? resource : call.resources.count == 1 ? 0 : nil)
    kind =
      switch ending.cause {
      case .timedOut: .hung
      case .nonsense: .lied
      default: .died
      }
    self.resource = resource
    check = ending.check
    isCertain = ending.isCertain
  }

  static func unavailable(_ failure: PluginFailure) -> CallFault {
    CallFault(failure: failure, kind: .unavailable, isCertain: false)
  }

  private init(failure: PluginFailure, kind: Kind, isCertain: Bool) {
    self.failure = failure
    self.kind = kind
    self.isCertain = isCertain
  }
}
