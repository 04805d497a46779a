import Governance

/// Parameters → `Action=…&Filter.1.Name=…`, as the EC2 and AWS query protocols have it.
struct FormWriter {
  private let service: ServiceModel
  private(set) var bytes: [UInt8] = []

  init(service: ServiceModel) { self.service = service }

  mutating func write(_ operation: Operation, _ parameters: Document) {
    field("Action", operation.name)
    field("Version", service.apiVersion)
    if let input = operation.input { structure(parameters, input, prefix: "") }
  }

  private mutating func field(_ name: String, _ value: String) {
    if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
    PercentEncoding.append(name, to: &bytes)
    bytes.append(UInt8(ascii: "="))
    PercentEncoding.append(value, to: &bytes)
  }

  private mutating func structure(_ value: Document, _ shape: Shape, prefix: String) {
    for entry in value.entries {
      guard let member = shape.member(named: entry.name) else { continue }
      write(entry.value, member.shape, name: prefix + member.requestName)
    }
  }

  private mutating func write(_ value: Document, _ shape: Shape, name: String) {
    switch shape.kind {
    case .structure: structure(value, shape, prefix: name + ".")
    case .list:
      let elements = value.elements
      // The query protocol says an empty list with an empty field; EC2 has no word for it.
      if elements.isEmpty, service.wireProtocol == .query { field(name, "") }
      let prefix = service.wireProtocol == .query && !shape.isFlattened ? "\(name).\(shape.elementName)" : name
      for (position, element) in elements.enumerated() {
        write(element, shape.element, name: "\(prefix).\(position + 1)")
      }
    case .map:
      for (position, entry) in value.entries.enumerated() {
        field("\(name).entry.\(position + 1).key", entry.name)
        write(entry.value, shape.element, name: "\(name).entry.\(position + 1).value")
      }
    case .boolean: field(name, value.bool == true ? "true" : "false")
    default: field(name, value.string ?? value.json)
    }
  }
}

/// A form's fields → parameters, by the operation's shape.
struct FormReader {
  /// A field's name taken apart at its dots.
  private final class Node {
    var value: String?
    var isRead = false
    var children: [String: Node] = [:]
  }

  private let service: ServiceModel
  private let fields: [(name: String, value: String)]
  private let root = Node()
  private(set) var unknown: [String] = []

  init(fields: [(name: String, value: String)], service: ServiceModel) {
    self.fields = fields
    self.service = service
    for field in fields {
      var node = root
      for step in field.name.split(separator: ".", omittingEmptySubsequences: false).prefix(32) {
        let next = node.children[String(step)] ?? Node()
        node.children[String(step)] = next
        node = next
      }
      if node.value == nil { node.value = field.value }  // Of several the first wins.
    }
  }

  mutating func read(_ operation: Operation) throws(ServiceError) -> Document {
    var builder = DocumentBuilder()
    if let input = operation.input {
      try structure(root, input, &builder)
    } else {
      builder.beginObject()
      builder.end()
    }
    var seen: Set<String> = []
    unknown = fields.map(\.name).filter { name in
      var node: Node? = root
      for step in name.split(separator: ".", omittingEmptySubsequences: false).prefix(32) {
        node = node?.children[String(step)]
      }
      return node?.isRead != true && seen.insert(name).inserted
    }
    return builder.finish()
  }

  private func structure(_ node: Node, _ shape: Shape, _ builder: inout DocumentBuilder) throws(ServiceError) {
    builder.beginObject()
    for member in shape.members {
      guard let child = node.children[member.requestName] else { continue }
      builder.name(member.name)
      try read(child, member.shape, member.requestName, &builder)
    }
    builder.end()
  }

  private func read(_ node: Node, _ shape: Shape, _ name: String, _ builder: inout DocumentBuilder)
    throws(ServiceError)
  {
    switch shape.kind {
    case .structure: try structure(node, shape, &builder)
    case .list:
      node.isRead = true
      let isWrapped = service.wireProtocol == .query && !shape.isFlattened
      let holder = isWrapped ? node.children[shape.elementName] ?? Node() : node
      builder.beginArray()
      let numbered = holder.children.compactMap { step, child in Int(step).map { (number: $0, child: child) } }
      for entry in numbered.sorted(by: { $0.number < $1.number }) {
        try read(entry.child, shape.element, name, &builder)
      }
      builder.end()
    case .map:
      builder.beginObject()
      builder.end()
    default:
      node.isRead = true
      try scalar(node.value ?? "", shape, name, &builder)
    }
  }

  private func scalar(_ text: String, _ shape: Shape, _ name: String, _ builder: inout DocumentBuilder)
    throws(ServiceError)
  {
    switch shape.kind {
    case .integer, .long:
      // A sign and leading zeros are read, as AWS does.
      guard let number = Int(text), shape.kind == .long || Int32(exactly: number) != nil else {
        throw malformed(text, name)
      }
      builder.integer(number)
    case .boolean:
      switch text.lowercased() {
      case "true", "1": builder.bool(true)
      case "false", "0": builder.bool(false)
      default: throw malformed(text, name)
      }
    case .float, .double:
      guard let number = Double(text), number.isFinite else { throw malformed(text, name) }
      builder.real(number)
    default: builder.string(text)
    }
  }

  private func malformed(_ text: String, _ name: String) -> ServiceError {
    service.wireProtocol == .ec2
      ? ServiceError(
        status: 400, code: "InvalidParameterValue", message: "Invalid value '\(text)' for \(name).")
      : ServiceError(status: 400, code: "MalformedInput", message: "")
  }
}
