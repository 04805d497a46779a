import Governance
package import Orchestrator

/// `plugin.json`: what it says to the orchestrator, and what only the loader needs.
package struct ManifestFile: Sendable, Equatable {
  package var manifest: PluginManifest
  /// The library's file name, beside the manifest.
  package var library: String
  package var abi: Int

  /// What a plugin may at most work on: the types it emits or works on, and those of its checks.
  package var touchedTypes: [String] { manifest.touchedTypes }

  /// What a signature of this plugin says, on this platform.
  package func statement(manifest digest: String, library: String) -> SignedStatement {
    SignedStatement(
      id: manifest.id, version: manifest.version, platform: LibraryInspection.platform, manifest: digest,
      library: library)
  }

  /// Every problem of the file at once.
  package init(json bytes: [UInt8]) throws(JSONProblems) {
    let document = try JSONReader.document(bytes)
    let parser = ManifestParser()
    let file = parser.file(document)
    try parser.reader.finish()
    guard let file else {
      throw JSONProblems([JSONProblem(pointer: "", message: "the manifest is not complete")])
    }
    self = file
  }

  init(manifest: PluginManifest, library: String, abi: Int) {
    self.manifest = manifest
    self.library = library
    self.abi = abi
  }
}

extension PluginManifest {
  /// What it may at most work on: the types it emits or works on, and those of its checks.
  package var touchedTypes: [String] { Set(resourceTypes + checks.flatMap(\.resourceTypes)).sorted() }
}

/// Ids of plugins and of checks.
package enum PluginIdentifier {
  package static func isValid(_ text: String) -> Bool { ManifestWord.isID(text) }
}

/// The forms of the words in a manifest.
enum ManifestWord {
  /// `reeve.public-image`, `image.public`
  static func isID(_ text: String) -> Bool {
    text.utf8.count <= 128
      && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
        part.utf8.first != UInt8(ascii: "-") && part.utf8.last != UInt8(ascii: "-") && !part.isEmpty
          && part.utf8.allSatisfy {
            ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: "-")
          }
      }
  }
  static let idForm = "an id such as org.example.owner-tag (lower-case letters, digits, dashes, dots)"

  /// `1.0.0`, `1.0.0-beta.1`
  static func isVersion(_ text: String) -> Bool {
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 3 && numbers.allSatisfy { UInt32($0) != nil && $0.utf8.first != UInt8(ascii: "+") }
      && (parts.count == 1 || !parts[1].isEmpty)
  }
  static let versionForm = "a version such as 1.0.0"

  /// `ec2:image`, `ec2:DescribeImages`
  static func isPair(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { part in
        !part.isEmpty
          && part.utf8.allSatisfy {
            ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x41 && $0 <= 0x5A) || ($0 >= 0x30 && $0 <= 0x39)
              || $0 == UInt8(ascii: "-")
          }
      }
  }
  static let typeForm = "a resource type such as ec2:image"
  static let operationForm = "an AWS operation such as ec2:DescribeImages"

  static let libraryForm = "a file name such as libPublicImage.so, beside plugin.json"
  static func isLibraryName(_ text: String) -> Bool {
    !text.contains("/") && text.hasSuffix(".so") && !text.hasPrefix(".") && !text.utf8.contains(0)
  }
}
