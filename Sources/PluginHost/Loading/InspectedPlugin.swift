package import Orchestrator

/// A plugin in a folder, looked at as far as that goes without running any of it: manifest, ownership and modes, the
/// library's form, its hashes and signatures.
package struct InspectedPlugin: Sendable {
  package let manifest: PluginManifest
  /// What a signature of it says.
  package let statement: SignedStatement
  private let folder: PluginFolder

  package init(folder path: String, owners: Set<UInt32>) throws(PluginLoadErrors) {
    folder = PluginFolder(directory: path, owners: owners)
    let (file, digest) = try folder.manifest()
    let sealed = try folder.library(file)
    try folder.inspect(sealed.bytes, file)
    manifest = file.manifest
    statement = file.statement(manifest: digest, library: sealed.digest)
  }

  /// nil: there is no signature file.
  package var signatures: SignatureFile? { get throws(PluginLoadErrors) { try folder.signatures() } }

  package func check(trusted: [PublicKey]) throws(PluginLoadErrors) {
    try SignatureCheck(trusted: trusted).check(statement, in: folder)
  }
}
