import CReevePlugin
import Governance
import Orchestrator
import Synchronization

/// An instance in this process.
///
/// 1. No two calls into one instance overlap, runs included: `lock` is held for the length of each.
/// 2. An instance is released once, after the last of its runs has ended.
@safe final class InlineInstance: PluginInstance, @unchecked Sendable {
  let endpoint: InlineEndpoint
  private let lock = Mutex(())
  // Guarded by `lock`.
  private var pointer: OpaquePointer?
  /// Those that have not ended, in the order they began.
  private var runs: [InlineRun] = []

  init(_ endpoint: InlineEndpoint, _ pointer: OpaquePointer) {
    self.endpoint = endpoint
    unsafe self.pointer = unsafe pointer
  }

  deinit { release() }

  private var manifest: PluginManifest { endpoint.manifest }

  /// Runs `body` with the instance, on the plugin's lane, alone.
  func withInstance<Value: Sendable>(
    _ function: String, _ body: @escaping @Sendable (OpaquePointer, CancellationFlag) -> Result<Value, PluginFailure>
  ) async throws(PluginFailure) -> Value {
    try await endpoint.onLane { cancellation in
      self.lock.withLock { _ in
        guard let pointer = unsafe self.pointer else {
          return .failure(
            PluginFailure(
              plugin: self.manifest.id, code: "PluginClosed", message: "\(function) was called after its session ended")
          )
        }
        return unsafe body(pointer, cancellation)
      }
    }
  }

  /// Runs `body` on the plugin's lane while no call into the instance is under way.
  func alone(_ body: @escaping @Sendable () -> Void) async throws(PluginFailure) {
    try await endpoint.onLane { _ in
      self.lock.withLock { _ in body() }
      return .success(())
    }
  }

  // MARK: Checks

  func evaluate(checks: [String], resources: [Resource], now: Timestamp) async throws(PluginFailure)
    -> [CheckedResource]
  {
    let groups = try CheckGroups(of: checks, manifest).groups
    return unsafe try await withInstance("evaluate") { instance, cancellation in
      var verdicts: [CheckedResource] = []
      for group in groups {
        switch unsafe self.evaluate(group, resources, instance, now, cancellation) {
        case .success(let more): verdicts += more
        case .failure(let failure): return .failure(failure)
        }
      }
      if groups.count > 1 { verdicts.sort { ($0.resource, $0.check) < ($1.resource, $1.check) } }
      return .success(verdicts)
    }
  }

  private func evaluate(
    _ checks: [PluginManifest.Check], _ all: [Resource], _ instance: OpaquePointer, _ now: Timestamp,
    _ cancellation: CancellationFlag
  ) -> Result<[CheckedResource], PluginFailure> {
    let part = BatchPart(of: all, types: checks[0].resourceTypes)
    let resources = part.resources
    guard !resources.isEmpty, let interface = unsafe endpoint.descriptor.interfaces.check else { return .success([]) }
    let intake = VerdictIntake(checks: checks, resources: resources, descriptorChecks: endpoint.descriptor.checks)
    let batch = ResourceBatch(resources)
    var indexes = endpoint.descriptor.checks.indices.filter { index in
      checks.contains { $0.id == endpoint.descriptor.checks[index] }
    }.map { UInt32($0) }
    let call = PluginCall(
      function: "evaluate", now: now, cancellation: cancellation, checks: checks.map(\.id), resources: resources)
    let result = unsafe endpoint.perform(call, intake) { context in
      withExtendedLifetime(batch) {
        unsafe indexes.withUnsafeMutableBufferPointer { indexes in
          let span = unsafe reeve_span(items: indexes.baseAddress, count: UInt32(indexes.count), stride: 4)
          return unsafe interface.pointee.evaluate(instance, context, batch.span, span)
        }
      }
    }
    return result.map { _ in intake.verdicts(original: part.original) }
  }

  // MARK: Taggers and remediators

  func propose(resources all: [Resource], now: Timestamp) async throws(PluginFailure) -> [TagOperation] {
    let types = manifest.resourceTypes.isEmpty ? manifest.checks.flatMap(\.resourceTypes) : manifest.resourceTypes
    let part = BatchPart(of: all, types: types)
    let resources = part.resources
    guard !resources.isEmpty else { return [] }
    return unsafe try await withInstance("propose") { instance, cancellation in
      guard let interface = unsafe self.endpoint.descriptor.interfaces.tagger else {
        return .failure(self.missing("propose", .tagger))
      }
      let intake = TagIntake(resourceCount: resources.count)
      let batch = ResourceBatch(resources)
      let call = PluginCall(function: "propose", now: now, cancellation: cancellation, resources: resources)
      let result = unsafe self.endpoint.perform(call, intake) { context in
        withExtendedLifetime(batch) { unsafe interface.pointee.propose(instance, context, batch.span) }
      }
      return result.map { _ in
        intake.operations.map { operation in
          var operation = operation
          operation.resource = part.original[operation.resource]
          return operation
        }
      }
    }
  }

  func plan(resources: [Resource], findings: [PlannableFinding], now: Timestamp) async throws(PluginFailure)
    -> [Action]
  {
    let findings = findings.filter { manifest.remediates.contains($0.check) && resources.indices.contains($0.resource) }
    guard !findings.isEmpty else { return [] }
    return unsafe try await withInstance("plan") { instance, cancellation in
      guard let interface = unsafe self.endpoint.descriptor.interfaces.remediator else {
        return .failure(self.missing("plan", .remediator))
      }
      let intake = ActionIntake(manifest: self.manifest, resources: resources, findings: findings)
      let batch = ResourceBatch(resources)
      let subjects = FindingBatch(findings)
      let call = PluginCall(
        function: "plan", now: now, cancellation: cancellation, checks: Set(findings.map(\.check)).sorted(),
        resources: resources)
      let result = unsafe self.endpoint.perform(call, intake) { context in
        withExtendedLifetime((batch, subjects)) {
          unsafe interface.pointee.plan(instance, context, batch.span, subjects.span)
        }
      }
      if case .success = result, let notGranted = intake.notGranted {
        return .failure(
          call.notGranted(notGranted, self.manifest))
      }
      return result.map { _ in intake.actions }
    }
  }

  func missing(_ function: String, _ kind: PluginManifest.Kind) -> PluginFailure {
    PluginFailure(
      plugin: manifest.id, code: "PluginUnsupported",
      message: "was asked for \(function), but is no \(kind.rawValue)")
  }

  // MARK: Runs and the end

  func beginDiscovery(in setting: DiscoverySetting, now: Timestamp) async throws(PluginFailure) -> any DiscoveryRun {
    unsafe try await withInstance("begin") { instance, cancellation in
      unsafe InlineRun.begin(self, instance, setting, now, cancellation).map { run in
        self.runs.append(run)
        return run
      }
    }
  }

  /// Called by a run that has ended, while the instance is held.
  func forget(_ run: InlineRun) { runs.removeAll { $0 === run } }

  func close() async {
    // A lane that takes no more work leaves the release to the end of the instance's life.
    do throws(PluginFailure) {
      try await alone {
        for run in self.runs { run.endHeld() }
        self.release()
      }
    } catch {
      endpoint.note(error)
    }
  }

  private func release() {
    guard let pointer = unsafe pointer else { return }
    unsafe self.pointer = nil
    endpoint.watched(PluginCall(function: "destroy", now: Timestamp(seconds: 0), cancellation: CancellationFlag())) {
      unsafe endpoint.library.plugin.pointee.destroy(pointer)
    }
  }
}
