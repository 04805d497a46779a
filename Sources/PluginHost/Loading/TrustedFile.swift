import CSandbox
import Glibc

/// Opens files that Reeve is about to believe: once, without following a link, and only where nobody but root and the
/// trusted owners could have put or changed them.
///
/// 1. The file is a regular file, owned by a trusted user, not writable by all.
/// 2. So is every directory above it (resolved), except that a sticky one may be writable by all: there, others cannot
///    replace what is not theirs.
/// 3. What was checked is what is read: the descriptor, never the path again.
struct TrustedFile: ~Copyable {
  struct Failure: Error {
    var code: PluginLoadError.Code
    var message: String
    var expected = ""
    var found = ""
    var remedy: String
  }

  let descriptor: Int32
  let size: Int

  init(directory: String, name: String, owners: Set<UInt32>) throws(Failure) {
    let folder = unsafe reeve_open_directory(directory)
    guard folder >= 0 else { throw Self.unopened(directory, error: -folder) }
    defer { reeve_close(folder) }
    try Self.checkParents(of: folder, directory, owners)
    let descriptor = unsafe reeve_open_file(folder, name)
    guard descriptor >= 0 else { throw Self.unopened("\(directory)/\(name)", error: -descriptor) }
    var status = reeve_file_status()
    let result = unsafe reeve_status_of_descriptor(descriptor, &status)
    do throws(Failure) {
      guard result == 0 else { throw Self.unopened("\(directory)/\(name)", error: -result) }
      guard status.mode & S_IFMT == S_IFREG else {
        throw Failure(
          code: .notRegularFile, message: "is not a regular file", expected: "a regular file",
          remedy: "Put a regular file there.")
      }
      try Self.check(status, "the file", owners, stickyHelps: false)
    } catch {
      reeve_close(descriptor)
      throw error
    }
    self.descriptor = descriptor
    size = Int(clamping: status.size)
  }

  deinit { reeve_close(descriptor) }

  /// The whole file, up to a limit.
  borrowing func contents(limit: Int) throws(Failure) -> [UInt8] {
    guard size <= limit else {
      throw Failure(
        code: .fileUnreadable, message: "is too large", expected: "at most \(limit) bytes", found: "\(size)",
        remedy: "Check that this is the file it should be.")
    }
    return try Self.bytes(of: descriptor, count: size)
  }

  static func bytes(of descriptor: Int32, count: Int) throws(Failure) -> [UInt8] {
    var got: Int64 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      guard let start = buffer.baseAddress else { return }
      got = unsafe reeve_read(descriptor, start, UInt64(count), 0)
      initialized = max(0, Int(got))
    }
    guard got >= 0 else { throw unopened("its content", error: Int32(-got)) }
    return bytes
  }

  private static func checkParents(of folder: Int32, _ directory: String, _ owners: Set<UInt32>) throws(Failure) {
    guard var path = resolved(folder) else { throw unopened(directory, error: errno) }
    while true {
      var status = reeve_file_status()
      let result = unsafe reeve_status_of_path(path, &status)
      guard result == 0 else { throw unopened(path, error: -result) }
      try check(status, "the directory \(path)", owners, stickyHelps: true)
      guard path != "/", let slash = path.lastIndex(of: "/") else { return }
      path = slash == path.startIndex ? "/" : String(path[..<slash])
    }
  }

  private static func resolved(_ folder: Int32) -> String? { resolved(path: "/proc/self/fd/\(folder)") }

  /// A path without links; nil when it leads nowhere.
  static func resolved(path: String) -> String? {
    let path = unsafe realpath(path, nil)
    guard let path = unsafe path else { return nil }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
  }

  private static func check(
    _ status: reeve_file_status, _ what: String, _ owners: Set<UInt32>, stickyHelps: Bool
  ) throws(Failure) {
    guard status.owner == 0 || owners.contains(status.owner) else {
      let trusted = owners.union([0]).sorted().map { "\($0)" }.joined(separator: " or ")
      throw Failure(
        code: .wrongOwner, message: "\(what) belongs to a user who could change it", expected: "user id \(trusted)",
        found: "\(status.owner)", remedy: "Give it to root or to the user who runs reeve: chown.")
    }
    let isSafelySticky = stickyHelps && status.mode & S_ISVTX != 0
    guard status.mode & S_IWOTH == 0 || isSafelySticky else {
      throw Failure(
        code: .writableByAll, message: "\(what) can be written by everybody",
        expected: "a mode without write permission for others",
        found: "0" + String(status.mode & 0o7777, radix: 8), remedy: "Take it away: chmod o-w.")
    }
  }

  private static func unopened(_ what: String, error: Int32) -> Failure {
    switch error {
    case ENOENT, ENOTDIR:
      Failure(code: .fileMissing, message: "\(what) is not there", remedy: "Restore it, or take it out of the lock.")
    case ELOOP:
      Failure(
        code: .symbolicLink, message: "\(what) is a symbolic link", expected: "the file itself",
        remedy: "Put the file itself there: what a link points to can change after it was looked at.")
    default:
      Failure(
        code: .fileUnreadable, message: "\(what) cannot be read: \(unsafe String(cString: strerror(error)))",
        remedy: "Check its permissions.")
    }
  }
}
