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
  /// Where each access key id stands: one holder each.
  var accessKeyPlaces: [String: SourceValue.Location] = [:]
  private(set) var fields: [String: SourceValue] = [:]

  static let keys = [
    "version", "seed", "clock", "rollout", "regions", "organization", "organizations", "accounts", "defaults",
    "generate", "ambient", "creation", "promises", "strictness", "throttling", "faults", "webIdentityTokens",
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
    if let time = reader.duration(fields["creation"]) { world.creationTime = time }
    if let throttling = reader.choice(fields["throttling"], among: ["on", "off"]) {
      world.isThrottling = throttling == "on"
    }
    if let strictness = reader.choice(fields["strictness"], among: Strictness.allCases.map(\.rawValue)) {
      world.strictness = Strictness(rawValue: strictness) ?? .aws
    }
    if let faults = fields["faults"] { world.faults = FaultRule.read(faults, with: reader) }
    readRegions()
    readOrganizations()
    for account in reader.elements(fields["accounts"]) { readAccount(account) }
    finishOrganizations()
    if let generate = fields["generate"] { readPopulation(generate) }
    readWebTokens()
    readDefaults()
    readPromises()
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

  /// The id that a file gives a resource; nil where it gives none, or, with a problem, one that the API would call
  /// malformed.
  func id(_ value: SourceValue?, prefix: String) -> String? {
    guard let value, let id = reader.text(value) else { return nil }
    guard ResourceID.isWellFormed(id, prefix: prefix) else {
      reader.problem(
        value.location, "\"\(id)\" is no id; expected \(prefix)- and 8 or 17 hexadecimal digits in lower case")
      return nil
    }
    return id
  }

  /// `Key: value` lines.
  func tags(_ value: SourceValue?) -> [Tag] {
    guard let value else { return [] }
    let tags = reader.entries(of: value).map { Tag(key: $0.name.text, value: reader.text($0.value) ?? "") }
    return tags.sorted { $0.key < $1.key }
  }

  func policy(_ value: SourceValue, kind: Policy.Kind) -> Policy? {
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
