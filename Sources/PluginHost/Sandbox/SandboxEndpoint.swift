import CSandbox
import Determinism
import Governance
import Orchestrator
import Synchronization

/// A plugin that runs in host processes of its own, one for each worker.
final class SandboxEndpoint: PluginEndpoint {
  private struct Pool {
    var workers: [SandboxWorker] = []
    /// Bodies that run or wait, by worker.
    var waiting: [Int] = []
    /// When the body that a worker runs began there; 0: it runs none.
    var began: [Int64] = []
    /// How long the last body had to wait for its worker.
    var lastWait: Int64 = 0
    var nextInstance: UInt32 = 1
    var offences = Offences()
  }

  let manifest: PluginManifest
  let plugin: SandboxedPlugin
  let descriptor: PluginDescriptor
  private let pool: Mutex<Pool>

  init(_ plugin: SandboxedPlugin, _ descriptor: PluginDescriptor, first process: HostProcess) throws {
    manifest = plugin.manifest
    self.plugin = plugin
    self.descriptor = descriptor
    let lane = try plugin.environment.makeLane(plugin.manifest.id)
    let worker = SandboxWorker(plugin, lane: lane, process: process)
    pool = Mutex(Pool(workers: [worker], waiting: [0], began: [0]))
  }

  func makeInstance(configuration: Document, organization: OrganizationBatch, now: Timestamp)
    async throws(PluginFailure) -> any PluginInstance
  {
    let id = pool.withLock { pool in
      defer { pool.nextInstance += 1 }
      return pool.nextInstance
    }
    let instance = SandboxInstance(
      self, id: id, configuration: configuration, organization: organization, made: now)
    do throws(PluginFailure) {
      // Made once at the beginning, so that a configuration that the plugin refuses is known then.
      try await withWorker { worker, cancellation in self.prepare(instance, worker, cancellation) }
    } catch {
      guard PluginFailure.isContained(error.code) else { throw error }
      // It falls as soon as it is made: that costs its own verdicts, not the sweep.
      plugin.note(error)
      return FallenInstance(failure: error)
    }
    return instance
  }

  /// An instance in the worker's process. A first fall may have been meant for the process before.
  func prepare(_ instance: SandboxInstance, _ worker: SandboxWorker, _ cancellation: CancellationFlag)
    -> Result<Void, PluginFailure>
  {
    if let verdict = pool.withLock({ $0.offences.verdict }) { return .failure(verdict) }
    switch worker.ensure(instance, cancellation) {
    case .success: return .success(())
    case .failure(let fault):
      guard fault.kind == .died else { return .failure(fault.failure) }
      return worker.ensure(instance, cancellation).mapError(\.failure)
    }
  }

  func fell(_ fault: CallFault) -> PluginFailure? {
    plugin.note(fault.failure)
    let (before, verdict) = pool.withLock { ($0.offences.verdict, $0.offences.fell(fault, manifest)) }
    if before == nil, let verdict {
      plugin.note(verdict)
      plugin.environment.quarantine(
        QuarantinedPlugin(
          plugin: manifest.id, version: manifest.version, library: plugin.digest, reason: verdict.message))
    }
    return verdict
  }

  func succeeded(_ count: Int) { pool.withLock { $0.offences.succeeded(count) } }

  // MARK: Workers

  /// What one more process costs, roughly, in nanoseconds: whoever waits for less is served sooner by those that there
  /// are, and so is everybody else on the machine.
  private static let worthAProcess: Int64 = 10_000_000

  /// Runs `body` on the worker with the least to do; where all have had something for so long that it is worth it, on a
  /// new one while there may be more.
  func withWorker<Value: Sendable>(
    _ body: @escaping @Sendable (SandboxWorker, CancellationFlag) -> Result<Value, PluginFailure>
  ) async throws(PluginFailure) -> Value {
    let worker = try takeWorker()
    return try await run(on: worker) { cancellation in body(worker, cancellation) }
  }

