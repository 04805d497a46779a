import Governance
import Testing

@testable import Configuration

@Suite struct YAMLTests {
  private func parse(_ text: String) throws -> SourceValue { try YAML.parse(Array(text.utf8), file: "a.yaml") }

  private func problems(_ text: String) -> [String] { problems(Array(text.utf8)) }

  private func problems(_ bytes: [UInt8]) -> [String] {
    do {
      _ = try YAML.parse(bytes, file: "a.yaml")
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test(
    "A plain scalar has its type of the core schema, and account ids stay text",
    arguments: [
      ("1", Document(1)), ("-7", -7), ("+7", 7), ("0", 0), ("0o17", 15), ("0x1F", 31),
      ("012345678901", "012345678901"), ("0123", "0123"), ("1.5", 1.5), ("-0.5e3", -500.0), (".5", 0.5), ("1.", 1.0),
      ("0x", "0x"), ("0x-1", "0x-1"), ("1e", "1e"), (".", "."), ("-", "-"), ("1_000", "1_000"),
      ("99999999999999999999", "99999999999999999999"),
      ("true", true), ("False", false), ("yes", "yes"), ("off", "off"), ("on", "on"), ("no", "no"),
      ("~", .null), ("null", .null), ("", .null), ("nulls", "nulls"), ("2026-11-23", "2026-11-23"),
      ("'true'", "true"), ("\"12\"", "12"), ("\"\\u00e9\\n\"", "é\n"), ("|\n  one\n  two\n", "one\ntwo\n"),
      (">-\n  one\n  two\n", "one two"),
    ])
  func scalar(source: String, expected: Document) throws {
    let text = source == "-" ? "a: '-'" : "a: \(source)"
    #expect(try parse(text)["a"]?.document == expected)
  }

  @Test("A scalar keeps how it was written and where")
  func textAndPlace() throws {
    let value = try parse("roles:\n  - arn: x\n    duration: 0x10\nid: 012345678901\n")
    let duration = try #require(value["roles"].flatMap { YAMLTests.first($0) }?["duration"])
    #expect(duration.text == "0x10")
    #expect(duration.location.description == "a.yaml:3:15")
    #expect(value["id"]?.text == "012345678901")
    guard case .mapping(let entries) = value.content else {
      Issue.record("expected a mapping")
      return
    }
    #expect(entries.map(\.name.location.description) == ["a.yaml:1:1", "a.yaml:4:1"])
  }

  private static func first(_ value: SourceValue) -> SourceValue? {
    if case .sequence(let elements) = value.content { elements.first } else { nil }
  }

  @Test("JSON is YAML")
  func json() throws {
    let json = #"{"a":1,"b":[true,null,"x\/\n"],"c":{"012":"\u00e9"},"d":1.5e2,"e":{},"f":[]}"#
    #expect(try parse(json).document == (try Document(json: json)))
    #expect(try parse("{\n\t\"a\": [\n\t\t1,\n\t\t2\n\t]\n}\n").document == ["a": [1, 2]])
  }

  @Test("An empty file is nothing, and a byte order mark is no part of it")
  func empty() throws {
    #expect(try parse("").document == .null)
    #expect(try parse("# only a remark\n").document == .null)
    #expect(try parse("\u{FEFF}a: 1\n").document == ["a": 1])
  }

  @Test("Aliases stand for what was anchored")
  func aliases() throws {
    #expect(try parse("a: &x [1, 2]\nb: *x\n").document == ["a": [1, 2], "b": [1, 2]])
  }

  @Test("A billion laughs are refused")
  func billionLaughs() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let aliases = [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    let found = problems(text)
    #expect(found.count == 1)
    #expect(found.first?.contains("stand for more than 100000 values") == true)
  }

  @Test("Nesting has an end")
  func depth() throws {
    let deep = String(repeating: "[", count: 5_000)
    #expect(problems(deep).first?.contains("nested more than 100 levels deep") == true)
    let allowed = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
    _ = try parse(allowed)
  }

  @Test(
    "What is wrong is said with its place",
    arguments: [
      ("a: 1\nb: 2\na: 3\n", ["a.yaml:3:1: \"a\" is given twice, first in line 1"]),
      (
        "a: !!str 1\nb: !x {}\n",
        [
          "a.yaml:1:4: the tag tag:yaml.org,2002:str is not supported; write the value without it",
          "a.yaml:2:4: the tag !x is not supported; write the value without it",
        ]
      ),
      ("a: 1\n---\nb: 2\n", ["a.yaml:2:1: a second document begins here; expected one document a file"]),
      ("a: *x\n", ["a.yaml:1:4: the alias *x stands for nothing; expected an anchor &x before it"]),
      ("a: &a [*a]\n", ["a.yaml:1:8: the alias *a stands for nothing; expected an anchor &a before it"]),
      ("? [1]\n: 2\n", ["a.yaml:1:3: a key must be text, found a list"]),
      ("~: 2\n", ["a.yaml:1:1: a key must be text, found nothing"]),
      ("a: &a {b: 1}\nc:\n  <<: *a\n", ["a.yaml:3:3: merge keys are not supported; write the entries out"]),
      (
        "a: [1, 2\nb: 3\n",
        ["a.yaml:2:2: did not find expected ',' or ']' while parsing a flow sequence that began in line 1"]
      ),
      (
        "a:\n\tb: 1\n",
        [
          "a.yaml:2:1: found character that cannot start any token while scanning for the next token; YAML is indented with blanks, not with tabs"
        ]
      ),
      ("a: \"x\n", ["a.yaml:2:1: found unexpected end of stream while scanning a quoted scalar that began in line 1"]),
      ("a: b: c\n", ["a.yaml:1:5: mapping values are not allowed in this context"]),
    ])
  func refused(text: String, expected: [String]) {
    #expect(problems(text) == expected)
  }

  @Test("Bytes that are no UTF-8 are a problem with their line")
  func notUTF8() {
    #expect(
      problems(Array("a: 1\nb: é".utf8) + [0xFF, 0x0A])
        == ["a.yaml:2:5: not UTF-8 (invalid leading UTF-8 octet); save the file as UTF-8"])
    #expect(problems(Array("a: 1\nb: ".utf8) + [0x00]).count == 1)
    #expect(problems([0xFF, 0xFE, 0x61, 0x00]).count == 1)
  }

  @Test("Every truncation of a file reads or says why it does not")
  func truncations() {
    let bytes = Array(ReeveConfigurationExample.text.utf8)
    var refused = 0
    for length in stride(from: 0, to: bytes.count, by: 7) where !problems(Array(bytes.prefix(length))).isEmpty {
      refused += 1
    }
    #expect(refused < bytes.count / 7)
  }
}

@Suite struct YAMLWriterTests {
  @Test(
    "Text that would read as something else is quoted",
    arguments: [
      ("plain text", "plain text"), ("true", "'true'"), ("123456789012", "'123456789012'"),
      ("012345678901", "'012345678901'"), ("yes", "'yes'"), ("No", "'No'"), ("", "''"), ("null", "'null'"),
      ("1.5", "'1.5'"), ("12:30:45", "'12:30:45'"), ("2026-11-23T10:00:00Z", "'2026-11-23T10:00:00Z'"),
      ("- x", "'- x'"), ("a: b", "'a: b'"), ("it's", "it's"), ("#x", "'#x'"), ("1_000", "'1_000'"), ("\r", "\"\\r\""),
      ("eu-central-1", "eu-central-1"), ("arn:aws:iam::1:role/x", "arn:aws:iam::1:role/x"),
    ])
  func quoting(text: String, expected: String) {
    #expect(YAML.write(["a": Document(text)]) == "a: \(expected)\n")
  }

