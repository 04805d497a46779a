import Orchestrator

/// A plugin's folder, and the reading of what lies in it. Every failure says which file and what to do.
struct PluginFolder {
  static let manifestName = "plugin.json"
  private static let manifestLimit = 1 << 20

  let directory: String
  /// Where the manifest lies: the same folder, except for a library in the build folder of its author.
  let manifestDirectory: String
  let owners: Set<UInt32>
  /// The plugin's id as far as it is known; the folder's name before.
  var id: String

  init(directory: String, owners: Set<UInt32>, id: String? = nil, manifestDirectory: String? = nil) {
    self.directory = directory
    self.manifestDirectory = manifestDirectory ?? directory
    self.owners = owners
    self.id = id ?? String(directory.split(separator: "/").last ?? "?")
  }

  func path(_ name: String) -> String {
    "\(name == Self.manifestName ? manifestDirectory : directory)/\(name)"
  }

  func error(_ failure: TrustedFile.Failure, _ name: String) -> PluginLoadErrors {
    PluginLoadErrors(
      PluginLoadError(
        failure.code, plugin: id, path: path(name), message: failure.message, expected: failure.expected,
        found: failure.found, remedy: failure.remedy))
  }

  /// The manifest, and the SHA-256 of its bytes.
  func manifest() throws(PluginLoadErrors) -> (ManifestFile, digest: String) {
    let bytes: [UInt8]
    do throws(TrustedFile.Failure) {
      let file = try TrustedFile(directory: manifestDirectory, name: Self.manifestName, owners: owners)
      bytes = try file.contents(limit: Self.manifestLimit)
    } catch {
      guard error.code == .fileMissing else { throw self.error(error, Self.manifestName) }
      throw PluginLoadErrors(
        PluginLoadError(
          .manifestMissing, plugin: id, path: path(Self.manifestName), message: "has no manifest: \(error.message)",
          remedy: "Put the plugin's manifest beside its library, or take the folder out of the lock."))
    }
    let file: ManifestFile
    do throws(JSONProblems) {
      file = try ManifestFile(json: bytes)
    } catch {
      throw PluginLoadErrors(
        error.problems.map {
          PluginLoadError(
            .manifestInvalid, plugin: id, path: path(Self.manifestName), message: $0.description,
            remedy: "Correct plugin.json.")
        })
    }
    guard file.abi == 1 else {
      throw PluginLoadErrors(
        PluginLoadError(
          .manifestABI, plugin: file.manifest.id, path: path(Self.manifestName),
          message: "plugin needs ABI \(file.abi), this reeve speaks 1", expected: "\"abi\": 1", found: "\(file.abi)",
          remedy: file.abi > 1 ? "Upgrade reeve, or use a version of the plugin for ABI 1." : "Correct /abi."))
    }
    return (file, Digest.sha256(bytes))
  }

  /// The library's bytes in custody.
  func library(_ file: ManifestFile) throws(PluginLoadErrors) -> SealedLibrary {
    do throws(TrustedFile.Failure) {
      let library = try TrustedFile(directory: directory, name: file.library, owners: owners)
      return try SealedLibrary(copying: library, name: file.manifest.id)
    } catch {
      throw self.error(error, file.library)
    }
  }

  /// Throws all that speaks against running the library.
  func inspect(_ bytes: [UInt8], _ file: ManifestFile) throws(PluginLoadErrors) {
    let findings = LibraryInspection.findings(in: bytes)
    guard findings.isEmpty else {
      throw PluginLoadErrors(
        findings.map {
          PluginLoadError(
            $0.code, plugin: file.manifest.id, path: path(file.library), message: $0.message, expected: $0.expected,
            found: $0.found, remedy: $0.remedy)
        })
    }
  }
}
