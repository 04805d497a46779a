import Determinism
import Dispatch
import FoundationEssentials
import Glibc
import Governance
import Orchestrator
import PluginHost

// The only file where the live clock, randomness, environment, terminal and threads are made.

enum Live {
  static func context() -> Context {
    let interrupt = StopSignal()
    InterruptHandler.install(interrupt)
    // This process will hold credentials: no other process may read its memory, and it leaves no core dump.
    _ = ProcessPrivacy.forbidDumps()
    return Context(
      environment: environment(), clock: WallClock(), seed: UInt64.random(in: .min ... .max), entropy: entropy,
      holder: holder(),
      holderIsDead: isDead, owners: [getuid()],
      executableDirectory: executableDirectory(), executable: executable(), workingDirectory: workingDirectory(),
      sandboxLayers: SandboxSettings.offeredHere(), swiftRuntime: SandboxSettings.runtimeFolder(),
      processors: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))),
      output: DescriptorOutput(descriptor: STDOUT_FILENO),
      errors: DescriptorOutput(descriptor: STDERR_FILENO), files: LiveFiles(), lane: { try ThreadLane(name: $0) },
      interrupt: interrupt, ask: ask,
      program: { try await LiveProgramRunner(lane: try ThreadLane(name: "program")).run($0, limit: $1) },
      change: { LiveFileWatch(interrupt: interrupt).change(of: $0) }, abandon: abandon)
  }

  static func arguments() -> [String] { Array(CommandLine.arguments.dropFirst()) }

  static func end(_ status: ExitStatus) -> Never { exit(status.code) }

  /// Variables that are credentials: after this they are in memory only, of which no other process sees anything.
  private static let secrets: Set<String> = [
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  ]

  private static func environment() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let parts = unsafe String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
      unsafe entry += 1
    }
    // The kernel shows the environment that a process began with for as long as it lives, and children inherit it.
    for name in secrets {
      guard let value = unsafe getenv(name) else { continue }
      unsafe memset(value, 0x78, strlen(value))
      unsafe unsetenv(name)
    }
    return variables
  }

  private static func entropy(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }

  private static func holder() -> String {
    var name = [CChar](repeating: 0, count: 256)
    let result = unsafe gethostname(&name, name.count - 1)
    let host =
      result == 0
      ? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : "unknown-host"
    return "\(host) pid \(getpid()) \(processNamespace())"
  }

  /// Process ids mean something only within their namespace: two containers can share a ledger and a host name.
  private static func processNamespace() -> String {
    var name = [CChar](repeating: 0, count: 64)
    let length = unsafe readlink("/proc/self/ns/pid", &name, name.count)
    return String(decoding: name.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func isDead(_ other: String) -> Bool {
    let words = other.split(separator: " ")
    let own = holder().split(separator: " ")
    guard words.count == 4, own.count == 4, words[0] == own[0], words[3] == own[3], words[1] == "pid",
      let process = pid_t(words[2])
    else { return false }
    return kill(process, 0) == -1 && errno == ESRCH
  }

  private static func executable() -> String {
    var path = [CChar](repeating: 0, count: 4_096)
    let length = unsafe readlink("/proc/self/exe", &path, path.count)
    return String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func executableDirectory() -> String {
    let path = executable()
    return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }

  private static func workingDirectory() -> String {
    var path = [CChar](repeating: 0, count: 4_096)
    guard unsafe getcwd(&path, path.count) != nil else { return "." }
    return String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func ask(_ question: String) -> String? {
    guard isatty(STDIN_FILENO) == 1 else { return nil }
    DescriptorOutput(descriptor: STDERR_FILENO).write(question)
    return readLine()
  }

  private static func abandon(_ message: String) {
    DescriptorOutput(descriptor: STDERR_FILENO).write(message + "\n")
    _exit(ExitStatus.failed.code)
  }
}

/// Wall time; sleeps are the runtime's.
private struct WallClock: WorldClock {
  var now: Timestamp { Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9)) }

  func sleep(until deadline: Timestamp) async throws {
    let wait = deadline - now
    if wait > .zero { try await Task.sleep(for: wait) } else { try Task.checkCancellation() }
  }
}

private struct DescriptorOutput: TextOutput {
  let descriptor: Int32

  func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EPIPE { return }  // The reader has seen enough.
      // A report that is lost without a word would be read as an empty one.
      guard count > 0 else { _exit(ExitStatus.failed.code) }
      rest = rest.dropFirst(count)
    }
  }

  var terminalWidth: Int? {
    guard isatty(descriptor) == 1 else { return nil }
    var size = winsize()
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}

/// Ctrl-C and SIGTERM raise the signal; a second one ends the process as the shell expects.
private enum InterruptHandler {
  /// Kept alive for the life of the process; written once, before anything else runs.
  private nonisolated(unsafe) static var sources: [any DispatchSourceSignal] = []

  static func install(_ interrupt: StopSignal) {
    signal(SIGPIPE, SIG_IGN)
    for (number, name) in [(SIGINT, "interrupted by Ctrl-C"), (SIGTERM, "interrupted by SIGTERM")] {
      // Not ignored before: Dispatch takes the signal over a moment later, on a thread of its own, and what comes until
      // then must end the process, as it does where nobody handles it, and not be lost.
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        // A second one, or one that nobody waits for: before a sweep's first account, at a question, in a report.
        if interrupt.reason != nil || !interrupt.isAttended { _exit(128 + number) }
        interrupt.raise(name)
      }
      source.resume()
      unsafe sources.append(source)
    }
  }
}

private struct LiveFiles: FileAccess {
  private func problem(_ path: String) -> FileProblem {
    FileProblem(path: path, reason: unsafe String(cString: strerror(errno)))
  }

  func contents(of path: String) throws(FileProblem) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw problem(path)
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw problem(path) }
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: buffer[..<count])
    }
  }

  func makeDirectory(_ path: String) throws(FileProblem) {
    if unsafe mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else { throw problem(path) }
    try makeDirectory(String(path[..<slash]))
    guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else { throw problem(path) }
  }

  func exists(_ path: String) throws(FileProblem) -> Bool {
    var status = stat()
    if unsafe stat(path, &status) == 0 { return true }
    if errno == ENOENT || errno == ENOTDIR { return false }
    throw problem(path)
  }

  func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(FileProblem) {
    let temporary = "\(path).\(getpid()).new"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw problem(temporary) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let failure = problem(temporary)
        close(descriptor)
        unsafe unlink(temporary)
        throw failure
      }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0, close(descriptor) == 0, (unsafe rename(temporary, path)) == 0 else {
      let failure = problem(path)
      unsafe unlink(temporary)
      throw failure
    }
  }

  func names(in directory: String) throws(FileProblem) -> [String]? {
    guard let stream = unsafe opendir(directory) else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw problem(directory)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
