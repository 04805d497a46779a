import Foundation
import Glibc
import Governance
import Orchestrator
import Testing

@testable import PluginHost

/// Each way in which a plugin is refused has a code and a message of its own.
@Suite struct LoadErrorTests {
  private func errors(_ zoo: ZooFolder, owners: Set<UInt32> = [geteuid()]) -> [PluginLoadError] {
    let host = zoo.load(.testing(owners: owners))
    #expect(host.manifests.isEmpty)
    return host.errors
  }

  private func expect(
    _ errors: [PluginLoadError], _ codes: [PluginLoadError.Code], saying text: String,
    location: SourceLocation = #_sourceLocation
  ) {
    #expect(errors.map(\.code) == codes, sourceLocation: location)
    let said = errors.map(\.description).joined(separator: "\n")
    #expect(said.contains(text), "\(said)", sourceLocation: location)
    #expect(errors.allSatisfy { !$0.remedy.isEmpty && !$0.path.isEmpty }, sourceLocation: location)
  }

  // MARK: Manifest and lock

  @Test("A folder without a manifest")
  func noManifest() throws {
    let zoo = try ZooFolder()
    try FileManager.default.removeItem(atPath: zoo.plugin + "/plugin.json")
    expect(
      errors(zoo), [.manifestMissing],
      saying: "plugin org.example.zoo: has no manifest: \(zoo.plugin)/plugin.json is not there")
  }

  @Test("A manifest with several problems gives an error for each")
  func brokenManifest() throws {
    let zoo = try ZooFolder(manifest: Zoo.manifest.setting("kinds", to: ["chek"]).setting("summary", to: nil))
    expect(errors(zoo), [.manifestInvalid, .manifestInvalid], saying: "/kinds/0: \"chek\" is not known here")
  }

  @Test("A manifest for another ABI says which side speaks what")
  func manifestABI() throws {
    let zoo = try ZooFolder(manifest: Zoo.manifest.setting("abi", to: 2))
    expect(errors(zoo), [.manifestABI], saying: "plugin needs ABI 2, this reeve speaks 1")
  }

  @Test("A lock that is not there, or broken, loads nothing")
  func brokenLock() throws {
    let zoo = try ZooFolder()
    try zoo.folder.write("{}".utf8, to: "plugins.lock")
    expect(errors(zoo), [.lockUnusable, .lockUnusable], saying: "/plugins: is missing")
    try FileManager.default.removeItem(atPath: zoo.lockPath)
    expect(errors(zoo), [.lockUnusable], saying: "is not there")
  }

  @Test("A lock for another version")
  func otherVersion() throws {
    let zoo = try ZooFolder { $0.version = "0.9.0" }
    expect(errors(zoo), [.lockIdentity], saying: "expected org.example.zoo 0.9.0, found org.example.zoo 1.0.0")
  }

  @Test("A manifest or library that is not the locked one")
  func hashes() throws {
    let zero = String(repeating: "0", count: 64)
    let changed = try ZooFolder { $0.manifest = [LibraryInspection.platform: zero] }
    expect(errors(changed), [.manifestHash], saying: "plugin.json is not the one")
    let zoo = try ZooFolder { $0.library = [LibraryInspection.platform: zero] }
    expect(
      errors(zoo), [.libraryHash],
      saying: "zoo.so is not the one that was locked (\(zoo.plugin)); expected SHA-256 \(zero), found ")
  }

  @Test("A lock without this platform")
  func otherPlatform() throws {
    let zoo = try ZooFolder { $0.library = ["linux-riscv64": String(repeating: "0", count: 64)] }
    expect(errors(zoo), [.platformNotLocked], saying: "expected \(LibraryInspection.platform), found linux-riscv64")
    let manifest = try ZooFolder { $0.manifest = ["linux-riscv64": String(repeating: "0", count: 64)] }
    expect(errors(manifest), [.platformNotLocked], saying: "the lock has no hash of its manifest for this platform")
  }

