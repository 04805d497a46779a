import BlockPublicAccessLogic
import ForeignShareLogic
import PublicImageLogic
import PublicSnapshotLogic
import ReevePluginKit
import Testing

struct PublicImageTests {
  @Test(
    "Public decides, and nothing else",
    arguments: [
      (["Public": true], "fail"), (["Public": false], "pass"), ([:], "not evaluated: AttributeMissing"),
      (["Public": nil], "not evaluated: AttributeMissing"), (["Public": "true"], "not evaluated: UnexpectedType"),
      (["Public": false, "LaunchPermissions": [["UserId": "2"]]], "pass"),
    ] as [(Document, String)])
  func verdicts(_ attributes: Document, word: String) throws {
    let harness = try PluginHarness(checks: [PublicImage.self], now: Sample.now)
    #expect(try harness.verdict(on: Sample.image(attributes))?.word == word)
  }

  @Test("An image whose launch permissions could not be read is a finding all the same")
  func unreadPermissions() throws {
    let harness = try PluginHarness(checks: [PublicImage.self], now: Sample.now)
    var image = Sample.image(["Public": true, "Name": "base", "CreationDate": "2024-01-01T00:00:00.000Z"])
    image.markUnread("LaunchPermissions", Sample.denied)
    let verdict = try harness.verdict(on: image)
    #expect(verdict?.evidence == ["Public": true])
    #expect(
      verdict?.message == """
        image ami-0123456789abcdef0 ("base", created 2024-01-01T00:00:00.000Z) is public: every AWS account can launch \
        and copy it
        """)
    image.set("LaunchPermissions", to: [["Group": "all"]])
    #expect(try harness.verdict(on: image)?.evidence == ["Public": true, "LaunchPermissions": [["Group": "all"]]])
  }

  @Test("Other types are none of its business")
  func otherTypes() throws {
    let harness = try PluginHarness(checks: [PublicImage.self], now: Sample.now)
    #expect(try harness.verdict(on: Sample.snapshot(["Public": true])) == .notApplicable)
  }
}

struct ForeignShareTests {
  static let organization = "arn:aws:organizations::999999999999:organization/o-own1234567"
  static let stranger = "arn:aws:organizations::888888888888:organization/o-other12345"
  static let ownUnit = "arn:aws:organizations::999999999999:ou/o-own1234567/ou-root-prod"
  static let strangeUnit = "arn:aws:organizations::888888888888:ou/o-other12345/ou-aaaa-bbbbbbbb"

  /// Permissions; trusted; with known membership; without.
  static let cases: [(String, Document, [String], String, String)] = [
    ("nobody", [], [], "pass", "pass"),
    ("everybody", [["Group": "all"]], [], "pass", "pass"),
    ("itself", [["UserId": "111111111111"]], [], "pass", "pass"),
    ("a member", [["UserId": "222222222222"]], [], "pass", "not evaluated: MembershipUnknown"),
    ("the management account", [["UserId": "999999999999"]], [], "pass", "pass"),
    ("a strange account", [["UserId": "333333333333"]], [], "fail", "not evaluated: MembershipUnknown"),
    ("a trusted account", [["UserId": "333333333333"]], ["333333333333"], "pass", "pass"),
    ("the organization", [["OrganizationArn": .string(organization)]], [], "pass", "pass"),
    ("a strange organization", [["OrganizationArn": .string(stranger)]], [], "fail", "fail"),
    ("a trusted organization", [["OrganizationArn": .string(stranger)]], [stranger], "pass", "pass"),
    ("a unit of the organization", [["OrganizationalUnitArn": .string(ownUnit)]], [], "pass", "pass"),
    ("a strange unit", [["OrganizationalUnitArn": .string(strangeUnit)]], [], "fail", "fail"),
    ("a trusted unit", [["OrganizationalUnitArn": .string(strangeUnit)]], [strangeUnit], "pass", "pass"),
    ("a unit of a trusted organization", [["OrganizationalUnitArn": .string(strangeUnit)]], [stranger], "pass", "pass"),
    (
      "a member and a strange organization", [["UserId": "222222222222"], ["OrganizationArn": .string(stranger)]], [],
      "fail", "fail"
    ),
    (
      "a kind that is not known", [["Planet": "Mars"]], [], "not evaluated: MembershipUnknown",
      "not evaluated: MembershipUnknown"
    ),
    (
      "an ARN that is none", [["OrganizationArn": "o-own1234567"]], [], "not evaluated: MembershipUnknown",
      "not evaluated: MembershipUnknown"
    ),
  ]