  /// On a certain worker: a run stays where it began.
  func withWorker<Value: Sendable>(
    _ worker: SandboxWorker, _ body: @escaping @Sendable (CancellationFlag) -> Result<Value, PluginFailure>
  ) async throws(PluginFailure) -> Value {
    pool.withLock { pool in
      if let index = pool.workers.firstIndex(where: { $0 === worker }) { pool.waiting[index] += 1 }
    }
    return try await run(on: worker, body)
  }

  private func run<Value: Sendable>(
    on worker: SandboxWorker, _ body: @escaping @Sendable (CancellationFlag) -> Result<Value, PluginFailure>
  ) async throws(PluginFailure) -> Value {
    defer {
      pool.withLock { pool in
        guard let index = pool.workers.firstIndex(where: { $0 === worker }) else { return }
        pool.waiting[index] -= 1
      }
    }
    let asked = reeve_monotonic()
    return try await worker.run { cancellation in
      self.mark(worker, asked: asked)
      defer { self.mark(worker, asked: nil) }
      return body(cancellation)
    }
  }

  /// A body begins, or ends.
  private func mark(_ worker: SandboxWorker, asked: Int64?) {
    let now = asked == nil ? 0 : reeve_monotonic()
    pool.withLock { pool in
      guard let index = pool.workers.firstIndex(where: { $0 === worker }) else { return }
      pool.began[index] = now
      if let asked { pool.lastWait = now - asked }
    }
  }

  private func takeWorker() throws(PluginFailure) -> SandboxWorker {
    let result: Result<SandboxWorker, PluginFailure> = pool.withLock { pool in
      let least = pool.waiting.indices.min { pool.waiting[$0] < pool.waiting[$1] } ?? 0
      if pool.waiting[least] > 0, pool.workers.count < plugin.settings.workers, isWorthAProcess(pool, least) {
        do {
          let lane = try plugin.environment.makeLane("\(manifest.id) \(pool.workers.count + 1)")
          pool.workers.append(SandboxWorker(plugin, lane: lane, process: nil))
          pool.waiting.append(1)
          pool.began.append(0)
          return .success(pool.workers[pool.workers.count - 1])
        } catch {
          // Those that there are will do.
          plugin.note(PluginFailure(plugin: manifest.id, code: "PluginLane", message: "has one worker less: \(error)"))
        }
      }
      pool.waiting[least] += 1
      return .success(pool.workers[least])
    }
    return try result.get()
  }

  private func isWorthAProcess(_ pool: Pool, _ worker: Int) -> Bool {
    if pool.lastWait > Self.worthAProcess { return true }
    let began = pool.began[worker]
    return began != 0 && reeve_monotonic() - began > Self.worthAProcess
  }

  var workers: [SandboxWorker] { pool.withLock { $0.workers } }
}

extension PluginFailure {
  /// Does a failure of this code cost the plugin's own results, and no more?
  static func isContained(_ code: String) -> Bool {
    ["PluginCrashed", "PluginForbidden", "PluginOutOfMemory", "PluginTimedOut", "PluginBadData", Offences.code]
      .contains(code)
  }
}

/// In the place of an instance that could not be made, or may not be: everything that is asked of it fails.
struct FallenInstance: PluginInstance {
  let failure: PluginFailure

  func beginDiscovery(in setting: DiscoverySetting, now: Timestamp) async throws(PluginFailure) -> any DiscoveryRun {
    throw failure
  }

  func evaluate(checks: [String], resources: [Resource], now: Timestamp) async throws(PluginFailure)
    -> [CheckedResource]
  {
    throw failure
  }

  func propose(resources: [Resource], now: Timestamp) async throws(PluginFailure) -> [TagOperation] { throw failure }

  func plan(resources: [Resource], findings: [PlannableFinding], now: Timestamp) async throws(PluginFailure)
    -> [Action]
  {
    throw failure
  }

  func close() async {}
}
