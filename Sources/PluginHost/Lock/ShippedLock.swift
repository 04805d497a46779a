/// `shipped.lock`: what `sha256sum */plugin.json */*.so` printed when the shipped plugins were built.
struct ShippedLock: Sendable, Equatable {
  struct Problem: Error, Equatable {
    var line: Int
    var message: String
  }

  static let name = "shipped.lock"

  /// SHA-256 by path: `PublicImage/plugin.json`.
  private(set) var digests: [String: String] = [:]

  /// The plugins' folders.
  var folders: [String] {
    Set(digests.keys.compactMap { path in path.firstIndex(of: "/").map { String(path[..<$0]) } }).sorted()
  }

  init(text: String) throws(Problem) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty {
      let digest = String(line.prefix(64))
      let mark = line.dropFirst(64).prefix(2)
      let path = String(line.dropFirst(66))
      guard Digest.isSHA256(digest), mark == "  " || mark == " *", !path.isEmpty else {
        throw Problem(line: index + 1, message: "is not a line of sha256sum: \"\(line.prefix(80))\"")
      }
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2, !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else {
        throw Problem(line: index + 1, message: "names \"\(path)\", expected FOLDER/FILE")
      }
      guard digests.updateValue(digest, forKey: path) == nil else {
        throw Problem(line: index + 1, message: "names \(path) for the second time")
      }
    }
  }
}
