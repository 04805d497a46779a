import Determinism
package import Governance

extension World {
  /// The world of a file, with every problem in it at once. `seed` wins over the file's.
  package init(source: SourceValue, seed: UInt64? = nil) throws(SourceProblems) {
    let reader = WorldReader(source, seed: seed)
    reader.read()
    try reader.reader.finish()
    self = reader.world
  }
}

/// Reads a world file member by member.
///
/// Everything has a default, so that a file says only what matters to it: ids come from the seed and the names, member
/// accounts have the role that Organizations makes, the management account has the user `admin`, and an image has a
/// root device on a snapshot of its own.
final class WorldReader {
  let reader = SourceReader()
  let source: SourceValue
  var world: World
  /// Where the clock stands for everything that has no date of its own.
  let epoch: Timestamp
  /// Name or path → id, for the organization that is read.
  var units: [String: String] = [:]
  private(set) var fields: [String: SourceValue] = [:]

  static let keys = [
    "version", "seed", "clock", "rollout", "regions", "organization", "organizations", "accounts", "defaults",
    "generate",
    "ambient",
  ]
  /// The date that things have in a world that fixes no clock: they are as old as they are, whenever it is run.
  static let defaultEpoch = Timestamp(seconds: 1_767_225_600)

  init(_ source: SourceValue, seed: UInt64?) {
    self.source = source
    let clock = source["clock"].flatMap { Timestamp(iso8601: $0.text) }
    epoch = clock ?? Self.defaultEpoch
    world = World(seed: seed ?? 1, start: clock, ambientAccount: "")
    fields = reader.fields(of: source, known: Self.keys)
    if seed == nil, let given = reader.integer(fields["seed"]) { world.seed = UInt64(given) }
  }

  func read() {
    if let version = reader.integer(fields["version"]), version != 1 {
      reader.problem(fields["version"]?.location ?? source.location, "world files have version 1, found \(version)")
    }
    if let clock = fields["clock"], world.start == nil { _ = time(clock) }
    if let limit = reader.duration(fields["rollout"]) { world.rolloutLimit = limit }
    readRegions()
    readOrganizations()
    for account in reader.elements(fields["accounts"]) { readAccount(account) }
    finishOrganizations()
    if let generate = fields["generate"] { readPopulation(generate) }
    readDefaults()
    readAmbient()
  }

  func time(_ value: SourceValue?) -> Timestamp? {
    guard let value, let text = reader.text(value) else { return nil }
    guard let time = Timestamp(iso8601: text) else {
      reader.problem(value.location, "\"\(text)\" is no time; expected for example 2026-11-23T09:00:00Z")
      return nil
    }
    return time
  }

  /// `Key: value` lines.
  func tags(_ value: SourceValue?) -> [Tag] {
    guard let value else { return [] }
    let tags = reader.entries(of: value).map { Tag(key: $0.name.text, value: reader.text($0.value) ?? "") }
    return tags.sorted { $0.key < $1.key }
  }

  func policy(_ value: SourceValue, kind: Policy.Kind) -> Policy? {
    if case .string(let text) = value.content, text == "AdministratorAccess", kind != .trust { return .administrator }
    do {
      return try Policy(document: value.document, kind: kind)
    } catch {
      reader.problem(value.location, "this is no policy: \(error.description)")
      return nil
    }
  }

  private func readRegions() {
    guard let given = fields["regions"] else { return }
    var regions: [WorldRegion] = []
    for element in reader.elements(given) {
      if case .mapping = element.content {
        let fields = reader.fields(of: element, known: ["name", "optIn"])
        guard let name = reader.text(fields["name"]) else {
          reader.problem(element.location, "a region needs a name")
          continue
        }
        regions.append(WorldRegion(name: name, needsOptIn: reader.bool(fields["optIn"])))
      } else if let name = reader.text(element) {
        regions.append(WorldRegion(name: name))
      }
    }
    if regions.isEmpty { reader.problem(given.location, "a world needs a region") }
    world.regions = regions.sorted { $0.name < $1.name }
  }

  func region(_ value: SourceValue?) -> String? {
    guard let value, let name = reader.text(value) else { return nil }
    guard world.regions.contains(where: { $0.name == name }) else {
      reader.problem(
        value.location,
        "the world has no region \"\(name)\"; \(SourceReader.suggestion(for: name, among: world.regions.map(\.name)))")
      return nil
    }
    return name
  }

  private func readAmbient() {
    if let given = fields["ambient"] {
      guard let id = reader.accountID(given) else { return }
      if world.account(id) == nil { reader.problem(given.location, "the world has no account \(id)") }
      world.ambientAccount = id
    } else {
      world.ambientAccount = world.organizations.first?.managementAccount ?? world.accountIDs.first ?? ""
    }
    if world.accountIDs.isEmpty { reader.problem(source.location, "a world needs an account, or generate") }
  }
}

// MARK: Organizations

extension WorldReader {
  static let organizationKeys = [
    "id", "root", "management", "units", "policies", "withoutFullAccess", "delegatedAdministrators",
  ]

  private func readOrganizations() {
    if let organization = fields["organization"] { readOrganization(organization, isFirst: true) }
    for organization in reader.elements(fields["organizations"]) {
      readOrganization(organization, isFirst: world.organizations.isEmpty)
    }
    // A population without an organization of its own needs one.
    if world.organizations.isEmpty, fields["generate"] != nil { addOrganization(id: nil, root: nil, management: nil) }
  }

