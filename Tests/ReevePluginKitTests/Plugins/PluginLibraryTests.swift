import CReevePlugin
import Foundation
import ReevePluginKit
import Testing

/// The libraries as they are built: what they export, and that their manifests say the same as their descriptors.
struct PluginLibraryTests {
  static let names = [
    "BlockPublicAccess", "ForeignShare", "GuardrailDiscovery", "ImageDiscovery", "PublicImage", "PublicSnapshot",
    "PublicSnapshotInC", "RevokePublicAccess", "TagPolicy",
  ]

  struct Manifest: Decodable {
    struct Check: Decodable {
      var id: String
      var title: String
      var severity: String
      var resourceTypes: [String]
      var attributes: [String]
      var remediation: String
      var frameworks: [String: [String]]
    }
    var id: String
    var version: String
    var abi: Int
    var summary: String
    var library: String
    var kinds: [String]
    var checks: [Check]?
    var resourceTypes: [String]?
    var attributes: [String: [String]]?
    var reads: [String: [String]]?
    var remediates: [String]?
    var operations: [String]?
  }

  static func manifest(_ name: String) throws -> Manifest {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
    return try JSONDecoder().decode(
      Manifest.self, from: Data(contentsOf: root.appending(path: "Plugins/\(name)/plugin.json")))
  }

