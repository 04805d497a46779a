import Foundation
import Testing

struct ProcessTests {
  @Test("one seed in two processes: equal bytes of transcript, report and ledger dump")
  func twoProcesses() throws {
    try Program.inFolder { folder in
      let world = Program.package.appendingPathComponent("Scenarios/demo.yaml").path
      func run(_ name: String, seed: String) throws -> [String] {
        let swept = try Program.run(
          "sweep", "--world", world, "--schedule-seed", seed, "--ledger", "\(name).db", "--transcript", "\(name).txt",
          "--format", "json", in: folder)
        #expect(swept.status == 1, "\(swept.errors)")
        let dump = try Program.run("ledger", "dump", "--ledger", "\(name).db", in: folder)
        #expect(dump.status == 0)
        let transcript = try String(contentsOf: folder.appendingPathComponent("\(name).txt"), encoding: .utf8)
        #expect(transcript.count > 10_000 && dump.output.count > 10_000)
        // The lease and the sweep name no process, so the whole is compared.
        return [transcript, swept.output, dump.output]
      }
      let first = try run("first", seed: "5")
      #expect(try run("second", seed: "5") == first)
      #expect(try run("third", seed: "6")[0] != first[0])
    }
  }

  @Test(
    "what cannot be done says why and ends with its status",
    arguments: [
      (["swep"], Int32(2), "did you mean \"sweep\"?"),
      (["sweep", "--foramt", "json"], 2, "did you mean \"--format\"?"),
      (["sweep", "--format", "xml"], 2, "expected table, json or jsonl"),
      (["sweep", "--config", "none.yaml"], 2, "no such file"), (["findings"], 2, "no ledger here"),
      (["sweep", "--checks", "image.publik"], 2, "did you mean \"image.public\"?"), (["apply"], 2, "PLAN is missing"),
      (["sweep"], 4, "credentials"), (["runs", "show", "x", "--ledger", "none.db"], 2, "no ledger here"),
    ])
  func refusals(words: [String], status: Int32, text: String) throws {
    try Program.inFolder { folder in
      let ended = try Program.run(words, in: folder)
      #expect(ended.status == status, "\(ended.errors)")
      #expect(ended.errors.contains(text), "\(ended.errors)")
      #expect(ended.output.isEmpty)
    }
  }

  @Test("the example of a configuration is a good one, and a wrong one says all that is wrong at once")
  func configuration() throws {
    try Program.inFolder { folder in
      let example = try Program.run("config", "example", in: folder).output
      try example.write(to: folder.appendingPathComponent("reeve.yaml"), atomically: true, encoding: .utf8)
      let checked = try Program.run("config", "check", "reeve.yaml", in: folder)
      #expect(checked.status == 0, "\(checked.errors)")
      try "version: 1\nregoins: {}\nlimits: {share: 7}\n".write(
        to: folder.appendingPathComponent("wrong.yaml"), atomically: true, encoding: .utf8)
      let wrong = try Program.run("config", "check", "wrong.yaml", in: folder)
      #expect(wrong.status == 2)
      #expect(wrong.errors.contains("wrong.yaml:2:1"))
      #expect(wrong.errors.contains("did you mean \"regions\"?"))
      #expect(wrong.errors.contains("wrong.yaml:3:"))
    }
  }
}
