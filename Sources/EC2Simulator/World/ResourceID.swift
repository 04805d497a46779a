/// Ids of EC2's resources: a prefix, and 8 or 17 hexadecimal digits. The API calls any other malformed, and a world file
/// that has one is refused.
enum ResourceID {
  static func isWellFormed(_ id: String, prefix: String) -> Bool {
    guard id.hasPrefix(prefix + "-") else { return false }
    let digits = id.utf8.dropFirst(prefix.utf8.count + 1)
    return [8, 17].contains(digits.count) && digits.allSatisfy { ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 102) }
  }
}