  @Test("Block style, entries in their order")
  func blockStyle() {
    let document: Document = [
      "b": [1, ["x": true, "z": .null], [2, 3]], "a": ["m": 1.5, "e": [], "o": .emptyObject], "t": "one\ntwo\n",
    ]
    #expect(
      YAML.write(document) == """
        b:
        - 1
        - x: true
          z: null
        - - 2
          - 3
        a:
          m: 1.5
          e: []
          o: {}
        t: |
          one
          two

        """)
  }

  @Test("What is written reads back equal, for 2,000 generated documents")
  func roundTrip() throws {
    var generator = SmallGenerator(state: 42)
    for round in 0..<2_000 {
      let document = generated(&generator, depth: 0)
      let text = YAML.write(document)
      let back = try YAML.parse(Array(text.utf8), file: "round-\(round).yaml").document
      #expect(back == document, "round \(round):\n\(text)")
      let line = "[\(YAMLFlowWriter(spacesBraces: round.isMultiple(of: 2)).write(document))]"
      let other = try YAML.parse(Array(line.utf8), file: "round-\(round).yaml").document
      #expect(other == [document], "round \(round):\n\(line)")
    }
  }

  private struct SmallGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 33
    }
  }

  private let pieces = [
    "a", "Z", "0", "12", "true", " ", "  ", ":", ": ", " #", "-", "- ", "'", "\"", "\\", "\n", "\n\n", "\t", "\r", "é",
    "😀",
    "\u{85}", "\u{2028}", "\u{FEFF}", "\u{7F}", "\u{1}", "{", "]", ",", "&", "*", "!", "|", ">", "%", "@", "`", "?",
    "=", "~",
    "---", "...", "\u{0}", "\u{9F}", "word word",
  ]

  private func text(_ generator: inout SmallGenerator) -> String {
    (0..<Int.random(in: 0...5, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
  }

  private func generated(_ generator: inout SmallGenerator, depth: Int) -> Document {
    switch Int.random(in: 0..<(depth > 3 ? 6 : 9), using: &generator) {
    case 0: return .null
    case 1: return Document(Bool.random(using: &generator))
    case 2: return Document(Int.random(in: Int.min...Int.max, using: &generator))
    case 3: return Document(floatLiteral: Double.random(in: -1e20...1e20, using: &generator))
    case 4, 5: return Document(text(&generator))
    case 6:
      return Document(
        (0..<Int.random(in: 0...3, using: &generator)).map { _ in generated(&generator, depth: depth + 1) })
    default:
      var names: Set<String> = []
      return Document(
        entries: (0..<Int.random(in: 0...3, using: &generator)).compactMap { _ in
          let name = text(&generator)
          return names.insert(name).inserted ? (name, generated(&generator, depth: depth + 1)) : nil
        })
    }
  }
}
