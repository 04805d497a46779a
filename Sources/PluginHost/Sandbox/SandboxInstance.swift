import CReevePlugin
import Governance
import Orchestrator
import PluginFrames
import Synchronization

/// An instance in host processes: made in each that is to work with it.
final class SandboxInstance: PluginInstance, @unchecked Sendable {
  let endpoint: SandboxEndpoint
  let id: UInt32
  let made: Timestamp
  private let configuration: Document
  private let organization: OrganizationBatch
  private let state = Mutex((isClosed: false, runs: [SandboxRun]()))

  init(
    _ endpoint: SandboxEndpoint, id: UInt32, configuration: Document, organization: OrganizationBatch, made: Timestamp
  ) {
    self.endpoint = endpoint
    self.id = id
    self.configuration = configuration
    self.organization = organization
    self.made = made
  }

  private var manifest: PluginManifest { endpoint.manifest }
  private var limit: Duration { endpoint.plugin.environment.callLimit }

  /// The arguments of `create`.
  func pack(into packer: inout FramePacker, _ header: inout FrameHeader) {
    withExtendedLifetime(configuration) {
      var document = unsafe ResourceBatch.document(configuration)
      unsafe withUnsafePointer(to: &document) { document in
        unsafe header.first = packer.append(
          reeve_span(items: document, count: 1, stride: UInt32(MemoryLayout<reeve_document>.size)), .document)
      }
    }
    unsafe header.second = packer.append(
      reeve_span(items: organization.pointer, count: 1, stride: UInt32(MemoryLayout<reeve_organization>.size)),
      .organization)
  }

  private func checkOpen(_ function: String) -> PluginFailure? {
    guard state.withLock({ $0.isClosed }) else { return nil }
    return PluginFailure(
      plugin: manifest.id, code: "PluginClosed", message: "\(function) was called after its session ended")
  }

  // MARK: Checks

  func evaluate(checks: [String], resources: [Resource], now: Timestamp) async throws(PluginFailure)
    -> [CheckedResource]
  {
    let groups = try CheckGroups(of: checks, manifest).groups
    return try await endpoint.withWorker { worker, cancellation in
      if let closed = self.checkOpen("evaluate") { return .failure(closed) }
      var verdicts: [CheckedResource] = []
      for group in groups {
        let part = BatchPart(of: resources, types: group[0].resourceTypes)
        guard !part.resources.isEmpty, self.endpoint.descriptor.interfaces.has(.check) else { continue }
        let recovery = BatchRecovery<CheckedResource>(
          descriptorChecks: self.endpoint.descriptor.checks,
          attempt: { self.evaluate($0, $1, worker, now, cancellation, limit: $2) },
          missing: { part, checks, fault in
            checks.map {
              CheckedResource(
                check: $0.id, resource: part.original[0], verdict: .notEvaluated(fault.failure.reason))
            }
          }, pinned: self.endpoint.fell)
        switch recovery.run(part, checks: group, limit: self.limit) {
        case .success(let more): verdicts += more
        case .failure(let failure): return .failure(failure)
        }
      }
      // As in one call: by resource, then in the manifest's order; in several, by name.
      let order = groups.count > 1 ? checks.sorted() : self.manifest.checks.map(\.id)
      let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
      if !zip(verdicts, verdicts.dropFirst()).allSatisfy({ $0.resource <= $1.resource }) || groups.count > 1 {
        verdicts.sort { ($0.resource, places[$0.check] ?? 0) < ($1.resource, places[$1.check] ?? 0) }
      }
      return .success(verdicts)
    }
  }

  private func evaluate(
    _ part: BatchPart, _ checks: [PluginManifest.Check], _ worker: SandboxWorker, _ now: Timestamp,
    _ cancellation: CancellationFlag, limit: Duration
  ) -> Result<[CheckedResource], CallFault> {
    if case .failure(let failure) = endpoint.prepare(self, worker, cancellation) {
      return .failure(.unavailable(failure))
    }
    let ids = endpoint.descriptor.checks
    let intake = VerdictIntake(checks: checks, resources: part.resources, descriptorChecks: ids)
    let batch = ResourceBatch(part.resources)
    let indexes = ids.indices.filter { index in checks.contains { $0.id == ids[index] } }.map { UInt32($0) }
    let call = PluginCall(
      function: "evaluate", now: now, cancellation: cancellation, checks: checks.map(\.id), resources: part.resources)
    let result = worker.call(.evaluate, call, intake, limit: limit) { packer, header in
      header.instance = id
      unsafe header.first = packer.append(batch.span, .resource)
      unsafe indexes.withUnsafeBufferPointer { indexes in
        unsafe header.second = packer.append(
          reeve_span(items: indexes.baseAddress, count: UInt32(indexes.count), stride: 4), .index)
      }
    }
    return result.map { _ in
      endpoint.succeeded(part.resources.count)
      return intake.verdicts(original: part.original)
    }
  }

  // MARK: Taggers and remediators