  private func verdict(_ permissions: Document, _ organization: Organization) throws -> Verdict? {
    try PluginHarness(checks: [ForeignShare.self], organization: organization, now: Sample.now)
      .verdict(on: Sample.image(["Public": true, "LaunchPermissions": permissions]))
  }

  @Test("Who is shared with, what is trusted and what is known decide", arguments: 0..<17)
  func verdicts(_ index: Int) throws {
    let (name, permissions, trusted, known, unknown) = Self.cases[index]
    #expect(Self.cases.count == 17)
    #expect(try verdict(permissions, Sample.organization(trusted: trusted))?.word == known, "\(name)")
    let blind = Sample.organization(trusted: trusted, membershipKnown: false)
    #expect(try verdict(permissions, blind)?.word == unknown, "\(name), membership not known")
  }

  @Test("One message names all strangers, sorted, and the evidence holds just them")
  func message() throws {
    let verdict = try verdict(
      [["UserId": "444444444444"], ["UserId": "222222222222"], ["UserId": "333333333333"], ["Group": "all"]],
      Sample.organization())
    #expect(
      verdict?.message
        == "image ami-0123456789abcdef0 is shared outside of the organization: account 333333333333, account 444444444444"
    )
    #expect(verdict?.evidence == ["LaunchPermissions": [["UserId": "333333333333"], ["UserId": "444444444444"]]])
  }

  @Test("What is not known is said with its reason")
  func reason() throws {
    let verdict = try verdict([["UserId": "333333333333"]], Sample.organization(membershipKnown: false))
    #expect(verdict?.message.hasSuffix("is not known: organizations:ListAccounts was denied") == true)
  }

  @Test("Without an organization every organization is a stranger; without knowing, none is judged")
  func noOrganization() throws {
    let permissions: Document = [["OrganizationArn": .string(Self.stranger)]]
    #expect(try verdict(permissions, Organization(membershipKnown: true))?.word == "fail")
    #expect(
      try verdict(permissions, Organization(membershipKnown: false))?.word == "not evaluated: MembershipUnknown")
  }

  @Test("Launch permissions that were not read are never a pass")
  func unread() throws {
    let harness = try PluginHarness(checks: [ForeignShare.self], organization: Sample.organization(), now: Sample.now)
    #expect(try harness.verdict(on: Sample.image())?.word == "not evaluated: AttributeMissing")
    #expect(try harness.verdict(on: Sample.image(["LaunchPermissions": 1]))?.word == "not evaluated: UnexpectedType")
    var image = Sample.image()
    image.markUnread("LaunchPermissions", Sample.denied)
    #expect(try harness.verdict(on: image)?.word == "not evaluated: UnauthorizedOperation")
    #expect(try harness.verdict(on: Sample.snapshot([:])) == .notApplicable)
  }
}

struct PublicSnapshotTests {
  /// The check in C is held to the same table.
  static let cases: [(Document, String)] = [
    (["CreateVolumePermissions": []], "pass"), (["CreateVolumePermissions": [["UserId": "222222222222"]]], "pass"),
    (["CreateVolumePermissions": [["UserId": "222222222222"], ["Group": "all"]]], "fail"),
    (["CreateVolumePermissions": [["Group": "some"]]], "pass"), ([:], "not evaluated: AttributeMissing"),
    (["CreateVolumePermissions": nil], "not evaluated: AttributeMissing"),
    (["CreateVolumePermissions": "all"], "not evaluated: UnexpectedType"),
  ]

