import AWSWire
import Governance

/// An answer made of the input by an operation's shape: our writer, then libxml2's reader, and what is read must be what
/// was written. With an odd first byte the input is the body itself, as a broken server would send it.
@c(LLVMFuzzerTestOneInput) func runOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 3, let service = ServiceModel.named(unsafe start[1] & 1 == 0 ? "ec2" : "sts") else { return 0 }
  var source = unsafe Source(bytes: Array(UnsafeBufferPointer(start: start, count: count)))
  let isRaw = source.byte() & 1 == 1
  _ = source.byte()
  let names = operations(of: service)
  let number = Int(source.byte()) << 8 | Int(source.byte())
  guard let operation = service.operation(names[number % names.count]) else { return 0 }
  if isRaw {
    _ = try? ClientCodec.response(operation, HTTPResponse(status: 200, body: source.rest))
    _ = try? ClientCodec.response(operation, HTTPResponse(status: 400, body: source.rest))
    return 0
  }
  guard let shape = operation.output else { return 0 }
  var output = source.value(shape, depth: 0)
  for list in operation.pagination?.resultKeys ?? [] where output[list] == nil {
    if shape.member(named: list)?.shape.kind == .list { output = output.setting(list, to: []) }
  }
  let response = ServerCodec.response(operation, output, requestID: "r")
  do {
    let read = try ClientCodec.response(operation, response)
    precondition(read == output, "\(output.json) → \(String(decoding: response.body, as: UTF8.self)) → \(read.json)")
  } catch {
    preconditionFailure("\(output.json) → \(String(decoding: response.body, as: UTF8.self)): \(error)")
  }
  return 0
}

private let names = ["ec2", "sts"].reduce(into: [String: [String]]()) { names, service in
  names[service] = ServiceModel.named(service)?.operationNames ?? []
}
private func operations(of service: ServiceModel) -> [String] { names[service.name] ?? [] }

/// Takes values out of the input.
private struct Source {
  private let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var rest: [UInt8] { Array(bytes[position...]) }

  mutating func byte() -> UInt8 {
    guard position < bytes.count else { return 0 }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func text() -> String {
    let length = min(Int(byte() % 32), bytes.count - position)
    defer { position += length }
    let text = String(decoding: bytes[position..<position + length], as: UTF8.self)
    // What XML cannot carry is written as U+FFFD: it is no part of what comes back.
    return String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          let isForbidden =
            scalar.value == 0xFFFE || scalar.value == 0xFFFF
            || (scalar.value < 0x20 && scalar != "\n" && scalar != "\t" && scalar != "\r")
          return isForbidden ? "\u{FFFD}" : scalar
        }))
  }

  mutating func value(_ shape: Shape, depth: Int) -> Document {
    switch shape.kind {
    case .structure:
      return Document(
        entries: shape.members.map { member in
          // The shapes may recurse, and the input ends.
          guard position < bytes.count, depth < 12, byte() & 1 == 1 else { return (member.name, nil) }
          return (member.name, value(member.shape, depth: depth + 1))
        })
    case .list:
      return Document((0..<Int(byte() % 4)).map { _ in value(shape.element, depth: depth + 1) })
    case .map: return .emptyObject
    case .boolean: return Document(byte() & 1 == 1)
    case .integer: return Document(Int(Int8(bitPattern: byte())) << Int(byte() % 24))
    case .long: return Document(Int(Int8(bitPattern: byte())) << Int(byte() % 56))
    case .float, .double: return Document(floatLiteral: Double(Int8(bitPattern: byte())) / Double(1 << (byte() % 8)))
    default: return Document(text())
    }
  }
}
