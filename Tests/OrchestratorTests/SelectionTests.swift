import Governance
import Testing

@testable import Orchestrator

struct SelectionTests {
  private let unit = OrganizationalUnit(
    id: "ou-ab-sandbox", arn: "arn:aws:organizations::1:ou/o-1/ou-ab-sandbox", name: "Sandbox",
    path: "o-1/r-ab/ou-ab-sandbox/")
  private let account = Account(
    id: "111122223333", unitPath: "o-1/r-ab/ou-ab-sandbox/ou-ab-team/", tags: [Tag(key: "env", value: "test")])

  private func rule(_ criterion: Selection.Criterion, _ name: String) -> Selection.Rule {
    Selection.Rule(criterion: criterion, name: name)
  }

  @Test("an account is left out by a rule that is named, and exclusion wins over inclusion")
  func accounts() {
    let cases: [(Selection, String?)] = [
      (Selection(), nil),
      (
        Selection(excludedAccounts: [rule(.account("111122223333"), "x (reeve.yaml:3)")]),
        "excluded by x (reeve.yaml:3)"
      ),
      (Selection(excludedAccounts: [rule(.unit("ou-ab-sandbox"), "x")]), "excluded by x"),
      (Selection(excludedAccounts: [rule(.unit("Sandbox"), "x")]), "excluded by x"),
      (Selection(excludedAccounts: [rule(.tag(key: "env", value: "prod"), "x")]), nil),
      (Selection(excludedAccounts: [rule(.tag(key: "env", value: nil), "x")]), "excluded by x"),
      (Selection(includedAccounts: [rule(.account("999999999999"), "only")]), "not named by only"),
      (Selection(includedAccounts: [rule(.unit(unit.arn), "only")]), nil),
      (
        Selection(
          includedAccounts: [rule(.account("111122223333"), "only")],
          excludedAccounts: [rule(.unit("Sandbox"), "x")]), "excluded by x"
      ),
    ]
    for (selection, expected) in cases { #expect(selection.exclusion(of: account, units: [unit]) == expected) }
  }

  @Test("a rule that matches no account is pointed out")
  func unmatched() {
    let organization = Organization(
      id: "o-1", arn: "", managementAccount: "111122223333", partition: .aws, accounts: [account], units: [unit])
    let selection = Selection(
      includedAccounts: [rule(.unit("Sandbox"), "a")], excludedAccounts: [rule(.account("444455556666"), "b")])
    #expect(selection.unmatched(in: organization) == ["b: account 444455556666 matches no account"])
  }

  @Test("regions: a list of included ones leaves out all others")
  func regions() {
    let selection = Selection(
      includedRegions: [.init(region: "eu-central-1", name: "--regions")],
      excludedRegions: [.init(region: "us-east-1", name: "regions.exclude")])
    #expect(selection.exclusion(ofRegion: "eu-central-1") == nil)
    #expect(selection.exclusion(ofRegion: "us-east-1") == "excluded by regions.exclude")
    #expect(selection.exclusion(ofRegion: "us-west-2") == "not named by --regions")
  }
}
