import Configuration
import Governance
import Orchestrator
import PluginHost
import Testing

@testable import ScenarioReplay

struct ScenarioTests {
  static func run(_ scenario: Scenario, seed: UInt64) -> ScenarioResult {
    let plugins = scenario.reeve.configuration.plugins
    guard !plugins.directories.isEmpty || plugins.lock != nil else {
      return ScenarioRunner(.init(scheduleSeed: seed, catalog: ShippedPlugins.host)).run(scenario)
    }
    let host = ShippedPlugins.load(lock: plugins.lock, directories: plugins.directories)
    let missing = host.errors.map { "plugin \($0.plugin) was not loaded (\($0.code.rawValue))" }
    return ScenarioRunner(.init(scheduleSeed: seed, catalog: host, missing: missing)).run(scenario)
  }

  @Test("a scenario passes under every schedule seed", arguments: try ScenarioFiles.all())
  func all(name: String) throws {
    let scenario = try ScenarioFiles.scenario(name)
    for seed in 0..<DeterminismTests.seeds {
      let result = Self.run(scenario, seed: seed)
      #expect(result.passed, "\(name) --seed \(seed)\n\(ScenarioText.failures(result))")
      guard result.passed else { break }
    }
  }

  @Test("there is a scenario for each verdict that coverage knows, and for each defect of the leading tools")
  func kinds() throws {
    let names = try ScenarioFiles.all()
    for verdict in Coverage.Verdict.allCases {
      #expect(names.contains("coverage-\(verdict.rawValue).yaml"), "\(verdict)")
    }
    #expect(names.count { $0.hasPrefix("defect-") } == 8)
  }

  @Test("the sample of the documentation comes true")
  func sample() throws {
    let path = ShippedPlugins.packageDirectory + "Sources/ScenarioReplay/ScenarioReplay.docc/ScenarioLanguage.md"
    let parts = String(decoding: try TextFile.bytes(path), as: UTF8.self).split(separator: "```yaml\n")
    let yaml = try #require(parts.count == 2 ? parts[1].split(separator: "```").first : nil)
    let scenario = try Scenario.parse(Array(yaml.utf8), file: "sample.yaml", files: { _ in nil })
    let result = Self.run(scenario, seed: 3)
    #expect(result.passed, "\(ScenarioText.failures(result))")
    #expect(result.steps.count == 4)
  }

  @Test("every key that the reader takes stands in the schema with a description, and the schema takes every scenario")
  func schema() throws {
    let schema = try Document(json: Scenario.schema)
    for name in try ScenarioFiles.all() {
      let scenario = try ScenarioFiles.scenario(name)
      #expect(Self.problems(scenario.document, schema, at: name) == [])
    }
    let step = try #require(schema.at(path: "properties.timeline.items"))
    let wrong: Document = ["sweeps": .emptyObject]
    #expect(Self.problems(wrong, step, at: "step") == ["step: sweeps is not known"])
    for property in step["properties"]?.entries ?? [] where property.value["not"] == nil {
      #expect(property.value["description"]?.string?.isEmpty == false, "\(property.name)")
    }
  }

  /// As much of JSON Schema as the schema uses.
  private static func problems(_ value: Document, _ schema: Document, at place: String) -> [String] {
    if schema["not"] != nil { return ["\(place): reserved"] }
    if let choices = schema["anyOf"]?.elements {
      return choices.contains { problems(value, $0, at: place).isEmpty } ? [] : ["\(place): fits no form"]
    }
    let kinds = schema["type"].map { $0.kind == .array ? $0.elements.compactMap(\.string) : [$0.string ?? ""] } ?? []
    let kind =
      switch value.kind {
      case .null: "null"
      case .boolean: "boolean"
      case .integer: "integer"
      case .real: "number"
      case .string: "string"
      case .array: "array"
      case .object: "object"
      }
    guard kinds.isEmpty || kinds.contains(kind) || (kind == "integer" && kinds.contains("number")) else {
      return ["\(place): \(kind) is none of \(kinds)"]
    }
    if let words = schema["enum"]?.elements, !words.contains(value) { return ["\(place): \(value.json) is no choice"] }
    var found: [String] = []
    for entry in value.entries {
      let inner = schema["properties"]?[entry.name] ?? schema["additionalProperties"]
      guard let inner else { continue }
      if inner.bool == false {
        found.append("\(place): \(entry.name) is not known")
      } else if inner.kind == .object {
        found += problems(entry.value, inner, at: "\(place).\(entry.name)")
      }
    }
    for name in schema["required"]?.elements.compactMap(\.string) ?? [] where value[name] == nil {
      found.append("\(place): \(name) is missing")
    }
    if let items = schema["items"] { found += value.elements.flatMap { problems($0, items, at: "\(place)[]") } }
    return found
  }
}
