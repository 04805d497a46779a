import CReevePlugin
import Testing

@testable import PluginFrames

/// A frame as the other side has received it.
@safe final class Received {
  let memory: UnsafeMutableRawBufferPointer

  init(_ frame: UnsafeRawBufferPointer) {
    unsafe memory = .allocate(byteCount: frame.count, alignment: 16)
    unsafe memory.copyMemory(from: frame)
  }

  deinit { unsafe memory.deallocate() }

  var header: FrameHeader { unsafe memory.load(as: FrameHeader.self) }
  var bytes: [UInt8] { unsafe Array(memory) }

  func unpacker(sharingHeaps: Bool = false) throws(FrameDefect) -> FrameUnpacker {
    try unsafe FrameUnpacker(memory, sharingHeaps: sharingHeaps)
  }
}

/// Texts that stay where they are for the length of a test.
@safe struct Words {
  let bytes: UnsafeMutablePointer<CChar>
  private(set) var used = 0

  init() { unsafe bytes = .allocate(capacity: 1 << 16) }

  mutating func text(_ text: String) -> reeve_string {
    let start = unsafe bytes + used
    for (index, byte) in text.utf8.enumerated() { unsafe start[index] = CChar(bitPattern: byte) }
    used += text.utf8.count
    return unsafe reeve_string(bytes: start, length: UInt64(text.utf8.count))
  }
}

func string(_ text: reeve_string) -> String {
  guard let start = unsafe text.bytes else { return "NULL" }
  return unsafe String(
    decoding: UnsafeRawBufferPointer(start: start, count: Int(text.length)), as: UTF8.self)
}

@Suite struct FrameTests {
  /// Two resources with tags, a note and a document each.
  private static func resourceFrame(sharingHeaps: Bool, heapSize: Int = 16) -> Received {
    var words = Words()
    let heap = UnsafeMutablePointer<CChar>.allocate(capacity: heapSize)
    unsafe heap.initialize(repeating: 0x78, count: heapSize)
    let nodes = UnsafeMutablePointer<reeve_node>.allocate(capacity: 3)
    unsafe nodes[0] = reeve_node(kind: REEVE_NODE_OBJECT, span: 3, value: 1)
    unsafe nodes[1] = reeve_node(kind: REEVE_NODE_STRING, span: 1, value: UInt64(heapSize - 4) << 32 | 4)
    unsafe nodes[2] = reeve_node(kind: REEVE_NODE_BOOLEAN, span: 1, value: 1)
    let tags = UnsafeMutablePointer<reeve_tag>.allocate(capacity: 1)
    unsafe tags.initialize(to: reeve_tag(key: words.text("Owner"), value: words.text("tëam")))
    let notes = UnsafeMutablePointer<reeve_attribute_note>.allocate(capacity: 1)
    unsafe notes.initialize(
      to: reeve_attribute_note(
        struct_size: UInt32(MemoryLayout<reeve_attribute_note>.size), status: REEVE_ERROR_DENIED,
        name: words.text("Public"), code: words.text("Denied"), message: reeve_string(), read_at: 7))
    let resources = UnsafeMutablePointer<reeve_resource>.allocate(capacity: 2)
    for index in 0..<2 {
      unsafe (resources + index).initialize(
        to: reeve_resource(
          struct_size: UInt32(MemoryLayout<reeve_resource>.size), reserved: 0, type: words.text("ec2:image"),
          id: words.text("ami-\(index)"), arn: words.text("arn"), account: words.text("1"), region: reeve_string(),
          tags: reeve_span(items: tags, count: 1, stride: UInt32(MemoryLayout<reeve_tag>.stride)),
          attributes: reeve_document(
            nodes: nodes, heap: heap, heap_length: UInt64(heapSize), node_count: 3, reserved: 0),
          notes: reeve_span(items: notes, count: 1, stride: UInt32(MemoryLayout<reeve_attribute_note>.stride))))
    }
    var packer = FramePacker(sharingHeaps: sharingHeaps, capacity: 256)
    var header = FrameHeader(.evaluate, sequence: 3)
    unsafe header.first = packer.append(
      reeve_span(items: resources, count: 2, stride: UInt32(MemoryLayout<reeve_resource>.stride)), .resource)
    return unsafe Received(packer.finish(header))
  }

