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
    fileprivate let number: Int
    fileprivate let table: ShapeTable

    package var shape: Shape { table.shape(number) }
  }

  package let kind: Kind
  /// Of a structure, in the model's order.
  package let members: [Member]
  /// Of a list, its elements' name on the wire.
  package let elementName: String
  /// Of a string, its length in characters; of a list, how many elements; of a number, its value.
  package let minimum: Int?
  package let maximum: Int?
  /// Of a string with known values. AWS adds values over time.
  package let values: [String]
  private let elementNumber: Int
  private let table: ShapeTable

  /// Of a list, its elements; of a map, its values. A shape that has none is its own.
  package var element: Shape { kind == .list || kind == .map ? table.shape(elementNumber) : self }

  init(fields: [String], table: ShapeTable, line: Int) throws(ShapeTableError) {
    func field(_ position: Int) -> String { position < fields.count ? fields[position] : "" }
    func bound(_ position: Int) throws(ShapeTableError) -> Int? {
      if field(position).isEmpty { return nil }
      guard let number = Int(field(position)) else {
        throw ShapeTableError(line: line, reason: "\"\(field(position))\" is no bound")
      }
      return number
    }
    guard let kind = Self.kinds[field(0)] else {
      throw ShapeTableError(line: line, reason: "\"\(field(0))\" is no kind of shape")
    }
    self.kind = kind
    self.table = table
    var members: [Member] = []
    if kind == .structure {
      for field in fields.dropFirst() { members.append(try Self.member(field, table: table, line: line)) }
    }
    self.members = members
    switch kind {
    case .list: elementNumber = try table.shapeNumber(field(1), line: line)
    case .map:
      _ = try table.shapeNumber(field(1), line: line)
      elementNumber = try table.shapeNumber(field(2), line: line)
    default: elementNumber = 0
    }
    elementName = kind == .list ? field(2) : ""
    guard kind != .list || !elementName.isEmpty else {
      throw ShapeTableError(line: line, reason: "a list's elements have a name")
    }
    switch kind {
    case .string, .integer, .long: (minimum, maximum) = (try bound(1), try bound(2))
    case .list: (minimum, maximum) = (try bound(3), try bound(4))
    default: (minimum, maximum) = (nil, nil)
    }
    values = kind == .string ? field(3).split(separator: "|").map(String.init) : []
  }

  private static let kinds: [String: Kind] = [
    "S": .structure, "L": .list, "M": .map, "s": .string, "i": .integer, "l": .long, "b": .boolean, "f": .float,
    "d": .double, "x": .blob, "t": .timestamp,
  ]

  private static func member(_ field: String, table: ShapeTable, line: Int) throws(ShapeTableError) -> Member {
    let parts = field.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 5, !parts[0].isEmpty else {
      throw ShapeTableError(line: line, reason: "\"\(field)\" is no member")
    }
    return Member(
      name: parts[0], requestName: parts[3].isEmpty ? parts[0] : parts[3],
      responseName: parts[4].isEmpty ? parts[0] : parts[4], isRequired: parts[2] == "r",
      number: try table.shapeNumber(parts[1], line: line), table: table)
  }

  package func member(named name: String) -> Member? { members.first { $0.name == name } }

  /// The position of a member by a name on the wire, looked for from `hint` on: answers come in the model's order more
  /// often than not.
  func position(hint: Int, where matches: (Member) -> Bool) -> Int? {
    guard !members.isEmpty else { return nil }
    var position = hint < members.count ? hint : 0
    for _ in members.indices {
      if matches(members[position]) { return position }
      position = position + 1 == members.count ? 0 : position + 1
    }
    return nil
  }
}
