import CReevePlugin
import CSandbox
import Governance
import Orchestrator

/// A plugin whose library is never loaded into this process: its bytes in custody, and how hosts of it are started.
final class SandboxedPlugin: Sendable {
  let manifest: PluginManifest
  let environment: PluginEnvironment
  let settings: SandboxSettings
  /// Of the library: with the version, what a record of faults is about.
  let digest: String
  /// Of the sealed library; every host gets a copy.
  private let library: SealedLibrary

  init(
    manifest: PluginManifest, library: consuming SealedLibrary, settings: SandboxSettings,
    environment: PluginEnvironment
  ) {
    self.manifest = manifest
    digest = library.digest
    self.library = library
    self.settings = settings
    self.environment = environment
  }

  func note(_ failure: PluginFailure) {
    environment.log(
      PluginLogLine(plugin: failure.plugin, level: .warning, fault: failure.code, message: failure.message))
  }

  /// What came of a first start: the process and what the library says of itself.
  enum Introduced {
    case plugin(HostProcess, PluginDescriptor)
    case malformed(PluginDescriptor.Mismatch)
    /// The library said that it cannot work with this host.
    case declined
    /// No host process could be made, or the library could not be loaded into it.
    case refused(String)
    case ended(HostEnding)
  }

  func introduce() -> Introduced {
    let started = reeve_monotonic()
    let process: HostProcess
    do {
      process = try HostProcess(settings, library: library.descriptor)
    } catch {
      return .refused("\(error)")
    }
    var descriptor: Result<PluginDescriptor, PluginDescriptor.Mismatch>?
    let result = unsafe process.introduce(hostVersion: environment.hostVersion, limit: environment.callLimit) {
      words, interfaces in
      guard let words = unsafe words else { return }
      do throws(PluginDescriptor.Mismatch) {
        descriptor = .success(
          try unsafe PluginDescriptor(elsewhere: words) { name in
            unsafe Self.place(of: name).flatMap { unsafe interfaces[$0] }
          })
      } catch {
        descriptor = .failure(error)
      }
    }
    switch (result, descriptor) {
    case (.failure(let ending), _): return .ended(ending)
    case (.success(let reason?), _): return .refused(reason)
    case (.success(nil), nil): return .declined
    case (.success(nil), .success(let descriptor)):
      environment.observe(.ready(.nanoseconds(reeve_monotonic() - started)))
      return .plugin(process, descriptor)
    case (.success(nil), .failure(let mismatch)): return .malformed(mismatch)
    }
  }

  /// An interface's place in the introduction.
  static func place(of name: String) -> Int32? {
    let kinds: [PluginManifest.Kind] = [.discovery, .check, .tagger, .remediator]
    return kinds.firstIndex { PluginInterfaces.name(of: $0) == name }.map(Int32.init)
  }

  /// Another process of a plugin that has been introduced.
  func start() -> Result<HostProcess, PluginFailure> {
    let loading = PluginCall(function: "loading", now: Timestamp(seconds: 0), cancellation: CancellationFlag())
    switch introduce() {
    case .plugin(let process, _): return .success(process)
    case .ended(let ending):
      return .failure(
        loading.failure(manifest, ending.code, ending.message(memoryLimit: settings.memoryLimit)))
    case .refused(let reason):
      return .failure(loading.failure(manifest, "PluginHostFailed", "has no host process: \(reason)"))
    case .declined, .malformed:
      return .failure(loading.failure(manifest, "PluginBadData", "says something else of itself than before"))
    }
  }
}