  @Test("The group all decides", arguments: cases)
  func verdicts(_ attributes: Document, word: String) throws {
    let harness = try PluginHarness(checks: [PublicSnapshot.self], now: Sample.now)
    #expect(try harness.verdict(on: Sample.snapshot(attributes))?.word == word)
  }

  @Test("The message names the images that the snapshot lies behind")
  func message() throws {
    let harness = try PluginHarness(checks: [PublicSnapshot.self], now: Sample.now)
    let snapshot = Sample.snapshot([
      "CreateVolumePermissions": [["Group": "all"]], "BackingImages": ["ami-2", "ami-1"],
    ])
    let verdict = try harness.verdict(on: snapshot)
    #expect(
      verdict?.message == """
        snapshot snap-0123456789abcdef0 is public: every AWS account can copy its data; it lies behind ami-1, ami-2
        """)
    #expect(
      verdict?.evidence
        == ["CreateVolumePermissions": [["Group": "all"]], "BackingImages": ["ami-2", "ami-1"]])
    #expect(try harness.verdict(on: Sample.image()) == .notApplicable)
  }
}

struct BlockPublicAccessTests {
  static let cases: [(type: String, check: UInt32, attributes: Document, word: String)] = [
    ("ec2:image-block-public-access", 0, ["ImageBlockPublicAccessState": "block-new-sharing"], "pass"),
    ("ec2:image-block-public-access", 0, ["ImageBlockPublicAccessState": "block-all-sharing"], "pass"),
    ("ec2:image-block-public-access", 0, ["ImageBlockPublicAccessState": "unblocked"], "fail"),
    ("ec2:image-block-public-access", 0, ["ImageBlockPublicAccessState": "maybe"], "not evaluated: UnknownState"),
    ("ec2:image-block-public-access", 0, ["ImageBlockPublicAccessState": 1], "not evaluated: UnknownState"),
    ("ec2:image-block-public-access", 0, [:], "not evaluated: AttributeMissing"),
    ("ec2:image-block-public-access", 1, ["ImageBlockPublicAccessState": "unblocked"], "not applicable"),
    ("ec2:snapshot-block-public-access", 1, ["State": "block-all-sharing"], "pass"),
    ("ec2:snapshot-block-public-access", 1, ["State": "block-new-sharing"], "pass"),
    ("ec2:snapshot-block-public-access", 1, ["State": "unblocked"], "fail"),
    ("ec2:snapshot-block-public-access", 0, ["State": "unblocked"], "not applicable"),
  ]

  private func verdict(_ type: String, _ check: UInt32, _ attributes: Document) throws -> Verdict? {
    try PluginHarness(checks: [ImageBlockPublicAccess.self, SnapshotBlockPublicAccess.self], now: Sample.now)
      .verdict(on: Sample.resource(type, Sample.region, attributes), check: check)
  }

  @Test("Each check judges the state of its own kind", arguments: 0..<11)
  func verdicts(_ index: Int) throws {
    let (type, check, attributes, word) = Self.cases[index]
    #expect(try verdict(type, check, attributes)?.word == word)
  }

  @Test("A state that a declarative policy keeps is to be changed there")
  func declarativePolicy() throws {
    let type = "ec2:image-block-public-access"
    let policy = try verdict(
      type, 0, ["ImageBlockPublicAccessState": "unblocked", "ManagedBy": "declarative-policy"])
    #expect(policy?.message.contains("change the policy, do not fight it") == true)
    #expect(policy?.evidence == ["ImageBlockPublicAccessState": "unblocked", "ManagedBy": "declarative-policy"])
    let account = try verdict(type, 0, ["ImageBlockPublicAccessState": "unblocked", "ManagedBy": "account"])
    #expect(account?.message.contains("EnableImageBlockPublicAccess") == true)
    #expect(account?.message.contains("111111111111, eu-central-1") == true)
  }
}
