import CReevePlugin
import Glibc

/// Borrowed UTF-8 text: a view of the host's memory, valid only during the call that handed it over.
///
/// Compare it as it is (no copy is made); take `string` when it has to outlive the call.
@safe public struct Text: CustomStringConvertible, Equatable {
  let start: UnsafeRawPointer?
  /// In bytes.
  public let count: Int

  init(_ raw: reeve_string) {
    unsafe start = raw.bytes.map { unsafe UnsafeRawPointer($0) }
    unsafe count = raw.bytes == nil ? 0 : Int(raw.length)
  }

  init(start: UnsafeRawPointer?, count: Int) {
    unsafe self.start = unsafe start
    self.count = count
  }

  public var isEmpty: Bool { count == 0 }
  /// A copy.
  public var string: String { unsafe String(decoding: bytes, as: UTF8.self) }
  public var description: String { string }

  var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: start, count: count) }

  func equals(_ other: UnsafeRawBufferPointer) -> Bool {
    guard count == other.count else { return false }
    guard let left = unsafe start, let right = other.baseAddress, count > 0 else { return count == 0 }
    return unsafe memcmp(left, right, count) == 0
  }

  func equals(_ other: StaticString) -> Bool {
    other.withUTF8Buffer { unsafe equals(UnsafeRawBufferPointer($0)) }
  }

  public static func == (left: Text, right: Text) -> Bool { unsafe left.equals(right.bytes) }
}

/// A literal on the right side is compared byte by byte, without making a `String`.
public func == (left: Text?, right: StaticString) -> Bool { left.map { $0.equals(right) } ?? false }
public func != (left: Text?, right: StaticString) -> Bool { !(left == right) }

@_disfavoredOverload
public func == (left: Text?, right: String) -> Bool {
  guard let left else { return false }
  var right = right
  return right.withUTF8 { unsafe left.equals(UnsafeRawBufferPointer($0)) }
}

@_disfavoredOverload
public func != (left: Text?, right: String) -> Bool { !(left == right) }

extension StaticString {
  /// A literal's bytes, which are there for good.
  var literalBytes: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
  }
}
