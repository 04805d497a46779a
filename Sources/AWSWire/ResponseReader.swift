import Governance

/// The XML of a response → a document, by the operation's shape. Elements that the shape does not name are passed over:
/// AWS adds them over time.
enum ResponseReader {
  static func read(_ body: [UInt8], _ operation: Operation) throws(XMLError) -> Document {
    try XMLReader.read(body, hidingText: true) { (reader) throws(XMLError) in
      let root = "\(operation.name)Response"
      guard reader.isNamed(root) else { throw reader.malformed("expected <\(root)>, found <\(reader.shortName)>") }
      var builder = DocumentBuilder()
      guard let shape = operation.output else {
        try reader.skip()
        return .emptyObject
      }
      if operation.service.wireProtocol == .ec2 {
        try structure(reader, shape, path: "", &builder)
      } else {
        let result = "\(operation.name)Result"
        var found = false
        try reader.children { () throws(XMLError) in
          guard reader.isNamed(result), !found else { return try reader.skip() }
          found = true
          try structure(reader, shape, path: "", &builder)
        }
        guard found || shape.members.isEmpty else { throw reader.malformed("expected <\(result)>") }
        if !found {
          builder.beginObject()
          builder.end()
        }
      }
      return builder.finish()
    }
  }

  private static func structure(
    _ reader: XMLReader, _ shape: Shape, path: String, _ builder: inout DocumentBuilder
  ) throws(XMLError) {
    builder.beginObject()
    var hint = 0
    var seen: Set<Int> = []
    try reader.children { () throws(XMLError) in
      guard let position = shape.position(hint: hint, where: { reader.isNamed($0.responseName) }),
        seen.insert(position).inserted
      else { return try reader.skip() }
      hint = position + 1
      let member = shape.members[position]
      builder.name(member.name)
      try value(reader, member.shape, path: path.isEmpty ? member.name : "\(path).\(member.name)", &builder)
    }
    builder.end()
  }

  private static func value(_ reader: XMLReader, _ shape: Shape, path: String, _ builder: inout DocumentBuilder)
    throws(XMLError)
  {
    switch shape.kind {
    case .structure: try structure(reader, shape, path: path, &builder)
    case .list:
      let element = shape.element
      builder.beginArray()
      try reader.children { () throws(XMLError) in try value(reader, element, path: path, &builder) }
      builder.end()
    // The generator refuses a map in XML.
    case .map: throw reader.malformed("\(path): a map in XML")
    case .integer, .long: builder.integer(try scalar(reader, path, "an integer") { Int($0) })
    case .boolean: builder.bool(try scalar(reader, path, "true or false") { ["true": true, "false": false][$0] })
    case .float, .double:
      builder.real(try scalar(reader, path, "a number") { Double($0).flatMap { $0.isFinite ? $0 : nil } })
    case .string, .blob, .timestamp: builder.string(utf8: try reader.text())
    }
  }

  private static func scalar<Value>(
    _ reader: XMLReader, _ path: String, _ expected: String, _ parse: (String) -> Value?
  ) throws(XMLError) -> Value {
    let text = String(decoding: try reader.text(), as: UTF8.self)
    guard let value = parse(text) else {
      throw reader.malformed("\(path): expected \(expected), found \"\(Excerpt.escape(String(text.prefix(40))))\"")
    }
    return value
  }
}
