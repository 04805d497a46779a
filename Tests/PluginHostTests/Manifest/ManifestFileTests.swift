import Governance
import Orchestrator
import Testing

@testable import PluginHost

@Suite struct ManifestFileTests {
  @Test("A manifest says what the orchestrator and the loader need")
  func wholeManifest() throws {
    let file = try ManifestFile(json: Array(Zoo.manifest.json.utf8))
    #expect(file.library == "zoo.so")
    #expect(file.abi == 1)
    #expect(file.manifest.kinds == [.discovery, .check, .tagger, .remediator])
    #expect(file.manifest.checks.map(\.id) == ["zoo.public", "zoo.second", "zoo.snapshot"])
    #expect(file.manifest.checks[0].severity == .high)
    #expect(file.manifest.checks[0].frameworks.map(\.controls) == [["1.1", "1.2"]])
    #expect(file.manifest.remediates == ["zoo.public"])
    #expect(file.manifest.readsAttributes == ["ec2:image": ["Tags"]])
    #expect(file.touchedTypes == ["ec2:image", "ec2:snapshot"])
  }

  @Test("A tagger may create and delete tags without saying so")
  func taggerOperations() throws {
    let file = try ManifestFile(json: Array(Zoo.manifest.json.utf8))
    #expect(
      file.manifest.operations == [
        "ec2:CreateTags", "ec2:DeleteTags", "ec2:DescribeImages", "ec2:ModifyImageAttribute",
      ])
  }

  @Test("A manifest without a schema takes no configuration")
  func noConfiguration() throws {
    let file = try ManifestFile(json: Array(Zoo.manifest.setting("configuration", to: nil).json.utf8))
    let schema = try ConfigurationSchema(file.manifest.configurationSchema)
    #expect(schema.problems(in: .emptyObject).isEmpty)
    #expect(schema.problems(in: ["a": 1]).map(\.description) == ["/a: unknown key; nothing can be set here"])
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var change: String
    var value: Document?
    var expected: [String]
    var testDescription: String { "\(change) → \(value?.json ?? "nothing")" }
  }

  static let cases = [
    Case(change: "id", value: nil, expected: ["/id: is missing"]),
    Case(change: "id", value: 5, expected: ["/id: expected text, found an integer"]),
    Case(change: "id", value: "Zoo!", expected: ["/id: \"Zoo!\" is not \(ManifestWord.idForm)"]),
    Case(change: "version", value: "1.0", expected: ["/version: \"1.0\" is not a version such as 1.0.0"]),
    Case(change: "version", value: "", expected: ["/version: is empty"]),
    Case(change: "abi", value: "1", expected: ["/abi: expected an integer, found text"]),
    Case(
      change: "library", value: "../zoo.so", expected: ["/library: \"../zoo.so\" is not \(ManifestWord.libraryForm)"]),
    Case(change: "kinds", value: "check", expected: ["/kinds: expected an array, found text"]),
    Case(change: "sumary", value: "x", expected: ["/sumary: unknown key; did you mean \"summary\"?"]),
    Case(
      change: "kinds", value: ["discovery", "chek", "tagger", "remediator", "check"],
      expected: ["/kinds/1: \"chek\" is not known here; did you mean \"check\"?"]),
    Case(
      change: "kinds", value: ["discovery", "check", "tagger", "remediator", "check"],
      expected: ["/kinds/4: \"check\" is given twice"]),
    Case(
      change: "kinds", value: ["check", "tagger", "discovery"],
      expected: ["/remediates: has no meaning without the kind remediator in /kinds"]),
    Case(change: "checks", value: [], expected: ["/checks: a check plugin needs at least one entry here"]),
    Case(
      change: "remediates", value: nil, expected: ["/remediates: a remediator plugin needs at least one entry here"]),
    Case(
      change: "operations", value: ["ec2:DescribeImages", "DescribeTags"],
      expected: ["/operations/1: \"DescribeTags\" is not \(ManifestWord.operationForm)"]),
    Case(
      change: "attributes", value: ["ec2:imag": ["Public"]],
      expected: [
        "/attributes/ec2:imag: \"ec2:imag\" is not among this plugin's resource types; did you mean \"ec2:image\"?"
      ]),
    Case(
      change: "configuration", value: ["type": "object", "maxLength": 3],
      expected: [
        "/configuration/maxLength: unknown key; "
          + SourceReader.suggestion(for: "maxLength", among: ConfigurationSchema.keywords)
      ]),
  ]

  @Test("Every wrong word of a manifest is named with its pointer", arguments: cases)
  func wrongWords(_ row: Case) throws {
    let manifest = Zoo.manifest.setting(row.change, to: row.value)
    let error = #expect(throws: JSONProblems.self) { try ManifestFile(json: Array(manifest.json.utf8)) }
    #expect(error?.problems.map(\.description) == row.expected)
  }

  @Test("All problems come at once, those inside a check with the whole pointer")
  func allAtOnce() {
    let json = """
      {"id": "zoo", "version": "x", "abi": 1, "summary": "", "library": "zoo.so", "kinds": ["check"],
       "checks": [{"id": "a", "title": "A", "severity": "hihg", "resourceTypes": [], "attributes": "Public"},
                  {"id": "b", "severity": "low", "resourceTypes": ["ec2:image"], "attributes": [], "x/y~": 1}]}
      """
    let error = #expect(throws: JSONProblems.self) { try ManifestFile(json: Array(json.utf8)) }
    #expect(
      error?.problems.map(\.description) == [
        "/checks/0/severity: \"hihg\" is not known here; did you mean \"high\"?",
        "/checks/0/resourceTypes: is empty; a check without a resource type never runs",
        "/checks/0/attributes: expected an array, found text",
        "/checks/1/x~1y~0: unknown key; expected one of attributes, frameworks, id, remediation, resourceTypes, "
          + "severity, title",
        "/checks/1/title: is missing",
        "/version: \"x\" is not a version such as 1.0.0",
        "/summary: is empty",
      ])
  }

  @Test("What is no JSON object is one problem", arguments: ["", "{", "[]", "null", "{\"id\": \u{1}}"])
  func noJSON(_ text: String) {
    #expect(throws: JSONProblems.self) { try ManifestFile(json: Array(text.utf8)) }
  }
}