  func propose(resources: [Resource], now: Timestamp) async throws(PluginFailure) -> [TagOperation] {
    let types = manifest.resourceTypes.isEmpty ? manifest.checks.flatMap(\.resourceTypes) : manifest.resourceTypes
    let part = BatchPart(of: resources, types: types)
    guard !part.resources.isEmpty else { return [] }
    guard endpoint.descriptor.interfaces.has(.tagger) else { throw missing("propose", .tagger) }
    return try await batch(part, "propose") { part, worker, cancellation, limit in
      let intake = TagIntake(resourceCount: part.resources.count)
      let batch = ResourceBatch(part.resources)
      let call = PluginCall(function: "propose", now: now, cancellation: cancellation, resources: part.resources)
      return worker.call(.propose, call, intake, limit: limit) { packer, header in
        header.instance = self.id
        unsafe header.first = packer.append(batch.span, .resource)
      }.map { _ in
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
    guard endpoint.descriptor.interfaces.has(.remediator) else { throw missing("plan", .remediator) }
    let all = BatchPart(resources: resources, original: Array(resources.indices))
    return try await batch(all, "plan") { part, worker, cancellation, limit in
      self.plan(part, findings, worker, now, cancellation, limit)
    }
  }

  private func plan(
    _ part: BatchPart, _ all: [PlannableFinding], _ worker: SandboxWorker, _ now: Timestamp,
    _ cancellation: CancellationFlag, _ limit: Duration
  ) -> Result<[Action], CallFault> {
    let places = Dictionary(uniqueKeysWithValues: part.original.enumerated().map { ($1, $0) })
    let findings = all.compactMap { finding in
      places[finding.resource].map { place in
        var finding = finding
        finding.resource = place
        return finding
      }
    }
    guard !findings.isEmpty else { return .success([]) }
    let intake = ActionIntake(manifest: manifest, resources: part.resources, findings: findings)
    let batch = ResourceBatch(part.resources)
    let subjects = FindingBatch(findings)
    let call = PluginCall(
      function: "plan", now: now, cancellation: cancellation, checks: Set(findings.map(\.check)).sorted(),
      resources: part.resources)
    let result = worker.call(.plan, call, intake, limit: limit) { packer, header in
      header.instance = id
      unsafe header.first = packer.append(batch.span, .resource)
      unsafe header.second = packer.append(subjects.span, .finding)
    }
    if case .success = result, let notGranted = intake.notGranted {
      return .failure(.unavailable(call.notGranted(notGranted, manifest)))
    }
    return result.map { _ in intake.actions }
  }

  /// A batch through a function that says something of some resources. A resource that the plugin fell over gets nothing,
  /// which the log says.
  private func batch<Output: Sendable>(
    _ part: BatchPart, _ function: String,
    _ attempt: @escaping @Sendable (BatchPart, SandboxWorker, CancellationFlag, Duration) -> Result<[Output], CallFault>
  ) async throws(PluginFailure) -> [Output] {
    try await endpoint.withWorker { worker, cancellation in
      if let closed = self.checkOpen(function) { return .failure(closed) }
      let recovery = BatchRecovery<Output>(
        descriptorChecks: [],
        attempt: { part, _, limit in
          if case .failure(let failure) = self.endpoint.prepare(self, worker, cancellation) {
            return .failure(.unavailable(failure))
          }
          let result = attempt(part, worker, cancellation, limit)
          if case .success = result { self.endpoint.succeeded(part.resources.count) }
          return result
        }, missing: { _, _, _ in [] }, pinned: self.endpoint.fell)
      return recovery.run(part, checks: [], limit: self.limit)
    }
  }

  private func missing(_ function: String, _ kind: PluginManifest.Kind) -> PluginFailure {
    PluginFailure(
      plugin: manifest.id, code: "PluginUnsupported",
      message: "was asked for \(function), but is no \(kind.rawValue)")
  }

  // MARK: Runs and the end

  func beginDiscovery(in setting: DiscoverySetting, now: Timestamp) async throws(PluginFailure) -> any DiscoveryRun {
    guard endpoint.descriptor.interfaces.has(.discovery) else { throw missing("begin", .discovery) }
    return try await endpoint.withWorker { worker, cancellation in
      if let closed = self.checkOpen("begin") { return .failure(closed) }
      let run = SandboxRun(self, worker, setting, now)
      return run.begin(cancellation).map {
        self.state.withLock { $0.runs.append(run) }
        return run
      }
    }
  }

  /// Called by a run that has ended.
  func forget(_ run: SandboxRun) { state.withLock { $0.runs.removeAll { $0 === run } } }

  func close() async {
    let runs = state.withLock { state in
      state.isClosed = true
      return state.runs
    }
    for run in runs { await run.end() }
    for worker in endpoint.workers {
      do throws(PluginFailure) {
        try await endpoint.withWorker(worker) { _ in
          worker.release(self.id)
          return .success(())
        }
      } catch {
        endpoint.plugin.note(error)
      }
    }
  }
}
