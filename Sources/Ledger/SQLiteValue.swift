import Governance

/// What SQLite stores.
enum SQLiteValue: Equatable {
  case null
  case integer(Int64)
  case text(String)
  case blob([UInt8])

  init(_ value: Timestamp?) { self = value.map { .integer($0.nanoseconds) } ?? .null }
  init(_ value: Int) { self = .integer(Int64(value)) }

  /// A list as a JSON array for `json_each`; NULL, which every query reads as "all", for an empty one.
  init(list: [String]) { self = list.isEmpty ? .null : .text(Document(strings: list).json) }
}

extension SQLiteValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  init(stringLiteral value: String) { self = .text(value) }
  init(integerLiteral value: Int64) { self = .integer(value) }
}
