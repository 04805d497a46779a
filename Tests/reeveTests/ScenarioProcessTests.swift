import Foundation
import FoundationXML
import Testing

/// `reeve scenario …` as a person types it.
struct ScenarioProcessTests {
  private static let folder = Program.package.appendingPathComponent("Scenarios").path

  @Test("one seed in two processes: equal bytes of transcript, report and ledger dump")
  func twoProcesses() throws {
    try Program.inFolder { folder in
      for scenario in ["accidental-quick-share", "crash-in-the-middle-of-an-apply"] {
        func run(_ name: String, seed: String) throws -> [String] {
          let ended = try Program.run(
            "scenario", "run", "\(Self.folder)/\(scenario).yaml", "--seed", seed, "--transcript", "\(name).transcript",
            "--report", "\(name).report", "--ledger-dump", "\(name).dump", in: folder)
          #expect(ended.status == 0, "\(ended.output)\(ended.errors)")
          return try ["transcript", "report", "dump"].map {
            try String(contentsOf: folder.appendingPathComponent("\(name).\($0)"), encoding: .utf8)
          }
        }
        let first = try run("first", seed: "5")
        #expect(first.allSatisfy { $0.count > 300 })
        #expect(try run("second", seed: "5") == first)
        #expect(try run("third", seed: "6")[0] != first[0])
      }
    }
  }

  @Test("the same seeds of the swarm in two processes: equal bytes of the transcripts, and other seeds others")
  func twoSwarms() throws {
    try Program.inFolder { folder in
      func run(_ name: String, seeds: String) throws -> String {
        let ended = try Program.run(
          "scenario", "swarm", "--seeds", seeds, "--twice-every", "0", "--transcript", name, in: folder)
        #expect(ended.status == 0, "\(ended.output)\(ended.errors)")
        return try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      }
      let first = try run("first", seeds: "1..25")
      #expect(first.split(separator: "\n").count(where: { $0.hasPrefix("seed ") }) == 25)
      #expect(first.count > 50_000)
      #expect(try run("second", seeds: "1..25") == first)
      #expect(try !first.contains(run("third", seeds: "26..26").dropFirst("seed 26\n".count)))
    }
  }

  /// A scenario that expects three things that do not come true.
  private static let wrong = """
    # The story stays.
    title: a public image
    world:
      regions: [us-east-1]
      organization: { management: "100000000001" }
      accounts:
      - { id: "100000000001", name: management }
      - id: "100000000002"
        name: web
        imageBlockPublicAccess: { us-east-1: unblocked }
        images: [{ id: ami-0bad0000000000001, name: demo, sharedWith: [all] }]
    timeline:
    - name: look
      sweep: { checks: [image.public] }
      # This comment stays as well.
      expect: { exit: 0, warnings: [] }
    expect:
      findings:
      - image.public another web us-east-1
      - image.public demo web us-east-1

      # And this one, of what follows.
      kpis:
        open: 2
        scanned: 2

    """

  @Test("--update puts what was measured in place of what did not come true, and leaves the rest as it stands")
  func update() throws {
    try Program.inFolder { folder in
      let file = folder.appendingPathComponent("s.yaml")
      try Self.wrong.write(to: file, atomically: true, encoding: .utf8)
      let failed = try Program.run("scenario", "run", "s.yaml", in: folder)
      #expect(failed.status == 1)
      #expect(failed.output.contains("replay it: reeve scenario run s.yaml --seed 1"))
      let updated = try Program.run("scenario", "run", "s.yaml", "--update", in: folder)
      #expect(updated.output.contains("- image.public another web us-east-1"))
      let text = try String(contentsOf: file, encoding: .utf8)
      let expected = Self.wrong.replacingOccurrences(of: "exit: 0", with: "exit: 1")
        .replacingOccurrences(of: "  - image.public another web us-east-1\n", with: "")
        .replacingOccurrences(
          of: "  - image.public demo web us-east-1",
          with: "  - image.public ami-0bad0000000000001 100000000002 us-east-1"
        )
        .replacingOccurrences(of: "open: 2", with: "open: 1")
      #expect(text == expected)
      #expect(try Program.run("scenario", "run", "s.yaml", in: folder).status == 0)
    }
  }

  @Test("JUnit XML has a case for each scenario, and the failure of the one that failed")
  func junit() throws {
    try Program.inFolder { folder in
      try Self.wrong.write(to: folder.appendingPathComponent("s.yaml"), atomically: true, encoding: .utf8)
      let ended = try Program.run(
        "scenario", "run", "s.yaml", "\(Self.folder)/coverage-scanned.yaml", "--junit", "junit.xml", in: folder)
      #expect(ended.status == 1)
      let file = JUnitFile(try Data(contentsOf: folder.appendingPathComponent("junit.xml")))
      #expect(file.error == nil)
      #expect(file.paths["testsuites/testsuite/testcase"] == 2)
      #expect(file.paths["testsuites/testsuite/testcase/failure"] == 1)
      #expect(file.suite["tests"] == "2" && file.suite["failures"] == "1" && file.suite["errors"] == "0")
      #expect(file.failure.contains("open: 2") && file.failure.contains("open: 1"))
    }
  }

  @Test("a folder is all of its scenarios, check names every problem, and what does not go together is said")
  func words() throws {
    try Program.inFolder { folder in
      let checked = try Program.run("scenario", "check", Self.folder, in: folder)
      #expect(checked.status == 0, "\(checked.errors)")
      #expect(checked.output.contains("accidental-quick-share.yaml is fine"))
      #expect(!checked.output.contains("demo.yaml"))
      let rejected = try Program.run("scenario", "check", "\(Self.folder)/Rejected", in: folder)
      #expect(rejected.status == 2)
      #expect(rejected.errors.contains("unknown-account.yaml:17:14: the world has no account \"wbe\""))
      #expect(rejected.errors.contains("nothing is expected here"))
      for (words, text) in [
        (["scenario", "run"], "PATH is missing"), (["scenario", "run", "none.yaml"], "no such file or folder"),
        (["scenario", "run", Self.folder, "--seed", "1", "--seeds", "1..2"], "expected one of them"),
        (["scenario", "run", Self.folder, "--seeds", "2..1"], "expected a range such as 1..1000"),
        (["scenario", "run", Self.folder, "--transcript", "t"], "are of one scenario under one seed"),
      ] {
        let ended = try Program.run(words, in: folder)
        #expect(ended.status == 2, "\(words)")
        #expect(ended.errors.contains(text), "\(ended.errors)")
      }
    }
  }
}

/// What a reader of JUnit XML sees.
private final class JUnitFile: NSObject, XMLParserDelegate {
  private var open: [String] = []
  var paths: [String: Int] = [:]
  var suite: [String: String] = [:]
  var failure = ""
  var error: (any Error)?

  init(_ data: Data) {
    super.init()
    let parser = XMLParser(data: data)
    parser.delegate = self
    if !parser.parse() { error = parser.parserError }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    open.append(name)
    paths[open.joined(separator: "/"), default: 0] += 1
    if name == "testsuite" { suite = attributes }
  }
  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    open.removeLast()
  }
  func parser(_ parser: XMLParser, foundCharacters text: String) {
    if open.last == "failure" { failure += text }
  }
}
