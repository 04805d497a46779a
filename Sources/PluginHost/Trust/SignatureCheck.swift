/// Holds a team's plugin against the trusted keys of the configuration. Without keys nothing is asked.
struct SignatureCheck {
  let trusted: [PublicKey]

  func check(_ statement: SignedStatement, in folder: PluginFolder) throws(PluginLoadErrors) {
    guard !trusted.isEmpty else { return }
    let path = folder.path(SignatureFile.name)
    func failure(
      _ code: PluginLoadError.Code, _ message: String, expected: String = "", found: String = "", _ remedy: String
    ) -> PluginLoadErrors {
      PluginLoadErrors(
        PluginLoadError(
          code, plugin: folder.id, path: path, message: message, expected: expected, found: found, remedy: remedy))
    }
    guard let file = try folder.signatures() else {
      throw failure(
        .signatureMissing, "is not signed, and the configuration trusts signed plugins only",
        expected: SignatureFile.name, found: "no such file",
        "Whoever holds a trusted key signs it: reeve plugin sign FOLDER --key FILE.")
    }
    let standing = file.standing(of: statement)
    if standing.contains(where: { $0.isValid && trusted.contains($0.key) }) { return }
    if standing.contains(where: { trusted.contains($0.key) }) {
      throw failure(
        .signatureWrong, "its signature does not fit these bytes",
        expected: "a signature over plugin.json \(statement.manifest) and library \(statement.library)",
        found: "one over other bytes, another id or another version",
        "If the change is meant, sign it again: reeve plugin sign FOLDER --key FILE; if not, find out who changed it.")
    }
    throw failure(
      .keyNotTrusted, "no trusted key has signed it for \(statement.platform)",
      expected: trusted.map(\.description).joined(separator: " or "),
      found: standing.isEmpty
        ? "no signature for this platform" : standing.map(\.key.description).joined(separator: ", "),
      "Have it signed by a trusted key, or add the key to plugins.trustedKeys of the configuration.")
  }
}

extension PluginFolder {
  /// nil: there is no such file.
  func signatures() throws(PluginLoadErrors) -> SignatureFile? {
    let bytes: [UInt8]
    do throws(TrustedFile.Failure) {
      let file = try TrustedFile(directory: directory, name: SignatureFile.name, owners: owners)
      bytes = try file.contents(limit: SignatureFile.limit)
    } catch {
      if error.code == .fileMissing { return nil }
      throw self.error(error, SignatureFile.name)
    }
    do throws(JSONProblems) {
      return try SignatureFile(json: bytes)
    } catch {
      throw PluginLoadErrors(
        error.problems.map {
          PluginLoadError(
            .signatureWrong, plugin: id, path: path(SignatureFile.name), message: "is no signature file: \($0)",
            remedy: "Sign it again: reeve plugin sign FOLDER --key FILE.")
        })
    }
  }
}