  @Test("A plugin that wants more than it was granted is refused with the difference and what to change")
  func grants() throws {
    let operations = try ZooFolder { $0.operations.removeAll { $0 == "ec2:ModifyImageAttribute" } }
    expect(errors(operations), [.grantExceeded], saying: "wants more than it was granted: ec2:ModifyImageAttribute")
    expect(
      errors(operations), [.grantExceeded],
      saying:
        "run: reeve plugin lock --update org.example.zoo, or add \"ec2:ModifyImageAttribute\" to \"operations\" of "
        + "org.example.zoo in \(operations.lockPath)")
    let types = try ZooFolder { $0.resourceTypes = ["ec2:image"] }
    expect(errors(types), [.grantExceeded], saying: "or add \"ec2:snapshot\" to \"resourceTypes\"")
  }

  @Test("What lies in a plugin folder and is not locked is reported")
  func notLocked() throws {
    let zoo = try ZooFolder()
    try zoo.write(PluginLock())
    let host = PluginHost(
      loading: PluginSources(shipped: nil, lock: zoo.lockPath, directories: [zoo.folder.path, zoo.plugin]),
      environment: .testing())
    expect(host.errors, [.notLocked, .notLocked], saying: "reeve plugin lock \(zoo.plugin)")
  }

  @Test("Two plugins of one id, or with one check: the first stays")
  func duplicates() throws {
    let zoo = try ZooFolder()
    let entry = try PluginLock().entry(for: zoo.plugin, path: "zoo", owners: [geteuid()])
    let renamed = Zoo.manifest.setting("id", to: "org.example.zoo2")
    try zoo.folder.write(renamed.prettyJSON.utf8, to: "zoo2/plugin.json")
    try zoo.folder.write(try Zoo.library([#"ZOO_ID="org.example.zoo2""#]), to: "zoo2/zoo.so")
    let second = try PluginLock().entry(for: zoo.folder.path + "/zoo2", path: "zoo2", owners: [geteuid()])
    try zoo.write(PluginLock(plugins: [entry, second]))
    let host = zoo.load()
    #expect(host.manifests.map(\.id) == ["org.example.zoo"])
    expect(host.errors, [.duplicateCheck], saying: "org.example.zoo has the check zoo.public, zoo.second")
  }

  // MARK: The file

  @Test("A library that is not there, a link, no file, or writable by all")
  func files() throws {
    let missing = try ZooFolder()
    try FileManager.default.removeItem(atPath: missing.plugin + "/zoo.so")
    expect(errors(missing), [.fileMissing], saying: "zoo.so is not there")

    let link = try ZooFolder()
    try FileManager.default.moveItem(atPath: link.plugin + "/zoo.so", toPath: link.plugin + "/real.so")
    try FileManager.default.createSymbolicLink(atPath: link.plugin + "/zoo.so", withDestinationPath: "real.so")
    expect(errors(link), [.symbolicLink], saying: "zoo.so is a symbolic link")

    let folder = try ZooFolder()
    try FileManager.default.removeItem(atPath: folder.plugin + "/zoo.so")
    try FileManager.default.createDirectory(atPath: folder.plugin + "/zoo.so", withIntermediateDirectories: false)
    expect(errors(folder), [.notRegularFile], saying: "is not a regular file")

    let fifo = try ZooFolder()
    try FileManager.default.removeItem(atPath: fifo.plugin + "/zoo.so")
    #expect(unsafe mkfifo(fifo.plugin + "/zoo.so", 0o644) == 0)
    expect(errors(fifo), [.notRegularFile], saying: "is not a regular file")
  }

  @Test("A file or a folder above it that everybody may write, unless the folder is sticky")
  func modes() throws {
    let file = try ZooFolder()
    try file.folder.setMode(0o757, of: "zoo/zoo.so")
    expect(errors(file), [.writableByAll], saying: "the file can be written by everybody")
    let folder = try ZooFolder()
    try folder.folder.setMode(0o777, of: "zoo")
    expect(errors(folder), [.writableByAll], saying: "the directory \(folder.plugin) can be written by everybody")
    try folder.folder.setMode(0o1777, of: "zoo")
    #expect(folder.load().errors == [])
  }

  @Test("A file of a user who is not trusted", .enabled(if: geteuid() == 0))
  func owner() throws {
    let zoo = try ZooFolder()
    #expect(unsafe chown(zoo.plugin + "/zoo.so", 4_321, 0) == 0)
    expect(errors(zoo), [.wrongOwner], saying: "expected user id 0, found 4321")
    #expect(zoo.load(.testing(owners: [geteuid(), 4_321])).errors == [])
  }

  // MARK: The descriptor

  struct Lie: Sendable, CustomTestStringConvertible {
    var define: String
    var codes: [PluginLoadError.Code]
    var says: String
    var testDescription: String { define }
  }

  @Test(
    "A library that disagrees with its manifest, or with the contract",
    arguments: [
      Lie(
        define: #"ZOO_ID="org.example.other""#, codes: [.idDiffers],
        says: "expected org.example.zoo, found org.example.other"),
      Lie(define: #"ZOO_VERSION="1.1.9""#, codes: [.versionDiffers], says: "manifest says 1.0.0, library says 1.1.9"),
      Lie(define: "ZOO_MAGIC=7", codes: [.descriptorMalformed], says: "its magic is 0x7, not 0x31454552"),
      Lie(define: "ZOO_SIZE=16", codes: [.descriptorMalformed], says: "its struct_size is 16, less than the 120"),
      Lie(define: "ZOO_MAJOR=3", codes: [.descriptorABI], says: "the library's descriptor says ABI 3"),
      Lie(define: "ZOO_NEED_MINOR=4", codes: [.needsNewerHost], says: "found ABI 1.4. Upgrade reeve."),
      Lie(define: "ZOO_NULL_CREATE", codes: [.descriptorMalformed], says: "its function create is NULL"),
      Lie(
        define: "ZOO_NULL_FUNCTION", codes: [.descriptorMalformed],
        says: "the function evaluate of reeve.check/1 is NULL"),
      Lie(define: "ZOO_SHORT_INTERFACE", codes: [.descriptorMalformed], says: "reeve.check/1 has struct_size 8"),
      Lie(
        define: "ZOO_NO_DISCOVERY", codes: [.interfacesDiffer],
        says: "the manifest says discovery, the library has no interface reeve.discovery/1"),
      Lie(
        define: #"ZOO_CHECKS={"zoo.public",10},{"zoo.new",7},{"zoo.new",7}"#,
        codes: [.checksDiffer, .checksDiffer, .checksDiffer, .checksDiffer],
        says: "the library has the check zoo.new, the manifest does not name it"),
      Lie(
        define: "ZOO_DECLINES", codes: [.declined], says: "says that it cannot work with this reeve (1.0.0, ABI 1.0)"),
      Lie(define: "ZOO_UNDEFINED", codes: [.loaderRefused], says: "undefined symbol: no_such_function"),
      Lie(
        define: "ZOO_ENTRY=reeve_plugin_entry_v2", codes: [.wrongABI], says: "plugin needs ABI 2, this reeve speaks 1"),
      Lie(define: "ZOO_ENTRY=entry", codes: [.noEntry], says: "does not export the function reeve_plugin_entry_v1"),
    ])
  func lies(_ lie: Lie) throws {
    expect(errors(try ZooFolder(library: try Zoo.library([lie.define]))), lie.codes, saying: lie.says)
  }

  @Test("A kind that the manifest does not say")
  func undeclaredInterface() throws {
    let manifest = Zoo.manifest.setting("kinds", to: ["discovery", "check", "remediator"])
    expect(
      errors(try ZooFolder(manifest: manifest)), [.interfacesDiffer],
      saying: "the library has the interface reeve.tagger/1, the manifest does not say tagger")
  }

  @Test("A plugin that cannot be loaded does not stop the others")
  func othersGoOn() throws {
    let zoo = try ZooFolder()
    var lock = PluginLock(plugins: [try PluginLock().entry(for: zoo.plugin, path: "zoo", owners: [geteuid()])])
    lock.plugins.insert(PluginLockTests.entry, at: 0)
    try zoo.write(lock)
    let host = zoo.load()
    #expect(host.manifests.map(\.id) == ["org.example.zoo"])
    #expect(host.manifests.map(\.isShipped) == [false])
    expect(host.errors, [.manifestMissing], saying: "plugins/b is not there")
  }

  @Test("Codes are different from each other")
  func codes() {
    let codes = PluginLoadError.Code.allCases.map(\.rawValue)
    #expect(Set(codes).count == codes.count)
  }
}
