/// `*` any run of characters, `?` one character.
enum Wildcard {
  static func matches(_ pattern: some StringProtocol, _ text: some StringProtocol, ignoringCase: Bool = false) -> Bool {
    let pattern = bytes(pattern, ignoringCase).map { byte -> PolicyPattern.Token in
      byte == UInt8(ascii: "*")
        ? PolicyPattern.star : byte == UInt8(ascii: "?") ? PolicyPattern.question : PolicyPattern.Token(byte)
    }
    return matches(pattern[...], bytes(text, ignoringCase)[...])
  }

  private static func bytes(_ text: some StringProtocol, _ ignoringCase: Bool) -> [UInt8] {
    guard ignoringCase else { return Array(text.utf8) }
    return text.utf8.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
  }

  /// At worst the product of the two lengths: one star is remembered, never a stack of them.
  static func matches(_ pattern: ArraySlice<PolicyPattern.Token>, _ text: ArraySlice<UInt8>) -> Bool {
    var place = pattern.startIndex
    var position = text.startIndex
    // Where to come back to: the last star, and how far its run reaches so far.
    var star = -1
    var runEnd = position
    while position < text.endIndex {
      if place < pattern.endIndex, pattern[place] == PolicyPattern.star {
        star = place
        runEnd = position
        place += 1
      } else if place < pattern.endIndex, pattern[place] == PolicyPattern.question {
        place += 1
        position = characterEnd(in: text, from: position)
      } else if place < pattern.endIndex, pattern[place] == PolicyPattern.Token(text[position]) {
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
    return pattern[place...].allSatisfy { $0 == PolicyPattern.star }
  }

  /// Past the bytes that continue a character of UTF-8.
  private static func characterEnd(in text: ArraySlice<UInt8>, from start: Int) -> Int {
    var end = start + 1
    while end < text.endIndex, text[end] & 0xC0 == 0x80 { end += 1 }
    return end
  }
}
