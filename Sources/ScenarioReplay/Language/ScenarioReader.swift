import Configuration
import EC2Simulator
package import Governance

extension Scenario {
  /// The bytes of a file that a scenario names; nil when there is none.
  package typealias Files = (_ path: String) throws -> [UInt8]?

  /// The scenario of a file, with every problem in it and in its world file at once.
  package init(source: SourceValue, files: @escaping Files) throws(SourceProblems) {
    let reader = ScenarioReader(source, files: files)
    guard let scenario = try reader.read() else { throw SourceProblems([]) }
    self = scenario
  }

  package static func parse(_ bytes: [UInt8], file: String, files: @escaping Files) throws(SourceProblems) -> Scenario {
    try Scenario(source: try YAML.parse(bytes, file: file), files: files)
  }

  /// The JSON Schema (draft 2020-12) of scenario files for editors, made from the table that the reader uses.
  package static var schema: String {
    Document(
      entries: [
        ("$schema", "https://json-schema.org/draft/2020-12/schema"), ("title", "Reeve scenario"),
        ("description", "A world, what happens in it, and what must be true afterwards."),
      ] + ScenarioKeys.shape.schema.entries.map { ($0.name, Optional($0.value)) }
    ).prettyJSON + "\n"
  }
}

/// Reads a scenario: first its form, held against the table, then what the names in it mean.
final class ScenarioReader {
  let reader = SourceReader()
  let source: SourceValue
  private let files: Scenario.Files
  var world = World(seed: 1, start: nil, ambientAccount: "")
  /// Steps by name, in the order of the timeline so far.
  var steps: [ScenarioStep] = []

  init(_ source: SourceValue, files: @escaping Scenario.Files) {
    self.source = source
    self.files = files
  }

  /// nil never comes back: either it throws or there is a scenario.
  func read() throws(SourceProblems) -> Scenario? {
    ConfigurationValidator(reader: reader).check(source, ScenarioKeys.shape)
    let place = readWorld(source["world"])
    let reeve = readConfiguration(source["reeve"])
    // What names mean cannot be told in a file whose form is wrong.
    try reader.finish()
    guard let place else { return nil }
    world = place.world
    for element in reader.elements(source["timeline"]) { readStep(element) }
    let expectations = readExpectations(source["expect"], of: nil)
    checkWhole()
    try reader.finish()
    return Scenario(
      title: reader.text(source["title"]) ?? "", world: place, reeve: reeve, timeline: steps,
      expectations: expectations)
  }

  private func readWorld(_ value: SourceValue?) -> ScenarioWorld? {
    guard let value, case .mapping(let entries) = value.content else { return nil }
    guard let file = value["file"] else {
      return world(of: value).map { ScenarioWorld($0, writing: .inline(value.document)) }
    }
    guard entries.count == 1, let path = reader.text(file) else {
      reader.problem(value.location, "a world that is in a file has nothing beside file: and its path")
      return nil
    }
    do {
      guard let bytes = try files(resolved(path)) else {
        reader.problem(file.location, "\(resolved(path)): no such file; paths begin at the scenario's folder")
        return nil
      }
      return world(of: try YAML.parse(bytes, file: resolved(path))).map { ScenarioWorld($0, writing: .file(path)) }
    } catch let problems as SourceProblems {
      add(problems)
    } catch {
      reader.problem(file.location, "\(resolved(path)): \(error)")
    }
    return nil
  }

  private func world(of value: SourceValue) -> World? {
    do { return try World(source: value) } catch {
      add(error)
      return nil
    }
  }

  private func readConfiguration(_ value: SourceValue?) -> ScenarioConfiguration {
    guard let value, case .mapping = value.content else { return .standard }
    do { return try ScenarioConfiguration(source: value) } catch {
      add(error)
      return .standard
    }
  }

  /// Without what the table has found already.
  private func add(_ problems: SourceProblems) {
    for problem in problems.problems where !reader.problems.contains(problem) {
      reader.problem(problem.location, problem.message)
    }
  }

  private func resolved(_ path: String) -> String {
    guard !path.hasPrefix("/"), let end = source.location.file.lastIndex(of: "/") else { return path }
    return source.location.file[...end] + path
  }

  /// What only the whole tells: something happens, and something could turn out wrong.
  private func checkWhole() {
    if steps.isEmpty {
      reader.problem(source["timeline"]?.location ?? source.location, "nothing happens: the timeline is empty")
    }
    let expecting = [source["expect"]] + reader.elements(source["timeline"]).map { $0["expect"] }
    guard expecting.allSatisfy({ $0 == nil }) else { return }
    reader.problem(
      source["expect"]?.location ?? source.location,
      "nothing is expected: a scenario that cannot fail proves nothing; say under expect what must be true")
  }
}

// MARK: Names

extension ScenarioReader {
  /// An account of the world by id or name. One that the timeline makes has an id that the file cannot know.
  func account(_ value: SourceValue?) -> String? {
    guard let value, let text = reader.text(value) else { return nil }
    if world.accountID(named: text) != nil { return text }
    let known = world.accountIDs.flatMap { id in [id] + (world.account(id).map { [$0.name] } ?? []) }
    reader.problem(
      value.location, "the world has no account \"\(text)\"; \(SourceReader.suggestion(for: text, among: known))")
    return text
  }

  func accounts(_ value: SourceValue?) -> [String] { reader.elements(value).compactMap { account($0) } }

  func region(_ value: SourceValue?) -> String? {
    guard let value, let text = reader.text(value) else { return nil }
    let known = world.regions.map(\.name)
    if !known.contains(text) {
      reader.problem(
        value.location, "the world has no region \"\(text)\"; \(SourceReader.suggestion(for: text, among: known))")
    }
    return text
  }

  /// An operation that the simulator has; a pattern that stands for at least one.
  func operation(_ value: SourceValue?) -> String? {
    guard let value, let text = reader.text(value) else { return nil }
    let rule = SelectionRule(key: "operation", pattern: text)
    guard !OperationTable.names.contains(where: { rule.matches($0) }) else { return text }
    let nearest = SourceReader.nearest(to: text, among: OperationTable.names)
    reader.problem(
      value.location, "the simulator has no operation \"\(text)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")
    )
    return nil
  }

  func step(_ value: SourceValue?, _ what: String, where isOne: (ScenarioStep) -> Bool) -> String? {
    guard let value, let text = reader.text(value) else { return nil }
    let known = steps.filter(isOne).map(\.name)
    if !known.contains(text) {
      reader.problem(
        value.location,
        known.isEmpty
          ? "no step before this one \(what)"
          : "no step \"\(text)\" before this one \(what); \(SourceReader.suggestion(for: text, among: known))")
    }
    return text
  }

  /// After the start, as a duration.
  func time(_ value: SourceValue?) -> Duration? {
    guard let value, let text = reader.text(value) else { return nil }
    if let duration = Duration(text: text) { return duration }
    guard let time = Timestamp(iso8601: text) else { return nil }
    let start = world.start ?? Scenario.defaultStart
    if time < start {
      reader.problem(value.location, "\(text) is before the world's clock starts, at \(start.iso8601)")
    }
    return time - start
  }
}

extension World {
  /// By id, or by a name that one account has.
  package func accountID(named text: String) -> String? {
    if account(text) != nil { return text }
    let named = accountIDs.filter { account($0)?.name == text }
    return named.count == 1 ? named[0] : nil
  }
}
