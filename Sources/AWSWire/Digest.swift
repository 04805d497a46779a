import COpenSSL

/// SHA-256 and HMAC-SHA-256, by libcrypto.
package enum Digest {
  /// Fetched once: looking the algorithm up by its name costs more than most digests.
  @safe private struct Algorithm: @unchecked Sendable {
    let pointer: OpaquePointer?
  }
  private static let algorithm = unsafe Algorithm(pointer: EVP_MD_fetch(nil, "SHA256", nil))

  package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: 32) { digest, length in
      let done = unsafe EVP_Digest(bytes, bytes.count, digest.baseAddress, nil, algorithm.pointer, nil)
      precondition(done == 1, "libcrypto has no SHA-256")
      length = 32
    }
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

/// HMAC-SHA-256 under one key, by libcrypto: what depends on the key alone is computed once.
///
/// Invariant: the context is only ever copied, so that any thread may ask for a code.
@safe package final class HMACKey: @unchecked Sendable {
  private let context: OpaquePointer

  private static let algorithm = unsafe Algorithm(pointer: EVP_MAC_fetch(nil, "HMAC", nil))
  @safe private struct Algorithm: @unchecked Sendable {
    let pointer: OpaquePointer?
  }

  package init(_ key: [UInt8]) {
    guard let context = unsafe EVP_MAC_CTX_new(Self.algorithm.pointer) else {
      preconditionFailure("libcrypto has no HMAC")
    }
    unsafe self.context = unsafe context
    var digest = Array("SHA256".utf8CString)
    let done = unsafe digest.withUnsafeMutableBufferPointer { name in
      let parameters = unsafe [
        OSSL_PARAM_construct_utf8_string("digest", name.baseAddress, 0), OSSL_PARAM_construct_end(),
      ]
      return unsafe EVP_MAC_init(context, key, key.count, parameters)
    }
    precondition(done == 1, "libcrypto has no HMAC-SHA-256")
  }

  deinit { unsafe EVP_MAC_CTX_free(context) }

  package func code(of bytes: [UInt8]) -> [UInt8] {
    let copy = unsafe EVP_MAC_CTX_dup(context)
    defer { unsafe EVP_MAC_CTX_free(copy) }
    return unsafe [UInt8](unsafeUninitializedCapacity: 32) { code, length in
      let done =
        unsafe EVP_MAC_update(copy, bytes, bytes.count) == 1
        && EVP_MAC_final(copy, code.baseAddress, &length, 32) == 1
      precondition(done && length == 32, "libcrypto has no HMAC-SHA-256")
    }
  }
}
