import Determinism
import Governance

/// Configurations that fit a schema, at random: the same seed gives the same ones.
struct SchemaFuzzer {
  private var generator: SeededGenerator
  private let schema: ConfigurationSchema

  init(_ schema: ConfigurationSchema, seed: UInt64) {
    self.schema = schema
    generator = SeededGenerator(seed: seed, stream: "configuration")
  }

  /// The least that fits: required members only.
  mutating func least() -> Document { value(schema, depth: 0, chance: 0) }

  /// nil: nothing was found that fits, as with a pattern that nobody can guess.
  mutating func next() -> Document? {
    for _ in 0..<20 {
      let candidate = value(schema, depth: 0, chance: 2)
      if schema.problems(in: candidate).isEmpty { return candidate }
    }
    return nil
  }

  /// `chance`: of three, how often an optional member is there.
  private mutating func value(_ schema: ConfigurationSchema, depth: Int, chance: Int) -> Document {
    if let choices = schema.choices, !choices.isEmpty { return choices[generator.below(choices.count)] }
    let types = schema.types.isEmpty ? ConfigurationSchema.ValueType.allCases : schema.types
    switch types[generator.below(types.count)] {
    case .null: return .null
    case .boolean: return Document(generator.below(2) == 0)
    case .integer: return Document(integer(schema))
    case .number: return Document(floatLiteral: Double(integer(schema)) + (schema.maximum == nil ? 0.5 : 0))
    case .string: return Document(text(schema))
    case .array:
      let least = schema.minimumItems ?? 0
      let most = min(schema.maximumItems ?? least + 3, least + 3)
      let count = depth > 6 ? least : least + generator.below(max(1, most - least + 1))
      return Document(
        (0..<count).map { _ in
          schema.items.first.map { value($0, depth: depth + 1, chance: chance) } ?? Document(text(schema))
        })
    case .object: return object(schema, depth: depth, chance: chance)
    }
  }

  private mutating func object(_ schema: ConfigurationSchema, depth: Int, chance: Int) -> Document {
    var entries: [(name: String, value: Document?)] = []
    for property in schema.properties {
      let isThere = schema.required.contains(property.name) || (depth < 6 && generator.below(3) < chance)
      if isThere { entries.append((property.name, value(property.schema, depth: depth + 1, chance: chance))) }
    }
    if case .fitting(let inner) = schema.additional, depth < 6, chance > 0 {
      for _ in 0..<generator.below(3) {
        let name = text(ConfigurationSchema.anything)
        if !name.isEmpty, !entries.contains(where: { $0.name == name }) {
          entries.append((name, value(inner, depth: depth + 1, chance: chance)))
        }
      }
    }
    return Document(entries: entries)
  }

  private mutating func integer(_ schema: ConfigurationSchema) -> Int {
    let least = Int(clamping: schema.minimum.map { Int64($0.rounded(.up)) } ?? 0)
    let most = Int(clamping: schema.maximum.map { Int64($0.rounded(.down)) } ?? Int64(least) + 1_000)
    switch generator.below(4) {
    case 0: return least
    case 1: return most
    default: return least + generator.below(max(1, most - least + 1))
    }
  }

  private static let texts = [
    "", "a", "Owner", "*", "eu-*", "prod", "111122223333", "ünïcödé ✓", "two words", "^a+$", "0", "true",
    String(repeating: "x", count: 300), "ou-root-prod", "a,b;c", "\"quoted\"",
  ]

  private mutating func text(_ schema: ConfigurationSchema) -> String { Self.texts[generator.below(Self.texts.count)] }
}

extension ConfigurationSchema {
  fileprivate static var anything: ConfigurationSchema { ConfigurationSchema() }
  fileprivate init() {}
}
