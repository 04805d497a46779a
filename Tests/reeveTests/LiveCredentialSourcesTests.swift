import AWSAccess
import Determinism
import Governance
import Testing

@testable import reeve

@Suite("Running a credential process")
struct LiveCommandRunnerTests {
  private func run(_ arguments: [String], timeout: Duration = .seconds(20)) async throws -> CommandOutcome {
    try await LiveCommandRunner(lane: DirectLane()).run(arguments, timeout: timeout)
  }

  @Test("Output is read whole, arguments are not a shell's, and the status is the program's")
  func outcomes() async throws {
    let echo = try await run(["printf", "%s", "$HOME `id` *"])
    #expect(echo.status == 0)
    #expect(String(decoding: echo.output, as: UTF8.self) == "$HOME `id` *")
    let large = try await run(["head", "-c", "600000", "/dev/zero"])
    #expect(large.output.count == 600_000)
    let failed = try await run(["sh", "-c", "exit 3"])
    #expect(failed.status == 3)
    let killed = try await run(["sh", "-c", "kill -9 $$"])
    #expect(killed.status == 137)
  }

  @Test("A program that is not there, does not end or does not stop printing is an error")
  func failures() async throws {
    let table: [([String], Duration, String)] = [
      (["/nowhere/keys"], .seconds(20), "No such file or directory"),
      (["sleep", "1000"], .milliseconds(100), "did not end within 100ms"),
      // Its output is closed, and it stays.
      (["sh", "-c", "exec >&-; exec sleep 1000"], .milliseconds(300), "did not end within 300ms"),
      (["cat", "/dev/zero"], .seconds(20), "printed more than"),
    ]
    for (arguments, timeout, words) in table {
      await #expect {
        _ = try await run(arguments, timeout: timeout)
      } throws: {
        "\($0)".contains(words)
      }
    }
  }
}
