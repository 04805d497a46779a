/// A pattern for a whole value: `*` stands for any text, `?` for any one character, everything else for itself.
struct TagPattern: Sendable {
  let text: String
  private let scalars: [Unicode.Scalar]

  init(_ text: String) {
    self.text = text
    scalars = Array(text.unicodeScalars)
  }

  /// Linear in practice: on a mismatch it goes back to the last star only.
  func matches(_ value: String) -> Bool {
    let value = Array(value.unicodeScalars)
    var position = 0
    var index = 0
    var star: (position: Int, index: Int)?
    while index < value.count {
      if position < scalars.count, scalars[position] == "*" {
        star = (position, index)
        position += 1
      } else if position < scalars.count, scalars[position] == "?" || scalars[position] == value[index] {
        position += 1
        index += 1
      } else if let last = star {
        star = (last.position, last.index + 1)
        position = last.position + 1
        index = last.index + 1
      } else {
        return false
      }
    }
    return scalars[position...].allSatisfy { $0 == "*" }
  }
}
