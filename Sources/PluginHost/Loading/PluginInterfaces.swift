import CReevePlugin
import Orchestrator

/// The interface structs of a loaded library: static memory, looked at once.
@safe struct PluginInterfaces: @unchecked Sendable {
  private(set) var discovery: UnsafePointer<reeve_discovery>?
  private(set) var check: UnsafePointer<reeve_check>?
  private(set) var tagger: UnsafePointer<reeve_tagger>?
  private(set) var remediator: UnsafePointer<reeve_remediator>?
  private let kinds: Set<PluginManifest.Kind>

  /// `lookUp` gives the struct of a name, or nil.
  init(_ lookUp: (String) -> UnsafeRawPointer?) throws(BadData) {
    unsafe discovery = unsafe try Self.find(
      .discovery, lookUp, functions: ["begin": 8, "resume": 16, "end": 24], as: reeve_discovery.self)
    unsafe check = unsafe try Self.find(.check, lookUp, functions: ["evaluate": 8], as: reeve_check.self)
    unsafe tagger = unsafe try Self.find(.tagger, lookUp, functions: ["propose": 8], as: reeve_tagger.self)
    unsafe remediator = unsafe try Self.find(.remediator, lookUp, functions: ["plan": 8], as: reeve_remediator.self)
    var kinds: Set<PluginManifest.Kind> = []
    if unsafe discovery != nil { kinds.insert(.discovery) }
    if unsafe check != nil { kinds.insert(.check) }
    if unsafe tagger != nil { kinds.insert(.tagger) }
    if unsafe remediator != nil { kinds.insert(.remediator) }
    self.kinds = kinds
  }

  func has(_ kind: PluginManifest.Kind) -> Bool { kinds.contains(kind) }

  /// The same, of a library that is in another process: there is nothing here to call.
  var elsewhere: PluginInterfaces {
    var copy = self
    unsafe copy.discovery = nil
    unsafe copy.check = nil
    unsafe copy.tagger = nil
    unsafe copy.remediator = nil
    return copy
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
    _ kind: PluginManifest.Kind, _ lookUp: (String) -> UnsafeRawPointer?, functions: [String: Int],
    as type: Interface.Type
  ) throws(BadData) -> UnsafePointer<Interface>? {
    guard let memory = unsafe lookUp(name(of: kind)) else { return nil }
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