  private func addOrganization(id: String?, root: String?, management: String?) {
    let number = world.organizations.count
    var generator = world.generator("organization/\(number)")
    let defaultID = "o-" + generator.hexadecimal(digits: 10)
    let defaultRoot = "r-" + generator.hexadecimal(digits: 4)
    world.organizations.append(
      WorldOrganization(
        id: id ?? defaultID, root: root ?? defaultRoot,
        managementAccount: management ?? world.derivedAccountID("management/\(number)")))
  }

  private func readOrganization(_ value: SourceValue, isFirst: Bool) {
    let fields = reader.fields(of: value, known: Self.organizationKeys)
    let id = reader.text(fields["id"])
    if let id, world.organization(id) != nil {
      reader.problem(value.location, "the organization \(id) is given twice")
      return
    }
    addOrganization(id: id, root: reader.text(fields["root"]), management: reader.accountID(fields["management"]))
    let position = world.organizations.count - 1
    let organization = world.organizations[position]
    units["\(organization.id)/"] = organization.root
    for unit in reader.elements(fields["units"]) {
      readUnit(unit, in: position, parent: organization.root, path: "")
    }
    for policy in reader.elements(fields["policies"]) { readServiceControlPolicy(policy, in: position) }
    let withheld = reader.elements(fields["withoutFullAccess"]).compactMap { target($0, in: position) }
    world.organizations[position].withoutFullAccess = Set(withheld)
    for delegate in reader.elements(fields["delegatedAdministrators"]) {
      let fields = reader.fields(of: delegate, known: ["account", "services", "since"])
      guard let account = reader.accountID(fields["account"]) else {
        reader.problem(delegate.location, "a delegated administrator needs an account")
        continue
      }
      world.organizations[position].delegates.append(
        WorldDelegate(
          account: account, services: reader.texts(fields["services"]), since: time(fields["since"]) ?? epoch))
    }
  }

  /// A name, or a mapping with units of its own.
  private func readUnit(_ value: SourceValue, in position: Int, parent: String, path: String) {
    var fields: [String: SourceValue] = [:]
    let name: String?
    if case .mapping = value.content {
      fields = reader.fields(of: value, known: ["id", "name", "units"])
      name = reader.text(fields["name"])
    } else {
      name = reader.text(value)
    }
    guard let name, !name.isEmpty else {
      reader.problem(value.location, "an organizational unit needs a name")
      return
    }
    let organization = world.organizations[position]
    let place = path + name
    var generator = world.generator("unit/\(organization.id)/\(place)")
    let derived = "ou-\(organization.root.dropFirst(2))-\(generator.hexadecimal(digits: 8))"
    let id = reader.text(fields["id"]) ?? derived
    guard organization.unit(id) == nil, units["\(organization.id)/\(place)"] == nil else {
      reader.problem(value.location, "the organizational unit \(place) is given twice")
      return
    }
    world.organizations[position].units.append(WorldUnit(id: id, name: name, parent: parent))
    units["\(organization.id)/\(place)"] = id
    units["\(organization.id)/\(id)"] = id
    for child in reader.elements(fields["units"]) { readUnit(child, in: position, parent: id, path: place + "/") }
  }

  private func readServiceControlPolicy(_ value: SourceValue, in position: Int) {
    let fields = reader.fields(of: value, known: ["name", "targets", "document"])
    guard let document = fields["document"], let policy = policy(document, kind: .serviceControl) else {
      if fields["document"] == nil { reader.problem(value.location, "a service control policy needs a document") }
      return
    }
    let targets = reader.elements(fields["targets"]).compactMap { target($0, in: position) }
    world.organizations[position].policies.append(
      WorldServiceControlPolicy(name: reader.text(fields["name"]) ?? "policy", targets: targets, policy: policy))
  }

  /// `root`, a unit by path or id, an account id.
  private func target(_ value: SourceValue, in position: Int) -> String? {
    guard let text = reader.text(value) else { return nil }
    let organization = world.organizations[position]
    if text == "root" || text == organization.root { return organization.root }
    if Account.isID(text) { return text }
    return unit(named: text, at: value, in: organization)
  }

  func unit(named text: String, at value: SourceValue, in organization: WorldOrganization) -> String? {
    if text == "root" || text == organization.root { return organization.root }
    if let id = units["\(organization.id)/\(text)"] { return id }
    let known = units.keys.filter { $0.hasPrefix("\(organization.id)/") }
      .map { String($0.dropFirst(organization.id.count + 1)) }.filter { !$0.isEmpty && !$0.hasPrefix("ou-") }
    reader.problem(
      value.location,
      "the organization has no unit \"\(text)\"; \(SourceReader.suggestion(for: text, among: known + ["root"]))")
    return nil
  }

  /// A management account that no line describes is there all the same.
  private func finishOrganizations() {
    for (number, organization) in world.organizations.enumerated() {
      let id = organization.managementAccount
      guard world.account(id) == nil else { continue }
      world.put(
        WorldAccount(
          id: id, name: "management", email: "aws+\(id)@example.com", organization: organization.id,
          parent: organization.root, joined: epoch, joinedMethod: "INVITED",
          users: number == 0 ? [world.admin(of: id)] : []))
    }
  }
}
