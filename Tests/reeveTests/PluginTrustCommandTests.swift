import Foundation
import Testing

/// `reeve plugin lock`, `sign`, `verify`, `keygen`, `permissions`, `explain`, as their users run them.
struct PluginTrustCommandTests {
  private static let beside = Program.binary.deletingLastPathComponent()

  /// A team's folder with a copy of the plugin in C, which is not shipped.
  private func inTeamFolder(_ body: (URL) throws -> Void) throws {
    try Program.inFolder { folder in
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("plugins"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        at: Self.beside.appendingPathComponent("examples/PublicSnapshotInC"),
        to: folder.appendingPathComponent("plugins/C"))
      try "version: 1\nplugins: {directories: [plugins], lock: plugins.lock}\n".write(
        to: folder.appendingPathComponent("reeve.yaml"), atomically: true, encoding: .utf8)
      try body(folder)
    }
  }

  private func edit(_ file: URL, _ old: String, _ new: String) throws {
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.contains(old))
    try text.replacingOccurrences(of: old, with: new).write(to: file, atomically: true, encoding: .utf8)
  }

  @Test("a plugin is refused until it is locked, and again after it changed, with the difference and the command")
  func locking() throws {
    try inTeamFolder { folder in
      let refused = try Program.run("plugin", "lock", "plugins/C", in: folder)
      #expect(refused.status == 2)
      #expect(refused.errors.contains("without a terminal"))
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("plugins.lock").path))
      let locked = try Program.run("plugin", "lock", "plugins/C", "--yes", in: folder)
      #expect(locked.status == 0, "\(locked.errors)")
      #expect(locked.output.contains("+ works on ec2:snapshot"))
      #expect(try Program.run("plugin", "lock", "--locked", in: folder).status == 0)
      #expect(
        try Program.run("plugin", "list", "--config", "reeve.yaml", in: folder).output.contains(
          "example.public-snapshot-c"))
      let lock = try Data(contentsOf: folder.appendingPathComponent("plugins.lock"))

      try edit(folder.appendingPathComponent("plugins/C/plugin.json"), "\"summary\": \"", "\"summary\": \"New: ")
      let stale = try Program.run("plugin", "lock", "--locked", in: folder)
      #expect(stale.status == 2)
      #expect(stale.output.contains("manifest"))
      #expect(stale.errors.contains("reeve plugin lock --update example.public-snapshot-c"))
      #expect(try Data(contentsOf: folder.appendingPathComponent("plugins.lock")) == lock)
      let listed = try Program.run("plugin", "list", "--config", "reeve.yaml", in: folder)
      #expect(listed.status == 4)
      #expect(listed.errors.contains("P204"))

      let update = ["plugin", "lock", "--update", "example.public-snapshot-c", "--yes"]
      #expect(try Program.run(update, in: folder).status == 0)
      #expect(try Program.run("plugin", "list", "--config", "reeve.yaml", in: folder).status == 0)
    }
  }

  @Test("a shipped plugin's grants stand in the lock, and bind")
  func shipped() throws {
    try inTeamFolder { folder in
      let locked = try Program.run("plugin", "lock", "--update", "reeve.discovery.images", "--yes", in: folder)
      #expect(locked.status == 0, "\(locked.errors)")
      #expect(locked.output.contains("+ may call ec2:DescribeImageAttribute"))
      let lock = folder.appendingPathComponent("plugins.lock")
      try edit(lock, "\"ec2:DescribeSnapshots\"", "\"ec2:DescribeVolumes\"")
      let listed = try Program.run("plugin", "list", "--config", "reeve.yaml", in: folder)
      #expect(listed.errors.contains("P207"))
      #expect(listed.errors.contains("reeve plugin lock --update reeve.discovery.images"))
      let unknown = try Program.run("plugin", "lock", "--update", "reeve.discovery.image", "--yes", in: folder)
      #expect(unknown.status == 2)
      #expect(unknown.errors.contains("did you mean \"reeve.discovery.images\"?"))
    }
  }

  @Test("with a trusted key only what it signed is loaded")
  func signing() throws {
    try inTeamFolder { folder in
      _ = try Program.run("plugin", "lock", "plugins/C", "--yes", in: folder)
      let made = try Program.run("plugin", "keygen", "key.pem", in: folder)
      let key = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
      #expect(key.hasPrefix("ed25519:"))
      let mode = try FileManager.default.attributesOfItem(atPath: folder.appendingPathComponent("key.pem").path)
      #expect(mode[.posixPermissions] as? Int == 0o600)
      #expect(try Program.run("plugin", "keygen", "key.pem", in: folder).status == 2)
      try """
      version: 1
      plugins: {directories: [plugins], lock: plugins.lock, trustedKeys: ["\(key)"]}

      """.write(to: folder.appendingPathComponent("reeve.yaml"), atomically: true, encoding: .utf8)
      let unsigned = try Program.run("plugin", "list", "--config", "reeve.yaml", in: folder)
      #expect(unsigned.errors.contains("P211"))
      let signed = try Program.run("plugin", "sign", "plugins/C", "--key", "key.pem", in: folder)
      #expect(signed.status == 0, "\(signed.errors)")
      #expect(!signed.output.contains("PRIVATE"))
      #expect(try Program.run("plugin", "list", "--config", "reeve.yaml", in: folder).status == 0)
      let verified = try Program.run("plugin", "verify", "plugins/C", "--config", "reeve.yaml", in: folder)
      #expect(verified.status == 0, "\(verified.errors)")
      #expect(verified.output.contains("valid, trusted"))
      try edit(folder.appendingPathComponent("plugins/C/plugin.json"), "\"summary\": \"", "\"summary\": \"New: ")
      let wrong = try Program.run("plugin", "verify", "plugins/C", "--key", key, in: folder)
      #expect(wrong.status != 0)
      #expect(wrong.errors.contains("P212"))
      let bad = try Program.run("plugin", "sign", "plugins/C", "--key", "reeve.yaml", in: folder)
      #expect(bad.status == 2)
      #expect(bad.errors.contains("no ed25519 private key"))
    }
  }

  @Test("a code is explained, and a wrong one suggests the right")
  func explaining() throws {
    try Program.inFolder { folder in
      let explained = try Program.run("plugin", "explain", "P207", in: folder)
      #expect(explained.output.contains("likely causes, in order:"))
      #expect(explained.output.contains("next: reeve plugin lock --update ID"))
      #expect(try Program.run("plugin", "explain", in: folder).output.contains("OperationNotGranted"))
      #expect(try Program.run("plugin", "explain", "P2077", in: folder).errors.contains("P207"))
    }
  }
}
