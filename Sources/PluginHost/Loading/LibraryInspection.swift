/// What a plugin's library must be before any of it runs.
enum LibraryInspection {
  struct Finding: Equatable {
    var code: PluginLoadError.Code
    var message: String
    var expected = ""
    var found = ""
    var remedy: String
  }

  static let entryPrefix = "reeve_plugin_entry_v"
  static let entry = "reeve_plugin_entry_v1"

  /// `e_machine` of the machine that this program runs on.
  #if arch(x86_64)
    static let machine: UInt16 = 62
    static let platform = "linux-x86_64"
  #elseif arch(arm64)
    static let machine: UInt16 = 183
    static let platform = "linux-aarch64"
  #endif

  /// Everything that speaks against a library. Empty: it may be loaded.
  static func findings(in bytes: [UInt8]) -> [Finding] {
    do throws(ELFLibrary.Malformed) {
      let library = try ELFLibrary(bytes)
      if let other = otherMachine(library) { return [other] }
      return try entryFindings(library) + loadFindings(library)
    } catch {
      return [
        Finding(
          code: .notALibrary, message: "is no shared library that can be read: \(error.what)",
          remedy: "Build it again, or copy it again whole.")
      ]
    }
  }

  private static func otherMachine(_ library: ELFLibrary) -> Finding? {
    guard library.is64Bit, library.isLittleEndian else {
      return Finding(
        code: .wrongMachine, message: "is built for another kind of machine", expected: "64-bit, little-endian",
        found: (library.is64Bit ? "64-bit" : "32-bit") + (library.isLittleEndian ? "" : ", big-endian"),
        remedy: "Build it for \(platform).")
    }
    guard library.machine == machine else {
      return Finding(
        code: .wrongMachine, message: "is built for another machine", expected: name(ofMachine: machine),
        found: name(ofMachine: library.machine), remedy: "Build it for \(platform).")
    }
    guard library.type == ELFLibrary.shared else {
      return Finding(
        code: .notALibrary, message: "is no shared library", expected: "ELF type 3 (a shared object)",
        found: "ELF type \(library.type)", remedy: "Link it with -shared.")
    }
    return nil
  }

  private static func name(ofMachine machine: UInt16) -> String {
    switch machine {
    case 62: "x86_64"
    case 183: "aarch64"
    case 3: "i386"
    case 40: "arm"
    case 243: "riscv"
    default: "machine \(machine)"
    }
  }

  private static func entryFindings(_ library: ELFLibrary) throws(ELFLibrary.Malformed) -> [Finding] {
    let entries = try library.exportedFunctions(prefix: entryPrefix)
    if entries.contains(entry) { return [] }
    let others = entries.compactMap { Int($0.dropFirst(entryPrefix.count)) }.sorted()
    guard let least = others.first else {
      return [
        Finding(
          code: .noEntry, message: "does not export the function \(entry)", expected: entry,
          found: entries.isEmpty ? "no such export" : entries.joined(separator: ", "),
          remedy: "Define it with REEVE_EXPORT (a build with -fvisibility=hidden hides it otherwise), in C++ "
            + "inside extern \"C\".")
      ]
    }
    return [
      Finding(
        code: .wrongABI, message: "plugin needs ABI \(least), this reeve speaks 1", expected: entry,
        found: entries.joined(separator: ", "),
        remedy: least > 1
          ? "Upgrade reeve, or build the plugin with the header of ABI 1."
          : "Build the plugin with the header of ABI 1.")
    ]
  }

  private static func loadFindings(_ library: ELFLibrary) throws(ELFLibrary.Malformed) -> [Finding] {
    var findings: [Finding] = []
    for name in try library.needed() where !isAllowed(library: name) {
      findings.append(
        Finding(
          code: .neededLibrary, message: "needs the library \(name), which a plugin may not load",
          expected: "only the C, C++ and Swift runtimes", found: name,
          remedy: "Link it statically, or do without: a plugin does no I/O."))
    }
    for path in try library.searchPaths() where !isAllowed(searchPath: path) {
      findings.append(
        Finding(
          code: .searchPath, message: "has a search path for libraries of its own",
          expected: "none, $ORIGIN, or the Swift toolchain's", found: path.isEmpty ? "an empty one" : path,
          remedy: "Link without -rpath."))
    }
    if library.hasTextRelocations {
      findings.append(
        Finding(
          code: .textRelocations, message: "has relocations in its code",
          remedy: "Compile it with -fPIC, and link with -z text."))
    }
    if library.segments.first(where: { $0.type == ELFLibrary.Segment.stack })
      .map({ $0.flags & ELFLibrary.Segment.executable != 0 }) ?? true
    {
      findings.append(
        Finding(
          code: .executableStack, message: "asks for an executable stack", remedy: "Link with -z noexecstack."))
    }
    let both = ELFLibrary.Segment.executable | ELFLibrary.Segment.writable
    if library.segments.contains(where: { $0.type == ELFLibrary.Segment.load && $0.flags & both == both }) {
      findings.append(
        Finding(
          code: .writableCode, message: "has memory that is writable and executable",
          remedy: "Link without -N and without a linker script that merges code and data."))
    }
    return findings
  }

  private static let allowedLibraries: Set<String> = [
    "libc", "libm", "libdl", "libpthread", "libgcc_s", "libstdc++", "libdispatch", "libBlocksRuntime",
  ]

  static func isAllowed(library name: String) -> Bool {
    guard !name.contains("/"), let end = name.firstRange(of: ".so")?.lowerBound else { return false }
    let stem = String(name[..<end])
    return allowedLibraries.contains(stem)
      || ["ld-linux", "libswift", "lib_Foundation", "libFoundation"].contains { stem.hasPrefix($0) }
  }

  /// The build writes the toolchain's folder and `$ORIGIN` into a library. From custody `$ORIGIN` means nothing.
  static func isAllowed(searchPath path: String) -> Bool {
    path == "$ORIGIN" || path == "${ORIGIN}" || path.hasPrefix("$ORIGIN/")
      || (path.hasPrefix("/") && path.hasSuffix("/lib/swift/linux") && !path.contains("/../"))
  }
}