  @Test("What was packed comes out as it went in", arguments: [(true, 16), (false, 16), (true, 9_000), (false, 9_000)])
  func roundTrip(sharing: Bool, heapSize: Int) throws {
    let received = Self.resourceFrame(sharingHeaps: sharing, heapSize: heapSize)
    var unpacker = try received.unpacker(sharingHeaps: sharing)
    let span = unsafe try unpacker.unpack(received.header.first, .resource)
    let isWhole = unpacker.isAtEnd
    #expect(isWhole)
    let first = unsafe try #require(span.items).assumingMemoryBound(to: reeve_resource.self)
    for index in 0..<2 {
      let resource = unsafe first[index]
      #expect(unsafe string(resource.type) == "ec2:image")
      #expect(unsafe string(resource.id) == "ami-\(index)")
      #expect(unsafe string(resource.region) == "NULL")
      let tag = unsafe try #require(resource.tags.items).load(as: reeve_tag.self)
      #expect(unsafe string(tag.value) == "tëam")
      let note = unsafe try #require(resource.notes.items).load(as: reeve_attribute_note.self)
      #expect(unsafe note.status == REEVE_ERROR_DENIED)
      #expect(unsafe string(note.code) == "Denied")
      let document = unsafe resource.attributes
      #expect(unsafe document.node_count == 3)
      let name = unsafe try #require(document.nodes)[1].value
      let offset = Int(name >> 32)
      #expect(unsafe offset + 4 <= Int(document.heap_length))
      let text = unsafe reeve_string(bytes: document.heap.map { unsafe $0 + offset }, length: 4)
      #expect(unsafe string(text) == "xxxx")
    }
  }

  @Test("A heap that two documents share travels once; a large one that is not shared, only as far as it is used")
  func heaps() {
    let shared = Self.resourceFrame(sharingHeaps: true, heapSize: 9_000).bytes.count
    let used = Self.resourceFrame(sharingHeaps: false, heapSize: 9_000).bytes.count
    let whole = Self.resourceFrame(sharingHeaps: false, heapSize: 4_000).bytes.count
    #expect(shared > 9_000 && shared < 10_000)
    #expect(used < 1_000)
    #expect(whole > 8_000)
  }

  @Test("What is too large to be carried along is left to the reader's own limits")
  func tooLarge() throws {
    var packer = FramePacker(sharingHeaps: false)
    var byte: CChar = 0x78
    let received = unsafe withUnsafePointer(to: &byte) { byte in
      var verdict = unsafe reeve_verdict()
      unsafe verdict.message = unsafe reeve_string(bytes: byte, length: 1 << 40)
      unsafe verdict.evidence.nodes = UnsafePointer(bitPattern: 4_096)
      unsafe verdict.evidence.node_count = .max
      unsafe withUnsafePointer(to: &verdict) { verdict in
        let stride = unsafe UInt32(MemoryLayout<reeve_verdict>.stride)
        unsafe packer.append(
          FrameRecord(kind: REEVE_EMIT_VERDICT), items: reeve_span(items: verdict, count: 1, stride: stride), .verdict)
        unsafe packer.append(
          FrameRecord(kind: REEVE_EMIT_VERDICT), items: reeve_span(items: verdict, count: .max, stride: stride),
          .verdict)
        unsafe packer.append(
          FrameRecord(kind: REEVE_EMIT_VERDICT), items: reeve_span(items: verdict, count: 1, stride: 8), .verdict)
      }
      return unsafe Received(packer.finish(FrameHeader(.answer, sequence: 1)))
    }
    var unpacker = try received.unpacker()
    let (_, first) = unsafe try unpacker.record()
    let verdict = unsafe try #require(first.items).load(as: reeve_verdict.self)
    #expect(unsafe verdict.message.length == 1 << 40)
    #expect(unsafe verdict.evidence.node_count == .max)
    let (_, many) = unsafe try unpacker.record()
    #expect(unsafe many.count == .max && many.items != nil)
    let (_, narrow) = unsafe try unpacker.record()
    #expect(unsafe narrow.stride == 8 && narrow.items != nil)
    let isRead = unpacker.isAtEnd
    #expect(isRead)
  }

