import Foundation
import Glibc
import Governance
import Orchestrator
import Testing

@testable import PluginHost

/// What was built against the first published header loads and behaves in this build, and the header has only grown.
@Suite struct FrozenContractTests {
  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  private static let frozen = tests.appendingPathComponent("Frozen/1.0")
  private static let current = tests.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources/CReevePlugin/include")

  private static func run(_ words: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(words)")
    return text
  }

  /// `type.field offset` for every field, and `type size`, of the structs that a header defines.
  private static func layout(of header: URL, named fields: [(type: String, names: [String])]) throws -> [String] {
    let folder = try TemporaryFolder()
    var program = "#include <stdio.h>\n#include \"reeve_plugin.h\"\nint main(void) {\n"
    for (type, names) in fields {
      for name in names { program += "  printf(\"\(type).\(name) %zu\\n\", offsetof(\(type), \(name)));\n" }
      program += "  printf(\"\(type) %zu\\n\", sizeof(\(type)));\n"
    }
    try folder.write((program + "  return 0;\n}\n").utf8, to: "layout.c")
    _ = try run(["cc", "-std=c11", "-I", header.path, "-o", folder.path + "/layout", folder.path + "/layout.c"])
    return try run([folder.path + "/layout"]).split(separator: "\n").map(String.init)
  }

