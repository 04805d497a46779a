import Glibc
import Governance
import Orchestrator
import Testing

@testable import PluginHost

@Suite struct LockDifferenceTests {
  private var old: PluginLock.Entry { PluginLockTests.entry }

  @Test("What changed is shown, old and new, and what it wants more is marked")
  func changes() {
    var new = old
    #expect(LockDifference(from: old, to: new).isEmpty)
    new.version = "1.1.0"
    new.library = ["linux-x86_64": String(repeating: "c", count: 64)]
    new.operations = ["ec2:DescribeImages", "ec2:DescribeVolumes"]
    let difference = LockDifference(from: old, to: new)
    #expect(difference.wantsMore)
    #expect(
      difference.lines == [
        "version    1.0.0", "           → 1.1.0", "library    linux-x86_64 \(String(repeating: "a", count: 64))",
        "                      → \(String(repeating: "c", count: 64))", "operations + may call ec2:DescribeVolumes",
        "operations - no longer ec2:DescribeTags",
      ])
  }

  @Test("A new plugin shows all that it is and wants")
  func newPlugin() {
    let difference = LockDifference(from: nil, to: old)
    #expect(difference.wantsMore)
    #expect(difference.lines.contains("operations + may call ec2:DescribeImages, ec2:DescribeTags"))
    #expect(difference.lines.contains("types      + works on ec2:image"))
    #expect(difference.lines.contains("isolation  inline"))
  }

  @Test("Another platform's library and manifest stay locked while the version is the same, and no longer")
  func platforms() throws {
    let zoo = try ZooFolder()
    var entry = try PluginLock().entry(for: zoo.plugin, path: "zoo", owners: [geteuid()])
    entry.library["linux-riscv64"] = String(repeating: "d", count: 64)
    entry.manifest["linux-riscv64"] = String(repeating: "e", count: 64)
    let lock = PluginLock(plugins: [entry])
    let again = try lock.entry(for: zoo.plugin, path: "zoo", owners: [geteuid()])
    #expect(again == entry)
    try zoo.folder.write(Zoo.manifest.setting("summary", to: "Another.").prettyJSON.utf8, to: "zoo/plugin.json")
    let other = try lock.entry(for: zoo.plugin, path: "zoo", owners: [geteuid()])
    #expect(other.manifest["linux-riscv64"] == entry.manifest["linux-riscv64"])
    #expect(other.manifest[LibraryInspection.platform] != entry.manifest[LibraryInspection.platform])
    try zoo.folder.write(Zoo.manifest.setting("version", to: "1.0.1").prettyJSON.utf8, to: "zoo/plugin.json")
    let changed = try lock.entry(for: zoo.plugin, path: "zoo", owners: [geteuid()])
    #expect(changed.manifest.keys.sorted() == [LibraryInspection.platform])
    #expect(changed.library.keys.sorted() == [LibraryInspection.platform])
    #expect(
      LockDifference(from: entry, to: changed).lines.contains { $0.hasSuffix("no longer locked: lock it there too") })
  }

  @Test("A shipped plugin's entry says what it may call")
  func shipped() {
    let new = PluginLock.Shipped(id: "reeve.x", operations: ["ec2:DescribeImages"], isolation: .inline)
    #expect(LockDifference(from: nil, to: new).lines.first == "operations + may call ec2:DescribeImages")
    #expect(LockDifference(from: new, to: new).isEmpty)
    let unbounded = PluginLock.Shipped(id: "reeve.x")
    #expect(LockDifference(from: unbounded, to: new).lines.count == 2)
  }
}
