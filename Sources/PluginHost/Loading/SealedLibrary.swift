import COpenSSL
import CSandbox

/// A library's bytes in custody: copied into memory that nobody can write any more, and hashed there. What is looked at,
/// hashed and loaded is therefore the same, whatever happens to the file meanwhile.
struct SealedLibrary: ~Copyable {
  /// Kept open for good once it is loaded: the loader knows a library by its path, and `/proc/self/fd/N` means another
  /// one as soon as N is used again.
  private(set) var descriptor: Int32
  let bytes: [UInt8]
  /// SHA-256, hexadecimal.
  let digest: String

  static let limit = 512 << 20

  init(copying file: borrowing TrustedFile, name: String) throws(TrustedFile.Failure) {
    func failure(_ doing: String, _ error: Int32) -> TrustedFile.Failure {
      TrustedFile.Failure(
        code: .fileUnreadable, message: "its bytes cannot be taken into custody: \(doing) failed with error \(error)",
        remedy: "Check that the kernel offers sealed memory files and that memory is left.")
    }
    guard file.size <= Self.limit else {
      throw TrustedFile.Failure(
        code: .fileUnreadable, message: "is too large", expected: "at most \(Self.limit) bytes",
        found: "\(file.size)", remedy: "Check that this is the library it should be.")
    }
    let memory = unsafe reeve_memory_file("reeve-plugin-\(name)")
    guard memory >= 0 else { throw failure("memfd_create", -memory) }
    do throws(TrustedFile.Failure) {
      let copied = reeve_copy(file.descriptor, memory)
      guard copied >= 0 else { throw failure("copying", Int32(-copied)) }
      let sealed = reeve_seal(memory)
      guard sealed == 0 else { throw failure("sealing", -sealed) }
      bytes = try TrustedFile.bytes(of: memory, count: Int(copied))
      digest = Digest.sha256(bytes)
    } catch {
      reeve_close(memory)
      throw error
    }
    descriptor = memory
  }

  deinit { if descriptor >= 0 { reeve_close(descriptor) } }

  /// The descriptor, for the loader, for as long as the process lives.
  consuming func keepOpen() -> Int32 {
    let kept = descriptor
    descriptor = -1
    return kept
  }
}

enum Digest {
  /// Hexadecimal, lower case.
  static func sha256(_ bytes: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    let result = unsafe EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil)
    precondition(result == 1, "libcrypto offers no SHA-256")
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  static func isSHA256(_ text: String) -> Bool {
    text.utf8.count == 64
      && text.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }
  }
}
