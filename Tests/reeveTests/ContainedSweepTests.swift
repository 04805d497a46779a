import Foundation
import Governance
import PluginHost
import Testing

@Suite struct ContainedSweepTests {
  /// Compiles the plugin of many crimes beside a lock that lets it run in a sandbox, and a world of 510 scopes.
  private func prepare(_ folder: URL, mode: String) throws {
    let zoo = folder.appendingPathComponent("zoo")
    try FileManager.default.createDirectory(at: zoo, withIntermediateDirectories: true)
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments = [
      "cc", "-std=gnu11", "-O1", "-shared", "-fPIC", "-I", Program.package.path + "/Sources/CReevePlugin/include", "-o",
      zoo.path + "/zoo.so", Program.package.path + "/Tests/PluginHostTests/Zoo/zoo.c",
    ]
    try compiler.run()
    compiler.waitUntilExit()
    #expect(compiler.terminationStatus == 0)
    let check: Document = [
      "id": "zoo.public", "title": "Public", "severity": "low", "resourceTypes": ["ec2:image"],
      "attributes": ["Public"],
    ]
    let manifest: Document = [
      "id": "org.example.zoo", "version": "1.0.0", "abi": 1, "summary": "One of every kind.", "library": "zoo.so",
      "kinds": ["discovery", "check", "tagger", "remediator"],
      "checks": [check, check.setting("id", to: "zoo.second"), check.setting("id", to: "zoo.snapshot")],
      "resourceTypes": ["zoo:thing"], "attributes": ["zoo:thing": []], "reads": ["ec2:image": ["Tags"]],
      "remediates": ["zoo.public"], "operations": ["ec2:DescribeImages"],
      "configuration": ["type": "object", "properties": ["mode": ["type": "string"]]],
    ]
    try Data(manifest.prettyJSON.utf8).write(to: zoo.appendingPathComponent("plugin.json"))
    try Data(
      """
      version: 1
      plugins:
        lock: plugins.lock
        configuration:
          org.example.zoo: {mode: \(mode)}
      """.utf8
    ).write(to: folder.appendingPathComponent("reeve.yaml"))
    try Data(
      """
      version: 1
      seed: 7
      regions: [\(Self.regions.joined(separator: ", "))]
      organization: { management: "100000000001" }
      generate: { accounts: 30, imagesPerScope: 10, publicShare: 0, foreignShare: 0, tagShare: 0.99 }
      """.utf8
    ).write(to: folder.appendingPathComponent("world.yaml"))
    let locked = try Program.run("plugin", "lock", "--yes", "zoo", in: folder)
    #expect(locked.status == 0, "\(locked.errors)")
  }

  private static let regions = [
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1",
    "us-east-2", "us-west-1", "us-west-2",
  ]

  private func report(_ folder: URL) throws -> Document {
    try Document(json: [UInt8](Data(contentsOf: folder.appendingPathComponent("report.json"))))
  }

  @Test("A sweep over 510 scopes with a plugin that crashes on one image in fifty: exactly those are not evaluated")
  func oneInFifty() throws {
    try Program.inFolder { folder in
      try prepare(folder, mode: "crime-told-fiftieth-only-0-crash")
      let swept = try Program.run(
        "sweep", "--config", "reeve.yaml", "--world", "world.yaml", "--checks", "zoo.public,zoo.second,image.public",
        "--ledger", "reeve.db", "--json", "report.json", in: folder)
      #expect(swept.status == 3, "\(swept.errors.suffix(2_000))")
      let report = try report(folder)
      #expect(report["coverage"]?.elements.count ?? 0 >= 500)
      let listed = try Program.run("images", "--ledger", "reeve.db", "--format", "jsonl", in: folder)
      let images = try listed.output.split(separator: "\n").compactMap {
        try Document(json: Array($0.utf8))["imageId"]?.string
      }
      #expect(images.count >= 5_000, "\(listed.errors)")
      let expected = images.filter { $0.utf8.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) } % 50 == 0 }.sorted()
      #expect(expected.count > 50)
      let missing = report["notEvaluated"]?.elements ?? []
      #expect(missing.compactMap { $0["resourceId"]?.string }.sorted() == expected)
      #expect(Set(missing.compactMap { $0["check"]?.string }) == ["zoo.public"])
      #expect(missing.allSatisfy { $0["code"]?.string == "PluginCrashed" })
      #expect(swept.errors.components(separatedBy: "crashed with SIGSEGV").count - 1 == expected.count)
      let status = try Program.run("plugin", "status", "--config", "reeve.yaml", in: folder)
      #expect(status.status == 0)
      #expect(status.output.contains("org.example.zoo 1.0.0  sandbox  ok"))
    }
  }

  @Test("A plugin that always crashes is quarantined with its reason, which status tells and reset forgets")
  func quarantine() throws {
    try Program.inFolder { folder in
      try prepare(folder, mode: "crime-told-all-trap")
      func sweep() throws -> Program.Ended {
        try Program.run(
          "sweep", "--config", "reeve.yaml", "--world", "world.yaml", "--checks", "zoo.public", "--ledger", "reeve.db",
          "--json", "report.json", in: folder)
      }
      let first = try sweep()
      #expect(first.status == 3, "\(first.errors.suffix(2_000))")
      #expect(first.errors.contains("is in quarantine after 20 falls beside 0 resources that it got over"))
      let status = try Program.run("plugin", "status", "--config", "reeve.yaml", in: folder)
      #expect(status.status == 1, "\(status.errors)")
      #expect(status.output.contains("org.example.zoo 1.0.0  sandbox  in quarantine since 20"))
      #expect(status.output.contains("the last one: version 1.0.0 crashed with SIGILL"))
      // It is not tried again.
      let second = try sweep()
      #expect(second.status == 3)
      #expect(!second.errors.contains("crashed with SIGILL"))
      #expect(try report(folder)["notEvaluated"]?.elements.isEmpty == false)
      #expect(try Program.run("plugin", "reset", "org.example.zou", "--config", "reeve.yaml", in: folder).status == 2)
      #expect(try Program.run("plugin", "reset", "org.example.zoo", "--config", "reeve.yaml", in: folder).status == 0)
      let after = try Program.run("plugin", "status", "--config", "reeve.yaml", in: folder)
      #expect(after.status == 0)
      #expect(after.output.contains("org.example.zoo 1.0.0  sandbox  ok"))
    }
  }
}
