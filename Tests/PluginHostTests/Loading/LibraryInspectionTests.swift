import Determinism
import Foundation
import Glibc
import Testing

@testable import PluginHost

/// The look at a library before any of it runs.
@Suite struct LibraryInspectionTests {
  private func codes(_ bytes: [UInt8]) -> [PluginLoadError.Code] { LibraryInspection.findings(in: bytes).map(\.code) }

  @Test("A plugin as the compiler makes it is fine, whichever hash table it has")
  func fine() throws {
    #expect(LibraryInspection.findings(in: try Zoo.library()) == [])
    #expect(LibraryInspection.findings(in: try Zoo.library(flags: ["-Wl,--hash-style=sysv"])) == [])
    #expect(LibraryInspection.findings(in: try Zoo.library(flags: ["-Wl,-rpath,$ORIGIN"])) == [])
  }

  @Test("A library for another machine or of another kind is named as what it is")
  func machines() throws {
    var bytes = try Zoo.library()
    bytes[18] = 3
    bytes[19] = 0
    #expect(LibraryInspection.findings(in: bytes).map(\.found) == ["i386"])
    bytes = try Zoo.library()
    bytes[4] = 1
    #expect(LibraryInspection.findings(in: bytes).map(\.found) == ["32-bit"])
    bytes = try Zoo.library()
    bytes[16] = 2
    #expect(LibraryInspection.findings(in: bytes).map(\.found) == ["ELF type 2"])
    #expect(codes(Array("#!/bin/sh\n".utf8)) == [.notALibrary])
    #expect(codes([]) == [.notALibrary])
  }

  struct Flags: Sendable, CustomTestStringConvertible {
    var flags: [String]
    var code: PluginLoadError.Code
    var testDescription: String { flags.joined(separator: " ") }
  }

  @Test(
    "What no plugin needs is refused by name",
    arguments: [
      Flags(flags: ["-Wl,-z,execstack"], code: .executableStack),
      Flags(flags: ["-Wl,-rpath,/opt/evil"], code: .searchPath),
      Flags(flags: ["-Wl,-rpath,$ORIGIN:"], code: .searchPath),
      Flags(flags: ["-Wl,--disable-new-dtags,-rpath,relative"], code: .searchPath),
    ])
  func refused(_ row: Flags) throws {
    #expect(codes(try Zoo.library(flags: row.flags)).contains(row.code))
  }

  @Test("Memory that is writable and executable is refused")
  func writableCode() throws {
    var bytes = try Zoo.library()
    let headers = (0..<Int(bytes[56])).map { 64 + $0 * 56 }
    let code = try #require(headers.first { bytes[$0] == 1 && bytes[$0 + 4] & 1 != 0 })
    bytes[code + 4] |= 2
    #expect(codes(bytes) == [.writableCode])
  }

  @Test("A library that another one provides is refused by name")
  func needed() throws {
    let folder = try TemporaryFolder()
    let source = try folder.write("int evil(void) { return 1; }\n".utf8, to: "evil.c")
    try folder.write(
      try Zoo.compile(defines: [], flags: ["-Wl,-soname,libevil.so.1"], source: source), to: "libevil.so")
    let library = try Zoo.library(flags: ["-Wl,--no-as-needed", "-L\(folder.path)", "-levil"])
    #expect(LibraryInspection.findings(in: library).map(\.found) == ["libevil.so.1"])
  }

  @Test("Relocations in code are refused")
  func textRelocations() throws {
    let folder = try TemporaryFolder()
    let source = try folder.write(
      """
      __asm__(".text\\n.globl reeve_plugin_entry_v1\\n.type reeve_plugin_entry_v1,@function\\n"
              "reeve_plugin_entry_v1: .quad somewhere\\n.size reeve_plugin_entry_v1,8\\n"
              ".section .note.GNU-stack,\\"\\",@progbits\\n");
      """.utf8, to: "text.c")
    let library = try Zoo.compile(defines: [], flags: ["-Wl,-z,notext"], source: source)
    #expect(codes(library) == [.textRelocations])
  }

  @Test(
    "Libraries of the runtimes are allowed, look-alikes are not",
    arguments: [
      ("libc.so.6", true), ("libm.so.6", true), ("libgcc_s.so.1", true), ("libstdc++.so.6", true),
      ("ld-linux-x86-64.so.2", true), ("libswiftCore.so", true), ("libswift_Concurrency.so", true),
      ("libFoundationEssentials.so", true), ("lib_FoundationICU.so", true), ("libdispatch.so", true),
      ("libBlocksRuntime.so", true), ("libcurl.so.4", false), ("libcrypto.so.3", false), ("libc", false),
      ("../libc.so.6", false), ("/tmp/libswiftCore.so", false), ("libcevil.so", false),
    ])
  func libraries(_ name: String, _ isAllowed: Bool) {
    #expect(LibraryInspection.isAllowed(library: name) == isAllowed)
  }

  @Test("A library cut off anywhere, or with any byte changed, is read without a crash")
  func damaged() throws {
    let whole = try Zoo.library()
    for length in stride(from: 0, to: min(whole.count, 8_192), by: 37) {
      #expect(!LibraryInspection.findings(in: Array(whole[..<length])).isEmpty)
    }
    var generator = SeededGenerator(seed: 7)
    var refused = 0
    for _ in 0..<1_000 {
      var bytes = whole
      // The headers and tables lie at the front.
      for _ in 0..<3 { bytes[generator.below(2_048)] = UInt8(generator.below(256)) }
      if !LibraryInspection.findings(in: bytes).isEmpty { refused += 1 }
    }
    #expect(refused > 0)
  }
}

@Suite struct SealedLibraryTests {
  @Test("What was taken into custody stays as it is when the file changes")
  func custody() throws {
    let folder = try TemporaryFolder()
    try folder.write(Array("before".utf8), to: "library.so")
    let file = try TrustedFile(directory: folder.path, name: "library.so", owners: [geteuid()])
    let sealed = try SealedLibrary(copying: file, name: "test")
    try folder.write(Array("after!".utf8), to: "library.so")
    #expect(sealed.bytes == Array("before".utf8))
    #expect(sealed.digest == Digest.sha256(Array("before".utf8)))
    let descriptor = sealed.descriptor
    #expect(unsafe write(descriptor, "x", 1) == -1)
    #expect(errno == EPERM)
    #expect(ftruncate(descriptor, 0) == -1)
    #expect(try TrustedFile.bytes(of: descriptor, count: 6) == Array("before".utf8))
  }
}
