import Governance
import Testing

@testable import Reporting

@Suite struct TableReportTests {
  @Test("A sweep reads well at 80 and at 120 columns", arguments: [80, 120])
  func widths(width: Int) throws {
    let text = TableReport.render(fullReport, width: width, color: false)
    for line in text.split(separator: "\n") { #expect(TerminalText.width(String(line)) <= width, "\(line)") }
    try expectGolden(text, "sweep-\(width).txt")
  }

  @Test("Nothing open and no gap is one paragraph and a green line")
  func green() throws {
    try expectGolden(TableReport.render(greenReport, width: 80, color: false), "sweep-green.txt")
    let colored = TableReport.render(greenReport, width: 80, color: true)
    #expect(colored.contains("\u{1B}[32mSweep complete: 0 findings, 0 gaps, 1 of 1 scopes scanned\u{1B}[0m"))
  }

  @Test("Colour is there only when asked for, and changes no letter")
  func color() throws {
    let plain = TableReport.render(fullReport, width: 80, color: false)
    let colored = TableReport.render(fullReport, width: 80, color: true)
    #expect(!plain.contains("\u{1B}"))
    #expect(colored.replacing(try Regex("\u{1B}\\[[0-9;]*m"), with: "") == plain)
    #expect(colored.contains("\u{1B}[1;31mCRITICAL"))
  }

  @Test(
    "The last line says how the sweep ended",
    arguments: [
      (
        SweepReport.Status.complete,
        "Sweep complete: 4 findings, 4 gaps, 2 of 9 scopes scanned"
      ),
      (.interrupted, "Sweep interrupted: 4 findings, 4 gaps, 2 of 9 scopes scanned"),
      (.failed, "Sweep failed: 4 findings, 4 gaps, 2 of 9 scopes scanned"),
    ])
  func lastLine(status: SweepReport.Status, expected: String) {
    var report = fullReport
    report.status = status
    let text = TableReport.render(report, width: 80, color: false)
    #expect(text.split(separator: "\n").last.map(String.init) == expected)
    #expect(text.hasSuffix("\n"))
  }

  @Test("The order in which things were found does not show")
  func order() {
    let report = fullReport
    let shuffled = SweepReport(
      sweep: report.sweep, organization: report.organization, caller: report.caller, startedAt: report.startedAt,
      duration: report.duration, status: report.status, exitStatus: report.exitStatus, accountNames: names,
      checks: report.checks.reversed(), findings: report.findings.reversed(), coverage: report.coverage.reversed(),
      notEvaluated: report.notEvaluated.reversed(), calls: report.calls, throttledTime: report.throttledTime,
      factAges: report.factAges.reversed(), remarks: report.remarks)
    #expect(TableReport.render(shuffled, width: 80, color: true) == TableReport.render(report, width: 80, color: true))
    #expect(JSONReport.render(shuffled) == JSONReport.render(report))
    #expect(JSONLReport.render(shuffled) == JSONLReport.render(report))
  }

  @Test("Findings alone")
  func findings() throws {
    let listing = FindingsListing(findings: fullReport.findings, checks: checks, accountNames: names, now: start)
    try expectGolden(listing.table(width: 100, color: false), "findings-100.txt")
    let none = FindingsListing(findings: [], checks: [], accountNames: [:], now: start)
    #expect(none.table(width: 80, color: false) == "No findings.\n")
    #expect(try Document(json: listing.json)["findings"]?.count == 6)
  }
}

@Suite struct TerminalTextTests {
  @Test("What AWS or a tag says cannot steer the terminal")
  func plain() {
    #expect(
      TerminalText.plain("a\u{1B}[2Jb\u{7}\u{202E}c\u{9B}d\ne\tf") == "a\u{FFFD}[2Jb\u{FFFD}\u{FFFD}c\u{FFFD}d e f")
    #expect(TerminalText.plain("é 画像 😀") == "é 画像 😀")
  }

  @Test(
    "A text is cut where its columns end",
    arguments: [
      ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("画像画像", 5, "画像…"), ("画像画像", 4, "画…"), ("ab", 1, "…"),
      ("ab", 0, ""),
    ])
  func truncated(text: String, columns: Int, expected: String) {
    let cut = TerminalText.truncated(text, to: columns)
    #expect(cut == expected)
    #expect(TerminalText.width(cut) <= columns)
  }

  @Test("Long words are broken, short ones are not")
  func wrapped() {
    let terminal = TerminalText(width: 40, color: false)
    let lines = terminal.wrapped("one two \(String(repeating: "x", count: 80)) three", indent: "  ")
    #expect(lines.allSatisfy { TerminalText.width($0) <= 40 })
    #expect(lines.first == "  one two")
    #expect(lines.joined().filter { $0 == "x" }.count == 80)
    #expect(terminal.wrapped("", indent: "  ").isEmpty)
  }

  @Test("A table fits where it can, and gives up no column that may not be cut")
  func table() {
    var table = TextTable([.init("A", minimum: 4), .init("B"), .init("C", minimum: 4), .init("EMPTY")])
    table.add([String(repeating: "a", count: 60), "012345678901", String(repeating: "c", count: 20), ""])
    let lines = table.lines(TerminalText(width: 50, color: false))
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { TerminalText.width($0) <= 50 })
    #expect(lines[1].contains("012345678901"))
    #expect(!lines[0].contains("EMPTY"))
  }
}
