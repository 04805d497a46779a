import CReevePlugin
import Governance
import Orchestrator
import Synchronization

/// What a case found wrong.
package struct ConformanceFailure: Error, Sendable, Equatable {
  package var message: String
  init(_ message: String) { self.message = message }
}

/// The questions of a plugin whether it should stop, counted and answered. One case runs in a process, and the contract's
/// function gets nothing but the call.
private enum Stopping {
  static let asked = Atomic(0)
  /// The question from which on the answer is yes.
  static let from = Atomic(Int.max)

  static func answer() -> Int32 {
    let count = asked.wrappingAdd(1, ordering: .relaxed).newValue
    return count >= from.load(ordering: .relaxed) ? 1 : 0
  }
}

/// A loaded plugin under test, called as directly as the contract allows. Everything lent to a call is taken away when it
/// returns.
@safe final class ConformanceSubject: @unchecked Sendable {
  let manifest: PluginManifest
  let descriptor: PluginDescriptor
  let configuration: Document
  let seed: UInt64
  private let library: LoadedLibrary

  struct Returned {
    var status: Int32
    var badData: BadData?
    var said: String?
    var asked: Int
  }

  @safe struct Instance: @unchecked Sendable {
    fileprivate let pointer: OpaquePointer
  }

  @safe struct Run {
    fileprivate let pointer: OpaquePointer
  }

  /// Runs the plugin's code: its constructors and its entry.
  init(
    _ plugin: DevelopmentPlugin, configuration: Document, owners: Set<UInt32>, hostVersion: String, seed: UInt64
  ) throws(PluginLoadErrors) {
    var folder = PluginFolder(
      directory: plugin.directory, owners: owners, manifestDirectory: plugin.manifestDirectory)
    let (file, _) = try folder.manifest()
    folder.id = file.manifest.id
    let sealed = try folder.library(file)
    try folder.inspect(sealed.bytes, file)
    func error(_ code: PluginLoadError.Code, _ message: String, _ expected: String, _ found: String, _ remedy: String)
      -> PluginLoadError
    {
      PluginLoadError(
        code, plugin: file.manifest.id, path: folder.path(file.library), message: message, expected: expected,
        found: found, remedy: remedy)
    }
    do throws(LoadedLibrary.Failure) {
      library = try LoadedLibrary.load(sealed, hostVersion: hostVersion)
    } catch let failure {
      throw PluginLoadErrors([error(failure.code, failure.message, "", "", failure.remedy)])
    }
    do throws(PluginDescriptor.Mismatch) {
      descriptor = try PluginDescriptor(of: library)
    } catch let mismatch {
      throw PluginLoadErrors([
        error(mismatch.code, mismatch.message, mismatch.expected, mismatch.found, mismatch.remedy)
      ])
    }
    let mismatches = descriptor.mismatches(with: file.manifest)
    guard mismatches.isEmpty else {
      throw PluginLoadErrors(mismatches.map { error($0.code, $0.message, $0.expected, $0.found, $0.remedy) })
    }
    manifest = file.manifest
    self.configuration = configuration
    self.seed = seed
  }

  var isReentrant: Bool {
    unsafe (descriptor.interfaces.check?.pointee.flags ?? 0) & REEVE_INTERFACE_REENTRANT != 0
  }

  func interface(_ name: String) -> UnsafeRawPointer? { unsafe library.plugin.pointee.interface(name) }

  // MARK: Calls

  /// One call. `stopAt`: the question from which on the plugin is told to stop.
  private func call(
    _ intake: any Intake, layout: HostLayout, stopAt: Int? = nil,
    _ body: (UnsafeMutablePointer<reeve_call>, BorrowedValues) -> Int32
  ) -> Returned {
    let memory = GuardedMemory()
    let values = BorrowedValues(memory: memory, layout: layout)
    Stopping.asked.store(0, ordering: .relaxed)
    Stopping.from.store(stopAt ?? .max, ordering: .relaxed)
    let context = CallContext(intake: intake, cancellation: CancellationFlag()) { _, _ in }
    let status = unsafe context.run(now: SampleResources.now) { call in
      var lent = unsafe call.pointee
      unsafe lent.cancelled = { _ in Stopping.answer() }
      return unsafe body(values.call(lent), values)
    }
    memory.revoke()
    return Returned(
      status: status, badData: context.badData, said: context.said?.message,
      asked: Stopping.asked.load(ordering: .relaxed))
  }

  func create(_ configuration: Document? = nil, layout: HostLayout = .first) throws(ConformanceFailure) -> Instance {
    let (returned, instance) = tryCreate(configuration ?? self.configuration, layout: layout)
    try demandOK(returned, "create")
    guard let instance else { throw ConformanceFailure("create returned OK and made no instance") }
    return instance
  }

  func tryCreate(_ configuration: Document, layout: HostLayout = .first) -> (Returned, Instance?) {
    var pointer: OpaquePointer?
    let returned = unsafe call(NoIntake(), layout: layout) { call, values in
      unsafe library.plugin.pointee.create(call, values.createArguments(configuration), &pointer)
    }
    return (returned, unsafe pointer.map { unsafe Instance(pointer: $0) })
  }

  func destroy(_ instance: Instance) { unsafe library.plugin.pointee.destroy(instance.pointer) }

