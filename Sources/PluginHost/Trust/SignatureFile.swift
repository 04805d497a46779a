import FoundationEssentials
import Governance

/// `plugin.sig` beside `plugin.json`: who vouches for these bytes, by platform and key.
package struct SignatureFile: Sendable, Equatable {
  package static let name = "plugin.sig"
  static let limit = 1 << 20

  package struct Entry: Sendable, Equatable {
    package var key: String
    package var platform: String
    var signature: [UInt8]
  }

  package private(set) var entries: [Entry] = []

  package init() {}

  package init(json bytes: [UInt8]) throws(JSONProblems) {
    let document = try JSONReader.document(bytes)
    let reader = JSONReader()
    let members = reader.members(
      of: .init(document), known: ["version", "signatures"], required: ["version", "signatures"])
    if let place = members["version"], let version = reader.integer(place), version != 1 {
      reader.problem(place.pointer, "is \(version), this reeve reads 1: use the reeve that wrote it")
    }
    for element in reader.elements(members["signatures"]) {
      let names = ["key", "platform", "signature"]
      let members = reader.members(of: element, known: names, required: names)
      let key = reader.text(members["key"], "a public key: ed25519: and base64") { (try? PublicKey($0)) != nil }
      let platform = reader.text(members["platform"])
      let signature = reader.text(members["signature"], "the base64 of 64 bytes") {
        Data(base64Encoded: $0)?.count == 64
      }
      if let key, let platform, let signature, let bytes = Data(base64Encoded: signature) {
        entries.append(Entry(key: key, platform: platform, signature: [UInt8](bytes)))
      }
    }
    try reader.finish()
  }

  /// The file: the same signatures always give the same bytes.
  package var json: String {
    let sorted = entries.sorted { ($0.platform, $0.key) < ($1.platform, $1.key) }
    return Document(entries: [
      ("version", 1),
      (
        "signatures",
        Document(
          sorted.map { entry in
            Document(entries: [
              ("key", Document(entry.key)), ("platform", Document(entry.platform)),
              ("signature", Document(Data(entry.signature).base64EncodedString())),
            ])
          })
      ),
    ]).prettyJSON + "\n"
  }

  /// In the place of an earlier one by the same key for the same platform.
  package mutating func sign(_ statement: SignedStatement, with key: SigningKey) {
    let name = key.publicKey.description
    entries.removeAll { $0.key == name && $0.platform == statement.platform }
    entries.append(
      Entry(key: name, platform: statement.platform, signature: key.signature(of: statement.message)))
  }

  /// What each signature for the statement's platform is worth.
  package func standing(of statement: SignedStatement) -> [(key: PublicKey, isValid: Bool)] {
    entries.filter { $0.platform == statement.platform }.compactMap { entry in
      guard let key = try? PublicKey(entry.key) else { return nil }
      return (key, key.verifies(entry.signature, of: statement.message))
    }
  }
}

/// What a signature says: these very bytes are this plugin, on this platform.
package struct SignedStatement: Sendable, Equatable {
  package var id: String
  package var version: String
  package var platform: String
  /// SHA-256 of `plugin.json`.
  package var manifest: String
  /// SHA-256 of the library.
  package var library: String

  /// The words "reeve-plugin-signature/1" keep a signature made for something else from counting here.
  var message: [UInt8] {
    Array("reeve-plugin-signature/1\n\(id) \(version)\n\(platform)\nmanifest \(manifest)\nlibrary \(library)\n".utf8)
  }
}
