import AWSWire
import Determinism
import Governance

/// The details of a denial, as a text that only DecodeAuthorizationMessage reads: "the message is encoded because the
/// details can contain privileged information that the user who requested the operation should not see". AWS encrypts;
/// here a stream of the world's seed hides it, which keeps an honest client honest.
struct AuthorizationMessage {
  /// Whose policies it tells of.
  var account: String
  /// JSON
  var details: String

  private static let markLength = 16

  func encoded(seed: UInt64) -> String {
    let plain = Array((account + details).utf8)
    let mark = Array(Digest.sha256(plain).prefix(Self.markLength))
    return Base64URL.text(of: mark + Self.hidden(plain, mark: mark, seed: seed))
  }

  /// nil: no message of this world.
  init?(encoded text: String, seed: UInt64) {
    guard let bytes = Base64URL.bytes(of: text), bytes.count > Self.markLength + 12 else { return nil }
    let mark = Array(bytes.prefix(Self.markLength))
    let plain = Self.hidden(Array(bytes.dropFirst(Self.markLength)), mark: mark, seed: seed)
    guard Array(Digest.sha256(plain).prefix(Self.markLength)) == mark,
      let whole = String(validating: plain, as: UTF8.self)
    else { return nil }
    account = String(whole.prefix(12))
    details = String(whole.dropFirst(12))
  }

  init(account: String, details: String) {
    self.account = account
    self.details = details
  }

  private static func hidden(_ bytes: [UInt8], mark: [UInt8], seed: UInt64) -> [UInt8] {
    var generator = SeededGenerator(seed: seed, stream: "authorization-message/\(mark)")
    return bytes.map { $0 ^ UInt8(truncatingIfNeeded: generator.next() >> 56) }
  }
}

/// Base64 with the URL alphabet and without padding.
enum Base64URL {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  static func text(of bytes: [UInt8]) -> String {
    var letters: [UInt8] = []
    letters.reserveCapacity(bytes.count * 4 / 3 + 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0...group.count { letters.append(alphabet[bits >> (18 - 6 * place) & 63]) }
    }
    return String(decoding: letters, as: UTF8.self)
  }

  static func bytes(of text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits = 0
    var count = 0
    for letter in text.utf8 {
      guard let value = alphabet.firstIndex(of: letter) else { return nil }
      bits = (bits << 6 | value) & 0xFFFF
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> count))
      }
    }
    // What is left over is padding, and nothing of it is a letter of its own.
    return count < 6 && bits & (1 << count - 1) == 0 ? bytes : nil
  }
}
