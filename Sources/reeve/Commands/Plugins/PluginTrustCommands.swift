import Configuration
import Governance
import PluginHost

extension Command {
  static let pluginKeygen = Command(
    path: ["plugin", "keygen"], summary: "make an ed25519 key to sign plugins with",
    discussion: """
      Writes the private key (PEM, readable by its owner only) and prints the public key, which goes under
      plugins.trustedKeys of reeve.yaml. Keep the private key where plugins are released, not where sweeps run.
      """,
    arguments: [.init(name: "FILE", help: "where the private key is written; must not exist")]
  ) { arguments, context in
    let path = arguments.positional[0]
    guard try !context.files.exists(path) else {
      throw CommandFailure.usage("\(path) exists; a key is never overwritten")
    }
    let key = SigningKey(seed: context.entropy(32))
    try context.files.replace(path, with: Array(key.pem.utf8), mode: 0o600)
    context.output.write("\(key.publicKey)\n")
    return .clean
  }

  static let pluginSign = Command(
    path: ["plugin", "sign"], summary: "vouch for a plugin: sign its manifest and library",
    discussion: """
      Adds a signature over id, version, this platform and the SHA-256 of manifest and library to plugin.sig beside
      plugin.json. Signatures by other keys and for other platforms stay.
      """,
    options: [.init(name: "--key", value: "FILE", help: "the private key, as `reeve plugin keygen` writes it")],
    arguments: [.init(name: "FOLDER", help: "the plugin's folder")]
  ) { arguments, context in
    guard let keyPath = arguments.value("--key") else {
      throw UsageError(problems: ["--key FILE is missing"], command: "plugin sign")
    }
    guard let pem = try context.files.contents(of: keyPath) else {
      throw CommandFailure.usage("\(keyPath): no such file; `reeve plugin keygen \(keyPath)` makes a key")
    }
    let key: SigningKey
    do throws(SigningKey.Malformed) {
      key = try SigningKey(pem: pem)
    } catch {
      throw CommandFailure.usage("\(keyPath) \(error)")
    }
    let plugin = try InspectedPlugin(folder: arguments.positional[0], owners: context.owners)
    var signatures = try plugin.signatures ?? SignatureFile()
    signatures.sign(plugin.statement, with: key)
    let path = "\(arguments.positional[0])/\(SignatureFile.name)"
    try context.files.replace(path, with: Array(signatures.json.utf8), mode: 0o644)
    context.output.write(
      "\(plugin.statement.id) \(plugin.statement.version) signed for \(plugin.statement.platform) by \(key.publicKey) in \(path)\n"
    )
    return .clean
  }

  static let pluginVerify = Command(
    path: ["plugin", "verify"],
    summary: "check a plugin's signatures, and all else that can be checked without running it",
    options: [
      .init(name: "--config", value: "FILE", help: "the configuration whose trusted keys count"),
      .init(name: "--key", value: "PUBLICKEY", help: "a public key to trust, ed25519:BASE64", repeats: true),
    ],
    arguments: [.init(name: "FOLDER", help: "the plugin's folder")]
  ) { arguments, context in
    let settings = try Settings.load(arguments, context)
    let trusted = try (settings.configuration.plugins.trustedKeys + arguments.values("--key")).map {
      do throws(PublicKey.Malformed) { return try PublicKey($0) } catch { throw CommandFailure.usage("\(error)") }
    }
    let plugin = try InspectedPlugin(folder: arguments.positional[0], owners: context.owners)
    let statement = plugin.statement
    context.output.write(
      "\(statement.id) \(statement.version) for \(statement.platform)\n  manifest \(statement.manifest)\n"
        + "  library  \(statement.library)\n")
    let standing = try plugin.signatures?.standing(of: statement) ?? []
    for (key, isValid) in standing {
      let word = !isValid ? "does not fit these bytes" : trusted.contains(key) ? "valid, trusted" : "valid, not trusted"
      context.output.write("  signed   \(key) \(word)\n")
    }
    if standing.isEmpty { context.output.write("  not signed for this platform\n") }
    guard !trusted.isEmpty else {
      throw CommandFailure.usage("no key is trusted: name one with --key, or --config FILE with plugins.trustedKeys")
    }
    try plugin.check(trusted: trusted)
    return .clean
  }
}
