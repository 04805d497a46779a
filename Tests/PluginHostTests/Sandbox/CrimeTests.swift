import Foundation
import Governance
import Orchestrator
import Testing

@testable import PluginHost

struct Crime: Sendable, CustomTestStringConvertible {
  var mode: String
  var code: String
  var says: String
  var testDescription: String { mode }
}

let deadlyCrimes: [Crime] = [
  Crime(mode: "crash", code: "PluginCrashed", says: "crashed with SIGSEGV"),
  Crime(mode: "trap", code: "PluginCrashed", says: "crashed with SIGILL: a trap of the Swift runtime"),
  Crime(mode: "abort", code: "PluginCrashed", says: "crashed with SIGABRT"),
  Crime(mode: "exit", code: "PluginCrashed", says: "ended its process with status 0"),
  Crime(mode: "quick-exit", code: "PluginCrashed", says: "ended its process with status 7"),
  Crime(mode: "overflow-stack", code: "PluginCrashed", says: "crashed with SIGSEGV"),
  Crime(mode: "complain", code: "PluginCrashed", says: "the last it wrote was \"Fatal error: Index out of range\""),
  Crime(mode: "loop", code: "PluginTimedOut", says: "did not return within 1.0s and was ended"),
  Crime(mode: "fill-memory", code: "PluginOutOfMemory", says: "used up its memory of 768 MiB"),
  Crime(mode: "huge-memory-blindly", code: "PluginCrashed", says: "crashed with SIGSEGV"),
  Crime(mode: "thread", code: "PluginForbidden", says: "started a thread or process (clone"),
  Crime(mode: "fork", code: "PluginForbidden", says: "started a thread or process (clone"),
  Crime(mode: "vfork", code: "PluginForbidden", says: "started a thread or process (clone)"),
  Crime(mode: "exec", code: "PluginForbidden", says: "started a thread or process (execve)"),
  Crime(mode: "socket", code: "PluginForbidden", says: "used the network (socket)"),
  Crime(mode: "ptrace", code: "PluginForbidden", says: "reached for another process (ptrace)"),
  Crime(mode: "read-process", code: "PluginForbidden", says: "reached for another process (process_vm_readv)"),
  Crime(mode: "signal", code: "PluginForbidden", says: "sent a signal to another process (kill)"),
  Crime(mode: "signal-thread", code: "PluginForbidden", says: "sent a signal to another process (tgkill)"),
  Crime(mode: "bend-signals", code: "PluginForbidden", says: "used the network (socket)"),
  Crime(mode: "babble", code: "PluginBadData", says: "sent what is no answer"),
  Crime(mode: "claim", code: "PluginTimedOut", says: "did not return within 1.0s"),
  Crime(mode: "hang-up", code: "PluginCrashed", says: "SIGKILL"),
]

/// Everything that a plugin might try, each of it once: it gets nothing, and costs one verdict.
@Suite struct CrimeTests {
  private static let batch: [Resource] = [
    .image("ami-1", isPublic: true), .image("ami-2"), .image("ami-bad"), .image("ami-4", isPublic: true),
    .image("ami-5"),
  ]

