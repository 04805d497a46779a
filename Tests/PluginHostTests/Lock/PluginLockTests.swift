import Glibc
import Governance
import Orchestrator
import Testing

@testable import PluginHost

@Suite struct PluginLockTests {
  static let entry = PluginLock.Entry(
    id: "org.example.b", version: "1.0.0", path: "plugins/b",
    library: ["linux-x86_64": String(repeating: "a", count: 64)],
    manifest: ["linux-x86_64": String(repeating: "b", count: 64)],
    operations: ["ec2:DescribeTags", "ec2:DescribeImages"], resourceTypes: ["ec2:image"], isolation: .inline)

  @Test("A lock reads back as it was written, sorted, with the same bytes every time")
  func roundTrip() throws {
    var other = Self.entry
    other.id = "org.example.a"
    other.isolation = .sandbox
    let lock = PluginLock(
      plugins: [Self.entry, other],
      shipped: [
        .init(id: "reeve.public-image"), .init(id: "reeve.discovery.images", operations: ["ec2:DescribeImages"]),
      ])
    let read = try PluginLock(json: Array(lock.json.utf8))
    #expect(read.plugins.map(\.id) == ["org.example.a", "org.example.b"])
    #expect(read.plugins[1].operations == ["ec2:DescribeImages", "ec2:DescribeTags"])
    #expect(read.plugins[0].isolation == .sandbox)
    #expect(read.shipped.map(\.operations) == [["ec2:DescribeImages"], nil])
    #expect(read.json == lock.json)
  }

  @Test("An entry takes the place of the one with its id")
  func replacing() {
    var newer = Self.entry
    newer.version = "2.0.0"
    #expect(PluginLock(plugins: [Self.entry]).replacing(newer).plugins == [newer])
  }

  @Test("Every problem of a lock is named with its pointer")
  func problems() {
    let json = """
      {"version": 2, "plugins": [
        {"id": "a", "version": "1.0.0", "path": "/etc/a", "library": {"linux-x86_64": "12"}, "manifest": {"linux-x86_64": "xyz"},
         "operations": ["DescribeImages"], "resourceTypes": [], "isolation": "inlin"}, {"id": "b"}],
       "shipped": [{"id": "reeve.x"}, {"id": "reeve.x"}], "extra": 1}
      """
    let error = #expect(throws: JSONProblems.self) { try PluginLock(json: Array(json.utf8)) }
    #expect(
      error?.problems.map(\.pointer) == [
        "/extra", "/version", "/plugins/0/path", "/plugins/0/library/linux-x86_64",
        "/plugins/0/manifest/linux-x86_64", "/plugins/0/operations/0", "/plugins/0/isolation", "/plugins/1/version",
        "/plugins/1/path",
        "/plugins/1/library", "/plugins/1/manifest", "/plugins/1/operations", "/plugins/1/resourceTypes",
        "/plugins/1/isolation", "/shipped/1/id",
      ])
  }

  @Test("The entry for a folder grants what the manifest wants and names what was hashed")
  func entryForFolder() throws {
    let zoo = try ZooFolder()
    let entry = try PluginLock().entry(for: zoo.plugin, path: "zoo", owners: [geteuid()])
    #expect(entry.id == "org.example.zoo")
    #expect(entry.path == "zoo")
    #expect(entry.library == [LibraryInspection.platform: Digest.sha256(try Zoo.library())])
    #expect(entry.operations.contains("ec2:CreateTags"))
    #expect(entry.resourceTypes == ["ec2:image", "ec2:snapshot"])
    try zoo.write(PluginLock(plugins: [entry]))
    #expect(zoo.load().errors == [])
  }

  @Test("No entry is made for a library that could not be loaded")
  func entryForNoPlugin() throws {
    let zoo = try ZooFolder(library: Array("no library".utf8))
    let error = #expect(throws: PluginLoadErrors.self) {
      try PluginLock().entry(for: zoo.plugin, path: "zoo", owners: [geteuid()])
    }
    #expect(error?.errors.map(\.code) == [.notALibrary])
  }
}

@Suite struct ShippedLockTests {
  private static let digest = String(repeating: "0f", count: 32)

  @Test("The lines of sha256sum are read, in text and binary mode")
  func lines() throws {
    let lock = try ShippedLock(text: "\(Self.digest)  B/plugin.json\n\(Self.digest) *A/libA.so\n")
    #expect(lock.folders == ["A", "B"])
    #expect(lock.digests["A/libA.so"] == Self.digest)
  }

  @Test(
    "A line of another form is named",
    arguments: [
      "abc  A/plugin.json", "\(digest) A/plugin.json", "\(digest)  plugin.json", "\(digest)  ../A/plugin.json",
      "\(digest)  A/../plugin.json", "\(digest)  ", "\(digest)  B/plugin.json",
    ])
  func wrongLines(_ line: String) {
    let error = #expect(throws: ShippedLock.Problem.self) {
      try ShippedLock(text: "\(Self.digest)  B/plugin.json\n\(line)\n")
    }
    #expect(error?.line == 2)
  }
}

@Suite struct DigestTests {
  @Test("SHA-256 is FIPS 180-2's")
  func vectors() {
    #expect(Digest.sha256(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Digest.sha256([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }
}
