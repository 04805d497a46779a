import Governance
import Testing

@testable import Reporting

@Suite struct JSONReportTests {
  private func schema() throws -> JSONSchemaSubset {
    JSONSchemaSubset(root: try Document(json: SweepReportSchema.text))
  }

  @Test("A report is what its schema says")
  func schemaHolds() throws {
    for report in [fullReport, greenReport] {
      let document = try Document(json: JSONReport.render(report))
      #expect(try schema().problems(of: document) == [])
    }
  }

  @Test(
    "The schema notices what is missing, unknown or of another kind",
    arguments: [
      ("sweep", .null), ("findings", ["x"]), ("totals", ["open": -1]), ("schemaVersion", 2), ("surprise", 1),
      ("coverage", [["account": "1"]]), ("calls", ["bad name": 1]), ("remarks", [1]),
    ] as [(String, Document)])
  func schemaBites(key: String, value: Document) throws {
    let document = try Document(json: JSONReport.render(fullReport)).setting(key, to: value)
    #expect(try !schema().problems(of: document).isEmpty)
  }

  @Test("Every value of the vocabulary is in the schema")
  func vocabulary() throws {
    let root = try Document(json: SweepReportSchema.text)
    func words(_ path: String) -> [String] { root.at(path: path)?.elements.compactMap(\.string) ?? [] }
    let items = "properties.coverage.items.properties.verdict.enum"
    #expect(Set(words(items)) == Set(Coverage.Verdict.allCases.map(\.rawValue)))
    #expect(Set(words("$defs.severity.enum")) == Set(Severity.allCases.map(\.rawValue)))
    #expect(
      Set(words("properties.findings.items.properties.status.enum")) == Set(Finding.Status.allCases.map(\.rawValue)))
    #expect(
      Set(words("properties.notEvaluated.items.properties.reason.enum")) == Set(FailureReason.Kind.allCases.map(\.word))
    )
    #expect(Set(words("properties.sweep.properties.status.enum")) == Set(SweepReport.Status.allCases.map(\.rawValue)))
  }

  @Test("The bytes of a report are what they were")
  func golden() throws {
    try expectGolden(JSONReport.render(fullReport), "sweep.json")
    try expectGolden(JSONLReport.render(fullReport), "sweep.jsonl")
  }

  @Test("Piece by piece, a report is the text that the whole document would be")
  func pieces() throws {
    var many = fullReport
    many.coverage = (0..<2_000).map {
      Coverage(scope: Scope(account: "\($0)", region: "eu-west-1"), verdict: .scanned, reason: "a \"reason\"")
    }
    many.remarks = []
    many.notEvaluated = []
    var pieces: [String] = []
    JSONReport.write(many) { pieces.append($0) }
    #expect(pieces.count > 2)
    let text = pieces.joined()
    #expect(text == JSONReport.render(many))
    // Parsing sorts names, so that the order is compared apart from the layout.
    let lines = try Document(json: text).prettyJSON.split(separator: "\n").count
    #expect(text.split(separator: "\n").count == lines)
    #expect(text.hasPrefix("{\n  \"schemaVersion\": 1,\n  \"sweep\": {\n    \"id\"") && text.hasSuffix("\n}\n"))
    #expect(text.contains("\"notEvaluated\": [],"))
  }

  @Test("JSON Lines say the same as the document")
  func lines() throws {
    let lines = try JSONLReport.render(fullReport).split(separator: "\n").map { try Document(json: String($0)) }
    let whole = try Document(json: JSONReport.render(fullReport))
    let kinds = lines.compactMap { $0["kind"]?.string }
    #expect(kinds.first == "sweep" && kinds.last == "totals" && kinds.count == lines.count)
    for (kind, key) in [("finding", "findings"), ("coverage", "coverage"), ("notEvaluated", "notEvaluated")] {
      let stripped = lines.filter { $0["kind"]?.string == kind }.map {
        $0.setting("kind", to: nil).setting("schemaVersion", to: nil)
      }
      #expect(Document(stripped) == whole[key])
    }
    #expect(lines.last?["open"] == 4)
  }

  @Test("Totals count each thing once")
  func totals() {
    let totals = fullReport.totals
    #expect(totals.open == 4 && totals.excepted == 1 && totals.resolved == 1)
    #expect(totals.scopes == 9 && totals.scanned == 2 && totals.accountedFor == 3 && totals.gaps == 4)
    #expect(totals.resources == 54 && totals.calls == 123 && totals.notEvaluated == 1)
  }
}
