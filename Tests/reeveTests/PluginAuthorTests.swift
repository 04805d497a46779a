import Foundation
import Testing

/// What an author does: begin, build, test, find; record and run. In Swift it takes minutes, so that is `make authors`.
struct PluginAuthorTests {
  private func make(_ words: [String], in folder: URL) throws -> (status: Int32, said: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["make"] + words
    process.currentDirectoryURL = folder
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, said)
  }

  @Test(
    "a plugin in C of each kind builds, passes its test, finds its first thing and is a good plugin, untouched",
    arguments: [
      ("check", "more than 180 days ago"), ("tagger", "has no tag Name"), ("remediator", "private"),
      ("discovery", "found ec2:region"),
    ])
  func inC(kind: String, finds: String) throws {
    try Program.inFolder { folder in
      let begun = try Program.run("plugin", "new", "first-\(kind)", "--kind", kind, "--lang", "c", in: folder)
      #expect(begun.status == 0, "\(begun.errors)")
      let package = folder.appendingPathComponent("First\(kind.capitalized)")
      let tested = try make([], in: package)
      #expect(tested.status == 0, "\(tested.said)")
      let found = try make(["find"], in: package)
      #expect(found.status == 0 && found.said.contains(finds), "\(found.said)")
      let validated = try make(["validate"], in: package)
      #expect(validated.status == 0, "\(validated.said)")
      // Its test is one: with another expectation it fails.
      let expected = package.appendingPathComponent("Tests/expected.json")
      try "{\"verdicts\": [], \"actions\": [], \"found\": []}".write(to: expected, atomically: true, encoding: .utf8)
      #expect(try make(["test"], in: package).status != 0)
      let again = try Program.run("plugin", "new", "first-\(kind)", "--lang", "c", in: folder)
      #expect(again.status == 2 && again.errors.contains("exists; nothing was written"))
    }
  }

  @Test(
    "a plugin that is watched runs again when an input changes, and ends when it is interrupted",
    .timeLimit(.minutes(2)))
  func watch() throws {
    try Program.inFolder { folder in
      func save(_ image: String) throws {
        let resource = """
          {"type": "ec2:image", "id": "\(image)", "arn": "arn:aws:ec2:eu-west-1::image/\(image)",
           "account": "111122223333", "region": "eu-west-1", "tags": [], "attributes": {"Public": true}}
          """
        try "{\"version\": 1, \"resources\": [\(resource)]}".write(
          to: folder.appendingPathComponent("images.json"), atomically: true, encoding: .utf8)
      }
      try save("ami-first")
      let process = Process()
      process.executableURL = Program.binary
      let plugin = Program.binary.deletingLastPathComponent().appendingPathComponent("plugins/PublicImage")
      process.arguments = ["plugin", "run", plugin.path, "--resources", "images.json", "--watch"]
      process.currentDirectoryURL = folder
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      /// What is said until it waits; blocks until then.
      func said() -> String {
        var text = ""
        while !text.contains("waiting for a change\n") {
          let more = output.fileHandleForReading.availableData
          guard !more.isEmpty else { break }
          text += String(decoding: more, as: UTF8.self)
        }
        return text
      }
      #expect(said().contains("ami-first"))
      try save("ami-second")
      let again = said()
      #expect(again.contains("ami-second") && !again.contains("ami-first"), "\(again)")
      process.interrupt()
      process.waitUntilExit()
      #expect(process.terminationReason == .exit)
      // As every command that Ctrl-C ends.
      #expect(process.terminationStatus == 130)
    }
  }

  @Test("a package in Swift has no flag that binds it to one compiler, and no public type")
  func inSwift() throws {
    try Program.inFolder { folder in
      for kind in ["check", "tagger", "remediator", "discovery"] {
        #expect(try Program.run("plugin", "new", "my-\(kind)", "--kind", kind, in: folder).status == 0)
        let package = folder.appendingPathComponent("My\(kind.capitalized)")
        let manifest = try String(contentsOf: package.appendingPathComponent("Package.swift"), encoding: .utf8)
        for flag in ["enableUpcomingFeature", "treatAllWarnings", "unsafeFlags", "strictMemorySafety"] {
          #expect(!manifest.contains(flag))
        }
        let source = try String(
          contentsOf: package.appendingPathComponent("Sources/My\(kind.capitalized)/My\(kind.capitalized).swift"),
          encoding: .utf8)
        for declaration in ["struct", "init", "func", "static", "let", "var"] {
          #expect(!source.contains("public \(declaration)"))
        }
        #expect(!source.contains("{{"))
      }
      #expect(try Program.run("plugin", "new", "../x", in: folder).errors.contains("is no name for a plugin"))
      #expect(try Program.run("plugin", "new", "x", "--kind", "chek", in: folder).errors.contains("expected one of"))
      #expect(
        try Program.run("plugin", "new", "x", "--id", "No Id", in: folder).errors.contains("expected an id such as"))
    }
  }

  @Test("what a sweep recorded is redacted, and a plugin runs on it")
  func record() throws {
    try Program.inFolder { folder in
      let world = Program.package.appendingPathComponent("Scenarios/demo.yaml").path
      #expect(try Program.run("sweep", "--world", world, "--ledger", "l.db", in: folder).status == 1)
      let recorded = try Program.run(
        "plugin", "record", "--ledger", "l.db", "--check", "image.public", "--out", "r.json", in: folder)
      #expect(recorded.output.contains("3 resources written to r.json"), "\(recorded.errors)")
      let json = try String(contentsOf: folder.appendingPathComponent("r.json"), encoding: .utf8)
      for word in ["northwind", "604218839517", "ami-0b51c7e2d94f60a31", "web-prod"] { #expect(!json.contains(word)) }
      let plugin = Program.binary.deletingLastPathComponent().appendingPathComponent("plugins/PublicImage").path
      let ran = try Program.run("plugin", "run", plugin, "--resources", "r.json", in: folder)
      #expect(ran.status == 0, "\(ran.errors)")
      #expect(ran.output.contains("reeve.public-image 1.0.0: 3 findings, 0 not evaluated"), "\(ran.output)")
      let none = try Program.run("plugin", "record", "--ledger", "l.db", "--image", "ami-none", in: folder)
      #expect(none.status == 2)
    }
  }

  @Test(
    "what cannot be run says why",
    arguments: [
      (["plugin", "run", "nowhere", "--world", "demo"], "no such folder or library"),
      (["plugin", "run", "."], "give either --world FILE or --resources FILE"),
      (["plugin", "run", ".", "--world", "demo"], "holds no plugin.json"),
      (["plugin", "run", "x.so", "--world", "demo"], "no such library; build it first"),
    ])
  func refusals(words: [String], text: String) throws {
    try Program.inFolder { folder in
      let ended = try Program.run(words, in: folder)
      #expect(ended.status == 2)
      #expect(ended.errors.contains(text), "\(ended.errors)")
    }
  }
}