  /// The verdicts on the innocent, as a plugin that does nothing wrong gives them.
  private static func expectInnocent(_ verdicts: [CheckedResource], sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(verdicts.map(\.resource) == [0, 1, 2, 3, 4], sourceLocation: sourceLocation)
    let innocent = verdicts.filter { $0.resource != 2 }.map(\.verdict)
    #expect(
      innocent == [
        .fail(message: "ami-1", evidence: ["ImageId": "ami-1", "Public": true]), .pass,
        .fail(message: "ami-4", evidence: ["ImageId": "ami-4", "Public": true]), .pass,
      ], sourceLocation: sourceLocation)
  }

  @Test("What ends a plugin costs the one verdict that it worked on; the rest is evaluated", arguments: deadlyCrimes)
  func deadly(_ crime: Crime) async throws {
    let zoo = try await CagedZoo(
      "crime-told-\(crime.mode)", settings: .testing(memoryLimit: 768 << 20),
      limit: .seconds(crime.code == "PluginTimedOut" ? 1 : 60))
    let verdicts = try await zoo.evaluate(["zoo.public"], Self.batch)
    Self.expectInnocent(verdicts)
    guard case .notEvaluated(let reason) = verdicts[2].verdict else {
      Issue.record("expected not evaluated, found \(verdicts[2].verdict)")
      return
    }
    #expect(reason.kind == .internal)
    #expect(reason.code == crime.code)
    #expect(reason.message.contains(crime.says), "\(reason.message)")
    #expect(reason.message.contains("plugin org.example.zoo: version 1.0.0"))
    #expect(reason.message.contains("in evaluate (check zoo.public, "))
    #expect(reason.message.hasSuffix(" on arn:aws:ec2:eu-west-1::image/ami-bad"))
    let warnings = zoo.log.lines.filter { $0.level == .warning }
    #expect(warnings.map(\.fault) == [crime.code])
    await zoo.session.close()
  }

  @Test(
    "What a plugin asks the system for, it does not get",
    arguments: [
      "parent-environment", "passwd", "credentials", "libraries", "proc", "look", "fill-disk", "memory-file",
    ])
  func refused(_ mode: String) async throws {
    let folder = try TemporaryFolder()
    let secret = try folder.write("[default]\naws_secret_access_key = very-secret\n".utf8, to: "credentials")
    let zoo = try await CagedZoo("crime-\(mode)", library: try Zoo.library(["ZOO_SECRET=\"\(secret)\""]))
    let verdicts = try await zoo.evaluate(["zoo.public"], Self.batch)
    Self.expectInnocent(verdicts)
    #expect(verdicts[2].verdict == .fail(message: "Permission denied", evidence: .emptyObject))
    #expect(!FileManager.default.fileExists(atPath: "/tmp/reeve-zoo-was-here"))
  }

  @Test("Memory that is written cannot be run, and a day is not slept through", arguments: ["write-code", "sleep"])
  func otherRefusals(_ mode: String) async throws {
    let zoo = try await CagedZoo("crime-\(mode)", limit: .seconds(20))
    let verdicts = try await zoo.evaluate(["zoo.public"], Self.batch)
    Self.expectInnocent(verdicts)
    let expected = mode == "sleep" ? "Permission denied" : "Operation not permitted"
    #expect(verdicts[2].verdict == .fail(message: expected, evidence: .emptyObject))
  }

  @Test("More memory than there may be is not even promised, in one piece", arguments: ["huge-memory", "huge-map"])
  func hugeMemory(_ mode: String) async throws {
    let zoo = try await CagedZoo("crime-\(mode)")
    let verdicts = try await zoo.evaluate(["zoo.public"], Self.batch)
    Self.expectInnocent(verdicts)
    #expect(verdicts[2].verdict == .fail(message: "Cannot allocate memory", evidence: .emptyObject))
  }

  @Test("A plugin's environment says where its runtime is, and nothing else")
  func environment() async throws {
    let zoo = try await CagedZoo("crime-own-environment")
    let verdicts = try await zoo.evaluate(["zoo.public"], Self.batch)
    let runtime = try #require(SandboxSettings.runtimeFolder())
    #expect(
      verdicts[2].verdict
        == .fail(
          message: "SWIFT_BACKTRACE=enable=no LD_LIBRARY_PATH=\(runtime) ", evidence: .emptyObject))
  }

  @Test("An address that was kept from an earlier call leads nowhere")
  func keptPointer() async throws {
    let zoo = try await CagedZoo("crime-told-keep-pointer")
    let first = try await zoo.evaluate(["zoo.public"], [.image("ami-bad-1"), .image("ami-2")])
    #expect(first.map(\.verdict) == [.pass, .pass])
    // A batch so small that it does not reach as far as the kept address.
    let second = try await zoo.evaluate(["zoo.public"], [.image("ami-bad-2"), .image("ami-2")])
    #expect(second[1].verdict == .pass)
    let third = try await zoo.evaluate(
      ["zoo.public"], (0..<200).map { .image("ami-\($0)") } + [.image("ami-bad-3")])
    #expect(third.count == 201)
    let fourth = try await zoo.evaluate(["zoo.public"], [.image("ami-bad-4"), .image("ami-2")])
    #expect(fourth[1].verdict == .pass)
    guard case .notEvaluated(let reason) = fourth[0].verdict else {
      Issue.record("the kept address could be read: \(fourth[0].verdict)")
      return
    }
    #expect(reason.message.contains("crashed with SIGSEGV: it touched memory that is not its own, or that was lent"))
  }
}
