package import Governance

extension ServerCodec {
  /// What a request that carries `parameters` would bring, without the bytes between: what the shape does not name is
  /// unknown, null is nothing, and a form has no word for an empty structure or, with EC2, an empty list.
  package static func request(_ action: String, parameters: Document, of service: ServiceModel)
    throws(ServiceError) -> Incoming
  {
    var incoming = Incoming(action: action, version: service.apiVersion, parameters: .emptyObject, unknown: [])
    guard let operation = service.operation(action) else { return incoming }
    guard let input = operation.input else {
      incoming.unknown = parameters.entries.filter { !$0.value.isNull }.map(\.name)
      return incoming
    }
    let wireProtocol = service.wireProtocol
    if isAsSent(parameters, input, wireProtocol) {
      incoming.parameters = parameters
    } else {
      var reader = ValueReader(wireProtocol: wireProtocol)
      incoming.parameters = try reader.read(parameters, input)
      incoming.unknown = reader.unknown
    }
    return incoming
  }

  /// Nothing in it would be lost or read as something else: the usual case, told without building anything.
  private static func isAsSent(_ value: Document, _ shape: Shape, _ wireProtocol: ServiceModel.WireProtocol) -> Bool {
    switch shape.kind {
    case .structure:
      guard value.kind == .object else { return false }
      var child = value.index + 1
      for _ in 0..<value.count {
        let name = Document(storage: value.storage, index: child)
        let member = Document(storage: value.storage, index: child + 1)
        child += 1 + Int(member.node.span)
        guard let found = shape.members.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else { return false }
        guard isAsSent(member, found.shape, wireProtocol) else { return false }
      }
      return value.count > 0 || value.index == 0 || wireProtocol == .json
    case .list:
      guard value.kind == .array, value.count > 0 || wireProtocol != .ec2 else { return false }
      var child = value.index + 1
      for _ in 0..<value.count {
        let element = Document(storage: value.storage, index: child)
        child += Int(element.node.span)
        guard isAsSent(element, shape.element, wireProtocol) else { return false }
      }
      return true
    case .map: return value.kind == .object && wireProtocol == .json
    default: return ValueReader.isScalar(value, shape)
    }
  }
}

/// The same rebuilt, where something is lost on the way.
private struct ValueReader {
  let wireProtocol: ServiceModel.WireProtocol
  /// Members that the shape does not name, each with its path, in the order they were given.
  private(set) var unknown: [String] = []

  init(wireProtocol: ServiceModel.WireProtocol) { self.wireProtocol = wireProtocol }

  mutating func read(_ parameters: Document, _ input: Shape) throws(ServiceError) -> Document {
    try value(parameters, input, path: "") ?? .emptyObject
  }

  /// nil: the wire would bring nothing.
  private mutating func value(_ value: Document, _ shape: Shape, path: String) throws(ServiceError) -> Document? {
    if value.isNull { return nil }
    switch shape.kind {
    case .structure:
      guard value.kind == .object else { throw malformed(value, path) }
      var entries: [(name: String, value: Document?)] = []
      for entry in value.entries where !entry.value.isNull {
        let place = path.isEmpty ? entry.name : "\(path).\(entry.name)"
        guard let member = shape.member(named: entry.name) else {
          unknown.append(place)
          continue
        }
        entries.append((entry.name, try self.value(entry.value, member.shape, path: place)))
      }
      let isNothing = wireProtocol != .json && entries.allSatisfy { $0.value == nil }
      return isNothing ? nil : Document(entries: entries)
    case .list:
      guard value.kind == .array else { throw malformed(value, path) }
      var elements: [Document] = []
      for (position, element) in value.elements.enumerated() {
        if let read = try self.value(element, shape.element, path: "\(path).\(position + 1)") { elements.append(read) }
      }
      return elements.isEmpty && wireProtocol == .ec2 ? nil : Document(elements)
    case .map:
      guard value.kind == .object else { throw malformed(value, path) }
      return value
    default:
      guard Self.isScalar(value, shape) else { throw malformed(value, path) }
      return value
    }
  }

  static func isScalar(_ value: Document, _ shape: Shape) -> Bool {
    switch shape.kind {
    case .integer: value.int.flatMap { Int32(exactly: $0) } != nil
    case .long: value.kind == .integer
    case .boolean: value.kind == .boolean
    case .float, .double: value.real != nil
    case .timestamp: value.kind == .string || (value.kind == .integer || value.kind == .real)
    default: value.kind == .string
    }
  }

  private func malformed(_ value: Document, _ path: String) -> ServiceError {
    switch wireProtocol {
    case .ec2:
      ServiceError(
        status: 400, code: "InvalidParameterValue",
        message: "Invalid value '\(value.string ?? String(value.json.prefix(80)))' for \(path).")
    case .query: ServiceError(status: 400, code: "MalformedInput", message: "")
    case .json: ServiceError(status: 400, code: "SerializationException", message: "")
    }
  }
}