  static func path(_ name: String) throws -> String {
    let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: executable).deletingLastPathComponent().appending(path: "lib\(name).so").path
  }

  static func descriptor(_ name: String) throws -> UnsafePointer<reeve_plugin> {
    let handle = try unsafe #require(unsafe dlopen(path(name), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE))
    let symbol = try unsafe #require(unsafe dlsym(handle, "reeve_plugin_entry_v1"))
    typealias Entry = @convention(c) (UnsafePointer<reeve_hello>) -> UnsafePointer<reeve_plugin>?
    let entry = unsafe unsafeBitCast(symbol, to: Entry.self)
    var hello = unsafe reeve_hello()
    unsafe hello.struct_size = UInt32(MemoryLayout<reeve_hello>.size)
    unsafe hello.abi_major = UInt16(REEVE_ABI_MAJOR)
    return try unsafe #require(unsafe entry(&hello))
  }

  static func text(_ string: reeve_string) -> String {
    unsafe String(
      decoding: UnsafeRawBufferPointer(start: string.bytes, count: Int(string.length)), as: UTF8.self)
  }

  @Test("A plugin's library exports its entry and nothing else", arguments: names)
  func exports(_ name: String) throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["nm", "-D", "--defined-only", "--extern-only", try Self.path(name)]
    process.standardOutput = output
    try process.run()
    let listing = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(listing.split(separator: "\n").map { $0.split(separator: " ").last } == ["reeve_plugin_entry_v1"])
  }

  @Test("Manifest and descriptor say the same", arguments: names)
  func agreement(_ name: String) throws {
    let manifest = try Self.manifest(name)
    let descriptor = try unsafe Self.descriptor(name)
    #expect(unsafe descriptor.pointee.magic == REEVE_PLUGIN_MAGIC)
    #expect(unsafe descriptor.pointee.struct_size == UInt32(MemoryLayout<reeve_plugin>.size))
    #expect(unsafe Int(descriptor.pointee.abi_major) == manifest.abi)
    #expect(unsafe Self.text(descriptor.pointee.id) == manifest.id)
    #expect(unsafe Self.text(descriptor.pointee.version) == manifest.version)
    #expect(manifest.library == "lib\(name).so")
    let span = unsafe descriptor.pointee.checks
    let ids = unsafe (0..<Int(span.count)).map { index in
      unsafe Self.text((span.items! + index * Int(span.stride)).assumingMemoryBound(to: reeve_string.self).pointee)
    }
    #expect(ids == manifest.checks?.map(\.id) ?? [])
    let interfaces = [
      "check": REEVE_INTERFACE_CHECK, "discovery": REEVE_INTERFACE_DISCOVERY, "tagger": REEVE_INTERFACE_TAGGER,
      "remediator": REEVE_INTERFACE_REMEDIATOR,
    ]
    for (kind, interface) in interfaces {
      let isOffered = unsafe interface.withCString { unsafe descriptor.pointee.interface($0) } != nil
      #expect(isOffered == manifest.kinds.contains(kind), "\(kind)")
    }
    #expect(unsafe descriptor.pointee.interface("reeve.check/2") == nil)
  }

  @Test("A plugin's manifest is whole", arguments: names)
  func manifests(_ name: String) throws {
    let manifest = try Self.manifest(name)
    #expect(manifest.summary.hasSuffix("."))
    for check in manifest.checks ?? [] {
      #expect(["critical", "high", "medium", "low", "informational"].contains(check.severity))
      #expect(!check.title.isEmpty && !check.resourceTypes.isEmpty && check.remediation.hasSuffix("."))
      #expect(check.attributes == check.attributes.sorted() && !check.attributes.isEmpty)
    }
    #expect(manifest.kinds.contains("check") == (manifest.checks != nil))
    #expect(manifest.kinds.contains("remediator") == (manifest.remediates != nil))
    #expect(manifest.kinds.contains("discovery") == (manifest.attributes != nil))
    #expect((manifest.operations ?? []).allSatisfy { $0.hasPrefix("ec2:") })
    #expect(manifest.operations?.contains("ec2:ResetImageAttribute") != true)
  }

  @Test("What the checks read, some discovery emits")
  func readsAreEmitted() throws {
    var emitted: [String: Set<String>] = [:]
    let manifests = try Self.names.map(Self.manifest)
    for manifest in manifests {
      for (type, names) in manifest.attributes ?? [:] { emitted[type, default: []].formUnion(names) }
    }
    for manifest in manifests {
      for (type, names) in manifest.reads ?? [:] { #expect(emitted[type]?.isSuperset(of: names) == true) }
      for check in manifest.checks ?? [] {
        for type in check.resourceTypes {
          #expect(emitted[type]?.isSuperset(of: check.attributes) == true, "\(check.id) on \(type)")
        }
      }
    }
  }

  @Test("The check in C gives the verdicts of the one in Swift", arguments: PublicSnapshotTests.cases)
  func inC(_ attributes: Document, word: String) throws {
    let harness = try unsafe PluginHarness(descriptor: Self.descriptor("PublicSnapshotInC"), now: Sample.now)
    let verdict = try harness.verdict(on: Sample.snapshot(attributes))
    #expect(verdict?.word == word)
    if word == "fail" {
      #expect(verdict?.evidence == ["CreateVolumePermissions": [["Group": "all"]]])
      #expect(
        verdict?.message == "snapshot snap-0123456789abcdef0 is public: every AWS account can copy its data")
    }
  }

  @Test("The check in C keeps to unread attributes, other types, cancellation and its own check's number")
  func boundsInC() throws {
    let harness = try unsafe PluginHarness(descriptor: Self.descriptor("PublicSnapshotInC"), now: Sample.now)
    var unread = Sample.snapshot([:])
    unread.markUnread("CreateVolumePermissions", Sample.denied)
    #expect(try harness.verdict(on: unread)?.word == "not evaluated: UnauthorizedOperation")
    #expect(try harness.verdict(on: Sample.image()) == .notApplicable)
    let cancelled = #expect(throws: HarnessFailure.self) {
      try harness.evaluate([unread, unread], asksBeforeCancel: 1)
    }
    #expect(cancelled?.status == REEVE_ERROR_CANCELLED)
    let unknown = #expect(throws: HarnessFailure.self) { try harness.evaluate([unread], checks: [1]) }
    #expect(unknown?.status == REEVE_ERROR_BAD_DATA)
  }

  @Test("A shipped library works when it is loaded, not only when it is linked")
  func loaded() throws {
    let harness = try unsafe PluginHarness(descriptor: Self.descriptor("PublicImage"), now: Sample.now)
    #expect(try harness.verdict(on: Sample.image(["Public": true]))?.word == "fail")
    let discovery = try unsafe PluginHarness(descriptor: Self.descriptor("ImageDiscovery"), now: Sample.now)
    let resources = try discovery.discover(ImageDiscoveryTests.scope(["ec2:image": ["LaunchPermissions"]])) {
      ImageDiscoveryTests.answer($0)
    }
    #expect(resources.map(\.id) == ["ami-1", "ami-2", "ami-3"])
  }
}
