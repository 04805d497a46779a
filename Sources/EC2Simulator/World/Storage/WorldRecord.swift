package import Governance

/// A thing that a world holds many of: it is kept as a row, and made again when it is asked for.
package protocol WorldRecord: Hashable, Sendable {
  associatedtype Row: WorldRow where Row.Record == Self

  var id: String { get }
  var scope: Scope { get }
  var sharedWith: [Grantee] { get }

  /// Of what it is found by: the name of a filter, and what it has there. It depends on nothing but the record.
  func values(of attribute: String) -> [String]
  /// Do the values depend on the record alone, and not on who looks?
  static func isIndexed(_ attribute: String) -> Bool
  /// The attribute that is the id.
  static var idAttribute: String { get }
  static func table(in scope: ScopeState) -> RecordTable<Self>
  static func shares(in world: World) -> ShareIndex
}

/// A record in little room. What it has in common with others stands in the world's pool.
package protocol WorldRow: Sendable {
  associatedtype Record

  var id: RecordID { get }
  init(_ record: Record, pool: inout RecordPool)
  func record(in scope: Scope) -> Record
}
