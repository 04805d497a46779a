import CXML2
import Governance

/// What is wrong with an XML body.
struct XMLError: Error, CustomStringConvertible {
  var reason: String
  /// Of a value that is not of its type: the members that lead to it. Put together on the way out, so that a value that
  /// is right costs no text.
  var path: [String]?

  init(reason: String, path: [String]? = nil) {
    self.reason = reason
    self.path = path
  }

  var description: String { path.map { "\($0.joined(separator: ".")): \(reason)" } ?? reason }
}

/// Steps through a document with libxml2's streaming reader. No network, no entities, no DOCTYPE.
@safe
final class XMLReader {
  private let reader: xmlTextReaderPtr
  private let body: [UInt8]
  private let hidesText: Bool
  /// What `text` reads into, used again for each element.
  private var characters: [UInt8] = []
  private static let deepest = 64
  /// libxml2 makes its tables of encodings when they are first needed, without a lock: threads that read their first
  /// document at once tear them. "Call xmlInitParser() before using the library in several threads."
  private static let libraryIsReady: Void = xmlInitParser()

  /// Runs `read` over the body, standing at the root element. `hidingText` keeps text out of what errors say.
  static func read<Value>(
    _ body: [UInt8], hidingText: Bool, _ read: (XMLReader) throws(XMLError) -> Value
  ) throws(XMLError) -> Value {
    guard !body.isEmpty else { throw XMLError(reason: "expected XML, the body is empty") }
    guard body.count < Int(Int32.max) else { throw XMLError(reason: "a body of \(body.count) bytes") }
    Self.libraryIsReady
    let options = Int32(XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue | XML_PARSE_NONET.rawValue)
    let result: Result<Value, XMLError> = unsafe body.withUnsafeBytes { bytes in
      let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      guard let pointer = unsafe xmlReaderForMemory(start, Int32(bytes.count), nil, nil, options) else {
        return .failure(XMLError(reason: "libxml2 could not be started"))
      }
      defer { unsafe xmlFreeTextReader(pointer) }
      let reader = unsafe XMLReader(pointer, body, hidingText)
      do throws(XMLError) {
        try reader.toRoot()
        let value = try read(reader)
        try reader.toEnd()
        return .success(value)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private init(_ reader: xmlTextReaderPtr, _ body: [UInt8], _ hidesText: Bool) {
    unsafe self.reader = unsafe reader
    self.body = body
    self.hidesText = hidesText
  }

  func malformed(_ expected: String) -> XMLError {
    XMLError(reason: "\(expected): \(Excerpt.of(body, hidingText: hidesText))")
  }

  func mistyped(_ expected: String) -> XMLError { XMLError(reason: malformed(expected).reason, path: []) }

  private var nodeType: xmlReaderTypes {
    xmlReaderTypes(rawValue: UInt32(bitPattern: unsafe xmlTextReaderNodeType(reader)))
  }

  /// Moves on; false at the end of the document.
  private func step() throws(XMLError) -> Bool {
    let result = unsafe xmlTextReaderRead(reader)
    guard result >= 0 else { throw malformed("expected well-formed XML, it breaks off or is malformed") }
    if result == 1 {
      if nodeType == XML_READER_TYPE_DOCUMENT_TYPE { throw malformed("a document type is not accepted") }
      if unsafe xmlTextReaderDepth(reader) > Self.deepest { throw malformed("nested deeper than \(Self.deepest)") }
    }
    return result == 1
  }

  private func toRoot() throws(XMLError) {
    while try step() { if nodeType == XML_READER_TYPE_ELEMENT { return } }
    throw malformed("expected XML with a root element")
  }

  /// To the very end, so that a body that breaks off behind what was needed is noticed too.
  private func toEnd() throws(XMLError) { while try step() {} }

  /// The local name of the element the reader stands at.
  var name: String {
    guard let pointer = unsafe xmlTextReaderConstLocalName(reader) else { return "" }
    return unsafe String(cString: pointer)
  }

  /// For an error message.
  var shortName: String { Excerpt.escape(String(name.prefix(40))) }

  func isNamed(_ other: String) -> Bool {
    guard var pointer = unsafe xmlTextReaderConstLocalName(reader) else { return false }
    for byte in other.utf8 {
      guard unsafe pointer.pointee == byte else { return false }
      unsafe pointer += 1
    }
    return unsafe pointer.pointee == 0
  }

  /// Visits the child elements of the element the reader stands at; `visit` must consume each by `children`, `text` or
  /// `skip`.
  func children(_ visit: () throws(XMLError) -> Void) throws(XMLError) {
    if unsafe xmlTextReaderIsEmptyElement(reader) == 1 { return }
    while try step() {
      switch nodeType {
      case XML_READER_TYPE_ELEMENT: try visit()
      case XML_READER_TYPE_END_ELEMENT: return
      default: break
      }
    }
    throw malformed("expected the end of an element")
  }

  /// The same as a string of a document, without an array of its own for each.
  func text(to builder: inout DocumentBuilder) throws(XMLError) {
    _ = try text()
    unsafe characters.withUnsafeBufferPointer { unsafe builder.string(utf8: $0) }
  }

  func skip() throws(XMLError) { try children { () throws(XMLError) in try skip() } }

  /// The text of an element; child elements are an error.
  func text() throws(XMLError) -> [UInt8] {
    characters.removeAll(keepingCapacity: true)
    if unsafe xmlTextReaderIsEmptyElement(reader) == 1 { return characters }
    while try step() {
      switch nodeType {
      case XML_READER_TYPE_TEXT, XML_READER_TYPE_CDATA, XML_READER_TYPE_SIGNIFICANT_WHITESPACE,
        XML_READER_TYPE_WHITESPACE:
        if let pointer = unsafe xmlTextReaderConstValue(reader) {
          unsafe characters.append(contentsOf: UnsafeBufferPointer(start: pointer, count: Int(xmlStrlen(pointer))))
        }
      case XML_READER_TYPE_END_ELEMENT: return characters
      case XML_READER_TYPE_ELEMENT: throw malformed("expected text, found the element \(shortName)")
      case XML_READER_TYPE_ENTITY_REFERENCE: throw malformed("an entity is not accepted")
      default: break
      }
    }
    throw malformed("expected the end of an element")
  }
}
