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
      guard let member = shape.member(named: entry.name) else { continue }  // Told by the check before the call.
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
      let prefix = service.wireProtocol == .query ? "\(name).\(shape.elementName)" : name
      for (position, element) in elements.enumerated() {
        write(element, shape.element, name: "\(prefix).\(position + 1)")
      }
    // The generator refuses a map in a form.
    case .map: preconditionFailure("\(name): a map in a form")
    case .boolean: field(name, value.bool == true ? "true" : "false")
    default: field(name, value.string ?? value.json)
    }
  }
}
