import Foundation
import Testing

/// The public conformance suite as authors run it: on every shipped plugin, on the example in C, and on a zoo of
/// deliberate wrongs, each of which must be rejected with a message of its own.
struct PluginValidateTests {
  private static let beside = Program.binary.deletingLastPathComponent()
  private static let zoo = Program.package.appendingPathComponent("Tests/PluginHostTests/Zoo")

  static func plugins() throws -> [String] {
    try ["plugins", "examples"].flatMap { home in
      let folder = beside.appendingPathComponent(home)
      return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        .filter { FileManager.default.fileExists(atPath: folder.appendingPathComponent("\($0)/plugin.json").path) }
        .map { "\(home)/\($0)" }
    }
  }

  @Test("every shipped plugin and the example in C pass", arguments: try plugins())
  func shipped(_ plugin: String) throws {
    try Program.inFolder { folder in
      let ended = try Program.run(
        "plugin", "validate", Self.beside.appendingPathComponent(plugin).path, "--seed", "7", "--junit", "junit.xml",
        in: folder)
      #expect(ended.status == 0, "\(ended.output)")
      #expect(ended.output.contains("0 failed"))
      #expect(ended.output.contains("seed 7"))
      let junit = try String(contentsOf: folder.appendingPathComponent("junit.xml"), encoding: .utf8)
      #expect(junit.contains("failures=\"0\""))
      #expect(junit.contains("name=\"load\"/>"))
    }
  }

  struct Wrong: Sendable, CustomTestStringConvertible {
    var crime: String
    var rejectedBy: String
    var saying: String
    var testDescription: String { "\(crime) (\(rejectedBy))" }

    init(_ crime: String, _ rejectedBy: String, _ saying: String) {
      self.crime = crime
      self.rejectedBy = rejectedBy
      self.saying = saying
    }
  }

  static let wrongs: [Wrong] = [
    Wrong("create-refuses", "create", "create returned 1 (configuration): not today"),
    Wrong("create-null", "create", "create returned OK and made no instance"),
    Wrong("no-empty", "check.empty", "evaluate of no resources returned 5 (badData)"),
    Wrong("silent-failure", "check.one", "returned 7 (internal): it gave no reason"),
    Wrong("status-77", "check.one", "returned 77 (which means nothing here)"),
    Wrong("exits", "check.one", "ended the process with exit status 0"),
    Wrong("loops", "check.one", "did not return within"),
    Wrong("segfaults", "check.one", "ended by SIGSEGV (11): it crashed"),
    Wrong("aborts", "check.one", "ended by SIGABRT (6): it aborted"),
    Wrong("traps", "check.one", "ended by SIGILL (4): a trap"),
    Wrong("quadratic", "check.many", "far too slow"),
    Wrong("thread", "check.one", "used its call from a thread of its own"),
    Wrong("keeps-pointer", "check.memory", "it looked at memory that had been lent to an earlier call"),
    Wrong("never-asks", "check.cancel", "never asked whether it should stop"),
    Wrong("ignores-stop", "check.cancel", "was told to stop and returned 0"),
    Wrong("stops-with-ok", "check.cancel", "was told to stop and returned 0"),
    Wrong("own-stride", "check.newer", "its own sizeof instead of the stride"),
    Wrong("beyond-size", "check.first", "it read beyond the end of what was lent"),
    Wrong("beyond-count", "check.first", "it read beyond the end of what was lent"),
    Wrong("passes-unread", "check.unread", "passed a resource of which nothing that it reads could be read"),
    Wrong("fails-unread", "check.unread", "failed a resource of which nothing that it reads could be read"),
    Wrong("own-reason", "check.unread", "gave the reason CouldNot where the unread attribute's was ReeveTestDenied"),
    Wrong("reads-undeclared", "check.undeclared", "judges by State, which its manifest does not name"),
    Wrong("remembers", "check.same", "the second call gave other verdicts than the first"),
    Wrong("by-position", "check.order", "the same resources in another order gave another verdict"),
    Wrong("by-neighbour", "check.order", "a resource alone got another verdict than among others"),
    Wrong("skips", "check.many", "it gave no verdict of wrongs.public"),
    Wrong("index", "check.one", "names resource 1 of a batch of 1"),
    Wrong("check-index", "check.one", "names check 40 of 2"),
    Wrong("result", "check.one", "has the result 17"),
    Wrong("small-struct", "check.one", "struct_size is 8"),
    Wrong("not-utf8", "check.one", "is not UTF-8"),
    Wrong("huge-text", "check.one", "bytes, more than 1048576"),
    Wrong("bad-evidence", "check.one", "is no valid document"),
    Wrong("twice", "check.one", "is the second by wrongs.public on one resource"),
    Wrong("unasked", "check.selected", "which was not asked"),
    Wrong("huge-count", "check.one", "more than 4,000,000 items in one call"),
    Wrong("emits-request", "check.one", "a check emitted items of kind 2, which it may not"),
    Wrong("opens-quietly", "bounds", "evaluate in the sandbox returned 7"),
    Wrong("forks", "bounds", "it made a system call that no plugin may make"),
    Wrong("tags-unread", "tagger.unread", "it rests on what could not be read"),
    Wrong("tags-aws", "tagger.missing", "belongs to AWS"),
    Wrong("no-run", "discovery.empty", "begin made no run"),
    Wrong("asks-unwanted", "discovery.unwanted", "although no attribute is wanted"),
    Wrong("stalls", "discovery.empty", "wants more and has no request outstanding"),
    Wrong("asks-ungranted", "discovery.empty", "it asked for ec2:DescribeInstances, which its /operations do not name"),
    Wrong("asks-write", "discovery.empty", "it asked for ec2:ModifyImageAttribute, which its /operations do not name"),
    Wrong("empty-on-denial", "discovery.denied", "a denied account would look clean"),
    Wrong("mute-on-denial", "discovery.denied", "the run failed and did not say why"),
    Wrong("never-done", "discovery.empty", "did not end after 1,000 rounds"),
  ]

