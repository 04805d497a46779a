import COpenSSL

/// Names the cached token of an SSO session, as every AWS tool does. Never used to protect anything.
package enum SHA1 {
  package static func hexadecimal(of text: String) -> String {
    var digest = [UInt8](repeating: 0, count: 20)
    let bytes = Array(text.utf8)
    unsafe EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha1(), nil)
    let digits = Array("0123456789abcdef")
    return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
