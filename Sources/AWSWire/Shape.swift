import Synchronization

/// A type of a service model. Its parts are resolved when they are asked for, so shapes may recurse.
package final class Shape: Sendable {
  package enum Kind: Sendable {
    case structure
    case list
    case map
    case string
    case integer, long
    case boolean
    case float, double
    case blob
    case timestamp
  }

  package struct Member: Sendable {
    /// As the model and the AWS CLI name it.
    package let name: String
    /// On the wire: in requests, and in responses.
    package let requestName: String
    package let responseName: String
    package let isRequired: Bool
    fileprivate let reference: Reference
    /// The name's bytes, and the element around the member's value: answers are written from them.
    let nameBytes: [UInt8]
    let openingTag: [UInt8]
    let closingTag: [UInt8]

    fileprivate init(
      name: String, requestName: String, responseName: String, isRequired: Bool, reference: Reference
    ) {
      self.name = name
      self.requestName = requestName
      self.responseName = responseName
      self.isRequired = isRequired
      self.reference = reference
      nameBytes = Array(name.utf8)
      openingTag = Array("<\(responseName)>".utf8)
      closingTag = Array("</\(responseName)>".utf8)
    }

    package var shape: Shape { reference.shape }
  }

  /// Another shape of the table, looked up once: every element of every answer asks for it. Scalars, which lead nowhere
  /// else, at once.
  fileprivate final class Reference: Sendable {
    private let number: Int
    private let table: ShapeTable
    private let scalar: Shape?
    private let resolved = AtomicLazyReference<Shape>()

    init(_ number: Int, in table: ShapeTable) {
      self.number = number
      self.table = table
      scalar = table.isScalar(number) ? table.shape(number) : nil
    }

    var shape: Shape { scalar ?? resolved.load() ?? resolved.storeIfNil(table.shape(number)) }
  }

  package let kind: Kind
  /// Of a structure, in the model's order.
  package let members: [Member]
  /// Of a list, its elements' name on the wire.
  package let elementName: String
  let elementOpeningTag: [UInt8]
  let elementClosingTag: [UInt8]
  package let isFlattened: Bool
  /// Of a string, its length; of a number, its value.
  package let minimum: Int?
  package let maximum: Int?
  /// Of a string with known values. AWS adds values over time.
  package let values: [String]
  private let elementReference: Reference?

  /// Of a list, its elements; of a map, its values; nothing else has any and gives itself.
  package var element: Shape { elementReference?.shape ?? self }

  init(fields: [String], table: ShapeTable) {
    func number(_ position: Int) -> Int? { position < fields.count ? Int(fields[position]) : nil }
    func field(_ position: Int) -> String { position < fields.count ? fields[position] : "" }
    var members: [Member] = []
    switch field(0) {
    case "S":
      kind = .structure
      members = fields.dropFirst().compactMap { field in
        let parts = field.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, let number = Int(parts[1]) else { return nil }
        return Member(
          name: parts[0], requestName: parts[3].isEmpty ? parts[0] : parts[3],
          responseName: parts[4].isEmpty ? parts[0] : parts[4], isRequired: parts[2].contains("r"),
          reference: Reference(number, in: table))
      }
    case "L": kind = .list
    case "M": kind = .map
    case "i": kind = .integer
    case "l": kind = .long
    case "b": kind = .boolean
    case "f": kind = .float
    case "d": kind = .double
    case "x": kind = .blob
    case "t": kind = .timestamp
    default: kind = .string
    }
    self.members = members
    let elementNumber = kind == .map ? number(2) : kind == .list ? number(1) : nil
    elementReference = elementNumber.map { Reference($0, in: table) }
    elementName = kind == .list ? field(2) : ""
    elementOpeningTag = Array("<\(elementName)>".utf8)
    elementClosingTag = Array("</\(elementName)>".utf8)
    isFlattened = kind == .list && field(3) == "f"
    let isBounded = kind == .string || kind == .integer || kind == .long
    minimum = isBounded ? number(1) : nil
    maximum = isBounded ? number(2) : nil
    values = kind == .string ? field(3).split(separator: "|").map(String.init) : []
  }

  var isScalar: Bool { kind != .structure && kind != .list && kind != .map }

  package func member(named name: String) -> Member? { members.first { $0.name == name } }

  /// The position of a member that `matches`, looked for from `hint` on: answers come in the model's order more often
  /// than not.
  func position(hint: Int, where matches: (Int) -> Bool) -> Int? {
    guard !members.isEmpty else { return nil }
    var position = hint < members.count ? hint : 0
    for _ in members.indices {
      if matches(position) { return position }
      position = position + 1 == members.count ? 0 : position + 1
    }
    return nil
  }
}