  /// With an instance of its own, released afterwards.
  func withInstance<Value>(
    _ configuration: Document? = nil, layout: HostLayout = .first,
    _ body: (Instance) throws(ConformanceFailure) -> Value
  ) throws(ConformanceFailure) -> Value {
    let instance = try create(configuration, layout: layout)
    let value = try body(instance)
    destroy(instance)
    return value
  }

  func demandOK(_ returned: Returned, _ function: String) throws(ConformanceFailure) {
    if let badData = returned.badData {
      throw ConformanceFailure("\(function) handed over bad data: \(badData.message)")
    }
    guard returned.status == REEVE_OK else {
      let name = FailureReason.Kind(rawValue: returned.status).map { "\($0)" } ?? "which means nothing here"
      throw ConformanceFailure(
        "\(function) returned \(returned.status) (\(name)): \(returned.said ?? "it gave no reason")")
    }
  }

  // MARK: Checks

  func evaluate(
    _ instance: Instance, _ resources: [Resource], checks: [PluginManifest.Check]? = nil,
    layout: HostLayout = .first, stopAt: Int? = nil
  ) throws(ConformanceFailure) -> (Returned, [CheckedResource]) {
    guard let interface = unsafe descriptor.interfaces.check else { throw ConformanceFailure("it is no check") }
    let checks = checks ?? manifest.checks
    let intake = VerdictIntake(checks: checks, resources: resources, descriptorChecks: descriptor.checks)
    let indexes = descriptor.checks.indices.filter { position in
      checks.contains { $0.id == descriptor.checks[position] }
    }.map { UInt32($0) }
    let returned = unsafe call(intake, layout: layout, stopAt: stopAt) { call, values in
      unsafe interface.pointee.evaluate(
        instance.pointer, call, values.resources(resources), values.span(indexes, sized: false))
    }
    return (returned, intake.verdicts(original: Array(resources.indices)))
  }

  func propose(_ instance: Instance, _ resources: [Resource], layout: HostLayout = .first, stopAt: Int? = nil)
    throws(ConformanceFailure) -> (Returned, [TagOperation])
  {
    guard let interface = unsafe descriptor.interfaces.tagger else { throw ConformanceFailure("it is no tagger") }
    let intake = TagIntake(resourceCount: resources.count)
    let returned = unsafe call(intake, layout: layout, stopAt: stopAt) { call, values in
      unsafe interface.pointee.propose(instance.pointer, call, values.resources(resources))
    }
    return (returned, intake.operations)
  }

  func plan(
    _ instance: Instance, _ resources: [Resource], _ findings: [PlannableFinding], layout: HostLayout = .first,
    stopAt: Int? = nil
  ) throws(ConformanceFailure) -> (Returned, [Action]) {
    guard let interface = unsafe descriptor.interfaces.remediator else {
      throw ConformanceFailure("it is no remediator")
    }
    let intake = ActionIntake(manifest: manifest, resources: resources, findings: findings)
    let returned = unsafe call(intake, layout: layout, stopAt: stopAt) { call, values in
      unsafe interface.pointee.plan(
        instance.pointer, call, values.resources(resources), values.findings(findings))
    }
    if returned.badData == nil, let notGranted = intake.notGranted {
      throw ConformanceFailure("planned \(notGranted.operation), which is not among /operations of plugin.json")
    }
    return (returned, intake.actions)
  }

  // MARK: Discovery

  static let scope = Scope(account: SampleResources.accounts[0], region: "eu-central-1")

  func begin(
    _ instance: Instance, wanted: [(resourceType: String, attribute: String)], layout: HostLayout = .first,
    stopAt: Int? = nil
  ) throws(ConformanceFailure) -> (Returned, Run?, DiscoveryIntake) {
    guard let interface = unsafe descriptor.interfaces.discovery else { throw ConformanceFailure("it is no discovery") }
    let intake = DiscoveryIntake(manifest: manifest, scope: Self.scope, outstanding: [])
    var pointer: OpaquePointer?
    let setting = DiscoverySetting(scope: Self.scope, partition: .aws, wanted: wanted)
    let returned = unsafe call(intake, layout: layout, stopAt: stopAt) { call, values in
      unsafe interface.pointee.begin(instance.pointer, call, values.scope(setting), &pointer)
    }
    return (returned, unsafe pointer.map { unsafe Run(pointer: $0) }, intake)
  }

  func resume(
    _ run: Run, _ responses: [DiscoveryResponse], outstanding: Set<UInt32>, layout: HostLayout = .first,
    stopAt: Int? = nil
  ) throws(ConformanceFailure) -> (Returned, DiscoveryIntake) {
    guard let interface = unsafe descriptor.interfaces.discovery else { throw ConformanceFailure("it is no discovery") }
    let intake = DiscoveryIntake(manifest: manifest, scope: Self.scope, outstanding: outstanding)
    let returned = unsafe call(intake, layout: layout, stopAt: stopAt) { call, values in
      unsafe interface.pointee.resume(run.pointer, call, values.responses(responses, now: SampleResources.now))
    }
    return (returned, intake)
  }

  func end(_ run: Run) {
    if let interface = unsafe descriptor.interfaces.discovery { unsafe interface.pointee.end(run.pointer) }
  }
}
