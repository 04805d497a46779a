import AWSWire
package import Governance
import Synchronization

/// Other names for everything that tells who somebody is. Keyed: without the salt nobody can try candidates; with it the
/// same thing has the same pseudonym, so that who shares what with whom stays.
package final class Pseudonyms: Sendable {
  private struct State {
    /// What was replaced: nothing of it may be left in what is written.
    var originals: Set<String> = []
    /// Account ids that are taken, and by whom.
    var accounts: [String: String] = [:]
  }

  private let key: HMACKey
  /// Tag keys that stay, in small letters.
  private let keptTagKeys: Set<String>
  private let state = Mutex(State())

  package init(salt: [UInt8], keptTagKeys: [String]) {
    key = HMACKey(salt)
    self.keptTagKeys = Set(keptTagKeys.map { $0.lowercased() })
  }

  /// Ids that were replaced so far.
  package var originals: [String] { state.withLock { $0.originals.sorted() } }

  private func digest(_ kind: String, _ text: String) -> [UInt8] {
    state.withLock { _ = $0.originals.insert(text) }
    return key.code(of: Array("\(kind)\u{0}\(text)".utf8))
  }

  private func hexadecimal(_ kind: String, _ text: String, digits: Int) -> String {
    let alphabet = Array("0123456789abcdef".utf8)
    let bytes = digest(kind, text).flatMap { [alphabet[Int($0 >> 4)], alphabet[Int($0 & 15)]] }
    return String(decoding: bytes.prefix(digits), as: UTF8.self)
  }

  /// Twelve digits, the first not 0. Two accounts never get the same.
  package func account(_ id: String) -> String {
    guard Account.isID(id) else { return id }
    var number = digest("account", id).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % 900_000_000_000
    return state.withLock { state in
      while true {
        let candidate = String(100_000_000_000 + number)
        if (state.accounts[candidate] ?? id) == id, candidate != id {
          state.accounts[candidate] = id
          return candidate
        }
        number = (number + 1) % 900_000_000_000
      }
    }
  }

  /// `ami-`, `snap-`, … with digits of their own.
  package func resource(_ id: String) -> String {
    let prefix = id.prefix { $0 != "-" }
    return "\(prefix)-0" + hexadecimal("resource", id, digits: 16)
  }

  package func organization(_ id: String) -> String { "o-" + hexadecimal("organization", id, digits: 10) }
  package func root(_ id: String) -> String { "r-" + hexadecimal("root", id.replacing("r-", with: ""), digits: 4) }

  /// `ou-ROOT-…`: the root's part is the root's pseudonym.
  package func unit(_ id: String) -> String {
    let parts = id.split(separator: "-")
    guard parts.count == 3 else { return "ou-" + hexadecimal("unit", id, digits: 8) }
    return "ou-\(root(String(parts[1])).dropFirst(2))-\(hexadecimal("unit", id, digits: 8))"
  }

  /// `account-3f9a2c41`: says what it names.
  package func name(_ text: String, of kind: String) -> String {
    text.isEmpty ? text : "\(kind)-\(hexadecimal(kind, text, digits: 10))"
  }

  package func tag(_ tag: Tag) -> Tag { Tag(key: tagKey(tag.key), value: name(tag.value, of: "value")) }

  private func tagKey(_ key: String) -> String {
    if keptTagKeys.contains(key.lowercased()) { return key }
    // Reserved ones tell what AWS did; a user cannot set one.
    return key.hasPrefix("aws:") ? "aws:" + name(String(key.dropFirst(4)), of: "key") : name(key, of: "key")
  }

  /// `all`, an account id, the ARN of an organization or unit.
  package func grantee(_ permission: Document) -> String? {
    if let group = permission["Group"]?.string { return group == "all" ? "all" : nil }
    if let account = permission["UserId"]?.string { return Account.isID(account) ? self.account(account) : nil }
    let arn = permission["OrganizationArn"]?.string ?? permission["OrganizationalUnitArn"]?.string
    return arn.flatMap { organizationARN($0) }
  }

  private func organizationARN(_ text: String) -> String? {
    guard var arn = ARN(text) else { return nil }
    let parts = arn.resource.split(separator: "/").map(String.init)
    switch (parts.first, parts.count) {
    case ("organization", 2): arn.resource = "organization/\(organization(parts[1]))"
    case ("ou", 3): arn.resource = "ou/\(organization(parts[1]))/\(unit(parts[2]))"
    default: return nil
    }
    arn.account = account(arn.account)
    return arn.description
  }
}
