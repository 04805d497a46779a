import Governance

/// The XML of a response → a document, by the operation's shape. Elements that the shape does not name are passed over:
/// AWS adds them over time.
enum ResponseReader {
  static func read(_ body: [UInt8], _ operation: Operation) throws(XMLError) -> Document {
    try XMLReader.read(body, hidingText: true) { (reader) throws(XMLError) in
      let root = "\(operation.name)Response"
      guard reader.isNamed(root) else { throw reader.malformed("expected <\(root)>, found <\(reader.name)>") }
      var builder = DocumentBuilder()
      guard let shape = operation.output else {
        try reader.skip()
        return .emptyObject
      }
      if operation.service.wireProtocol == .ec2 {
        try structure(reader, shape, &builder)
      } else {
        let result = "\(operation.name)Result"
        var found = false
        try reader.children { () throws(XMLError) in
          guard reader.isNamed(result), !found else { return try reader.skip() }
          found = true
          try structure(reader, shape, &builder)
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
    _ reader: XMLReader, _ shape: Shape, _ builder: inout DocumentBuilder
  ) throws(XMLError) {
    builder.beginObject()
    let members = shape.members
    var hint = 0
    // A second element of a name is passed over, as every client of AWS does.
    var seen = [Bool](repeating: false, count: members.count)
    try reader.children { () throws(XMLError) in
      guard let position = shape.position(hint: hint, where: { reader.isNamed(members[$0].responseName) }),
        !seen[position]
      else { return try reader.skip() }
      seen[position] = true
      hint = position + 1
      builder.name(members[position].name)
      do throws(XMLError) {
        try value(reader, members[position].shape, &builder)
      } catch {
        throw XMLError(reason: error.reason, path: error.path.map { [members[position].name] + $0 })
      }
    }
    builder.end()
  }

  /// `<entry><key>…</key><value>…</value></entry>`
  private static func map(_ reader: XMLReader, _ shape: Shape, _ builder: inout DocumentBuilder) throws(XMLError) {
    builder.beginObject()
    try reader.children { () throws(XMLError) in
      guard reader.isNamed("entry") else { return try reader.skip() }
      var hasKey = false
      var hasValue = false
      try reader.children { () throws(XMLError) in
        if reader.isNamed("key"), !hasKey {
          hasKey = true
          builder.name(String(decoding: try reader.text(), as: UTF8.self))
        } else if reader.isNamed("value"), hasKey, !hasValue {
          hasValue = true
          try value(reader, shape, &builder)
        } else {
          try reader.skip()
        }
      }
      if hasKey, !hasValue { builder.null() }
    }
    builder.end()
  }

  private static func value(_ reader: XMLReader, _ shape: Shape, _ builder: inout DocumentBuilder)
    throws(XMLError)
  {
    switch shape.kind {
    case .structure: try structure(reader, shape, &builder)
    case .list:
      let element = shape.element
      builder.beginArray()
      try reader.children { () throws(XMLError) in try value(reader, element, &builder) }
      builder.end()
    case .map: try map(reader, shape.element, &builder)
    case .integer, .long:
      let text = String(decoding: try reader.text(), as: UTF8.self)
      guard let number = Int(text) else {
        throw reader.mistyped("expected an integer, found \"\(text.prefix(40))\"")
      }
      builder.integer(number)
    case .boolean:
      let text = String(decoding: try reader.text(), as: UTF8.self)
      guard text == "true" || text == "false" else {
        throw reader.mistyped("expected true or false, found \"\(text.prefix(40))\"")
      }
      builder.bool(text == "true")
    case .float, .double:
      let text = String(decoding: try reader.text(), as: UTF8.self)
      guard let number = Double(text) else {
        throw reader.mistyped("expected a number, found \"\(text.prefix(40))\"")
      }
      builder.real(number)
    case .string, .blob, .timestamp: try reader.text(to: &builder)
    }
  }
}
