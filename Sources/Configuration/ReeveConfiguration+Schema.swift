package import Governance

extension ReeveConfiguration {
  /// The JSON Schema (draft 2020-12) of `reeve.yaml` for editors, made from the table that validates.
  package static var schema: String {
    let root = ConfigurationShape.mapping(keys).schema
    return Document(
      entries: [
        ("$schema", "https://json-schema.org/draft/2020-12/schema"),
        ("title", "reeve.yaml"),
        ("description", "What Reeve sweeps, how, and where it stops."),
      ] + root.entries.map { ($0.name, Optional($0.value)) }
    ).prettyJSON + "\n"
  }
}

extension ConfigurationShape {
  /// As JSON Schema has it.
  package var schema: Document { Self.schema(of: self) }

  private static func schema(of shape: ConfigurationShape) -> Document {
    switch shape {
    case .text(let format):
      return [
        "type": format.isDigits ? ["string", "integer"] : ["string", "number", "boolean"],
        "pattern": Document(format.pattern),
      ]
    case .choice(let words): return ["type": "string", "enum": Document(strings: words)]
    case .integer(let range):
      return ["type": "integer", "minimum": Document(range.lowerBound), "maximum": Document(range.upperBound)]
    case .real(let range):
      return [
        "type": "number", "minimum": Document(floatLiteral: range.lowerBound),
        "maximum": Document(floatLiteral: range.upperBound),
      ]
    case .duration: return ["type": "string", "pattern": "^([0-9]+(ms|s|m|h|d))+$"]
    case .list(let element): return ["type": ["array", "null"], "items": schema(of: element)]
    case .oneOrMore(let element):
      let one = schema(of: element)
      return ["anyOf": [one, ["type": "array", "items": one]]]
    case .mapping(let keys): return schema(of: keys)
    case .named(let name, let member):
      return [
        "type": ["object", "null"], "propertyNames": ["pattern": Document(name.pattern)],
        "additionalProperties": schema(of: member),
      ]
    case .foreign: return ["type": ["object", "null"]]
    case .flag: return ["type": "boolean"]
    case .anything: return .emptyObject
    case .written(let scalar, let list, let mapping):
      return ["anyOf": Document([scalar, list, mapping].compactMap { $0.map(schema(of:)) })]
    case .reserved(let text): return ["not": .emptyObject, "description": Document(text)]
    }
  }

  private static func schema(of keys: [ConfigurationKey]) -> Document {
    let properties = keys.map { key in
      var property = schema(of: key.shape).setting("description", to: Document(key.description))
      if let fallback = key.fallback { property = property.setting("default", to: fallback) }
      return (name: key.name, value: Optional(property))
    }
    let required = keys.filter(\.isRequired).map(\.name)
    return Document(entries: [
      ("type", required.isEmpty ? ["object", "null"] : "object"), ("additionalProperties", false),
      ("properties", Document(entries: properties)),
      ("required", required.isEmpty ? nil : Document(strings: required)),
    ])
  }
}
