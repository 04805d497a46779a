import Foundation
import Glibc
import Governance
import Orchestrator
import Testing

@testable import PluginHost

/// What else strangers hand in, beside `LoadErrorTests` and `LibraryInspectionTests`.
@Suite struct BadInputTests {
  @Test("A file that is swapped for a link between the look and the load does not matter: the opened one is loaded")
  func swapped() throws {
    let folder = try TemporaryFolder()
    try folder.write("the real library".utf8, to: "p/lib.so")
    try folder.write("another".utf8, to: "other.so")
    let file = try TrustedFile(directory: folder.path + "/p", name: "lib.so", owners: [geteuid()])
    try FileManager.default.removeItem(atPath: folder.path + "/p/lib.so")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/p/lib.so", withDestinationPath: folder.path + "/other.so")
    let sealed = try SealedLibrary(copying: file, name: "test")
    #expect(sealed.bytes == Array("the real library".utf8))
    // And written to after it was sealed: the bytes that were hashed are those that stay.
    try folder.write("another".utf8, to: "p/lib.so")
    #expect(sealed.digest == Digest.sha256(Array("the real library".utf8)))
    let reread = try TrustedFile.bytes(of: sealed.descriptor, count: sealed.bytes.count)
    #expect(reread == sealed.bytes)
  }

  @Test("A folder of the plugin that is a link is judged where it leads")
  func linkedFolder() throws {
    let zoo = try ZooFolder()
    try FileManager.default.moveItem(atPath: zoo.plugin, toPath: zoo.folder.path + "/elsewhere")
    try FileManager.default.createSymbolicLink(atPath: zoo.plugin, withDestinationPath: "elsewhere")
    #expect(zoo.load().errors == [])
    try zoo.folder.setMode(0o777, of: "elsewhere")
    let errors = zoo.load().errors
    #expect(errors.map(\.code) == [.writableByAll])
    #expect(errors[0].message.contains("\(zoo.folder.path)/elsewhere"))
  }

  @Test("A plugin of a shipped one's id: the shipped one stays, and the other has to change")
  func duplicateID() throws {
    let zoo = try ZooFolder()
    let shipped = try TemporaryFolder()
    try FileManager.default.copyItem(atPath: zoo.plugin, toPath: shipped.path + "/zoo")
    let library = Digest.sha256(try Zoo.library())
    let manifest = Digest.sha256(Array(Zoo.manifest.prettyJSON.utf8))
    try shipped.write("\(manifest)  zoo/plugin.json\n\(library)  zoo/zoo.so\n".utf8, to: "shipped.lock")
    let host = PluginHost(
      loading: PluginSources(shipped: shipped.path, lock: zoo.lockPath), environment: .testing())
    #expect(host.manifests.map(\.isShipped) == [true])
    #expect(host.errors.map(\.code) == [.duplicatePlugin])
    #expect(host.errors[0].remedy.contains("Give one of them another id"))
  }

  @Test("A library that it needs and that is not there is named")
  func missingDependency() throws {
    let folder = try TemporaryFolder()
    try folder.write("void reeve_no_such(void) {}\n".utf8, to: "needed.c")
    let stub = try Zoo.compile(
      defines: [], flags: ["-Wl,-soname,libswiftNoSuchRuntime.so"], source: folder.path + "/needed.c")
    try folder.write(stub, to: "libswiftNoSuchRuntime.so")
    let library = try Zoo.library(
      [], flags: ["-Wl,--no-as-needed", "-L\(folder.path)", "-l:libswiftNoSuchRuntime.so"])
    let errors = try ZooFolder(library: library).load().errors
    #expect(errors.map(\.code) == [.loaderRefused])
    #expect(errors.first?.message.contains("libswiftNoSuchRuntime.so") ?? false, "\(errors)")
    #expect(errors.first?.remedy.isEmpty == false)
  }

  @Test("Every refusal says what to do, and each code is explained with the side that has to change")
  func sides() {
    for code in PluginLoadError.Code.allCases {
      let explanation = PluginExplanation.of(code.rawValue)
      let what = explanation?.what ?? ""
      let names = ["has to", "have to", "has to be", "stays", "approve"].contains { what.contains($0) }
      #expect(names, "\(code.rawValue): \(what)")
    }
  }
}
