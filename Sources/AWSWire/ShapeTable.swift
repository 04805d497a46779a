import CAWSModels
import Synchronization

/// One service's table, read in place.
///
/// Invariants:
/// 1. Line 0 is the header, lines 1...operationCount are the operations sorted by name, the others are shapes.
/// 2. A shape is parsed when it is first asked for, and once.
final class ShapeTable: Sendable {
  /// Static memory of the executable: it lives as long as the process.
  @safe private struct Bytes: @unchecked Sendable {
    let buffer: UnsafeBufferPointer<UInt8>
  }

  private let bytes: Bytes
  /// Where each line starts, and the end of the last.
  private let starts: [Int]
  let header: [String: String]
  private let operationCount: Int
  private let parsed: Mutex<[Int: Shape]>

  struct OperationFields {
    let input: Shape?
    let output: Shape?
    let pagination: Operation.Pagination?
  }

  static let all: [String: ShapeTable] = [
    "cloudtrail": unsafe ShapeTable(reeve_shapes_cloudtrail()), "ec2": unsafe ShapeTable(reeve_shapes_ec2()),
    "iam": unsafe ShapeTable(reeve_shapes_iam()), "organizations": unsafe ShapeTable(reeve_shapes_organizations()),
    "sts": unsafe ShapeTable(reeve_shapes_sts()),
  ]

  private init(_ table: reeve_shape_table) {
    let buffer = unsafe UnsafeBufferPointer(start: table.bytes, count: table.length)
    var starts = [0]
    for position in buffer.indices where unsafe buffer[position] == UInt8(ascii: "\n") {
      starts.append(position + 1)
    }
    unsafe bytes = Bytes(buffer: buffer)
    self.starts = starts
    var header: [String: String] = [:]
    let first = unsafe String(decoding: UnsafeBufferPointer(rebasing: buffer[..<(starts[1] - 1)]), as: UTF8.self)
    for field in first.split(separator: "\t") {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { header[String(parts[0])] = String(parts[1]) }
    }
    self.header = header
    operationCount = Int(header["operations"] ?? "") ?? 0
    parsed = Mutex([:])
  }

  var operationLines: ClosedRange<Int> { 1...operationCount }

  private func text(ofLine line: Int) -> String {
    let range = starts[line]..<(starts[line + 1] - 1)
    return unsafe String(decoding: UnsafeBufferPointer(rebasing: bytes.buffer[range]), as: UTF8.self)
  }

  func fields(ofLine line: Int) -> [String] {
    text(ofLine: line).split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
  }

  func operation(named name: String) -> OperationFields? {
    guard let line = operationLine(named: name) else { return nil }
    let fields = fields(ofLine: line)
    guard fields.count == 4 else { return nil }
    return OperationFields(
      input: Int(fields[1]).map { shape($0) }, output: Int(fields[2]).map { shape($0) },
      pagination: Operation.Pagination(fields[3]))
  }

  private func operationLine(named name: String) -> Int? {
    var low = 1
    var high = operationCount
    while low <= high {
      let middle = (low + high) / 2
      let found = fields(ofLine: middle)[0]
      if found == name { return middle }
      if found < name { low = middle + 1 } else { high = middle - 1 }
    }
    return nil
  }

  /// No structure, list or map.
  func isScalar(_ number: Int) -> Bool {
    let kind = unsafe bytes.buffer[starts[number]]
    return kind != UInt8(ascii: "S") && kind != UInt8(ascii: "L") && kind != UInt8(ascii: "M")
  }

  func shape(_ number: Int) -> Shape {
    if let shape = parsed.withLock({ $0[number] }) { return shape }
    let shape = Shape(fields: fields(ofLine: number), table: self)
    return parsed.withLock { parsed in
      if let other = parsed[number] { return other }
      parsed[number] = shape
      return shape
    }
  }
}
