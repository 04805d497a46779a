import Governance
import Orchestrator

/// Reads `plugin.json`. Missing parts are reported for the kinds that need them; parts of other kinds are reported too,
/// so that nobody believes in a setting that has no effect.
struct ManifestParser {
  let reader = JSONReader()

  private static let known = [
    "id", "version", "abi", "summary", "library", "kinds", "checks", "resourceTypes", "attributes", "onDemand", "reads",
    "remediates", "operations", "configuration",
  ]
  /// What a tagger's operations become.
  static let taggerOperations = ["ec2:CreateTags", "ec2:DeleteTags"]

  func file(_ document: Document) -> ManifestFile? {
    let members = reader.members(
      of: .init(document), known: Self.known, required: ["id", "version", "abi", "summary", "library", "kinds"])
    let kinds = kinds(members["kinds"])
    let types = reader.texts(members["resourceTypes"], ManifestWord.typeForm, where: ManifestWord.isPair)
    let checks = checks(members["checks"])
    let attributes = self.attributes(members["attributes"], of: types)
    let onDemand = self.attributes(members["onDemand"], of: types)
    for (type, names) in onDemand.sorted(by: { $0.key < $1.key }) {
      for name in names where !(attributes[type] ?? []).contains(name) {
        reader.problem("/onDemand/\(type)", "\"\(name)\" is not among /attributes/\(type)")
      }
    }
    let reads = self.attributes(members["reads"], of: types + checks.flatMap(\.resourceTypes))
    let remediates = reader.texts(members["remediates"], ManifestWord.idForm, where: ManifestWord.isID)
    var operations = reader.texts(
      members["operations"], ManifestWord.operationForm, where: ManifestWord.isPair)
    agree(kinds: kinds, members: members)
    if kinds.contains(.tagger) { operations += Self.taggerOperations.filter { !operations.contains($0) } }
    let schema = configuration(members["configuration"])
    let id = reader.text(members["id"], ManifestWord.idForm, where: ManifestWord.isID)
    let version = reader.text(members["version"], ManifestWord.versionForm, where: ManifestWord.isVersion)
    let abi = reader.integer(members["abi"])
    let summary = reader.text(members["summary"])
    let library = reader.text(members["library"], ManifestWord.libraryForm, where: ManifestWord.isLibraryName)
    guard let id, let version, let abi, let summary, let library else { return nil }
    return ManifestFile(
      manifest: PluginManifest(
        id: id, version: version, summary: summary, kinds: kinds, checks: checks, resourceTypes: types,
        attributes: attributes, onDemandAttributes: onDemand, readsAttributes: reads, remediates: remediates,
        operations: operations.sorted(),
        configurationSchema: schema),
      library: library, abi: abi)
  }

  private func kinds(_ place: JSONReader.Place?) -> [PluginManifest.Kind] {
    var kinds: [PluginManifest.Kind] = []
    for element in reader.elements(place) {
      guard let kind = reader.choice(element, among: PluginManifest.Kind.self) else { continue }
      if kinds.contains(kind) {
        reader.problem(element.pointer, "\"\(kind.rawValue)\" is given twice")
      } else {
        kinds.append(kind)
      }
    }
    if let place, place.value.kind == .array, place.value.count == 0 {
      reader.problem(place.pointer, "is empty; expected one or more of discovery, check, tagger, remediator")
    }
    return kinds
  }

  /// Which members go with which kinds.
  private func agree(kinds: [PluginManifest.Kind], members: [String: JSONReader.Place]) {
    func isFilled(_ name: String) -> Bool { (members[name]?.value.count ?? 0) > 0 }
    func needs(_ kind: PluginManifest.Kind, _ names: [String]) {
      for name in names where kinds.contains(kind) && !isFilled(name) {
        reader.problem("/\(name)", "a \(kind.rawValue) plugin needs at least one entry here")
      }
    }
    func belongs(_ name: String, to allowed: [PluginManifest.Kind]) {
      guard isFilled(name), !kinds.isEmpty, !kinds.contains(where: allowed.contains) else { return }
      let words = allowed.map(\.rawValue).joined(separator: " or ")
      reader.problem("/\(name)", "has no meaning without the kind \(words) in /kinds")
    }
    needs(.check, ["checks"])
    needs(.discovery, ["resourceTypes", "operations"])
    needs(.remediator, ["remediates", "operations"])
    if kinds.contains(.tagger), !isFilled("checks") { needs(.tagger, ["resourceTypes"]) }
    belongs("checks", to: [.check])
    belongs("resourceTypes", to: [.discovery, .tagger, .remediator])
    belongs("attributes", to: [.discovery])
    belongs("onDemand", to: [.discovery])
    belongs("reads", to: [.tagger, .remediator])
    belongs("remediates", to: [.remediator])
    belongs("operations", to: [.discovery, .tagger, .remediator])
  }

  private func checks(_ place: JSONReader.Place?) -> [PluginManifest.Check] {
    var checks: [PluginManifest.Check] = []
    for element in reader.elements(place) {
      guard let check = check(element) else { continue }
      if checks.contains(where: { $0.id == check.id }) {
        reader.problem(JSONPointer.below(element.pointer, "id"), "\"\(check.id)\" is given twice")
      } else {
        checks.append(check)
      }
    }
    return checks
  }

  private func check(_ place: JSONReader.Place) -> PluginManifest.Check? {
    let members = reader.members(
      of: place,
      known: ["id", "title", "severity", "resourceTypes", "attributes", "remediation", "frameworks"],
      required: ["id", "title", "severity", "resourceTypes", "attributes"])
    let id = reader.text(members["id"], ManifestWord.idForm, where: ManifestWord.isID)
    let title = reader.text(members["title"])
    let severity = reader.choice(members["severity"], among: Severity.self)
    let types = reader.texts(members["resourceTypes"], ManifestWord.typeForm, where: ManifestWord.isPair)
    if let types = members["resourceTypes"], types.value.kind == .array, types.value.count == 0 {
      reader.problem(types.pointer, "is empty; a check without a resource type never runs")
    }
    let attributes = reader.texts(members["attributes"])
    let remediation = members["remediation"].flatMap { reader.text($0) } ?? ""
    let frameworks = reader.entries(members["frameworks"]).map {
      (framework: $0.name, controls: reader.texts($0.place))
    }
    guard let id, let title, let severity else { return nil }
    return PluginManifest.Check(
      id: id, title: title, severity: severity, remediation: remediation, resourceTypes: types,
      attributes: attributes, frameworks: frameworks)
  }

  /// Attribute names by resource type; every type must be one that the plugin names.
  private func attributes(_ place: JSONReader.Place?, of types: [String]) -> [String: [String]] {
    var attributes: [String: [String]] = [:]
    for (type, names) in reader.entries(place) {
      if !types.contains(type) {
        let known = types.isEmpty ? "none is named" : SourceReader.suggestion(for: type, among: types)
        reader.problem(names.pointer, "\"\(type)\" is not among this plugin's resource types; \(known)")
      }
      attributes[type] = reader.texts(names)
    }
    return attributes
  }

  /// Without a schema no configuration is taken: one that has no effect would be believed in.
  private func configuration(_ place: JSONReader.Place?) -> Document {
    guard let place else { return ["type": "object", "additionalProperties": false] }
    do {
      _ = try ConfigurationSchema(place.value, at: place.pointer)
    } catch {
      for problem in error.problems { reader.problem(problem.pointer, problem.message) }
    }
    return place.value
  }
}
