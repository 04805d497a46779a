import FoundationEssentials

// Parsing is Foundation's. Writing is ours, since the order of an object's entries is part of what Reeve promises
// (plan files, reports, transcripts), and Foundation's encoder keeps none.

extension Document {
  /// The value of a JSON text; an object's entries come sorted by name.
  package init(json: some Sequence<UInt8>) throws(DocumentError) {
    do {
      self = try JSONDecoder().decode(DecodedJSON.self, from: Data(json)).document
    } catch let error as DecodingError {
      throw DocumentError(reason: Self.reason(error))
    } catch {
      throw DocumentError(reason: "not JSON")
    }
  }

  package init(json text: String) throws(DocumentError) { try self.init(json: Array(text.utf8)) }

  private static func reason(_ error: DecodingError) -> String {
    guard case .dataCorrupted(let context) = error else { return "not JSON" }
    let detail = unsafe (context.underlyingError as? CocoaError)?.userInfo["NSDebugDescription"] as? String
    return "not JSON: \(detail ?? context.debugDescription)"
  }

  /// JSON text on one line, entries in the document's order.
  package var json: String { written(indent: nil) }
  /// JSON text over several lines, two blanks a level.
  package var prettyJSON: String { written(indent: "  ") }

  /// The same value with the entries of every object sorted by name: equal documents have equal JSON.
  package var canonical: Document {
    var builder = DocumentBuilder()
    appendCanonical(to: &builder)
    return builder.finish()
  }

  private func appendCanonical(to builder: inout DocumentBuilder) {
    switch kind {
    case .array:
      builder.beginArray()
      for element in elements { element.appendCanonical(to: &builder) }
      builder.end()
    case .object:
      builder.beginObject()
      for entry in entries.sorted(by: { $0.name < $1.name }) {
        builder.name(entry.name)
        entry.value.appendCanonical(to: &builder)
      }
      builder.end()
    default: builder.append(self)
    }
  }

  private func written(indent: String?) -> String {
    var out: [UInt8] = []
    write(to: &out, indent: indent, depth: 0)
    return String(decoding: out, as: UTF8.self)
  }

  /// Appends the JSON text of this value, standing `depth` levels deep; over several lines where there is an indent.
  package func write(to out: inout [UInt8], indent: String?, depth: Int) {
    func newline(_ depth: Int) {
      guard let indent else { return }
      out.append(UInt8(ascii: "\n"))
      for _ in 0..<depth { out.append(contentsOf: indent.utf8) }
    }
    switch kind {
    case .null: out.append(contentsOf: "null".utf8)
    case .boolean: out.append(contentsOf: (node.value != 0 ? "true" : "false").utf8)
    case .integer: out.append(contentsOf: String(Int64(bitPattern: node.value)).utf8)
    case .real:
      let value = Double(bitPattern: node.value)
      out.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
    case .string: JSONText.quote(utf8, to: &out)
    case .array:
      out.append(UInt8(ascii: "["))
      for (position, element) in elements.enumerated() {
        if position > 0 { out.append(UInt8(ascii: ",")) }
        newline(depth + 1)
        element.write(to: &out, indent: indent, depth: depth + 1)
      }
      if count > 0 { newline(depth) }
      out.append(UInt8(ascii: "]"))
    case .object:
      out.append(UInt8(ascii: "{"))
      var isFirst = true
      forEachEntry { name, value in
        if !isFirst { out.append(UInt8(ascii: ",")) }
        isFirst = false
        newline(depth + 1)
        JSONText.quote(name.utf8, to: &out)
        out.append(UInt8(ascii: ":"))
        if indent != nil { out.append(UInt8(ascii: " ")) }
        value.write(to: &out, indent: indent, depth: depth + 1)
      }
      if count > 0 { newline(depth) }
      out.append(UInt8(ascii: "}"))
    }
  }
}

package struct DocumentError: Error, Equatable, CustomStringConvertible {
  package var reason: String

  package init(reason: String) { self.reason = reason }
  package var description: String { reason }
}

package enum JSONText {
  /// A JSON string literal, quotes included.
  package static func quote(_ bytes: some Sequence<UInt8>, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    let isDone = bytes.withContiguousStorageIfAvailable { bytes in
      guard unsafe !bytes.contains(where: needsEscape) else { return false }
      unsafe out.append(contentsOf: bytes)
      return true
    }
    if isDone != true { escape(bytes, to: &out) }
    out.append(UInt8(ascii: "\""))
  }

  private static let hexadecimal = Array("0123456789abcdef".utf8)

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private static func escape(_ bytes: some Sequence<UInt8>, to out: inout [UInt8]) {
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        out.append(UInt8(ascii: "\\"))
        out.append(byte)
      case UInt8(ascii: "\n"): out.append(contentsOf: "\\n".utf8)
      case UInt8(ascii: "\r"): out.append(contentsOf: "\\r".utf8)
      case UInt8(ascii: "\t"): out.append(contentsOf: "\\t".utf8)
      case 0..<0x20, 0x7F:
        out.append(contentsOf: "\\u00".utf8)
        out.append(hexadecimal[Int(byte >> 4)])
        out.append(hexadecimal[Int(byte & 15)])
      default: out.append(byte)
      }
    }
  }
}

private struct DecodedJSON: Decodable {
  var document: Document

  struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Each guess that fails makes an error, which costs more than the value does: the most frequent kinds come first.
  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      document = .null
    } else if let text = try? value.decode(String.self) {
      document = Document(text)
    } else if let number = try? value.decode(Int.self) {
      document = Document(number)
    } else if let object = try? decoder.container(keyedBy: Name.self) {
      let names = object.allKeys.sorted { $0.stringValue < $1.stringValue }
      document = Document(
        entries: try names.map { ($0.stringValue, try object.decode(DecodedJSON.self, forKey: $0).document) })
    } else if var array = try? decoder.unkeyedContainer() {
      var elements: [Document] = []
      while !array.isAtEnd { elements.append(try array.decode(DecodedJSON.self).document) }
      document = Document(elements)
    } else if let truth = try? value.decode(Bool.self) {
      document = Document(truth)
    } else {
      document = Document(floatLiteral: try value.decode(Double.self))
    }
  }
}
