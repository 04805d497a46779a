package import Governance
package import Orchestrator

/// One question of the conformance suite. Each runs in a process of its own: a plugin that fails one may crash.
package struct ConformanceCase: Sendable {
  package enum Result: Sendable, Equatable {
    case passed
    /// It has nothing to say about this plugin.
    case skipped(String)
  }

  /// `check.order`
  package let id: String
  /// What is asked, in a sentence.
  package let asks: String
  /// nil: of every plugin.
  package let kind: PluginManifest.Kind?
  let run: @Sendable (ConformanceSubject) throws(ConformanceFailure) -> Result

  init(
    _ id: String, _ asks: String, of kind: PluginManifest.Kind? = nil,
    _ run: @escaping @Sendable (ConformanceSubject) throws(ConformanceFailure) -> Result
  ) {
    self.id = id
    self.asks = asks
    self.kind = kind
    self.run = run
  }

  /// Every case, in the order in which they are asked.
  package static let all: [ConformanceCase] = anyPlugin + bounds + checks + taggers + remediators + discoveries

  package func concerns(_ manifest: PluginManifest) -> Bool { kind.map(manifest.kinds.contains) ?? true }

  /// What is wrong when the process of this case does not come to its end by itself.
  package func message(signal: Int32) -> String {
    let name = [4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 11: "SIGSEGV", 31: "SIGSYS"][signal]
    let words = name.map { "\($0) (\(signal))" } ?? "signal \(signal)"
    let why =
      switch (signal, id.split(separator: ".").last ?? "") {
      case (31, _): "it made a system call that no plugin may make"
      case (11, "memory"), (7, "memory"): "it looked at memory that had been lent to an earlier call"
      case (11, "first"), (7, "first"):
        "it read beyond the end of what was lent: of a struct beyond its struct_size, or of an array beyond its count"
      case (11, "newer"), (7, "newer"), (11, "create"):
        "it read beyond what was lent, or stepped through an array with its own sizeof instead of the stride"
      case (4, _), (5, _): "a trap of Swift or of the compiler: an index, an overflow, a force unwrap"
      case (6, _): "it aborted"
      default: "it crashed"
      }
    return "ended by \(words): \(why)"
  }
}

/// Runs one case in this process.
package struct ConformanceRun: Sendable {
  package var plugin: DevelopmentPlugin
  package var configuration: Document
  package var owners: Set<UInt32>
  package var hostVersion: String
  package var seed: UInt64

  package init(
    plugin: DevelopmentPlugin, configuration: Document, owners: Set<UInt32>, hostVersion: String, seed: UInt64
  ) {
    self.plugin = plugin
    self.configuration = configuration
    self.owners = owners
    self.hostVersion = hostVersion
    self.seed = seed
  }

  /// The manifest, without running anything.
  package func manifest() throws(PluginLoadErrors) -> PluginManifest {
    try PluginFolder(directory: plugin.directory, owners: owners, manifestDirectory: plugin.manifestDirectory)
      .manifest().0.manifest
  }

  package func run(_ conformanceCase: ConformanceCase) throws(ConformanceFailure) -> ConformanceCase.Result {
    let subject: ConformanceSubject
    do throws(PluginLoadErrors) {
      subject = try ConformanceSubject(
        plugin, configuration: configuration, owners: owners, hostVersion: hostVersion, seed: seed)
    } catch {
      throw ConformanceFailure(error.errors.map(\.description).joined(separator: "; "))
    }
    return try conformanceCase.run(subject)
  }
}
