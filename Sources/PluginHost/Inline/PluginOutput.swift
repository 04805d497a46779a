import CReevePlugin
import Governance

/// What a plugin handed over breaks the contract.
struct BadData: Error, Equatable {
  var message: String
  /// The resource it is about: an index in the batch.
  var resource: Int?

  init(_ message: String, resource: Int? = nil) {
    self.message = message
    self.resource = resource
  }
}

/// How much one call may hand over, and the reading of text within that.
struct OutputBudget {
  /// Longer texts are no messages and no names.
  static let textLimit = 1 << 20

  private(set) var items = 4_000_000
  private(set) var bytes = 256 << 20
  private(set) var nodes = 16 << 20

  mutating func spend(items count: Int) throws(BadData) {
    items -= count
    guard items >= 0 else { throw BadData("more than 4,000,000 items in one call") }
  }

  mutating func spend(bytes count: Int) throws(BadData) {
    bytes -= count
    guard bytes >= 0 else { throw BadData("more than 256 MiB in one call") }
  }

  mutating func spend(nodes count: Int) throws(BadData) {
    nodes -= count
    guard nodes >= 0 else { throw BadData("more than 16,777,216 document nodes in one call") }
  }

  /// A copy of borrowed text.
  mutating func text(_ text: reeve_string, _ what: @autoclosure () -> String) throws(BadData) -> String {
    let length = unsafe text.length
    if length == 0 { return "" }
    guard length <= UInt64(Self.textLimit) else {
      throw BadData("\(what()) has \(length) bytes, more than \(Self.textLimit)")
    }
    guard let start = unsafe text.bytes else { throw BadData("\(what()) has \(length) bytes at NULL") }
    try spend(bytes: Int(length))
    let bytes = unsafe UnsafeBufferPointer(
      start: UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self), count: Int(length))
    do {
      return String(copying: try UTF8Span(validating: unsafe bytes.span))
    } catch {
      throw BadData("\(what()) is not UTF-8")
    }
  }

  /// Text that may not be empty.
  mutating func someText(_ text: reeve_string, _ what: @autoclosure () -> String) throws(BadData) -> String {
    let copy = unsafe try self.text(text, what())
    guard !copy.isEmpty else { throw BadData("\(what()) is empty") }
    return copy
  }
}

/// An array that a plugin handed over. Its elements may be larger than known here (a newer plugin's), never smaller.
@safe struct EmittedItems<Item: BitwiseCopyable> {
  private let start: UnsafeRawPointer?
  private let stride: Int
  private let isSized: Bool
  private let what: String
  let count: Int

  /// `sized`: the element begins with its struct_size.
  init(_ span: reeve_span, _ what: String, sized: Bool = true) throws(BadData) {
    count = Int(unsafe span.count)
    stride = Int(unsafe span.stride)
    self.what = what
    isSized = sized
    guard count > 0 else {
      unsafe start = nil
      return
    }
    guard let items = unsafe span.items else { throw BadData("\(what): \(count) items at NULL") }
    guard stride >= MemoryLayout<Item>.size else {
      throw BadData("\(what): the stride is \(stride), less than the \(MemoryLayout<Item>.size) bytes of one item")
    }
    unsafe start = unsafe items
  }

  /// A copy of the part that is known here. What the plugin does to its memory later does not matter.
  func item(_ index: Int) throws(BadData) -> Item {
    guard index < count, let start = unsafe start else { throw BadData("\(what): there is no item \(index)") }
    let place = unsafe start + index * stride
    if isSized {
      let size = Int(unsafe place.loadUnaligned(as: UInt32.self))
      guard size >= MemoryLayout<Item>.size, size <= stride else {
        throw BadData(
          "\(what) \(index): struct_size is \(size), expected \(MemoryLayout<Item>.size) to \(stride) (the stride)")
      }
    }
    return unsafe place.loadUnaligned(as: Item.self)
  }
}