  /// Compiled once for all: what differs is the configuration.
  private static func folder(_ defines: [String] = []) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("reeve-wrongs-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: zoo.appendingPathComponent("wrongs.json"), to: folder.appendingPathComponent("plugin.json"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["cc", "-std=gnu11", "-O1", "-shared", "-fPIC"] + defines.map { "-D\($0)" } + [
        "-I", Program.package.appendingPathComponent("Sources/CReevePlugin/include").path, "-o",
        folder.appendingPathComponent("wrongs.so").path, zoo.appendingPathComponent("wrongs.c").path,
      ]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return folder
  }

  private static let shared = Result { try folder() }

  private func validate(_ folder: URL, _ words: [String]) throws -> Program.Ended {
    try Program.run(["plugin", "validate", folder.path, "--seed", "7"] + words, in: folder)
  }

  @Test("the zoo keeps the contract while no crime is picked")
  func innocent() throws {
    let ended = try validate(try Self.shared.get(), [])
    #expect(ended.status == 0, "\(ended.output)")
  }

  @Test("each wrong is rejected with its own message", arguments: wrongs)
  func wrong(_ wrong: Wrong) throws {
    let ended = try validate(
      try Self.shared.get(),
      ["--only", wrong.rejectedBy, "--configuration", "{\"crime\": \"\(wrong.crime)\"}", "--limit", "4s"])
    #expect(ended.status == 1, "\(ended.output)\(ended.errors)")
    #expect(ended.output.contains("✗ \(wrong.rejectedBy)"), "\(ended.output)")
    #expect(ended.output.contains(wrong.saying), "\(ended.output)")
  }

  @Test("there are at least 25 wrongs, and no two have one message for the same case but those that are one wrong")
  func count() {
    #expect(Self.wrongs.count >= 25)
    #expect(Set(Self.wrongs.map(\.crime)).count == Self.wrongs.count)
  }

  @Test("a copy whose bytes were patched is rejected for what was patched")
  func patched() throws {
    let whole = try [UInt8](Data(contentsOf: try Self.shared.get().appendingPathComponent("wrongs.so")))
    func patch(_ change: (inout [UInt8]) -> Void) throws -> String {
      let folder = try Self.folder()
      defer { try? FileManager.default.removeItem(at: folder) }
      var bytes = whole
      change(&bytes)
      try Data(bytes).write(to: folder.appendingPathComponent("wrongs.so"))
      let ended = try validate(folder, ["--only", "load"])
      #expect(ended.status == 1, "\(ended.output)")
      return ended.output
    }
    func replace(_ bytes: inout [UInt8], _ old: String, _ new: String) {
      let (old, new) = (Array(old.utf8), Array(new.utf8))
      for start in bytes.indices.dropLast(old.count) where bytes[start..<start + old.count].elementsEqual(old) {
        bytes.replaceSubrange(start..<start + old.count, with: new)
      }
    }
    #expect(try patch { $0[18] = 243 }.contains("P402"))
    #expect(try patch { $0[4] = 1 }.contains("P402"))
    #expect(try patch { $0.removeLast($0.count - 600) }.contains("P401"))
    #expect(try patch { $0 = Array("<html>".utf8) }.contains("P401"))
    #expect(try patch { replace(&$0, "org.example.wrongs", "org.example.wrongz") }.contains("P604"))
    #expect(try patch { replace(&$0, "wrongs.second", "wrongs.secund") }.contains("P606"))
    #expect(try patch { replace(&$0, "reeve_plugin_entry_v1", "reeve_plugin_entry_v2") }.contains("P404"))
    #expect(try patch { replace(&$0, "reeve_plugin_entry_v1", "reeve_plugin_entri_v1") }.contains("P403"))
    #expect(try patch { replace(&$0, "REE1", "REE7") }.contains("P601"))
  }

  @Test("a library that claims what it does not keep: interfaces, reentrancy")
  func claims() throws {
    let any = try Self.folder(["WRONGS_ANY_INTERFACE"])
    #expect(try validate(any, ["--only", "load"]).output.contains("P60"))
    let reentrant = try Self.folder(["WRONGS_REENTRANT"])
    let ended = try validate(
      reentrant, ["--only", "check.threads", "--configuration", "{\"crime\": \"remembers\"}"])
    #expect(ended.output.contains("it is not reentrant as it says"), "\(ended.output)")
    #expect(try validate(reentrant, ["--only", "check.threads"]).status == 0)
  }

  @Test("a configuration that fits its schema must not crash it, and the seed finds it again")
  func fuzz() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let manifest = folder.appendingPathComponent("plugin.json")
    let text = try String(contentsOf: manifest, encoding: .utf8)
    try text.replacingOccurrences(of: "\"maximum\": 8", with: "\"maximum\": 9").write(
      to: manifest, atomically: true, encoding: .utf8)
    let ended = try validate(folder, ["--only", "configuration.fuzz"])
    #expect(ended.status == 1)
    #expect(ended.output.contains("SIGABRT"))
    #expect(try validate(folder, ["--only", "configuration.fuzz"]).output == ended.output)
  }

  @Test("a schema keyword that Reeve does not check is an error, and names those that count")
  func keywords() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let manifest = folder.appendingPathComponent("plugin.json")
    let text = try String(contentsOf: manifest, encoding: .utf8)
    try text.replacingOccurrences(of: "\"minimum\": 0", with: "\"multipleOf\": 2").write(
      to: manifest, atomically: true, encoding: .utf8)
    for command in [["plugin", "validate", folder.path], ["plugin", "lock", ".", "--lock", "../x.lock", "--yes"]] {
      let ended = try Program.run(command, in: folder)
      #expect(ended.status != 0)
      #expect((ended.output + ended.errors).contains("/configuration/properties/level/multipleOf: unknown key"))
    }
  }

  @Test("one case runs in this process, for a debugger")
  func inProcess() throws {
    let folder = try Self.shared.get()
    let ended = try validate(folder, ["--in-process", "--only", "check.one"])
    #expect(ended.status == 0, "\(ended.output)")
    #expect(try validate(folder, ["--in-process"]).errors.contains("--only CASE"))
    #expect(try validate(folder, ["--only", "check.on"]).status == 0)
    #expect(try validate(folder, ["--only", "chek.one"]).errors.contains("check.one"))
  }
}
