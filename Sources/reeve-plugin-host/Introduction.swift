import CReevePlugin
import PluginFrames

/// What a library says of itself, as records: the descriptor, then each interface. Read with care, judged elsewhere.
@safe struct Introduction {
  private let plugin: UnsafePointer<reeve_plugin>

  init(of plugin: UnsafePointer<reeve_plugin>) { unsafe self.plugin = unsafe plugin }

  static let interfaces: [(name: String, size: Int)] = [
    (REEVE_INTERFACE_DISCOVERY, MemoryLayout<reeve_discovery>.size),
    (REEVE_INTERFACE_CHECK, MemoryLayout<reeve_check>.size),
    (REEVE_INTERFACE_TAGGER, MemoryLayout<reeve_tagger>.size),
    (REEVE_INTERFACE_REMEDIATOR, MemoryLayout<reeve_remediator>.size),
  ]

  /// Returns how many records there are.
  func append(to packer: inout FramePacker) -> UInt32 {
    let whole = unsafe MemoryLayout<reeve_plugin>.size
    let memory = unsafe UnsafeRawPointer(plugin)
    let size = Int(unsafe memory.loadUnaligned(as: UInt32.self))
    var copy = unsafe reeve_plugin.zeroed
    let isSound = unsafe size >= whole && memory.loadUnaligned(fromByteOffset: 4, as: UInt32.self) == REEVE_PLUGIN_MAGIC
    // Of a descriptor that is none, nothing but its first words is looked at.
    unsafe withUnsafeMutableBytes(of: &copy) { copy in
      unsafe copy.copyMemory(from: UnsafeRawBufferPointer(start: memory, count: isSound ? whole : 8))
    }
    unsafe withUnsafePointer(to: &copy) { copy in
      unsafe packer.append(
        FrameRecord(kind: FrameRecord.Kind.descriptor),
        items: reeve_span(items: copy, count: 1, stride: UInt32(whole)), .plugin)
    }
    guard isSound, unsafe memory.loadUnaligned(fromByteOffset: whole - 8, as: UInt.self) != 0 else { return 1 }
    var records: UInt32 = 1
    for (place, interface) in Self.interfaces.enumerated() {
      guard let found = unsafe plugin.pointee.interface(interface.name) else { continue }
      let size = Int(unsafe found.loadUnaligned(as: UInt32.self))
      unsafe packer.append(
        FrameRecord(kind: FrameRecord.Kind.interface, status: Int32(place)),
        items: reeve_span(items: found, count: 1, stride: UInt32(max(4, min(size, interface.size)))), .index)
      records += 1
    }
    return records
  }
}

extension reeve_plugin {
  /// The struct has functions that cannot be NULL in Swift: its bytes are.
  static var zeroed: reeve_plugin {
    unsafe withUnsafeTemporaryAllocation(
      byteCount: MemoryLayout<reeve_plugin>.size, alignment: MemoryLayout<reeve_plugin>.alignment
    ) { bytes in
      unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
      return unsafe bytes.loadUnaligned(as: reeve_plugin.self)
    }
  }
}
