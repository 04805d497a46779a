public import CReevePlugin
import Synchronization

/// What one plugin exports. Made once and kept for good: the host holds on to the descriptor.
@safe final class PluginDefinition: @unchecked Sendable {
  let checks: [any Check.Type]
  let discovery: (any Discovery.Type)?
  let tagger: (any Tagger.Type)?
  let remediator: (any Remediator.Type)?
  let descriptor: UnsafePointer<reeve_plugin>
  private let memory: Arena

  /// What this library exports.
  private static let exported = Mutex<PluginDefinition?>(nil)
  /// What a harness has in hand: a test bundle links several plugins, a plugin's library only itself.
  @TaskLocal static var underTest: PluginDefinition?

  static var current: PluginDefinition? { underTest ?? exported.withLock { $0 } }

  init(
    id: String, version: String, checks: [any Check.Type], discovery: (any Discovery.Type)?,
    tagger: (any Tagger.Type)?, remediator: (any Remediator.Type)?
  ) {
    let memory = Arena()
    self.memory = memory
    self.checks = checks
    self.discovery = discovery
    self.tagger = tagger
    self.remediator = remediator
    let ids = unsafe memory.span(checks.map { unsafe memory.string($0.id.description) })
    let made = UnsafeMutablePointer<reeve_plugin>.allocate(capacity: 1)
    unsafe made.initialize(
      to: reeve_plugin(
        struct_size: UInt32(MemoryLayout<reeve_plugin>.size), magic: REEVE_PLUGIN_MAGIC,
        abi_major: UInt16(REEVE_ABI_MAJOR), abi_minor: UInt16(REEVE_ABI_MINOR), need_host_minor: 0, reserved: 0,
        id: memory.string(id), version: memory.string(version), kit: memory.string(kitName),
        toolchain: memory.string(kitToolchain), checks: ids,
        create: { call, arguments, instance in
          unsafe PluginInstance.create(Call(call), arguments, instance)
        },
        destroy: { unsafe Unmanaged<PluginInstance>.fromOpaque(UnsafeRawPointer($0)).release() },
        interface: { unsafe PluginInterfaces.named($0) }))
    unsafe descriptor = unsafe UnsafePointer(made)
  }

  deinit { unsafe descriptor.deallocate() }

  /// Makes it this library's export; the first one stays.
  static func export(_ make: () -> PluginDefinition) -> PluginDefinition {
    exported.withLock { exported in
      if let exported { return exported }
      let made = make()
      exported = made
      return made
    }
  }
}

/// The body of a plugin's one exported function: its types, by role. All of them are made with the same configuration.
///
/// ```swift
/// @c @implementation
/// public func reeve_plugin_entry_v1(_ hello: UnsafePointer<reeve_hello>) -> UnsafePointer<reeve_plugin>? {
///   exportPlugin(id: "org.example.owner", version: "1.0.0", checks: [OwnerTag.self])
/// }
/// ```
///
/// `id`, `version` and the checks' ids must be those of `plugin.json`.
public func exportPlugin(
  id: StaticString, version: StaticString, checks: [any Check.Type] = [], discovery: (any Discovery.Type)? = nil,
  tagger: (any Tagger.Type)? = nil, remediator: (any Remediator.Type)? = nil
) -> UnsafePointer<reeve_plugin>? {
  let definition = PluginDefinition.export {
    PluginDefinition(
      id: id.description, version: version.description, checks: checks, discovery: discovery, tagger: tagger,
      remediator: remediator)
  }
  return unsafe definition.descriptor
}
