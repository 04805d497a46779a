import CSandbox

/// What a host process took.
package enum SandboxEvent: Sendable {
  /// From the order to start it until the library had said what it is.
  case ready(Duration)
  /// From the signal that ended it until that was known here.
  case noticed(Duration)
}

/// How host processes are made, for plugins that are not to run in this one.
package struct SandboxSettings: Sendable, Equatable {
  /// The layers that confine a host process.
  package enum Layer: String, Sendable, CaseIterable {
    /// No file can be opened.
    case landlock = "Landlock"
    /// No system call can be made that is not on the list.
    case seccomp

    var bit: UInt32 {
      switch self {
      case .landlock: REEVE_LAYER_LANDLOCK
      case .seccomp: REEVE_LAYER_SECCOMP
      }
    }
  }

  /// `reeve-plugin-host`.
  package var executable: String
  /// Folders of the Swift runtime, separated by colons; nil: where the loader finds it by itself.
  package var libraryPath: String?
  /// What the kernel offers.
  package var offered: Set<Layer>
  /// Are plugins to run although a layer is missing?
  package var allowsDegraded: Bool
  /// Bytes of address space that one host process may have.
  package var memoryLimit: Int
  /// Host processes of one plugin that may run at the same time.
  package var workers: Int

  package init(
    executable: String, libraryPath: String?, offered: Set<Layer>, allowsDegraded: Bool = false,
    memoryLimit: Int = 2 << 30, workers: Int = 1
  ) {
    self.executable = executable
    self.libraryPath = libraryPath
    self.offered = offered
    self.allowsDegraded = allowsDegraded
    self.memoryLimit = memoryLimit
    self.workers = max(1, workers)
  }

  /// The layers that this machine's kernel offers to this process.
  package static func offeredHere() -> Set<Layer> {
    let layers = reeve_sandbox_layers()
    return Set(Layer.allCases.filter { layers & $0.bit != 0 })
  }

  /// Where the Swift runtime of this process lies.
  package static func runtimeFolder() -> String? {
    var folder = [CChar](repeating: 0, count: 4_096)
    let length = Int(unsafe reeve_library_folder("swift_retain", &folder, UInt64(folder.count)))
    guard length > 0 else { return nil }
    return String(decoding: folder.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What is missing for a whole sandbox.
  package var missing: [Layer] { Layer.allCases.filter { !offered.contains($0) } }

  /// `sandbox: degraded (this kernel has no Landlock)`; nil: it is whole.
  package var degradation: String? {
    guard !missing.isEmpty else { return nil }
    return "sandbox: degraded (this kernel offers no \(missing.map(\.rawValue).joined(separator: " and no ")))"
  }

  var layers: UInt32 { offered.reduce(0) { $0 | $1.bit } }
}