  /// Structs and their fields, as the header's text has them.
  private static func fields(of header: URL) throws -> [(type: String, names: [String])] {
    var text = try String(contentsOf: header.appendingPathComponent("reeve_plugin.h"), encoding: .utf8)
    text.replace(try Regex(#"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/"#), with: "")
    let body = try Regex(
      #"(?:typedef )?struct (reeve_[a-z_]+) \{([^}]*)\}"#, as: (Substring, Substring, Substring).self)
    let function = try Regex(#"\(\*REEVE_NONNULL ([a-z_]+)\)"#, as: (Substring, Substring).self)
    let plain = try Regex(#"([a-z_]+)$"#, as: (Substring, Substring).self)
    return text.matches(of: body).map { match in
      let names = match.output.2.split(separator: ";").compactMap { declaration -> String? in
        let declaration = declaration.trimmingCharacters(in: .whitespacesAndNewlines)
        if let found = declaration.firstMatch(of: function) { return String(found.output.1) }
        return declaration.firstMatch(of: plain).map { String($0.output.1) }
      }
      return (String(match.output.1), names)
    }
  }

  @Test("Every field of the first header stands where it stood")
  func offsets() throws {
    let fields = try Self.fields(of: Self.frozen)
    #expect(fields.count >= 25)
    #expect(fields.first { $0.type == "reeve_plugin" }?.names.suffix(3) == ["create", "destroy", "interface"])
    let before = try Self.layout(of: Self.frozen, named: fields)
    let now = try Self.layout(of: Self.current, named: fields)
    #expect(before.count > 150)
    for (before, now) in zip(before, now) {
      let (oldWords, newWords) = (before.split(separator: " "), now.split(separator: " "))
      #expect(oldWords[0] == newWords[0])
      // A struct may have grown at its end; a field may not have moved.
      if before.contains(".") {
        #expect(before == now)
      } else {
        #expect((Int(newWords[1]) ?? 0) >= (Int(oldWords[1]) ?? .max), "\(now) shrank from \(before)")
      }
    }
    // The structs without a struct_size can never grow.
    for type in ["reeve_string", "reeve_span", "reeve_node", "reeve_document", "reeve_tag", "reeve_wanted_attribute"] {
      let old = before.first { $0.hasPrefix("\(type) ") }
      #expect(old != nil && old == now.first { $0.hasPrefix("\(type) ") })
    }
  }

  @Test("No constant of the first header has another value")
  func constants() throws {
    func constants(_ header: URL) throws -> [String: String] {
      let text = try String(contentsOf: header.appendingPathComponent("reeve_plugin.h"), encoding: .utf8)
      let form = try Regex(
        #"#define (REEVE_[A-Z0-9_]+) ("[^"]*"|0x[0-9A-Fa-f]+u?|[0-9]+u?)"#, as: (Substring, Substring, Substring).self)
      return Dictionary(
        text.matches(of: form).map { (String($0.output.1), String($0.output.2)) },
        uniquingKeysWith: { first, _ in first })
    }
    let now = try constants(Self.current)
    let before = try constants(Self.frozen)
    #expect(before.count > 40)
    for (name, value) in before where name != "REEVE_ABI_MINOR" { #expect(now[name] == value, "\(name)") }
  }

  /// Built with the frozen header, locked and loaded as a team's plugin is.
  private func load() throws -> PluginHost {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path + "/frozen", withIntermediateDirectories: true)
    try folder.write(try Data(contentsOf: Self.frozen.appendingPathComponent("plugin.json")), to: "frozen/plugin.json")
    _ = try Self.run([
      "cc", "-std=c11", "-shared", "-fPIC", "-I", Self.frozen.path, "-o", folder.path + "/frozen/frozen.so",
      Self.frozen.appendingPathComponent("plugin.c").path,
    ])
    let entry = try PluginLock().entry(
      for: folder.path + "/frozen", path: "frozen", owners: [geteuid()], isolation: .inline)
    try folder.write(PluginLock(plugins: [entry]).json.utf8, to: "plugins.lock")
    let host = PluginHost(
      loading: PluginSources(shipped: nil, lock: folder.path + "/plugins.lock"), environment: .testing())
    #expect(host.errors == [])
    return host
  }

  @Test("A plugin of every kind that was built against it behaves as it did")
  func behaviour() async throws {
    let session = try await load().open(
      PluginSetting(
        organization: .zoo, trusted: [], configurations: ["org.example.frozen": ["threshold": 20]],
        plugins: ["org.example.frozen"], now: testTime))
    var large = Resource.snapshot("snap-1")
    large.attributes = large.attributes.setting("VolumeSize", to: 21)
    var small = Resource.snapshot("snap-2")
    small.attributes = small.attributes.setting("VolumeSize", to: 20)
    var unread = Resource.snapshot("snap-3")
    let denied = FailureReason(kind: .denied, code: "UnauthorizedOperation", message: "no")
    unread.notes = [AttributeNote(name: "VolumeSize", unread: denied)]
    let bare = Resource.snapshot("snap-4")
    let resources = [large, small, unread, bare]
    let verdicts = try await session.evaluate(
      plugin: "org.example.frozen", checks: ["frozen.large"], resources: resources, now: testTime)
    #expect(
      verdicts.map(\.verdict) == [
        .fail(message: "snap-1 is larger than 20 GiB, 2 accounts, 1 tags", evidence: large.attributes), .pass,
        .notEvaluated(denied), .notApplicable,
      ])
    let operations = try await session.propose(plugin: "org.example.frozen", resources: [large], now: testTime)
    #expect(operations.map(\.key) == ["Size"])
    let actions = try await session.plan(
      plugin: "org.example.frozen", resources: [large],
      findings: [PlannableFinding(resource: 0, check: "frozen.large", message: "shrink it", evidence: .emptyObject)],
      now: testTime)
    #expect(actions.map(\.summary) == ["shrink it"])
    #expect(actions.map(\.precondition.call.operation) == ["DescribeSnapshots"])
    let run = try await session.beginDiscovery(
      plugin: "org.example.frozen",
      in: DiscoverySetting(
        scope: Scope(account: "222222222222", region: "eu-west-1"), partition: .aws,
        wanted: [("ec2:snapshot", "VolumeSize")]), now: testTime)
    #expect(run.first.requests.map(\.call.operation) == ["DescribeSnapshots"])
    let step = try await run.resume(with: [
      DiscoveryResponse(
        request: 5, outcome: .success(["Snapshots": [["SnapshotId": "snap-9", "VolumeSize": 3]]]), isLastPage: true)
    ])
    #expect(step.isDone)
    #expect(step.resources.map(\.id) == ["snap-9"])
    await run.end()
    await session.close()
  }
}
