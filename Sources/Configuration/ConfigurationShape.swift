package import Governance

/// What may stand at a place of a file that a person writes. A table made of these (`ReeveConfiguration.keys`, and that of
/// scenarios) drives validation and the JSON Schema for editors.
package indirect enum ConfigurationShape: Sendable {
  case text(TextFormat)
  case choice([String])
  case integer(ClosedRange<Int>)
  case real(ClosedRange<Double>)
  case duration(ClosedRange<Duration>)
  case list(of: ConfigurationShape)
  /// One value or a list of them.
  case oneOrMore(ConfigurationShape)
  case mapping([ConfigurationKey])
  /// A mapping with names of the user's own.
  case named(TextFormat, ConfigurationShape)
  /// A mapping whose content somebody else checks: a plugin's configuration.
  case foreign
  case flag
  /// Anything at all, checked by somebody else.
  case anything
  /// What may stand here depends on how it is written; nil: not that way.
  case written(scalar: ConfigurationShape? = nil, list: ConfigurationShape? = nil, mapping: ConfigurationShape? = nil)
  /// A word that is kept for later, with what to say of it.
  case reserved(String)
}

package struct ConfigurationKey: Sendable {
  package var name: String
  package var description: String
  package var shape: ConfigurationShape
  /// What holds when the key is left out; nil when there is no such value.
  package var fallback: Document?
  package var isRequired = false

  package init(
    _ name: String, _ shape: ConfigurationShape, default fallback: Document? = nil, isRequired: Bool = false,
    _ description: String
  ) {
    self.name = name
    self.shape = shape
    self.fallback = fallback
    self.isRequired = isRequired
    self.description = description
  }
}

/// A kind of text: a pattern for editors, and what a person is told was expected.
package struct TextFormat: Sendable {
  /// Finishes "expected …".
  package var expected: String
  /// A regular expression as JSON Schema has it.
  package var pattern: String
  /// Unquoted account ids are integers to an editor.
  package var isDigits = false
  package var accepts: @Sendable (String) -> Bool

  package init(
    _ expected: String, pattern: String, isDigits: Bool = false, accepts: @escaping @Sendable (String) -> Bool
  ) {
    self.expected = expected
    self.pattern = pattern
    self.isDigits = isDigits
    self.accepts = accepts
  }

  /// Text of some length of letters, digits and the named characters.
  package init(_ expected: String, of characters: String, length: ClosedRange<Int>) {
    let escaped = characters.map { #"\]^-/"#.contains($0) ? "\\\($0)" : "\($0)" }.joined()
    self.init(expected, pattern: "^[A-Za-z0-9\(escaped)]{\(length.lowerBound),\(length.upperBound)}$") { text in
      length.contains(text.utf8.count)
        && text.unicodeScalars.allSatisfy {
          $0.isASCII
            && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || characters.unicodeScalars.contains($0))
        }
    }
  }
}

extension TextFormat {
  package static let any = TextFormat("text that is not empty", pattern: "^[^\\u0000]+$") {
    !$0.isEmpty && !$0.contains("\0")
  }
  static let path = TextFormat("a path", pattern: "^[^~\\u0000][^\\u0000]*$") {
    !$0.isEmpty && !$0.hasPrefix("~") && !$0.contains("\0")
  }
  package static let accountID = TextFormat("an account id of twelve digits", pattern: "^[0-9]{12}$", isDigits: true) {
    Account.isID($0)
  }
  package static let region = TextFormat("a region such as eu-central-1", of: "-", length: 5...32)
  static let regionPattern = TextFormat(
    "a region such as eu-central-1, or a pattern such as eu-*", of: "-*", length: 1...32)
  static let checkPattern = TextFormat(
    "a check id such as public-image, or a pattern such as public-*", of: "-_.*", length: 1...128)
  static let pluginID = TextFormat("a plugin id such as foreign-share", of: "-_.", length: 1...128)
  static let publicKey = TextFormat(
    "a public key: ed25519: and 44 characters of base64", pattern: "^ed25519:[A-Za-z0-9+/]{43}=$"
  ) { text in
    let key = text.utf8.dropFirst(8)
    return text.hasPrefix("ed25519:") && key.count == 44 && key.last == UInt8(ascii: "=")
      && key.dropLast().allSatisfy {
        ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x41 && $0 <= 0x5A) || ($0 >= 0x2F && $0 <= 0x39) || $0 == 0x2B
      }
  }
  static let roleName = TextFormat(
    "a role name, with its path where it has one, as in audit/ReeveRead", of: "+=,.@_-/", length: 1...576)
  static let externalID = TextFormat("2 to 1,224 letters, digits or +=,.@:/-_", of: "+=,.@:/-_", length: 2...1_224)
  static let sessionName = TextFormat("2 to 64 letters, digits or +=,.@-_", of: "+=,.@-_", length: 2...64)
  static let tagKey = TextFormat("a tag key of 1 to 128 characters", pattern: "^.{1,128}$") {
    (1...128).contains($0.unicodeScalars.count) && !$0.contains { $0.isNewline }
  }
  static let tagValue = TextFormat("a tag value of up to 256 characters", pattern: "^.{0,256}$") {
    $0.unicodeScalars.count <= 256 && !$0.contains { $0.isNewline }
  }
  static let roleARN = TextFormat(
    "a role ARN such as arn:{partition}:iam::{account}:role/ReeveRead",
    pattern: #"^arn:(\{partition\}|aws[a-z-]*):iam::(\{account\}|[0-9]{12}):role/[A-Za-z0-9+=,.@_/-]+$"#
  ) { text in
    guard let arn = ARN(text) else { return false }
    let isPartition = arn.partition == "{partition}" || Partition(rawValue: arn.partition) != nil
    let isAccount = arn.account == "{account}" || Account.isID(arn.account)
    return isPartition && isAccount && arn.service == "iam" && arn.region.isEmpty && arn.resource.hasPrefix("role/")
      && roleName.accepts(String(arn.resource.dropFirst(5)))
  }
  static let unit = TextFormat(
    "the id or ARN of an organizational unit or root, such as ou-ab12-cdefgh34",
    pattern: "^(ou-[a-z0-9]+-[a-z0-9]+|r-[a-z0-9]+|arn:aws[a-z-]*:organizations::[0-9]{12}:(ou|root)/[a-z0-9/-]+)$"
  ) { text in
    let isARN = ARN(text).map {
      $0.service == "organizations" && ($0.resource.hasPrefix("ou/") || $0.resource.hasPrefix("root/"))
    }
    return isARN ?? (text.hasPrefix("ou-") || text.hasPrefix("r-"))
  }
  static let trusted = TextFormat(
    "an account id, or the ARN of an organization or organizational unit",
    pattern: "^([0-9]{12}|arn:aws[a-z-]*:organizations::[0-9]{12}:(organization|ou|root)/[a-z0-9/-]+)$", isDigits: true
  ) { text in
    if Account.isID(text) { return true }
    guard let arn = ARN(text) else { return false }
    let kinds = ["organization/", "ou/", "root/"]
    return arn.service == "organizations" && Account.isID(arn.account) && kinds.contains { arn.resource.hasPrefix($0) }
  }
}
