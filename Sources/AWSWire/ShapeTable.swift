import CAWSModels
import Glibc
import Synchronization

/// One service's table, read in place.
///
/// Invariants:
/// 1. Line 0 is the header, lines 1...operationCount are the operations sorted by name, the others are shapes.
/// 2. A shape is parsed when it is first asked for, and once.
/// 3. The embedded tables are whole: a test verifies every line of each, so damage is this program's own fault and traps.
final class ShapeTable: Sendable {
  /// Static memory of the executable: it lives as long as the process.
  @safe private struct Bytes: @unchecked Sendable {
    let buffer: UnsafeBufferPointer<UInt8>
  }

  /// An operation's line, taken apart.
  struct OperationLine: Equatable {
    var name: String
    var input: Int?
    var output: Int?
    var pagination: Operation.Pagination?
  }

  private let bytes: Bytes
  /// Where each line starts, and the end of the last.
  private let starts: [Int]
  let header: [String: String]
  private let operationCount: Int
  /// By line.
  private let parsed: Mutex<[Shape?]>

  static let all: [String: ShapeTable] = [
    "cloudtrail": unsafe embedded("cloudtrail", reeve_shapes_cloudtrail()),
    "ec2": unsafe embedded("ec2", reeve_shapes_ec2()),
    "organizations": unsafe embedded("organizations", reeve_shapes_organizations()),
    "sts": unsafe embedded("sts", reeve_shapes_sts()),
  ]

  private static func embedded(_ name: String, _ table: reeve_shape_table) -> ShapeTable {
    do throws(ShapeTableError) {
      return try unsafe ShapeTable(UnsafeBufferPointer(start: table.bytes, count: table.length))
    } catch {
      preconditionFailure("the embedded table \(name), \(error)")
    }
  }

  /// The buffer must outlive the table.
  init(_ buffer: UnsafeBufferPointer<UInt8>) throws(ShapeTableError) {
    let starts = unsafe Self.lineStarts(buffer)
    guard starts.count > 1, starts.last == buffer.count else {
      throw ShapeTableError(line: max(0, starts.count - 1), reason: "the last line does not end")
    }
    let first = unsafe String(decoding: UnsafeBufferPointer(rebasing: buffer[..<(starts[1] - 1)]), as: UTF8.self)
    let fields = first.split(separator: "\t", omittingEmptySubsequences: false)
    guard fields.first == "reeve-shapes 1" else {
      throw ShapeTableError(line: 0, reason: "expected \"reeve-shapes 1\", found \"\(fields.first ?? "")\"")
    }
    var header: [String: String] = [:]
    for field in fields.dropFirst() {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw ShapeTableError(line: 0, reason: "\"\(field)\" is no name=value") }
      header[String(parts[0])] = String(parts[1])
    }
    guard let count = header["operations"].flatMap({ Int($0) }), count > 0, count + 1 < starts.count else {
      throw ShapeTableError(line: 0, reason: "the number of operations is missing, or larger than the table")
    }
    unsafe bytes = Bytes(buffer: buffer)
    self.starts = starts
    self.header = header
    operationCount = count
    parsed = Mutex(Array(repeating: nil, count: starts.count - 1))
  }

  private static func lineStarts(_ buffer: UnsafeBufferPointer<UInt8>) -> [Int] {
    var starts = [0]
    var position = 0
    while position < buffer.count, let start = buffer.baseAddress,
      let found = unsafe memchr(start + position, 10, buffer.count - position)
    {
      position = unsafe UnsafeRawPointer(found) - UnsafeRawPointer(start) + 1
      starts.append(position)
    }
    return starts
  }

  var operationLines: ClosedRange<Int> { 1...operationCount }
  private var shapeLines: Range<Int> { (operationCount + 1)..<(starts.count - 1) }

  func fields(ofLine line: Int) -> [String] {
    let range = starts[line]..<(starts[line + 1] - 1)
    let text = unsafe String(decoding: UnsafeBufferPointer(rebasing: bytes.buffer[range]), as: UTF8.self)
    return text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
  }

  func operationLine(named name: String) -> Int? {
    var low = 1
    var high = operationCount
    while low <= high {
      let middle = (low + high) / 2
      let order = compare(name.utf8, toNameOfLine: middle)
      if order == 0 { return middle }
      if order > 0 { low = middle + 1 } else { high = middle - 1 }
    }
    return nil
  }

  /// Compares in place: a look-up makes no string for each line it passes.
  private func compare(_ name: String.UTF8View, toNameOfLine line: Int) -> Int {
    var position = starts[line]
    for byte in name {
      let other = unsafe bytes.buffer[position]
      // A tab or line feed ends the other name. The name looked for comes from the network and may hold them too.
      if other <= UInt8(ascii: "\n") { return 1 }
      if byte != other { return Int(byte) - Int(other) }
      position += 1
    }
    return unsafe bytes.buffer[position] == UInt8(ascii: "\t") ? 0 : -1
  }

  func operation(atLine line: Int) throws(ShapeTableError) -> OperationLine {
    let fields = fields(ofLine: line)
    guard fields.count == 4, !fields[0].isEmpty else {
      throw ShapeTableError(line: line, reason: "an operation has four fields, here are \(fields.count)")
    }
    func shape(_ field: String) throws(ShapeTableError) -> Int? {
      field == "-" ? nil : try shapeNumber(field, line: line)
    }
    let pagination = Operation.Pagination(fields[3])
    guard pagination != nil || fields[3] == "-" else {
      throw ShapeTableError(line: line, reason: "\"\(fields[3])\" is no pagination")
    }
    return OperationLine(
      name: fields[0], input: try shape(fields[1]), output: try shape(fields[2]), pagination: pagination)
  }

  func operation(named name: String) -> OperationLine? {
    guard let line = operationLine(named: name) else { return nil }
    do throws(ShapeTableError) { return try operation(atLine: line) } catch { preconditionFailure("\(error)") }
  }

  func shapeNumber(_ field: String, line: Int) throws(ShapeTableError) -> Int {
    guard let number = Int(field), shapeLines.contains(number) else {
      throw ShapeTableError(line: line, reason: "\"\(field)\" is not the number of a shape")
    }
    return number
  }

  func shape(_ number: Int) -> Shape {
    if let shape = parsed.withLock({ $0[number] }) { return shape }
    let shape: Shape
    do throws(ShapeTableError) {
      shape = try Shape(fields: fields(ofLine: number), table: self, line: number)
    } catch {
      preconditionFailure("\(error)")
    }
    return parsed.withLock { parsed in
      if let other = parsed[number] { return other }
      parsed[number] = shape
      return shape
    }
  }

  /// Reads every line. What follows from it is that look-ups cannot trap.
  func verify() throws(ShapeTableError) {
    var previous = ""
    for line in operationLines {
      let name = try operation(atLine: line).name
      guard previous.utf8.lexicographicallyPrecedes(name.utf8) else {
        throw ShapeTableError(line: line, reason: "\(name) stands behind \(previous): operations are sorted")
      }
      previous = name
    }
    for line in shapeLines { _ = try Shape(fields: fields(ofLine: line), table: self, line: line) }
  }
}
