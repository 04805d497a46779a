/// `*` any run of characters, `?` one character.
enum Wildcard {
  static func matches(_ pattern: some StringProtocol, _ text: some StringProtocol, ignoringCase: Bool = false) -> Bool {
    let pattern = bytes(pattern, ignoringCase)
    let text = bytes(text, ignoringCase)
    var place = 0
    var position = 0
    // Where to come back to: the last star, and how far its run reaches so far.
    var star = -1
    var runEnd = 0
    while position < text.count {
      if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
        star = place
        runEnd = position
        place += 1
      } else if place < pattern.count, pattern[place] == UInt8(ascii: "?") || pattern[place] == text[position] {
        place += 1
        position += 1
      } else if star >= 0 {
        runEnd += 1
        position = runEnd
        place = star + 1
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
  }

  private static func bytes(_ text: some StringProtocol, _ ignoringCase: Bool) -> [UInt8] {
    guard ignoringCase else { return Array(text.utf8) }
    return text.utf8.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
  }

  /// An ARN pattern: each of the six parts matches within itself, so that a star does not reach over a colon.
  static func matchesARN(_ pattern: String, _ arn: String) -> Bool {
    if pattern == "*" { return true }
    let patterns = pattern.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    return patterns.count == parts.count && zip(patterns, parts).allSatisfy { matches($0, $1) }
  }
}
