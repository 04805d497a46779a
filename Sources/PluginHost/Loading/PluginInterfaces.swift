import CReevePlugin
import Orchestrator

/// The interface structs of a loaded library: static memory, looked at once.
@safe struct PluginInterfaces: @unchecked Sendable {
  let discovery: UnsafePointer<reeve_discovery>?
  let check: UnsafePointer<reeve_check>?
  let tagger: UnsafePointer<reeve_tagger>?
  let remediator: UnsafePointer<reeve_remediator>?

  init(of library: LoadedLibrary) throws(BadData) {
    unsafe discovery = unsafe try Self.find(
      .discovery, of: library, functions: ["begin": 8, "resume": 16, "end": 24], as: reeve_discovery.self)
    unsafe check = unsafe try Self.find(.check, of: library, functions: ["evaluate": 8], as: reeve_check.self)
    unsafe tagger = unsafe try Self.find(.tagger, of: library, functions: ["propose": 8], as: reeve_tagger.self)
    unsafe remediator = unsafe try Self.find(
      .remediator, of: library, functions: ["plan": 8], as: reeve_remediator.self)
  }

  func has(_ kind: PluginManifest.Kind) -> Bool {
    switch kind {
    case .discovery: unsafe discovery != nil
    case .check: unsafe check != nil
    case .tagger: unsafe tagger != nil
    case .remediator: unsafe remediator != nil
    }
  }

  static func name(of kind: PluginManifest.Kind) -> String {
    switch kind {
    case .discovery: REEVE_INTERFACE_DISCOVERY
    case .check: REEVE_INTERFACE_CHECK
    case .tagger: REEVE_INTERFACE_TAGGER
    case .remediator: REEVE_INTERFACE_REMEDIATOR
    }
  }

  private static func find<Interface>(
    _ kind: PluginManifest.Kind, of library: LoadedLibrary, functions: [String: Int], as type: Interface.Type
  ) throws(BadData) -> UnsafePointer<Interface>? {
    guard let memory = unsafe library.plugin.pointee.interface(name(of: kind)) else { return nil }
    let size = unsafe memory.loadUnaligned(as: UInt32.self)
    guard size >= UInt32(MemoryLayout<Interface>.size) else {
      throw BadData(
        "\(name(of: kind)) has struct_size \(size), less than the \(MemoryLayout<Interface>.size) of ABI 1.0")
    }
    for (function, offset) in functions.sorted(by: { $0.value < $1.value }) {
      guard unsafe memory.loadUnaligned(fromByteOffset: offset, as: UInt.self) != 0 else {
        throw BadData("the function \(function) of \(name(of: kind)) is NULL")
      }
    }
    return unsafe memory.assumingMemoryBound(to: Interface.self)
  }
}
