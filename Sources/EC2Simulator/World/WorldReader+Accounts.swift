import Governance

extension WorldReader {
  static let accountKeys = [
    "id", "name", "email", "state", "alias", "organization", "unit", "joined", "joinedMethod", "tags", "optIn", "users",
    "roles", "groups", "policies", "identityProviders", "publicImageQuota", "imageQuota", "imageBlockPublicAccess",
    "snapshotBlockPublicAccess", "allowedImages", "encryptionByDefault", "foreignTags", "recycleBin", "images",
    "snapshots", "volumes", "instances", "launchTemplates", "imageUsageReports", "generate",
  ]
  static let states = ["PENDING_ACTIVATION", "ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "CLOSED"]

  func readAccount(_ value: SourceValue) {
    let fields = reader.fields(of: value, known: Self.accountKeys)
    let name = reader.text(fields["name"])
    guard fields["id"] != nil || name != nil else {
      reader.problem(value.location, "an account needs an id or a name")
      return
    }
    guard let id = fields["id"] == nil ? world.derivedAccountID(name ?? "") : reader.accountID(fields["id"]) else {
      return
    }
    guard world.account(id) == nil else {
      reader.problem(value.location, "the account \(id) is given twice")
      return
    }
    var account = WorldAccount(
      id: id, name: name ?? id, email: reader.text(fields["email"]) ?? "aws+\(id)@example.com",
      joined: time(fields["joined"]) ?? epoch)
    account.state = reader.choice(fields["state"], among: Self.states) ?? "ACTIVE"
    account.alias = reader.text(fields["alias"])
    account.tags = tags(fields["tags"])
    account.optedIn = Set(reader.elements(fields["optIn"]).compactMap { region($0) })
    account.publicImageQuota = reader.integer(fields["publicImageQuota"]) ?? 5
    account.imageQuota = reader.integer(fields["imageQuota"]) ?? WorldAccount.defaultImageQuota
    place(&account, fields)
    if let method = reader.choice(fields["joinedMethod"], among: ["INVITED", "CREATED"]) {
      account.joinedMethod = method
    }
    readIdentities(&account, fields)
    world.put(account)
    for volume in reader.elements(fields["volumes"]) { readVolume(volume, of: id) }
    // Snapshots first: an image's devices may name them.
    for snapshot in reader.elements(fields["snapshots"]) { readSnapshot(snapshot, of: id) }
    for image in reader.elements(fields["images"]) { readImage(image, of: id) }
    if let generate = fields["generate"] { readImages(generated: generate, of: id) }
    readWorkloads(of: id, fields)
    readSettings(of: id, fields)
  }

  /// The first organization's root, unless the account says otherwise; `organization: none` makes it a stranger.
  private func place(_ account: inout WorldAccount, _ fields: [String: SourceValue]) {
    let named = reader.text(fields["organization"])
    guard named != "none", let first = world.organizations.first else { return }
    guard let organization = named.map({ world.organization($0) }) ?? first else {
      if let field = fields["organization"] {
        let known = world.organizations.map(\.id) + ["none"]
        reader.problem(
          field.location,
          "the world has no organization \"\(named ?? "")\"; \(SourceReader.suggestion(for: named ?? "", among: known))"
        )
      }
      return
    }
    account.organization = organization.id
    account.parent = organization.root
    if let field = fields["unit"], let text = reader.text(field) {
      account.parent = unit(named: text, at: field, in: organization) ?? organization.root
    }
    if organization.managementAccount == account.id { account.joinedMethod = "INVITED" }
  }

  // MARK: Settings per region

  private static let imageStates = ["block-new-sharing", "unblocked"]
  private static let snapshotStates = ["block-all-sharing", "block-new-sharing", "unblocked"]

  /// Settings of every account of the governed organization that has not its own.
  func readDefaults() {
    guard let defaults = fields["defaults"], let organization = world.organizations.first else { return }
    let fields = reader.fields(of: defaults, known: ["imageBlockPublicAccess", "snapshotBlockPublicAccess"])
    var image: GuardrailSetting?
    var snapshot: GuardrailSetting?
    if let value = fields["imageBlockPublicAccess"] { image = guardrail(value, states: Self.imageStates) }
    if let value = fields["snapshotBlockPublicAccess"] { snapshot = guardrail(value, states: Self.snapshotStates) }
    for account in world.accountsByOrganization[organization.id] ?? [] {
      for region in world.regions where world.isRegionEnabled(region.name, in: account) {
        world.change(Scope(account: account, region: region.name)) { state in
          if state.imageBlockPublicAccess == nil { state.imageBlockPublicAccess = image }
          if state.snapshotBlockPublicAccess == nil { state.snapshotBlockPublicAccess = snapshot }
        }
      }
    }
  }

  private func readSettings(of account: String, _ fields: [String: SourceValue]) {
    eachRegion(fields["imageBlockPublicAccess"]) { region, value in
      guard let setting = guardrail(value, states: Self.imageStates) else { return }
      world.change(Scope(account: account, region: region)) { $0.imageBlockPublicAccess = setting }
    }
    eachRegion(fields["snapshotBlockPublicAccess"]) { region, value in
      guard let setting = guardrail(value, states: Self.snapshotStates) else { return }
      world.change(Scope(account: account, region: region)) { $0.snapshotBlockPublicAccess = setting }
    }
    eachRegion(fields["allowedImages"]) { region, value in
      let fields = reader.fields(of: value, known: ["state", "managedBy", "criteria"])
      var setting = AllowedImages()
      setting.state = reader.choice(fields["state"], among: ["enabled", "audit-mode", "disabled"]) ?? "disabled"
      setting.managedBy = reader.choice(fields["managedBy"], among: ["account", "declarative-policy"]) ?? "account"
      setting.criteria = reader.elements(fields["criteria"]).map(\.document)
      world.change(Scope(account: account, region: region)) { $0.allowedImages = setting }
    }
    readEncryption(of: account, fields)
    readRecycleBin(of: account, fields)
    eachRegion(fields["foreignTags"]) { region, value in
      for (id, given) in reader.entries(of: value) {
        let tags = tags(given)
        world.change(Scope(account: account, region: region)) { $0.foreignTags[id.text] = tags }
      }
    }
  }

  /// By region, `*` for all of them; what names a region wins.
  func eachRegion(_ value: SourceValue?, _ body: (String, SourceValue) -> Void) {
    guard let value else { return }
    let entries = reader.entries(of: value)
    for entry in entries where entry.name.text == "*" {
      for region in world.regions { body(region.name, entry.value) }
    }
    for entry in entries where entry.name.text != "*" {
      if let name = region(entry.name) { body(name, entry.value) }
    }
  }

  /// The state alone, or with who manages it and what is under way.
  private func guardrail(_ value: SourceValue, states: [String]) -> GuardrailSetting? {
    guard case .mapping = value.content else {
      return reader.choice(value, among: states).map { GuardrailSetting(state: $0) }
    }
    let fields = reader.fields(of: value, known: ["state", "managedBy", "becomes", "at"])
    guard let state = reader.choice(fields["state"], among: states) else {
      if fields["state"] == nil { reader.problem(value.location, "block public access needs a state") }
      return nil
    }
    var setting = GuardrailSetting(state: state)
    setting.managedBy = reader.choice(fields["managedBy"], among: ["account", "declarative-policy"]) ?? "account"
    if let next = reader.choice(fields["becomes"], among: states), let time = time(fields["at"]) {
      setting.pending = GuardrailSetting.Change(state: next, at: time)
    }
    return setting
  }
}
