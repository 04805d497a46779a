import Governance
import Testing

@testable import PluginHost

@Suite struct ConfigurationSchemaTests {
  private static let schema: Document = [
    "type": "object", "additionalProperties": false, "required": ["required"], "description": "for people",
    "properties": [
      "required": [
        "type": "array", "minItems": 1, "maxItems": 2,
        "items": [
          "type": "object", "additionalProperties": ["type": "integer"],
          "properties": [
            "key": ["type": "string", "pattern": "^[A-Z]"], "level": ["enum": ["low", "high"], "default": "low"],
          ],
        ],
      ],
      "share": ["type": "number", "minimum": 0, "maximum": 1.5], "count": ["type": ["integer", "null"]],
      "odd": ["enum": [1, true]],
    ],
  ]

  struct Case: Sendable {
    var configuration: String
    var expected: [String]
  }

  @Test(
    "Everything that does not fit is named with its pointer",
    arguments: [
      Case(configuration: #"{"required": [{"key": "Owner", "level": "high", "n": 3}], "count": null}"#, expected: []),
      Case(configuration: "{}", expected: ["/required: is missing"]),
      Case(configuration: "[]", expected: ["expected object, found an array"]),
      Case(configuration: #"{"required": []}"#, expected: ["/required: has 0 elements, expected at least 1"]),
      Case(configuration: #"{"required": [{}, {}, {}]}"#, expected: ["/required: has 3 elements, expected at most 2"]),
      Case(
        configuration: #"{"required": [{"key": "owner", "level": "hihg", "n": "x"}, 7], "shar": 1}"#,
        expected: [
          "/required/0/key: \"owner\" does not match the pattern ^[A-Z]",
          "/required/0/level: \"hihg\" is not known here; did you mean \"high\"?",
          "/required/0/n: expected integer, found text", "/required/1: expected object, found an integer",
          "/shar: unknown key; did you mean \"share\"?",
        ]),
      Case(
        configuration: #"{"required": [{}], "share": 2, "count": 1.5, "odd": 2}"#,
        expected: [
          "/count: expected integer or null, found a number",
          "/odd: 2 is not known here; expected one of 1, true", "/share: 2 is more than 1.5",
        ]),
      Case(configuration: #"{"required": [{}], "share": -0.5}"#, expected: ["/share: -0.5 is less than 0"]),
      Case(configuration: #"{"required": [{}], "count": 2.0}"#, expected: []),
    ])
  func configurations(_ row: Case) throws {
    let schema = try ConfigurationSchema(Self.schema)
    let found = schema.problems(in: try Document(json: row.configuration))
    #expect(found.map(\.description) == row.expected)
  }

  @Test(
    "A schema outside the subset is refused, all of it at once",
    arguments: [
      Case(
        configuration: #"{"type": "objekt", "properties": {"a": {"format": "uri"}}, "items": 3, "minimum": "x"}"#,
        expected: [
          "/type: \"objekt\" is not known here; did you mean \"object\"?",
          "/properties/a/format: unknown key; "
            + SourceReader.suggestion(for: "format", among: ConfigurationSchema.keywords),
          "/items: expected an object, found an integer", "/minimum: expected a number, found text",
        ]),
      Case(configuration: "true", expected: ["expected an object, found a boolean"]),
    ])
  func schemas(_ row: Case) throws {
    let document = try Document(json: row.configuration)
    let error = #expect(throws: JSONProblems.self) { try ConfigurationSchema(document) }
    #expect(error?.problems.map(\.description) == row.expected)
  }

  @Test("A pattern that is no regular expression is refused")
  func pattern() {
    let error = #expect(throws: JSONProblems.self) { try ConfigurationSchema(["pattern": "(a"]) }
    #expect(error?.problems.map(\.pointer) == ["/pattern"])
  }
}
