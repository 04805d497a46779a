package import Governance

/// Resources in a file, for a plugin's author: written by `reeve plugin record` or by hand, read by `reeve plugin run`.
///
/// A list of resources, or an object with `resources` and, for remediators, `findings` that name a resource by its id.
package struct ResourceFixture: Sendable {
  package struct Finding: Sendable, Equatable {
    package var resource: String
    package var check: String
    package var message: String
    package var evidence: Document

    package init(resource: String, check: String, message: String, evidence: Document) {
      self.resource = resource
      self.check = check
      self.message = message
      self.evidence = evidence
    }
  }

  package var organization: Organization
  package var resources: [Resource]
  package var findings: [Finding]

  package init(organization: Organization, resources: [Resource], findings: [Finding] = []) {
    self.organization = organization
    self.resources = resources
    self.findings = findings
  }

  /// Every problem of the file at once.
  package init(json bytes: [UInt8]) throws(JSONProblems) {
    let document = try JSONReader.document(bytes)
    let parser = FixtureParser()
    self = parser.fixture(document)
    try parser.reader.finish()
  }

  /// The file: the same fixture always gives the same bytes.
  package var json: String {
    Document(entries: [
      ("version", 1), ("organization", Self.document(organization)),
      ("resources", Document(resources.map(Self.document))),
      (
        "findings",
        findings.isEmpty
          ? nil
          : Document(
            findings.map {
              Document(entries: [
                ("resource", Document($0.resource)), ("check", Document($0.check)), ("message", Document($0.message)),
                ("evidence", $0.evidence),
              ])
            })
      ),
    ]).prettyJSON + "\n"
  }

  private static func document(_ organization: Organization) -> Document {
    Document(entries: [
      ("id", Document(organization.id)), ("managementAccount", Document(organization.managementAccount)),
      (
        "accounts",
        Document(
          organization.accounts.map {
            Document(entries: [
              ("id", Document($0.id)), ("name", Document($0.name)), ("unitPath", Document($0.unitPath)),
            ])
          })
      ),
    ])
  }

  private static func document(_ resource: Resource) -> Document {
    Document(entries: [
      ("type", Document(resource.type)), ("id", Document(resource.id)), ("arn", Document(resource.arn)),
      ("account", Document(resource.account)), ("region", Document(resource.region)),
      (
        "tags",
        resource.tags.isEmpty
          ? nil : Document(resource.tags.map { ["Key": Document($0.key), "Value": Document($0.value)] })
      ),
      ("attributes", resource.attributes),
      ("unread", unread(resource)),
    ])
  }

  private static func unread(_ resource: Resource) -> Document? {
    let notes = resource.notes.compactMap { note in
      note.unread.map { reason in
        (
          name: note.name,
          value: Document?.some(["code": Document(reason.code), "message": Document(reason.message)])
        )
      }
    }
    return notes.isEmpty ? nil : Document(entries: notes.sorted { $0.name < $1.name })
  }
}

private struct FixtureParser {
  let reader = JSONReader()

  func fixture(_ document: Document) -> ResourceFixture {
    var fixture = ResourceFixture(organization: Self.nobody, resources: [])
    if document.kind == .array {
      fixture.resources = resources(.init(document))
      return fixture
    }
    let members = reader.members(
      of: .init(document), known: ["version", "organization", "resources", "findings"], required: ["resources"])
    if let place = members["version"], let version = reader.integer(place), version != 1 {
      reader.problem(place.pointer, "is \(version), this reeve reads 1: use the reeve that wrote it")
    }
    if let place = members["organization"] { fixture.organization = organization(place) }
    fixture.resources = resources(members["resources"])
    for element in reader.elements(members["findings"]) {
      let members = reader.members(
        of: element, known: ["resource", "check", "message", "evidence"], required: ["resource", "check"])
      guard let id = reader.text(members["resource"]), let check = reader.text(members["check"]) else { continue }
      let known = fixture.resources.map(\.id)
      guard known.contains(id) else {
        reader.problem(
          JSONPointer.below(element.pointer, "resource"),
          "no resource \"\(id)\"; \(SourceReader.suggestion(for: id, among: known))")
        continue
      }
      fixture.findings.append(
        .init(
          resource: id, check: check, message: members["message"]?.value.string ?? "",
          evidence: members["evidence"]?.value ?? .emptyObject))
    }
    return fixture
  }

  private static let nobody = Organization(
    id: "", arn: "", managementAccount: "", partition: .aws, accounts: [], units: [],
    membershipUnknown: "the resources come from a file that names no organization")

  private func organization(_ place: JSONReader.Place) -> Organization {
    let members = reader.members(of: place, known: ["id", "managementAccount", "accounts"], required: ["id"])
    let accounts = reader.elements(members["accounts"]).compactMap { element -> Account? in
      let members = reader.members(of: element, known: ["id", "name", "unitPath"], required: ["id"])
      guard let id = reader.text(members["id"], "twelve digits", where: Account.isID) else { return nil }
      return Account(
        id: id, name: members["name"]?.value.string ?? "", unitPath: members["unitPath"]?.value.string ?? "")
    }
    let id = members["id"]?.value.string ?? ""
    let management = members["managementAccount"]?.value.string ?? ""
    return Organization(
      id: id, arn: "arn:aws:organizations::\(management):organization/\(id)", managementAccount: management,
      partition: .aws, accounts: accounts, units: [])
  }

  private func resources(_ place: JSONReader.Place?) -> [Resource] {
    reader.elements(place).compactMap { resource($0) }
  }

  private func resource(_ place: JSONReader.Place) -> Resource? {
    let members = reader.members(
      of: place, known: ["type", "id", "arn", "account", "region", "tags", "attributes", "unread"],
      required: ["type", "id"])
    guard let type = reader.text(members["type"], ManifestWord.typeForm, where: ManifestWord.isPair),
      let id = reader.text(members["id"])
    else { return nil }
    let account = members["account"].map { reader.text($0, "twelve digits", where: Account.isID) } ?? "111122223333"
    let region = members["region"].map { reader.text($0) } ?? "eu-central-1"
    guard let account, let region else { return nil }
    let kind = type.split(separator: ":").last.map(String.init) ?? ""
    let arn = members["arn"].flatMap { reader.text($0) } ?? "arn:aws:ec2:\(region)::\(kind)/\(id)"
    let attributes = members["attributes"]?.value ?? .emptyObject
    if attributes.kind != .object, let place = members["attributes"] {
      reader.problem(place.pointer, "expected an object, found \(attributes.kindName)")
    }
    return Resource(
      type: type, id: id, arn: arn, account: account, region: region, tags: tags(members["tags"], attributes),
      attributes: attributes, notes: notes(members["unread"]))
  }

  /// Left out, they are what the attributes say.
  private func tags(_ place: JSONReader.Place?, _ attributes: Document) -> [Tag] {
    let elements = place.map { reader.elements($0).map(\.value) } ?? attributes["Tags"]?.elements ?? []
    return elements.compactMap { tag in
      guard let key = tag["Key"]?.string, let value = tag["Value"]?.string else {
        if let place { reader.problem(place.pointer, "expected objects with Key and Value, found \(tag.json)") }
        return nil
      }
      return Tag(key: key, value: value)
    }
  }

  private func notes(_ place: JSONReader.Place?) -> [AttributeNote] {
    reader.entries(place).map { name, place in
      let members = reader.members(of: place, known: ["code", "message"], required: ["code"])
      let code = reader.text(members["code"]) ?? ""
      return AttributeNote(
        name: name,
        unread: FailureReason(kind: .denied, code: code, message: members["message"]?.value.string ?? ""))
    }
  }
}
