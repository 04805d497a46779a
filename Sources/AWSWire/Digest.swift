import COpenSSL

/// SHA-256 and HMAC-SHA-256, by libcrypto.
package enum Digest {
  package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finish()
  }

  package static func sha256Hex(_ bytes: [UInt8]) -> String { hex(sha256(bytes)) }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  static func appendHex(_ bytes: [UInt8], to text: inout [UInt8]) {
    for byte in bytes {
      text.append(digit(byte >> 4))
      text.append(digit(byte & 15))
    }
  }

  static func hex(_ bytes: [UInt8]) -> String {
    unsafe String(unsafeUninitializedCapacity: bytes.count * 2) { digits in
      for (position, byte) in bytes.enumerated() {
        unsafe digits[position * 2] = digit(byte >> 4)
        unsafe digits[position * 2 + 1] = digit(byte & 15)
      }
      return bytes.count * 2
    }
  }

  /// Compares without telling by its duration where the first difference is.
  static func areEqual(_ left: String, _ right: String) -> Bool {
    var left = left
    var right = right
    return left.withUTF8 { left in
      right.withUTF8 { right in
        unsafe left.count == right.count && CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
      }
    }
  }
}

/// libcrypto's SHA-256, step by step.
private struct SHA256: Sendable {
  private var context = SHA256_CTX()

  init() { unsafe check(SHA256_Init(&context)) }

  mutating func update(_ bytes: [UInt8]) { unsafe check(SHA256_Update(&context, bytes, bytes.count)) }

  /// Once.
  mutating func finish() -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: 32) { digest, length in
      unsafe check(SHA256_Final(digest.baseAddress, &context))
      length = 32
    }
  }

  private func check(_ done: Int32) { precondition(done == 1, "libcrypto has no SHA-256") }
}

/// HMAC-SHA-256 under one key (RFC 2104): what depends on the key alone is computed once.
package final class HMACKey: Sendable {
  /// Behind the key's two blocks.
  private let inner: SHA256
  private let outer: SHA256

  package init(_ key: [UInt8]) {
    let blockSize = 64
    var block = key.count > blockSize ? Digest.sha256(key) : key
    block += [UInt8](repeating: 0, count: blockSize - block.count)
    var inner = SHA256()
    inner.update(block.map { $0 ^ 0x36 })
    self.inner = inner
    var outer = SHA256()
    outer.update(block.map { $0 ^ 0x5C })
    self.outer = outer
  }

  package func code(of bytes: [UInt8]) -> [UInt8] {
    var inner = inner
    inner.update(bytes)
    var outer = outer
    outer.update(inner.finish())
    return outer.finish()
  }
}