  struct Lie: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var forge: @Sendable (inout FrameSpan) -> Void
  }

  @Test(
    "An array that is not where the frame says is a defect",
    arguments: [
      Lie(testDescription: "beyond the end") { $0.offset = 1 << 20 },
      Lie(testDescription: "reaching beyond the end") { $0.count = 1_000_000 },
      Lie(testDescription: "in the header") { $0.offset = 8 },
      Lie(testDescription: "not aligned") { $0.offset += 4 },
      Lie(testDescription: "an offset that overflows") { $0.offset = .max - 8 },
      Lie(testDescription: "not carried along, without a reason") { $0.offset = .max },
      Lie(testDescription: "closer together than one item") { $0.stride = 8 },
      Lie(testDescription: "of a count that overflows") {
        $0.count = 3_999_999
        $0.stride = .max
      },
    ])
  func lies(_ lie: Lie) throws {
    let received = Self.resourceFrame(sharingHeaps: false)
    var span = received.header.first
    lie.forge(&span)
    var unpacker = try received.unpacker()
    unsafe #expect(throws: FrameDefect.self) { unsafe try unpacker.unpack(span, .resource) }
  }

  @Test("Parts of a frame cannot lie on top of each other")
  func overlapping() throws {
    let received = Self.resourceFrame(sharingHeaps: false)
    let first = Int(received.header.first.offset)
    // The second resource's id is said to lie where the first one's struct is, which has been looked at.
    let place = unsafe first + MemoryLayout<reeve_resource>.stride + 24
    unsafe received.memory.storeBytes(of: UInt64(first), toByteOffset: place, as: UInt64.self)
    var unpacker = try received.unpacker()
    unsafe #expect(throws: FrameDefect.self) { unsafe try unpacker.unpack(received.header.first, .resource) }
  }

  /// Whatever is in a frame: unpacking ends, and what it lets through can be read to the last byte.
  @Test("Frames with bytes changed at random are read within their bounds or refused", arguments: 0..<8)
  func mutated(seed: Int) throws {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    func random() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    var refused = 0
    for _ in 0..<2_000 {
      let received = Self.resourceFrame(sharingHeaps: false, heapSize: seed % 2 == 0 ? 16 : 9_000)
      for _ in 0..<(1 + random() % 4) {
        let place = unsafe FrameHeader.size + Int(random() % UInt64(received.memory.count - FrameHeader.size))
        unsafe received.memory[place] = UInt8(truncatingIfNeeded: random())
      }
      var unpacker = try received.unpacker()
      do throws(FrameDefect) {
        let span = unsafe try unpacker.unpack(received.header.first, .resource)
        unsafe Self.readAll(span, within: received)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 100)
  }

  private static func readAll(_ span: reeve_span, within received: Received) {
    let range =
      unsafe UInt(bitPattern: received.memory.baseAddress)..<UInt(
        bitPattern: received.memory.baseAddress) + UInt(received.memory.count)
    func expectInside(_ address: UnsafeRawPointer?, _ length: Int) {
      guard let address = unsafe address, length > 0 else { return }
      let start = UInt(bitPattern: address)
      #expect(range.contains(start) && start + UInt(length) <= range.upperBound)
    }
    unsafe expectInside(span.items, Int(span.count) * Int(span.stride))
    for index in 0..<Int(unsafe span.count) {
      guard let items = unsafe span.items else { return }
      let resource = unsafe (items + index * Int(span.stride)).loadUnaligned(as: reeve_resource.self)
      func expectText(_ text: reeve_string) {
        if unsafe text.length <= 1 << 20 { unsafe expectInside(text.bytes, Int(text.length)) }
      }
      unsafe expectText(resource.type)
      unsafe expectText(resource.id)
      unsafe expectText(resource.arn)
      unsafe expectText(resource.account)
      unsafe expectText(resource.region)
      let attributes = unsafe resource.attributes
      if unsafe attributes.node_count <= 16 << 20 {
        unsafe expectInside(attributes.nodes, Int(attributes.node_count) * 16)
        unsafe expectInside(attributes.heap, Int(attributes.heap_length))
      }
      func expectList(_ list: reeve_span, _ size: Int) {
        guard unsafe Int(list.stride) >= size, unsafe list.count <= 4_000_000 else { return }
        unsafe expectInside(list.items, Int(list.count) * Int(list.stride))
      }
      unsafe expectList(resource.tags, 32)
      unsafe expectList(resource.notes, 64)
    }
  }

  @Test("A frame that would be larger than the limit is not written further, and says so")
  func overflow() {
    var packer = FramePacker(sharingHeaps: false)
    let block = UnsafeMutableRawPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { unsafe block.deallocate() }
    unsafe block.initializeMemory(as: UInt8.self, repeating: 0, count: 1 << 20)
    var appended = 0
    while !packer.overflowed, appended < 1_000 {
      _ = unsafe packer.append(reeve_span(items: block, count: 1, stride: 1 << 20), .index)
      appended += 1
    }
    let isFull = packer.overflowed
    #expect(isFull)
    #expect(appended == 384)
    packer.reset()
    let isStillFull = packer.overflowed
    #expect(!isStillFull)
  }
}
