import CReevePlugin
import Orchestrator

/// What a loaded library says of itself, read with care: it is the plugin's memory.
@safe struct PluginDescriptor {
  struct Mismatch: Error, Equatable {
    var code: PluginLoadError.Code
    var message: String
    var expected = ""
    var found = ""
    var remedy: String
  }

  let id: String
  let version: String
  let kit: String
  let toolchain: String
  /// Verdicts name checks by their index here.
  let checks: [String]
  private(set) var interfaces: PluginInterfaces

  init(of library: LoadedLibrary) throws(Mismatch) {
    try unsafe self.init(library.plugin) { name in unsafe library.plugin.pointee.interface(name) }
  }

  /// Of a library in another process, whose own words lie here for the length of this call.
  init(elsewhere plugin: UnsafePointer<reeve_plugin>, interfaces: (String) -> UnsafeRawPointer?) throws(Mismatch) {
    try unsafe self.init(plugin, interfaces: interfaces)
    self.interfaces = self.interfaces.elsewhere
  }

  /// Throws what makes the descriptor unreadable; what merely differs from the manifest is `mismatches`.
  private init(
    _ words: UnsafePointer<reeve_plugin>, interfaces lookUp: (String) -> UnsafeRawPointer?
  ) throws(Mismatch) {
    let memory = unsafe UnsafeRawPointer(words)
    let size = unsafe memory.loadUnaligned(as: UInt32.self)
    guard unsafe size >= UInt32(MemoryLayout<reeve_plugin>.size) else {
      throw Self.malformed(
        unsafe "its struct_size is \(size), less than the \(MemoryLayout<reeve_plugin>.size) of ABI 1.0")
    }
    let magic = unsafe memory.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
    guard magic == REEVE_PLUGIN_MAGIC else {
      throw Self.malformed("its magic is 0x\(String(magic, radix: 16)), not 0x\(String(REEVE_PLUGIN_MAGIC, radix: 16))")
    }
    // The function pointers are looked at as words: a NULL read as a function would be undefined.
    for (name, offset) in [("create", 96), ("destroy", 104), ("interface", 112)] {
      guard unsafe memory.loadUnaligned(fromByteOffset: offset, as: UInt.self) != 0 else {
        throw Self.malformed("its function \(name) is NULL")
      }
    }
    let plugin = unsafe words.pointee
    guard unsafe plugin.abi_major == UInt16(REEVE_ABI_MAJOR) else {
      throw Mismatch(
        code: .descriptorABI, message: "the library's descriptor says ABI \(unsafe plugin.abi_major)",
        expected: "1", found: "\(unsafe plugin.abi_major)",
        remedy: "Build it with the header whose entry it exports.")
    }
    guard unsafe plugin.need_host_minor <= UInt16(REEVE_ABI_MINOR) else {
      throw Mismatch(
        code: .needsNewerHost, message: "the library needs a newer reeve",
        expected: "at most ABI 1.\(REEVE_ABI_MINOR)", found: "ABI 1.\(unsafe plugin.need_host_minor)",
        remedy: "Upgrade reeve.")
    }
    do throws(BadData) {
      var budget = OutputBudget()
      id = unsafe try budget.text(plugin.id, "the descriptor's id")
      version = unsafe try budget.text(plugin.version, "the descriptor's version")
      kit = unsafe try budget.text(plugin.kit, "the descriptor's kit")
      toolchain = unsafe try budget.text(plugin.toolchain, "the descriptor's toolchain")
      let items = unsafe try EmittedItems<reeve_string>(plugin.checks, "the descriptor's checks", sized: false)
      unsafe try budget.spend(items: items.count)
      var checks: [String] = []
      for index in unsafe 0..<items.count {
        checks.append(unsafe try budget.text(items.item(index), "the descriptor's check \(index)"))
      }
      self.checks = checks
      interfaces = try unsafe PluginInterfaces(lookUp)
    } catch {
      throw Self.malformed(error.message)
    }
  }

  private static func malformed(_ what: String) -> Mismatch {
    Mismatch(
      code: .descriptorMalformed, message: "the library's descriptor breaks the contract: \(what)",
      remedy: "Correct the library.")
  }

  /// Everything in which library and manifest differ, and which side has to change.
  func mismatches(with manifest: PluginManifest) -> [Mismatch] {
    var mismatches: [Mismatch] = []
    if id != manifest.id {
      mismatches.append(
        Mismatch(
          code: .idDiffers, message: "manifest and library name different plugins", expected: manifest.id, found: id,
          remedy: "Put the library beside its own plugin.json, or correct the id in one of them."))
    }
    if version != manifest.version {
      mismatches.append(
        Mismatch(
          code: .versionDiffers, message: "manifest says \(manifest.version), library says \(version)",
          expected: manifest.version, found: version,
          remedy: "Build the library again, or correct /version in plugin.json."))
    }
    mismatches += checkMismatches(with: manifest)
    return mismatches + interfaceMismatches(with: manifest)
  }

  private func checkMismatches(with manifest: PluginManifest) -> [Mismatch] {
    let named = manifest.checks.map(\.id)
    var mismatches: [Mismatch] = []
    for id in named where !checks.contains(id) {
      mismatches.append(
        Mismatch(
          code: .checksDiffer, message: "the manifest names the check \(id), the library has none of that id",
          expected: id, found: checks.isEmpty ? "no checks" : checks.sorted().joined(separator: ", "),
          remedy: "Add the check to the library, or take it out of /checks in plugin.json."))
    }
    for (position, id) in checks.enumerated() {
      if checks[..<position].contains(id) {
        mismatches.append(
          Mismatch(
            code: .checksDiffer, message: "the library names the check \(id) twice", found: id,
            remedy: "Give each check of the library an id of its own."))
      } else if !named.contains(id) {
        mismatches.append(
          Mismatch(
            code: .checksDiffer, message: "the library has the check \(id), the manifest does not name it",
            expected: named.isEmpty ? "no checks" : named.sorted().joined(separator: ", "), found: id,
            remedy: "Describe it under /checks in plugin.json, or take it out of the library."))
      }
    }
    return mismatches
  }

  private func interfaceMismatches(with manifest: PluginManifest) -> [Mismatch] {
    PluginManifest.Kind.allCases.compactMap { kind in
      switch (manifest.kinds.contains(kind), interfaces.has(kind)) {
      case (true, false):
        Mismatch(
          code: .interfacesDiffer,
          message:
            "the manifest says \(kind.rawValue), the library has no interface \(PluginInterfaces.name(of: kind))",
          expected: PluginInterfaces.name(of: kind), found: "none",
          remedy: "Implement it in the library, or take \(kind.rawValue) out of /kinds in plugin.json.")
      case (false, true):
        Mismatch(
          code: .interfacesDiffer,
          message: "the library has the interface \(PluginInterfaces.name(of: kind)), the manifest does not say "
            + kind.rawValue, found: PluginInterfaces.name(of: kind),
          remedy: "Add \(kind.rawValue) to /kinds in plugin.json, or take the interface out of the library.")
      default: nil
      }
    }
  }
}
