import AWSAccess
import Determinism
import FoundationEssentials
import Glibc
import Governance
import Orchestrator

/// The files that credentials are configured in, through the files of every command.
struct LiveCredentialFiles: CredentialFiles {
  let files: any FileAccess

  func contents(of path: String) throws -> [UInt8]? { try files.contents(of: path) }
}

/// Runs a `credential_process`: no shell, its input and error streams are Reeve's own, its output is read to the end.
struct LiveCommandRunner: CommandRunner {
  enum Failure: Error, CustomStringConvertible {
    case didNotStart(reason: String)
    case tookTooLong(Duration)
    case printedTooMuch

    var description: String {
      switch self {
      case .didNotStart(let reason): reason
      case .tookTooLong(let limit): "it did not end within \(limit.brief) and was stopped"
      case .printedTooMuch: "it printed more than \(LiveCommandRunner.maximumBytes) bytes and was stopped"
      }
    }
  }

  fileprivate static let maximumBytes = 1 << 20

  /// Waiting for a program blocks.
  let lane: any Lane

  func run(_ arguments: [String], timeout: Duration) async throws -> CommandOutcome {
    try await lane.run { try Self.runToEnd(arguments, timeout: timeout) }
  }

  /// `withErrors`: what it writes to its error stream comes with its output.
  fileprivate static func runToEnd(
    _ arguments: [String], timeout: Duration, withErrors: Bool = false
  ) throws -> CommandOutcome {
    var ends: [Int32] = [-1, -1]
    // A socket pair and not a pipe: it can be made so that no other child inherits it, at once.
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Failure.didNotStart(reason: reason(errno)) }
    defer { close(ends[0]) }
    let process: pid_t
    do {
      defer { close(ends[1]) }
      process = try start(arguments, output: ends[1], withErrors: withErrors)
    }
    let deadline = ContinuousClock.now + timeout
    do {
      let output = try read(ends[0], until: deadline, timeout)
      return CommandOutcome(status: try wait(for: process, until: deadline, timeout), output: output)
    } catch {
      kill(process, SIGKILL)
      waitpid(process, nil, 0)
      throw error
    }
  }

  private static func start(_ arguments: [String], output: Int32, withErrors: Bool) throws -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    if withErrors { unsafe posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO) }
    var copies: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
    unsafe copies.append(nil)
    defer { for position in 0...arguments.count { unsafe free(copies[position]) } }
    var process: pid_t = 0
    // Another reeve may be meant to crash: no backtracer, which would take its time and hold its output open.
    if withErrors { unsafe setenv("SWIFT_BACKTRACE", "enable=no", 1) }
    let status = unsafe posix_spawnp(&process, arguments[0], &actions, nil, copies, environ)
    guard status == 0 else { throw Failure.didNotStart(reason: reason(status)) }
    return process
  }

  private static func read(_ descriptor: Int32, until deadline: ContinuousClock.Instant, _ timeout: Duration) throws
    -> [UInt8]
  {
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let left = ContinuousClock.now.duration(to: deadline).nanoseconds / 1_000_000
      var waiter = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = left > 0 ? unsafe poll(&waiter, 1, Int32(clamping: left)) : 0
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else { throw Failure.tookTooLong(timeout) }
      let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure.didNotStart(reason: reason(errno)) }
      guard count > 0 else { return output }
      output += buffer[..<count]
      guard output.count <= maximumBytes else { throw Failure.printedTooMuch }
    }
  }

  /// It has closed its output; it may still take a moment to end.
  private static func wait(for process: pid_t, until deadline: ContinuousClock.Instant, _ timeout: Duration) throws
    -> Int32
  {
    var status: Int32 = 0
    while true {
      let ended = unsafe waitpid(process, &status, WNOHANG)
      if ended == process { break }
      guard ended == 0 || errno == EINTR else { throw Failure.didNotStart(reason: reason(errno)) }
      guard ContinuousClock.now < deadline else { throw Failure.tookTooLong(timeout) }
      usleep(2_000)
    }
    // As a shell reports it: the exit status, or 128 and the signal's number.
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }

  private static func reason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}

/// Runs another reeve for what can crash: its errors come with its output, and how it ended is told.
struct LiveProgramRunner {
  let lane: any Lane

  func run(_ arguments: [String], limit: Duration) async throws -> ProgramEnd {
    try await lane.run {
      do {
        let outcome = try LiveCommandRunner.runToEnd(arguments, timeout: limit, withErrors: true)
        return ProgramEnd(
          how: outcome.status > 128 ? .signalled(outcome.status - 128) : .exited(outcome.status),
          output: String(decoding: outcome.output, as: UTF8.self))
      } catch LiveCommandRunner.Failure.tookTooLong {
        return ProgramEnd(how: .overdue, output: "")
      }
    }
  }
}

/// Looks a few times a second whether files were replaced or written.
struct LiveFileWatch {
  let interrupt: StopSignal

  /// What is returned waits until something is different from now: a change in the meantime is none that is missed.
  func change(of paths: [String]) -> @Sendable () async -> Void {
    let before = paths.map(Self.mark)
    return { [interrupt] in
      while interrupt.reason == nil, paths.map(Self.mark) == before {
        do { try await Task.sleep(for: .milliseconds(200)) } catch { return }
      }
    }
  }

  /// nil: there is no such file.
  private static func mark(_ path: String) -> Mark? {
    guard let found = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
    return Mark(
      number: found[.systemFileNumber] as? UInt64, size: found[.size] as? UInt64,
      written: found[.modificationDate] as? Date)
  }

  private struct Mark: Equatable, Sendable {
    var number: UInt64?
    var size: UInt64?
    var written: Date?
  }
}
