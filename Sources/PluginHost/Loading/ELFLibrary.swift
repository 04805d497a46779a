/// A shared library's file, read without running any of it (System V ABI, "Object Files"). Every offset is checked: the
/// file is whatever somebody put there.
struct ELFLibrary {
  struct Malformed: Error {
    var what: String
  }

  struct Segment {
    var type: UInt32
    var flags: UInt32
    var offset: UInt64
    var address: UInt64
    var fileSize: UInt64

    static let load: UInt32 = 1
    static let dynamic: UInt32 = 2
    static let stack: UInt32 = 0x6474_E551
    static let executable: UInt32 = 1
    static let writable: UInt32 = 2
  }

  /// `e_type` of a shared object.
  static let shared: UInt16 = 3

  private let bytes: [UInt8]
  let is64Bit: Bool
  let isLittleEndian: Bool
  private(set) var type: UInt16 = 0
  private(set) var machine: UInt16 = 0
  private(set) var segments: [Segment] = []
  private var dynamic: [(tag: UInt64, value: UInt64)] = []

  init(_ bytes: [UInt8]) throws(Malformed) {
    guard bytes.count >= 64, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
      throw Malformed(what: "it does not begin like one")
    }
    self.bytes = bytes
    is64Bit = bytes[4] == 2
    isLittleEndian = bytes[5] == 1
    // The offsets of what follows hold for 64-bit little-endian only; for others, the first words are the message.
    guard is64Bit, isLittleEndian else { return }
    type = try read(at: 16)
    machine = try read(at: 18)
    segments = try readSegments()
    dynamic = try readDynamic()
  }

  private func read<Word: FixedWidthInteger>(at offset: UInt64, as: Word.Type = Word.self) throws(Malformed) -> Word {
    let size = MemoryLayout<Word>.size
    guard offset <= UInt64(bytes.count), UInt64(bytes.count) - offset >= UInt64(size) else {
      throw Malformed(what: "it is cut off: offset \(offset) lies beyond its \(bytes.count) bytes")
    }
    var word: Word = 0
    for position in (0..<size).reversed() { word = word << 8 | Word(truncatingIfNeeded: bytes[Int(offset) + position]) }
    return word
  }

  private func readSegments() throws(Malformed) -> [Segment] {
    let table: UInt64 = try read(at: 32)
    let entrySize: UInt16 = try read(at: 54)
    let count: UInt16 = try read(at: 56)
    guard entrySize >= 56 else { throw Malformed(what: "its program headers are \(entrySize) bytes, not 56") }
    var segments: [Segment] = []
    for position in 0..<UInt64(count) {
      let (start, overflow) = table.addingReportingOverflow(position * UInt64(entrySize))
      guard !overflow else { throw Malformed(what: "its program headers lie nowhere") }
      segments.append(
        Segment(
          type: try read(at: start), flags: try read(at: start &+ 4), offset: try read(at: start &+ 8),
          address: try read(at: start &+ 16), fileSize: try read(at: start &+ 32)))
    }
    return segments
  }

  private func readDynamic() throws(Malformed) -> [(tag: UInt64, value: UInt64)] {
    guard let segment = segments.first(where: { $0.type == Segment.dynamic }) else {
      throw Malformed(what: "it has no dynamic section")
    }
    var entries: [(tag: UInt64, value: UInt64)] = []
    for position in 0..<segment.fileSize / 16 {
      let tag: UInt64 = try read(at: segment.offset &+ position &* 16)
      if tag == 0 { break }
      entries.append((tag, try read(at: segment.offset &+ position &* 16 &+ 8)))
    }
    return entries
  }

  // MARK: The dynamic section

  /// Tags of the dynamic section (`DT_…`).
  private enum Tag {
    static let needed: UInt64 = 1
    static let hash: UInt64 = 4
    static let strings: UInt64 = 5
    static let symbols: UInt64 = 6
    static let runPathOld: UInt64 = 15
    static let textRelocations: UInt64 = 22
    static let runPath: UInt64 = 29
    static let flags: UInt64 = 30
    static let gnuHash: UInt64 = 0x6FFF_FEF5
  }

  private func value(_ tag: UInt64) -> UInt64? { dynamic.first { $0.tag == tag }?.value }

  /// The libraries it asks the loader for.
  func needed() throws(Malformed) -> [String] { try texts(Tag.needed) }

  /// The folders it wants searched for them.
  func searchPaths() throws(Malformed) -> [String] {
    (try texts(Tag.runPathOld) + texts(Tag.runPath)).flatMap {
      $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// Does it ask for code pages to be written while it is loaded?
  var hasTextRelocations: Bool { value(Tag.textRelocations) != nil || (value(Tag.flags) ?? 0) & 4 != 0 }

  /// Names of the functions that it exports and whose names begin with a prefix.
  func exportedFunctions(prefix: String) throws(Malformed) -> [String] {
    guard let symbols = value(Tag.symbols) else { throw Malformed(what: "it has no symbol table") }
    let table = try offset(of: symbols)
    let prefix = Array(prefix.utf8)
    var names: [String] = []
    for position in 0..<(try symbolCount()) {
      let start = table &+ position &* 24
      let information: UInt8 = try read(at: start &+ 4)
      let visibility: UInt8 = try read(at: start &+ 5)
      let section: UInt16 = try read(at: start &+ 6)
      // Defined here, a function, global or weak, default or protected visibility.
      guard section != 0, information & 0xF == 2, information >> 4 == 1 || information >> 4 == 2,
        visibility & 3 == 0 || visibility & 3 == 3
      else { continue }
      let name = try textBytes(at: UInt64(try read(at: start, as: UInt32.self)))
      if name.starts(with: prefix) { names.append(String(decoding: name, as: UTF8.self)) }
    }
    return names.sorted()
  }

  /// How many symbols there are is said nowhere but in the hash tables.
  private func symbolCount() throws(Malformed) -> UInt64 {
    if let gnu = value(Tag.gnuHash) { return try gnuSymbolCount(at: try offset(of: gnu)) }
    guard let hash = value(Tag.hash) else { throw Malformed(what: "it has no symbol hash table") }
    return UInt64(try read(at: try offset(of: hash) &+ 4, as: UInt32.self))
  }

  private func gnuSymbolCount(at table: UInt64) throws(Malformed) -> UInt64 {
    let buckets = UInt64(try read(at: table, as: UInt32.self))
    let firstHashed = UInt64(try read(at: table &+ 4, as: UInt32.self))
    let bloomWords = UInt64(try read(at: table &+ 8, as: UInt32.self))
    let bucketTable = table &+ 16 &+ bloomWords &* 8
    let chains = bucketTable &+ buckets &* 4
    var last: UInt64 = 0
    for bucket in 0..<buckets {
      last = max(last, UInt64(try read(at: bucketTable &+ bucket &* 4, as: UInt32.self)))
    }
    guard last >= firstHashed else { return firstHashed }
    // The end of the last chain is marked by its lowest bit.
    while try read(at: chains &+ (last &- firstHashed) &* 4, as: UInt32.self) & 1 == 0 { last += 1 }
    return last + 1
  }

  private func texts(_ tag: UInt64) throws(Malformed) -> [String] {
    var texts: [String] = []
    for entry in dynamic where entry.tag == tag {
      texts.append(String(decoding: try textBytes(at: entry.value), as: UTF8.self))
    }
    return texts
  }

  private func textBytes(at index: UInt64) throws(Malformed) -> ArraySlice<UInt8> {
    guard let strings = value(Tag.strings) else { throw Malformed(what: "it has no string table") }
    let start = try offset(of: strings) &+ index
    guard start < UInt64(bytes.count), let end = bytes[Int(start)...].firstIndex(of: 0) else {
      throw Malformed(what: "a name lies beyond its end")
    }
    return bytes[Int(start)..<end]
  }

  /// Where in the file an address is loaded from.
  private func offset(of address: UInt64) throws(Malformed) -> UInt64 {
    for segment in segments where segment.type == Segment.load {
      if address >= segment.address, address - segment.address < segment.fileSize {
        return segment.offset &+ (address - segment.address)
      }
    }
    throw Malformed(what: "address \(address) is in no part of it")
  }
}
