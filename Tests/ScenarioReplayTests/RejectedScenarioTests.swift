import Governance
import Testing

@testable import ScenarioReplay

/// A harness that cannot fail proves nothing: each of these must be rejected, for the reason that its first line gives.
struct RejectedScenarioTests {
  static let folder = ScenarioFiles.folder + "Rejected/"

  private struct Verdict {
    var isReading: Bool
    var text: String
  }

  private func verdict(on path: String) throws -> Verdict {
    do {
      let scenario = try Scenario.parse(try TextFile.bytes(path), file: path, files: ScenarioFiles.read)
      let result = ScenarioTests.run(scenario, seed: 1)
      return Verdict(isReading: false, text: ScenarioText.failures(result, path: path))
    } catch let problems as SourceProblems {
      return Verdict(isReading: true, text: problems.description)
    }
  }

  @Test("every scenario of the folder is rejected for the reason that it names")
  func all() throws {
    let files = try names(in: Self.folder)
    #expect(files.count >= 30)
    for file in files {
      let first = String(decoding: try TextFile.bytes(Self.folder + file), as: UTF8.self).prefix { $0 != "\n" }
      let parts = first.split(separator: ": ", maxSplits: 1).map(String.init)
      let when = ["# Rejected when read": true, "# Rejected when played": false][parts[0]]
      #expect(when != nil && parts.count == 2, "\(file) says in its first line when and why it is rejected")
      guard parts.count == 2 else { continue }
      let verdict = try verdict(on: Self.folder + file)
      #expect(verdict.isReading == when, "\(file): \(verdict.text)")
      #expect(verdict.text.contains(parts[1]), "\(file): \(verdict.text)")
    }
  }

  @Test("a failure stands at its line, with expected and actual side by side and the one line that replays it")
  func sideBySide() throws {
    let text = try verdict(on: Self.folder + "wrong-key-figure.yaml").text
    #expect(
      text == """
          \(Self.folder)wrong-key-figure.yaml:17:3: kpis in the end
            expected  | actual
            open: 2   | open: 1
          replay it: reeve scenario run \(Self.folder)wrong-key-figure.yaml --seed 1

        """)
  }

  @Test("all problems of a file come at once, each with its place")
  func allAtOnce() {
    let text = """
      title: everything is wrong
      world:
        regions: [us-east-1]
        accounts: [{ id: "1" }]
      timeline:
      - sweep: { checks: 3, fast: true }
        every: soon
      - wait: long
      expect:
        gaps: { nowhere: denied }
        kpis: { opened: 1 }
      """
    #expect {
      _ = try Scenario.parse(Array(text.utf8), file: "s.yaml", files: { _ in nil })
    } throws: { error in
      let problems = (error as? SourceProblems)?.problems ?? []
      let wanted = [
        (3, "a world needs an account"), (4, "no account id"), (6, "expected a list, found an integer"),
        (6, "unknown key \"fast\""),
        (7, "\"soon\" is no duration"), (8, "\"long\" is not a duration"), (10, "\"nowhere\" is not ACCOUNT/REGION"),
        (11, "unknown key \"opened\"; did you mean \"open\"?"),
      ]
      return wanted.allSatisfy { line, text in
        problems.contains { $0.location.line == line && $0.message.contains(text) }
      } && problems.count == wanted.count
    }
  }
}
