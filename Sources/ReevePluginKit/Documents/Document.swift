import CReevePlugin

/// A value tree that the plugin owns: parameters, evidence, configuration, responses. Written as a literal
/// (`["Owners": ["self"], "MaxResults": 1000]`), and cheap to pass around: parts share their whole's memory.
public struct Document: Sendable {
  let storage: DocumentStorage
  let root: Int

  init(storage: DocumentStorage, root: Int) {
    self.storage = storage
    self.root = root
  }

  init(copying view: DocumentView) {
    self.init(storage: DocumentStorage(copying: view), root: 0)
  }

  private init(nodes: Int = 8, heap: Int = 64, _ write: (inout DocumentWriter) -> Void) {
    var writer = DocumentWriter(nodes: nodes, heap: heap)
    write(&writer)
    self = writer.finish()
  }

  public static let null = Document { $0.scalar(REEVE_NODE_NULL) }
  public static let emptyObject = Document.object([])
  public static func boolean(_ value: Bool) -> Document { Document { $0.scalar(REEVE_NODE_BOOLEAN, value ? 1 : 0) } }
  public static func integer(_ value: Int64) -> Document {
    Document { $0.scalar(REEVE_NODE_INTEGER, UInt64(bitPattern: value)) }
  }
  public static func real(_ value: Double) -> Document { Document { $0.scalar(REEVE_NODE_REAL, value.bitPattern) } }
  public static func string(_ value: String) -> Document { Document { $0.string(value.utf8) } }

  public static func array(_ elements: [Document]) -> Document {
    Document { writer in
      writer.container(REEVE_NODE_ARRAY, count: elements.count) { for element in elements { $0.append(element) } }
    }
  }

  /// The entries keep their order.
  public static func object(_ entries: [(name: String, value: Document)]) -> Document {
    Document { writer in
      writer.container(REEVE_NODE_OBJECT, count: entries.count) {
        for entry in entries {
          $0.string(entry.name.utf8)
          $0.append(entry.value)
        }
      }
    }
  }

  public var kind: DocumentView.Kind { read { $0.kind } }
  public var isNull: Bool { kind == .null }
  public var boolean: Bool? { read { $0.boolean } }
  public var integer: Int64? { read { $0.integer } }
  public var real: Double? { read { $0.real } }
  public var string: String? { read { $0.string } }
  /// Elements of an array or entries of an object.
  public var count: Int { read { $0.count } }

  /// An object's entry.
  public subscript(name: String) -> Document? { part { $0[name] } }
  /// What lies at a path of entry names and array indexes joined by dots.
  public func at(_ path: StaticString) -> Document? { part { $0.at(path) } }
  /// The elements of an array; none for anything else.
  public var elements: [Document] { read { $0.elements.map(own) } }
  /// The entries of an object in order; none for anything else.
  public var entries: [(name: String, value: Document)] {
    read { $0.entries.map { (name: $0.name.string, value: own($0.value)) } }
  }

  /// This object with one entry replaced or added at its end.
  public func setting(_ name: String, to value: Document) -> Document {
    rewritten(without: name, adding: value)
  }

  /// This object without one entry.
  public func removing(_ name: String) -> Document { rewritten(without: name, adding: nil) }

  private func rewritten(without name: String, adding value: Document?) -> Document {
    read { view in
      let isObject = view.kind == .object
      let removed = view.entries(named: name)
      let count = (isObject ? view.count : 0) - removed.count + (value == nil ? 0 : 1)
      return Document(nodes: view.span + 8, heap: view.span * 12) { writer in
        writer.container(REEVE_NODE_OBJECT, count: count) {
          var start = 1
          for entry in removed {
            $0.append(view, start..<entry.lowerBound)
            start = entry.upperBound
          }
          if isObject { $0.append(view, start..<view.span) }
          if let value {
            $0.string(name.utf8)
            $0.append(value)
          }
        }
      }
    }
  }

  func read<Value>(_ body: (DocumentView) -> Value) -> Value {
    withExtendedLifetime(storage) { body(storage.view(root)) }
  }

  private func part(_ find: (DocumentView) -> DocumentView?) -> Document? { read { find($0).map(own) } }

  private func own(_ view: DocumentView) -> Document { Document(storage: storage, root: storage.position(of: view)) }
}

extension Document: Equatable {
  /// The order of an object's entries does not matter.
  public static func == (left: Document, right: Document) -> Bool {
    left.read { left in right.read { right in equal(left, right) } }
  }

  private static func equal(_ left: DocumentView, _ right: DocumentView) -> Bool {
    guard left.kind == right.kind else { return false }
    switch left.kind {
    case .string: return left.text == right.text
    case .array:
      return left.count == right.count && zip(left.elements, right.elements).allSatisfy { equal($0, $1) }
    case .object:
      return left.count == right.count
        && left.entries.allSatisfy { entry in
          unsafe right.member(entry.name.bytes).map { equal(entry.value, $0) } ?? false
        }
    case .null, .boolean, .integer, .real: return left.root.value == right.root.value
    }
  }
}

extension Document: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .real(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: Document...) { self = .array(elements) }
  public init(dictionaryLiteral entries: (String, Document)...) {
    self = .object(entries.map { (name: $0.0, value: $0.1) })
  }
  public init(nilLiteral: ()) { self = .null }
}

extension Document: CustomStringConvertible {
  /// JSON, for messages and test failures.
  public var description: String { read { Self.describe($0) } }

  private static func describe(_ view: DocumentView) -> String {
    switch view.kind {
    case .null: "null"
    case .boolean: view.boolean == true ? "true" : "false"
    case .integer: view.integer.map { String($0) } ?? "null"
    case .real: view.real.map { String($0) } ?? "null"
    case .string: quote(view.string ?? "")
    case .array: "[" + view.elements.map { describe($0) }.joined(separator: ",") + "]"
    case .object:
      "{" + view.entries.map { quote($0.name.string) + ":" + describe($0.value) }.joined(separator: ",") + "}"
    }
  }

  private static func quote(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
