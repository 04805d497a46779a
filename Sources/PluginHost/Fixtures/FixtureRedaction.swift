import Governance

/// Takes out of recorded resources what names a company: account ids, organization, names, tag values, ARNs, keys. The
/// same word becomes the same word everywhere, so that what a check compares stays equal or different.
package struct FixtureRedaction {
  private var accounts: [String: String] = [:]
  private var words: [String: String] = [:]
  private var identifiers: [String: String] = [:]

  package init() {}

  /// AWS's own words, which say nothing about whose resource it is, stay; so do types, numbers and times.
  private static let publicNames: Set<String> = [
    "Architecture", "BootMode", "State", "VirtualizationType", "RootDeviceType", "RootDeviceName", "Hypervisor",
    "ImageType", "ImdsSupport", "TpmSupport", "PlatformDetails", "Platform", "UsageOperation", "SriovNetSupport",
    "DeviceName", "VolumeType", "StorageTier", "SseType", "TransferType", "Progress", "Group", "OptInStatus",
    "ImageBlockPublicAccessState", "ManagedBy", "ImageAllowed", "DeregistrationProtection", "SourceImageRegion",
    "AvailabilityZone", "RegionName", "ImageOwnerAlias", "OwnerAlias", "ProductCodeType", "Code",
  ]

  package mutating func redacted(_ fixture: ResourceFixture) -> ResourceFixture {
    var fixture = fixture
    var organization = fixture.organization
    for account in organization.accounts { _ = self.account(account.id) }
    organization = Organization(
      id: organization.id.isEmpty ? "" : identifier(organization.id), arn: ARN(organization.arn).map { arn($0) } ?? "",
      managementAccount: organization.managementAccount.isEmpty ? "" : account(organization.managementAccount),
      partition: organization.partition,
      accounts: organization.accounts.map { account in
        Account(
          id: self.account(account.id), name: word(account.name, "account"),
          unitPath: path(account.unitPath, separator: "/", keepsFirst: false))
      }, units: [], membershipUnknown: organization.membershipUnknown)
    fixture.organization = organization
    fixture.resources = fixture.resources.map { redacted($0) }
    fixture.findings = fixture.findings.map { finding in
      var finding = finding
      finding.resource = string(finding.resource, under: "id")
      finding.message = ""
      finding.evidence = document(finding.evidence, under: "")
      return finding
    }
    return fixture
  }

  private mutating func redacted(_ resource: Resource) -> Resource {
    Resource(
      type: resource.type, id: resource.id == resource.region ? resource.id : string(resource.id, under: "id"),
      arn: ARN(resource.arn).map { arn($0) } ?? word(resource.arn, "arn"), account: account(resource.account),
      region: resource.region, tags: resource.tags.map { Tag(key: $0.key, value: word($0.value, "value")) },
      attributes: document(resource.attributes, under: ""),
      notes: resource.notes.map { note in
        AttributeNote(
          name: note.name,
          unread: note.unread.map { FailureReason(kind: $0.kind, code: $0.code, message: "redacted") }, readAt: nil)
      })
  }

  private mutating func document(_ value: Document, under name: String) -> Document {
    switch value.kind {
    case .string: return Document(string(value.string ?? "", under: name))
    case .array: return Document(value.elements.map { document($0, under: name) })
    case .object:
      // A tag's key is what policies speak of; its value is the company's.
      let isTag = value["Key"] != nil && value["Value"] != nil
      return Document(
        entries: value.entries.map { entry in
          let keeps = isTag && entry.name == "Key"
          return (entry.name, keeps ? entry.value : document(entry.value, under: entry.name))
        })
    default: return value
    }
  }

  private mutating func string(_ text: String, under name: String) -> String {
    if Self.publicNames.contains(name) || Timestamp(iso8601: text) != nil { return text }
    if Account.isID(text) { return account(text) }
    if isIdentifier(text) { return identifier(text) }
    if text.allSatisfy(\.isNumber) { return text }
    if let arn = ARN(text) { return self.arn(arn) }
    return word(text, name.isEmpty ? "text" : name.lowercased())
  }

  // MARK: Words

  private mutating func account(_ id: String) -> String {
    guard Account.isID(id) else { return id }
    if let known = accounts[id] { return known }
    let made = String(111_111_111_111 + accounts.count)
    accounts[id] = made
    return made
  }

  private mutating func word(_ text: String, _ kind: String) -> String {
    guard !text.isEmpty else { return text }
    if let known = words[text] { return known }
    let made = "\(kind)-\(words.count + 1)"
    words[text] = made
    return made
  }

  /// `ami-0b51…`, `o-abc`, `snap-…`, `vol-…`: the prefix stays.
  private mutating func identifier(_ id: String) -> String {
    if let known = identifiers[id] { return known }
    let prefix = id.prefix { $0 != "-" }
    let number = String(identifiers.count + 1, radix: 16)
    let made = "\(prefix)-\(String(repeating: "0", count: max(0, 17 - number.count)))\(number)"
    identifiers[id] = made
    return made
  }

  private func isIdentifier(_ text: String) -> Bool {
    let parts = text.split(separator: "-", maxSplits: 1)
    return parts.count == 2 && Self.prefixes.contains(String(parts[0]))
      && parts[1].allSatisfy { $0.isLetter || $0.isNumber }
  }

  private static let prefixes: Set<String> = ["ami", "snap", "vol", "i", "o", "ou", "r", "aki", "ari", "key"]

  /// Parts of a path that are account ids or identifiers; the first part of an ARN's resource is its kind.
  private mutating func path(_ text: String, separator: Character, keepsFirst: Bool) -> String {
    text.split(separator: separator, omittingEmptySubsequences: false).enumerated().map { position, part in
      let part = String(part)
      if part.isEmpty || keepsFirst && position == 0 { return part }
      if Account.isID(part) { return account(part) }
      return isIdentifier(part) ? identifier(part) : word(part, "name")
    }.joined(separator: String(separator))
  }

  private mutating func arn(_ arn: ARN) -> String {
    "arn:\(arn.partition):\(arn.service):\(arn.region):\(arn.account.isEmpty ? "" : account(arn.account)):"
      + path(arn.resource, separator: arn.resource.contains("/") ? "/" : ":", keepsFirst: true)
  }
}
