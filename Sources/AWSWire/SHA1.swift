import COpenSSL

/// Names the cached token of an SSO session, as every AWS tool does. Never used to protect anything.
package enum SHA1 {
  package static func hexadecimal(of text: String) -> String {
    var digest = [UInt8](repeating: 0, count: 20)
    let bytes = Array(text.utf8)
    let done = unsafe EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha1(), nil)
    precondition(done == 1, "libcrypto has no SHA-1")
    return Digest.hex(digest)
  }
}
