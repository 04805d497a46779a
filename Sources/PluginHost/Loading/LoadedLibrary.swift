import CReevePlugin
import CSandbox
import Synchronization

/// A library that is loaded into this process, for good: never unloaded (a Swift library does not survive it), its
/// descriptor never closed.
@safe final class LoadedLibrary: @unchecked Sendable {
  struct Failure: Error {
    var code: PluginLoadError.Code
    var message: String
    var remedy: String
  }

  /// Static memory of the library. Set once, read only.
  let plugin: UnsafePointer<reeve_plugin>

  private init(plugin: UnsafePointer<reeve_plugin>) { unsafe self.plugin = unsafe plugin }

  /// By SHA-256. The loader's table is the process's, and so is the promise that a plugin's entry is called once per
  /// process: the same bytes are loaded once, however many hosts ask for them.
  private static let loaded = Mutex<[String: LoadedLibrary]>([:])

  static func load(_ sealed: consuming SealedLibrary, hostVersion: String) throws(Failure) -> LoadedLibrary {
    let digest = sealed.digest
    // What the closure consumes it has to take out of something.
    var custody: SealedLibrary? = consume sealed
    let result: Result<LoadedLibrary, Failure> = loaded.withLock { loaded in
      if let library = loaded[digest] { return .success(library) }
      guard let sealed = custody.take() else { preconditionFailure("the library was taken twice") }
      do throws(Failure) {
        let library = try enter(sealed, hostVersion: hostVersion)
        loaded[digest] = library
        return .success(library)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private static func enter(_ sealed: consuming SealedLibrary, hostVersion: String) throws(Failure) -> LoadedLibrary {
    let descriptor = sealed.keepOpen()
    guard let library = unsafe reeve_load(descriptor) else {
      let reason = unsafe reeve_load_error().map { unsafe String(cString: $0) } ?? "no reason given"
      throw Failure(
        code: .loaderRefused, message: "cannot be loaded: \(reason)",
        remedy: "Build it with the toolchain and the libraries of this machine.")
    }
    guard let symbol = unsafe reeve_symbol(library, LibraryInspection.entry) else {
      throw Failure(
        code: .noEntry, message: "does not export the function \(LibraryInspection.entry)",
        remedy: "Define it with REEVE_EXPORT.")
    }
    typealias Entry = @convention(c) (UnsafePointer<reeve_hello>) -> UnsafePointer<reeve_plugin>?
    let entry = unsafe unsafeBitCast(symbol, to: Entry.self)
    let arena = Arena()
    var hello = unsafe reeve_hello(
      struct_size: UInt32(MemoryLayout<reeve_hello>.size), abi_major: UInt16(REEVE_ABI_MAJOR),
      abi_minor: UInt16(REEVE_ABI_MINOR), host: arena.text("reeve"), host_version: arena.text(hostVersion))
    let plugin = unsafe withExtendedLifetime(arena) { unsafe entry(&hello) }
    guard let plugin = unsafe plugin else {
      throw Failure(
        code: .declined, message: "says that it cannot work with this reeve (\(hostVersion), ABI 1.0)",
        remedy: "Ask its author which reeve it needs.")
    }
    return unsafe LoadedLibrary(plugin: plugin)
  }
}
