import Governance
import Orchestrator

extension PluginLock {
  /// Reads the file. Every problem at once.
  package init(json bytes: [UInt8]) throws(JSONProblems) {
    let document = try JSONReader.document(bytes)
    let parser = LockParser()
    self = parser.lock(document)
    try parser.reader.finish()
  }
}

private struct LockParser {
  let reader = JSONReader()

  private enum Isolation: String, CaseIterable { case sandbox, inline }

  func lock(_ document: Document) -> PluginLock {
    let members = reader.members(
      of: .init(document), known: ["version", "plugins", "shipped"], required: ["version", "plugins"])
    if let place = members["version"], let version = reader.integer(place), version != 1 {
      reader.problem(place.pointer, "is \(version), this reeve reads 1: use the reeve that wrote it")
    }
    var lock = PluginLock()
    for element in reader.elements(members["plugins"]) {
      guard let entry = entry(element) else { continue }
      if lock.plugins.contains(where: { $0.id == entry.id }) { repeated(entry.id, element) }
      lock.plugins.append(entry)
    }
    for element in reader.elements(members["shipped"]) {
      guard let entry = shipped(element) else { continue }
      if lock.shipped.contains(where: { $0.id == entry.id }) { repeated(entry.id, element) }
      lock.shipped.append(entry)
    }
    return lock
  }

  private func repeated(_ id: String, _ place: JSONReader.Place) {
    reader.problem(JSONPointer.below(place.pointer, "id"), "\"\(id)\" is given twice")
  }

  private func entry(_ place: JSONReader.Place) -> PluginLock.Entry? {
    let names = ["id", "version", "path", "library", "manifest", "operations", "resourceTypes", "isolation"]
    let members = reader.members(of: place, known: names, required: names)
    let id = id(members["id"])
    let version = reader.text(members["version"], ManifestWord.versionForm, where: ManifestWord.isVersion)
    let path = reader.text(members["path"], "a path relative to the lock") { !$0.hasPrefix("/") }
    var library: [String: String] = [:]
    for (platform, place) in reader.entries(members["library"]) { library[platform] = digest(place) }
    let manifest = digest(members["manifest"])
    let operations = operations(members["operations"])
    let types = reader.texts(members["resourceTypes"], ManifestWord.typeForm, where: ManifestWord.isPair)
    let isolation = isolation(members["isolation"])
    guard let id, let version, let path, let manifest, let isolation else { return nil }
    return PluginLock.Entry(
      id: id, version: version, path: path, library: library, manifest: manifest, operations: operations,
      resourceTypes: types, isolation: isolation)
  }

  private func shipped(_ place: JSONReader.Place) -> PluginLock.Shipped? {
    let members = reader.members(of: place, known: ["id", "operations", "isolation"], required: ["id"])
    let id = id(members["id"])
    let isolation = members["isolation"] == nil ? PluginManifest.Isolation.inline : isolation(members["isolation"])
    guard let id, let isolation else { return nil }
    return PluginLock.Shipped(
      id: id, operations: members["operations"].map { operations($0) }, isolation: isolation)
  }

  private func id(_ place: JSONReader.Place?) -> String? {
    reader.text(place, ManifestWord.idForm, where: ManifestWord.isID)
  }

  private func operations(_ place: JSONReader.Place?) -> [String] {
    reader.texts(place, ManifestWord.operationForm, where: ManifestWord.isPair)
  }

  private func digest(_ place: JSONReader.Place?) -> String? {
    reader.text(place, "a SHA-256 (64 hexadecimal digits)", where: Digest.isSHA256)
  }

  private func isolation(_ place: JSONReader.Place?) -> PluginManifest.Isolation? {
    reader.choice(place, among: Isolation.self).map { $0 == .sandbox ? .sandbox : .inline }
  }
}
