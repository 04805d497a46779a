import Foundation
import Testing

/// What holds credentials does not show them.
@Suite struct PrivacyTests {
  /// A simulator in a process of its own, and the credentials for it.
  private func withSimulator(in folder: URL, _ body: (Process, [String: String]) throws -> Void) throws {
    let world = """
      version: 1
      organization: { management: "100000000001" }
      generate: { accounts: 2, imagesPerScope: 2, publicShare: 0, foreignShare: 0, tagShare: 1 }
      regions: [eu-west-1, us-east-1]
      """
    try Data(world.utf8).write(to: folder.appendingPathComponent("world.yaml"))
    let file = folder.appendingPathComponent("environment")
    let process = Process()
    process.executableURL = Program.binary
    process.arguments = [
      "simulate", "--port", "0", "--world", "world.yaml", "--env-file", file.path,
    ]
    process.currentDirectoryURL = folder
    // As if whoever starts it had credentials of his own.
    process.environment = [
      "PATH": "/usr/bin:/bin", "AWS_SECRET_ACCESS_KEY": "a-secret-of-the-starter", "AWS_SESSION_TOKEN": "his-token",
    ]
    process.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    defer {
      process.terminate()
      process.waitUntilExit()
    }
    // It speaks once the file is written.
    _ = errors.fileHandleForReading.availableData
    let text = try String(contentsOf: file, encoding: .utf8)
    var variables: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.replacingOccurrences(of: "export ", with: "").split(separator: "=", maxSplits: 1).map(
        String.init)
      if parts.count == 2 { variables[parts[0]] = parts[1] }
    }
    try body(process, variables)
  }

  @Test("Credentials are in memory only: not in the environment of the process, the ledger, the report or the log")
  func memoryOnly() throws {
    try Program.inFolder { folder in
      try withSimulator(in: folder) { simulator, variables in
        // Another process of this user could read it otherwise, for as long as reeve runs.
        if let bytes = FileManager.default.contents(atPath: "/proc/\(simulator.processIdentifier)/environ") {
          let shown = String(decoding: bytes, as: UTF8.self)
          #expect(shown.contains("PATH=/usr/bin:/bin"))
          #expect(!shown.contains("a-secret-of-the-starter") && !shown.contains("his-token"))
        } else {
          // Not even shown; to root it would be.
          #expect(getuid() != 0)
        }
        let secret = try #require(variables["AWS_SECRET_ACCESS_KEY"])
        #expect(secret.count > 10)
        let swept = try Program.run(
          ["sweep", "--ledger", "reeve.db", "--json", "report.json"], in: folder, environment: variables)
        #expect(swept.status == 0 || swept.status == 1, "\(swept.errors)")
        #expect(!swept.output.contains(secret) && !swept.errors.contains(secret))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0 != "environment" }
        #expect(names.contains("reeve.db") && names.contains("report.json"))
        for name in names {
          let bytes = try Data(contentsOf: folder.appendingPathComponent(name))
          #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(name)")
        }
      }
    }
  }
}
