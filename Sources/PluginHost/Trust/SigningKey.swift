import COpenSSL
import FoundationEssentials

/// A key that vouches for plugins: ed25519 (RFC 8032). Written as `ed25519:` and the base64 of its 32 bytes.
package struct PublicKey: Sendable, Hashable, CustomStringConvertible {
  package struct Malformed: Error, Equatable, CustomStringConvertible {
    package var text: String
    package var description: String {
      "\"\(text)\" is no public key; expected ed25519: and the base64 of 32 bytes, as `reeve plugin keygen` prints it"
    }
  }

  private static let prefix = "ed25519:"
  let bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }

  package init(_ text: String) throws(Malformed) {
    guard text.hasPrefix(Self.prefix), let bytes = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
      bytes.count == 32
    else { throw Malformed(text: text) }
    self.bytes = [UInt8](bytes)
  }

  package var description: String { Self.prefix + Data(bytes).base64EncodedString() }

  func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    guard let key = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count),
      let context = unsafe EVP_MD_CTX_new()
    else { return false }
    defer {
      unsafe EVP_MD_CTX_free(context)
      unsafe EVP_PKEY_free(key)
    }
    return unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
      && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }
}

/// The private half. Read from and written as PKCS #8 PEM (RFC 8410), so that `openssl genpkey -algorithm ed25519`
/// makes such files as well.
package struct SigningKey: Sendable {
  package struct Malformed: Error, Equatable, CustomStringConvertible {
    package var description: String {
      "is no ed25519 private key in PEM (PKCS #8), as `reeve plugin keygen` or `openssl genpkey -algorithm ed25519` "
        + "writes it"
    }
  }

  /// RFC 8410, section 7: everything before the 32 bytes is the same in every such file.
  private static let head: [UInt8] = [
    0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
  ]
  private static let lines = ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----")

  private let seed: [UInt8]

  /// - Parameter seed: 32 bytes that nobody can guess.
  package init(seed: [UInt8]) {
    precondition(seed.count == 32, "an ed25519 private key has 32 bytes")
    self.seed = seed
  }

  package init(pem: [UInt8]) throws(Malformed) {
    let lines = String(decoding: pem, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
    guard let start = lines.firstIndex(of: Self.lines.0), let end = lines.firstIndex(of: Self.lines.1), start < end,
      let bytes = Data(base64Encoded: lines[(start + 1)..<end].joined()), bytes.starts(with: Self.head),
      bytes.count == Self.head.count + 32
    else { throw Malformed() }
    seed = Array(bytes.dropFirst(Self.head.count))
  }

  package var pem: String {
    "\(Self.lines.0)\n\(Data(Self.head + seed).base64EncodedString())\n\(Self.lines.1)\n"
  }

  package var publicKey: PublicKey {
    var bytes = [UInt8](repeating: 0, count: 32)
    var count = bytes.count
    let made = unsafe withKey { key in unsafe EVP_PKEY_get_raw_public_key(key, &bytes, &count) }
    precondition(made == 1 && count == 32, "libcrypto offers no ed25519")
    return PublicKey(bytes: bytes)
  }

  func signature(of message: [UInt8]) -> [UInt8] {
    var signature = [UInt8](repeating: 0, count: 64)
    var count = signature.count
    let made = unsafe withKey { key in
      guard let context = unsafe EVP_MD_CTX_new() else { return 0 }
      defer { unsafe EVP_MD_CTX_free(context) }
      guard unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1 else { return 0 }
      return unsafe EVP_DigestSign(context, &signature, &count, message, message.count)
    }
    precondition(made == 1 && count == 64, "libcrypto offers no ed25519")
    return signature
  }

  private func withKey(_ body: (OpaquePointer) -> Int32) -> Int32 {
    guard let key = unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else { return 0 }
    defer { unsafe EVP_PKEY_free(key) }
    return unsafe body(key)
  }
}
