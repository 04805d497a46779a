import Determinism
import Governance

extension WorldReader {
  static let organizationKeys = [
    "id", "root", "management", "units", "policies", "policyTypes", "withoutFullAccess", "delegatedAdministrators",
    "trustedServices", "resourcePolicy", "rootTags",
  ]

  func readOrganizations() {
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
    readPolicies(fields, in: position)
    readDelegates(fields, in: position)
    world.organizations[position].rootTags = tags(fields["rootTags"])
    if let policy = fields["resourcePolicy"] {
      world.organizations[position].resourcePolicy = reader.text(policy)
    }
  }

  /// A name, or a mapping with units of its own.
  private func readUnit(_ value: SourceValue, in position: Int, parent: String, path: String) {
    var fields: [String: SourceValue] = [:]
    let name: String?
    if case .mapping = value.content {
      fields = reader.fields(of: value, known: ["id", "name", "units", "tags"])
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
    world.organizations[position].units.append(
      WorldUnit(id: id, name: name, parent: parent, tags: tags(fields["tags"])))
    units["\(organization.id)/\(place)"] = id
    units["\(organization.id)/\(id)"] = id
    for child in reader.elements(fields["units"]) { readUnit(child, in: position, parent: id, path: place + "/") }
  }

  /// `root`, a unit by path or id, an account id.
  func target(_ value: SourceValue, in position: Int) -> String? {
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
  func finishOrganizations() {
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
