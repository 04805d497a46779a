import Governance
import Orchestrator
import Testing

@testable import PluginHost

@Suite struct ShippedPluginTests {
  private func folder(library: [UInt8]? = nil, lock: (String) -> String = { $0 }) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let library = try library ?? Zoo.library()
    let manifest = Array(Zoo.manifest.json.utf8)
    try folder.write(manifest, to: "Zoo/plugin.json")
    try folder.write(library, to: "Zoo/zoo.so")
    let text = "\(Digest.sha256(manifest))  Zoo/plugin.json\n\(Digest.sha256(library))  Zoo/zoo.so\n"
    try folder.write(lock(text).utf8, to: "shipped.lock")
    return folder
  }

  private func load(_ folder: TemporaryFolder, lock: PluginLock? = nil) throws -> PluginHost {
    if let lock { try folder.write(lock.json.utf8, to: "team/plugins.lock") }
    return PluginHost(
      loading: PluginSources(shipped: folder.path, lock: lock.map { _ in folder.path + "/team/plugins.lock" }),
      environment: .testing())
  }

  @Test("A shipped plugin is loaded by the build's lock")
  func loads() throws {
    let host = try load(folder())
    #expect(host.errors == [])
    #expect(host.manifests.map(\.id) == ["org.example.zoo"])
    #expect(host.manifests.allSatisfy { $0.isShipped && $0.isolation == .inline })
  }

  @Test("A shipped plugin whose bytes are not the build's is refused, as is one that the build does not know")
  func tampered() throws {
    let changed = try folder()
    try changed.write(try Zoo.library() + [0], to: "Zoo/zoo.so")
    #expect(try load(changed).errors.map(\.code) == [.libraryHash])
    let manifest = try folder()
    try manifest.write(Zoo.manifest.prettyJSON.utf8, to: "Zoo/plugin.json")
    #expect(try load(manifest).errors.map(\.code) == [.manifestHash])
    let added = try folder()
    try added.write(Zoo.manifest.json.utf8, to: "Added/plugin.json")
    #expect(try load(added).errors.map(\.code) == [.notLocked])
    let library = try folder { String($0.split(separator: "\n")[0]) }
    #expect(try load(library).errors.map(\.code) == [.notLocked])
    #expect(try load(folder { _ in "nonsense" }).errors.map(\.code) == [.lockUnusable])
  }

  @Test("The team's lock can grant a shipped plugin less, and ask for its isolation")
  func grants() throws {
    let less = PluginLock(shipped: [.init(id: "org.example.zoo", operations: ["ec2:DescribeImages"])])
    #expect(try load(folder(), lock: less).errors.map(\.code) == [.grantExceeded])
    let sandbox = PluginLock(shipped: [.init(id: "org.example.zoo", isolation: .sandbox)])
    #expect(try load(folder(), lock: sandbox).errors.map(\.code) == [.isolationUnavailable])
    #expect(try load(folder(), lock: PluginLock()).errors == [])
  }
}
