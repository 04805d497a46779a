import CReevePlugin
import Determinism
import Governance
import Orchestrator

/// A plugin whose library is loaded into this process.
final class InlineEndpoint: PluginEndpoint {
  let manifest: PluginManifest
  let library: LoadedLibrary
  let descriptor: PluginDescriptor
  private let lane: any Lane
  private let watchdog: any Watchdog
  private let callLimit: Duration
  private let log: @Sendable (PluginLogLine) -> Void

  init(
    manifest: PluginManifest, library: LoadedLibrary, descriptor: PluginDescriptor, environment: PluginEnvironment
  ) throws {
    self.manifest = manifest
    self.library = library
    self.descriptor = descriptor
    lane = try environment.makeLane(manifest.id)
    watchdog = environment.watchdog
    callLimit = environment.callLimit
    log = environment.log
  }

  func makeInstance(configuration: Document, organization: OrganizationBatch, now: Timestamp)
    async throws(PluginFailure) -> any PluginInstance
  {
    try await onLane { cancellation in
      var pointer: OpaquePointer?
      let call = PluginCall(function: "create", now: now, cancellation: cancellation)
      let result = unsafe self.perform(call, NoIntake()) { context in
        withExtendedLifetime((configuration, organization)) {
          var arguments = unsafe reeve_create_arguments(
            struct_size: UInt32(MemoryLayout<reeve_create_arguments>.size), reserved: 0,
            configuration: ResourceBatch.document(configuration), organization: organization.pointer)
          return unsafe self.library.plugin.pointee.create(context, &arguments, &pointer)
        }
      }
      switch result {
      case .success:
        guard let pointer = unsafe pointer else {
          return .failure(call.failure(self.manifest, "PluginBadData", "said OK in create and made no instance"))
        }
        return .success(unsafe InlineInstance(self, pointer))
      case .failure(let failure):
        // An instance that was made although create failed is released; whoever made it holds nothing of ours.
        if let pointer = unsafe pointer { unsafe self.library.plugin.pointee.destroy(pointer) }
        return .failure(failure)
      }
    }
  }

  /// Runs code that calls the plugin where such calls belong. Cancelling the task is passed on through the flag.
  func onLane<Value: Sendable>(
    _ body: @escaping @Sendable (CancellationFlag) -> Result<Value, PluginFailure>
  ) async throws(PluginFailure) -> Value {
    let cancellation = CancellationFlag()
    let result: Result<Value, PluginFailure> = await withTaskCancellationHandler {
      do {
        return try await lane.run { body(cancellation) }
      } catch {
        return .failure(
          PluginFailure(plugin: manifest.id, code: "PluginLane", message: "its calls can no longer be made: \(error)"))
      }
    } onCancel: {
      cancellation.set()
    }
    return try result.get()
  }

  /// Makes one call. Success only if the plugin said so and kept the contract.
  func perform(
    _ call: PluginCall, _ intake: any Intake,
    _ body: (UnsafeMutablePointer<reeve_call>) -> Int32
  ) -> Result<Int32, PluginFailure> {
    let log = log
    let plugin = manifest.id
    let context = CallContext(intake: intake, cancellation: call.cancellation) { level, message in
      log(PluginLogLine(plugin: plugin, level: level, message: message))
    }
    let status = watched(call) { unsafe context.run(now: call.now, body) }
    if let badData = context.badData {
      return .failure(
        call.failure(manifest, "PluginBadData", "handed over bad data: \(badData.message)", resource: badData.resource))
    }
    if let failure = call.failure(manifest, returned: status, said: context.said) { return .failure(failure) }
    return .success(status)
  }

  /// A call that takes nothing back: destroy, end.
  func watched<Value>(_ call: PluginCall, _ body: () -> Value) -> Value {
    let token = watchdog.callBegan(
      WatchedCall(
        plugin: manifest.id, version: manifest.version, function: call.function, detail: call.detail,
        limit: callLimit))
    defer { watchdog.callEnded(token) }
    return body()
  }

  func note(_ failure: PluginFailure) {
    log(PluginLogLine(plugin: failure.plugin, level: .warning, message: failure.message))
  }
}
