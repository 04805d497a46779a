import AWSWire
import Determinism
import Governance
import Synchronization

@testable import AWSAccess

/// Files in memory.
struct MemoryFiles: CredentialFiles {
  struct Unreadable: Error, CustomStringConvertible { var description: String { "permission denied" } }

  var texts: [String: String] = [:]
  var unreadable: Set<String> = []

  func contents(of path: String) throws -> [UInt8]? {
    if unreadable.contains(path) { throw Unreadable() }
    return texts[path].map { Array($0.utf8) }
  }
}

/// A program that prints what the test says.
final class ScriptedCommands: CommandRunner {
  struct NotFound: Error, CustomStringConvertible { var description: String { "No such file or directory" } }

  private let outcome: CommandOutcome?
  private let log = Mutex<[[String]]>([])

  init(_ outcome: CommandOutcome?) { self.outcome = outcome }

  var runs: [[String]] { log.withLock { $0 } }

  func run(_ arguments: [String], timeout: Duration) async throws -> CommandOutcome {
    log.withLock { $0.append(arguments) }
    guard let outcome else { throw NotFound() }
    return outcome
  }
}

/// A machine with an environment, files, a program and a network, on which credentials are looked for.
struct Machine {
  var variables: [String: String] = [:]
  var config = ""
  var credentials = ""
  var files = MemoryFiles()
  var commands = ScriptedCommands(nil)
  var transport: any HTTPTransport = ClosedTransport()
  var exchange: any Exchange = ScriptedExchange { (attempt) async throws(CallFailure) in
    Fixture.tokens(attempt) ?? .emptyObject
  }
  var endpoints = EndpointSettings.standard
  var clock: any WorldClock = FixedClock(Fixture.start)

  var environment: AmbientEnvironment { AmbientEnvironment(variables: variables, home: "/home/a") }

  private var allFiles: MemoryFiles {
    var files = files
    if !config.isEmpty { files.texts["/home/a/.aws/config"] = config }
    if !credentials.isEmpty { files.texts["/home/a/.aws/credentials"] = credentials }
    return files
  }

  func ambient() throws(FailureReason) -> AmbientAWS { try AmbientAWS.read(environment, files: allFiles) }

  func chain() throws(FailureReason) -> CredentialChain {
    var settings = Fixture.settings()
    settings.endpoints = endpoints
    let caller = ServiceCaller(settings: settings, transport: transport, exchange: exchange, clock: clock, seed: 1)
    return CredentialSources(
      ambient: try ambient(), files: allFiles, commands: commands, caller: caller, region: settings.region
    ).chain()
  }

  func find() async throws(FailureReason) -> Credentials { try await chain().resolve() }
  func failure() async -> FailureReason? {
    await Fixture.failure { () async throws(FailureReason) in try await find() }
  }
}
