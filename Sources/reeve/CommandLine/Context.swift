import Determinism
import Governance
import Orchestrator
import PluginHost

/// Everything ambient that a command may use, made once in `Live.swift`.
struct Context: Sendable {
  /// The environment's variables, as they were at the start.
  var environment: [String: String]
  /// Wall time.
  var clock: any WorldClock
  /// For ids and back-off.
  var seed: UInt64
  /// Bytes that nobody can guess, from the kernel: for keys.
  var entropy: @Sendable (_ count: Int) -> [UInt8]
  /// `web-1 pid 4711`
  var holder: String
  /// Is the holder of a lease known to be gone? Only a process of this machine can be.
  var holderIsDead: @Sendable (String) -> Bool
  /// Users, beside root, whose plugin files are believed: the one who runs reeve.
  var owners: Set<UInt32>
  /// Where this executable lies; shipped plugins are found from here.
  var executableDirectory: String
  /// This executable's file, to run another of it.
  var executable: String
  var workingDirectory: String
  /// What confines plugins here, and where the runtime lies that they need.
  var sandboxLayers: Set<SandboxSettings.Layer>
  var swiftRuntime: String?
  var processors: Int
  var output: any TextOutput
  var errors: any TextOutput
  var files: any FileAccess
  /// A lane per user of blocking C.
  var lane: @Sendable (_ name: String) throws -> any Lane
  /// Raised by Ctrl-C and by a service manager's SIGTERM.
  var interrupt: StopSignal
  /// Reads one line of an answer; nil when there is no terminal to ask on.
  var ask: @Sendable (_ question: String) -> String?
  /// Runs a program to its end; it is stopped at the limit. Its errors come with its output.
  var program: @Sendable (_ arguments: [String], _ limit: Duration) async throws -> ProgramEnd
  /// What it returns waits until one of the files is another than now, or until a stop is asked for.
  var change: @Sendable (_ paths: [String]) -> @Sendable () async -> Void
  /// Ends the process at once, for what cannot be unwound: a plugin that never returns.
  var abandon: @Sendable (_ message: String) -> Void
}

extension Context {
  /// The NO_COLOR convention.
  var allowsColor: Bool { environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb" }

  var usesColor: Bool { output.terminalWidth != nil && allowsColor }

  /// Returns when Ctrl-C or SIGTERM comes.
  func interrupted() async { await interrupt.wait() }
}

/// How a program ended.
struct ProgramEnd: Sendable, Equatable {
  enum How: Sendable, Equatable {
    case exited(Int32)
    case signalled(Int32)
    case overdue
  }
  var how: How
  var output: String
}

protocol TextOutput: Sendable {
  func write(_ text: String)
  /// Columns of the terminal; nil when it is none.
  var terminalWidth: Int? { get }
}

protocol FileAccess: Sendable {
  /// With the folders above it; no problem where it is already.
  func makeDirectory(_ path: String) throws(FileProblem)
  /// nil when there is no such file.
  func contents(of path: String) throws(FileProblem) -> [UInt8]?
  /// Whole or not at all: a temporary file beside it, renamed.
  func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(FileProblem)
  func exists(_ path: String) throws(FileProblem) -> Bool
  /// Names in a directory, sorted; nil when there is no such directory.
  func names(in directory: String) throws(FileProblem) -> [String]?
}

struct FileProblem: Error, Equatable, CustomStringConvertible {
  var path: String
  var reason: String
  var description: String { "\(path): \(reason)" }
}

/// An error with the exit status that it ends the command with.
struct CommandFailure: Error, CustomStringConvertible {
  var status: ExitStatus
  var description: String

  static func usage(_ text: String) -> CommandFailure { CommandFailure(status: .usage, description: text) }
  static func failed(_ text: String) -> CommandFailure { CommandFailure(status: .failed, description: text) }
}
