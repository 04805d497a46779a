/// A shape table that cannot be read: it is damaged, or of another format than this program's.
struct ShapeTableError: Error, Equatable, CustomStringConvertible {
  /// From 0, which is the header.
  var line: Int
  var reason: String

  var description: String { "line \(line): \(reason); write the tables again with: make models" }
}
