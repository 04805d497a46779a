import Testing

@testable import Governance

struct SelectionTests {
  private let account = Account(
    id: "111122223333", unitPath: "o-1/r-ab/ou-ab-sandbox/ou-ab-team/", tags: [Tag(key: "env", value: "test")])

  private func rule(_ pattern: String, _ key: String, line: Int? = nil) -> SelectionRule {
    SelectionRule(
      key: key, pattern: pattern, location: line.map { .init(file: "/etc/reeve.yaml", line: $0, column: 5) })
  }

  @Test("an account is left out by a rule that is named with its line, and exclusion wins over inclusion")
  func accounts() {
    let cases: [(AccountSelection, String?)] = [
      (AccountSelection(), nil),
      (
        AccountSelection(exclude: .init(accounts: [rule("1111*", "organization.exclude.accounts", line: 12)])),
        "excluded by organization.exclude.accounts (reeve.yaml:12)"
      ),
      (AccountSelection(exclude: .init(units: [rule("ou-ab-sandbox", "x")])), "excluded by x"),
      (AccountSelection(exclude: .init(units: [rule("ou-ab-other", "x")])), nil),
      (AccountSelection(exclude: .init(tags: [.init(tag: "env", rule: rule("prod", "x"))])), nil),
      (AccountSelection(exclude: .init(tags: [.init(tag: "env", rule: rule("*", "x"))])), "excluded by x"),
      (AccountSelection(include: .init(accounts: [rule("999999999999", "only")])), "not included by only"),
      (AccountSelection(include: .init(units: [rule("ou-ab-team", "only")])), nil),
      (
        AccountSelection(
          include: .init(accounts: [rule("111122223333", "only")]), exclude: .init(units: [rule("ou-ab-team", "x")])),
        "excluded by x"
      ),
    ]
    for (selection, expected) in cases { #expect(selection.exclusion(of: account) == expected) }
  }

  @Test("a rule that matches no account is pointed out")
  func unmatched() {
    let selection = AccountSelection(
      include: .init(units: [rule("ou-ab-sandbox", "a")]),
      exclude: .init(accounts: [rule("444455556666", "b", line: 3)]))
    #expect(selection.unmatched(in: [account]) == ["b (reeve.yaml:3): matches no account"])
  }

  @Test("regions and checks are selected by patterns")
  func regions() {
    let selection = Selection(include: [rule("eu-*", "--regions")], exclude: [rule("eu-west-3", "regions.exclude")])
    #expect(selection.exclusion(of: "eu-central-1") == nil)
    #expect(selection.exclusion(of: "eu-west-3") == "excluded by regions.exclude")
    #expect(selection.exclusion(of: "us-west-2") == "not included by --regions")
  }
}
