import Governance
import Testing

@testable import Configuration

@Suite struct ReeveConfigurationTests {
  private func parse(_ text: String, file: String = "conf/reeve.yaml") throws -> ReeveConfiguration {
    try ReeveConfiguration.parse(Array(text.utf8), file: file)
  }

  private func problems(_ text: String) -> [String] {
    do {
      _ = try ReeveConfiguration.parse(Array(text.utf8), file: "reeve.yaml")
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test("The example reads, and says what it says")
  func example() throws {
    let configuration = try parse(ReeveConfigurationExample.text)
    #expect(configuration.profile == "security-audit")
    #expect(configuration.region == "eu-central-1")
    #expect(
      configuration.roles == [
        .init(arn: "arn:aws:iam::210987654321:role/ReeveHub", sessionName: "reeve-nightly"),
        .init(
          arn: "arn:{partition}:iam::{account}:role/ReeveRead", externalID: "reeve-7f3a", duration: .seconds(3_600),
          tags: [Tag(key: "purpose", value: "image-governance")]),
      ])
    #expect(configuration.accountSelection.include.units.map(\.pattern) == ["ou-ab12-cdefgh34"])
    #expect(configuration.accountSelection.include.tags.map(\.rule.pattern) == ["production", "staging"])
    #expect(configuration.accountSelection.exclude.accounts.map(\.pattern) == ["345678901234"])
    #expect(configuration.regions.include.map(\.pattern) == ["eu-*", "us-east-1"])
    #expect(configuration.checks.exclude.map(\.pattern) == ["snapshot.block-public-access-off"])
    #expect(configuration.trusted.count == 2)
    #expect(configuration.plugins.configurations["reeve.tag-policy"]?["required"]?.count == 2)
    #expect(configuration.ledger == "conf/reeve.db")
    #expect(configuration.failOn == .medium)
    #expect(configuration.limits.maximumDuration == .seconds(7_200))
    #expect(configuration.limits.launchPermissionsMaximumAge == .seconds(86_400))
  }

  @Test("A file of the version alone is the default, with its paths beside it")
  func version() throws {
    var expected = ReeveConfiguration()
    #expect(try parse("version: 1\n", file: "reeve.yaml") == expected)
    #expect(try parse("version: 1\nlimits:\nroles:\norganization: {include: }\n", file: "reeve.yaml") == expected)
    expected.ledger = "/etc/reeve/reeve.db"
    #expect(try parse("version: 1\n", file: "/etc/reeve/reeve.yaml") == expected)
    #expect(try parse("version: 1\nledger: /var/l.db\n").ledger == "/var/l.db")
  }

  @Test("Every problem is said at once, with its place and what was expected")
  func everyProblem() {
    let text = """
      version: 2
      regoin: eu-central-1
      roles:
      - arn: arn:aws:iam::{account}:role/Hub
        duration: 5m
      - name: Read Only
        duration: 2h
      organization:
        accounts: [12345, 012345678901]
      limits:
        share: 2
        concurrency: lots
        maxDuration: 1 hour
      failOn: hihg
      trusted: [everybody]
      trusted: []
      """
    #expect(problems(text) == ["reeve.yaml:16:1: \"trusted\" is given twice, first in line 15"])
    #expect(
      problems(text.split(separator: "\n").dropLast().joined(separator: "\n")) == [
        "reeve.yaml:1:10: 2 is not known here; expected 1",
        "reeve.yaml:2:1: unknown key \"regoin\"; did you mean \"region\"?",
        "reeve.yaml:4:8: only the last role may hold {account}; expected the id of one account",
        "reeve.yaml:5:13: 5m is out of range; expected 15m to 12h",
        "reeve.yaml:6:9: \"Read Only\" is not a role name, with its path where it has one, as in audit/ReeveRead",
        "reeve.yaml:7:13: 2h is too long; AWS gives a role that a role assumed at most 1h",
        "reeve.yaml:9:14: \"12345\" is not an account id of twelve digits (5 digits found)",
        "reeve.yaml:11:10: 2 is out of range; expected 0.05 to 1.0",
        "reeve.yaml:12:16: expected an integer, found text",
        "reeve.yaml:13:16: \"1 hour\" is no duration; expected for example 90s, 15m, 36h or 7d",
        "reeve.yaml:14:9: \"hihg\" is not known here; did you mean \"high\"?",
        "reeve.yaml:15:11: \"everybody\" is not an account id, or the ARN of an organization or organizational unit",
      ])
  }

  @Test(
    "What is wrong with a role chain is said",
    arguments: [
      ("- {externalId: abc}", "3:3: a role needs \"arn\" or \"name\""),
      ("- {arn: 'arn:aws:iam::123456789012:role/x', name: y}", "a role has \"arn\" or \"name\", not both"),
      ("- {name: a}\n- {name: b}", "only the last role is assumed in each account; expected the \"arn\" of this one"),
      ("- {arn: 'arn:aws:iam::123456789012:user/x'}", "is not a role ARN such as"),
      ("- {arn: 'arn:aws:iam::12:role/x'}", "is not a role ARN such as"),
      ("- {name: a, externalId: x}", "is not 2 to 1,224 letters"),
      ("- justText", "expected a mapping, found text"),
    ])
  func roles(text: String, expected: String) {
    let found = problems("version: 1\nroles:\n\(text)\n")
    #expect(found.count == 1)
    #expect(found.first?.contains(expected) == true, "\(found)")
  }

  @Test("What is no mapping, or has no version, is a problem")
  func shape() {
    #expect(problems("") == ["reeve.yaml:1:1: \"version\" is missing: The version of this file's form: 1."])
    #expect(problems("- a\n").contains("reeve.yaml:1:1: expected a mapping, found a list"))
    #expect(problems("version: 1\nledger: ~/x.db\n") == ["reeve.yaml:2:9: \"~/x.db\" is not a path"])
  }
}

/// The table of keys, the parser, the schema and the example know the same keys.
@Suite struct ConfigurationTableTests {
  /// Every key at the end of its path, with a value that is not the default.
  static let samples: [(path: String, yaml: String)] = [
    ("version", "version: 1"),
    ("profile", "profile: x"), ("region", "region: eu-west-1"),
    ("roles.arn", "roles: [{arn: 'arn:aws:iam::123456789012:role/x'}]"), ("roles.name", "roles: [{name: x}]"),
    ("roles.externalId", "roles: [{name: x, externalId: ab}]"),
    ("roles.sessionName", "roles: [{name: x, sessionName: ab}]"),
    ("roles.duration", "roles: [{name: x, duration: 2h}]"), ("roles.tags", "roles: [{name: x, tags: {a: b}}]"),
    ("organization.accounts", "organization: {accounts: [012345678901]}"),
    ("organization.include.accounts", "organization: {include: {accounts: [123456789012]}}"),
    ("organization.include.units", "organization: {include: {units: [ou-ab12-x1]}}"),
    ("organization.include.tags", "organization: {include: {tags: {a: b}}}"),
    ("organization.exclude.accounts", "organization: {exclude: {accounts: [123456789012]}}"),
    ("organization.exclude.units", "organization: {exclude: {units: [r-ab12]}}"),
    ("organization.exclude.tags", "organization: {exclude: {tags: {a: [b, c*]}}}"),
    ("regions.include", "regions: {include: [eu-*]}"), ("regions.exclude", "regions: {exclude: [eu-west-1]}"),
    ("checks.include", "checks: {include: ['*']}"), ("checks.exclude", "checks: {exclude: [public-image]}"),
    ("trusted", "trusted: ['arn:aws:organizations::123456789012:ou/o-ab/ou-cd']"),
    ("plugins.directories", "plugins: {directories: [p]}"), ("plugins.lock", "plugins: {lock: plugins.lock}"),
    ("plugins.trustedKeys", "plugins: {trustedKeys: ['ed25519:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=']}"),
    ("plugins.isolation", "plugins: {isolation: sandbox}"),
    ("plugins.degradedSandbox", "plugins: {degradedSandbox: allow}"),
    ("plugins.configuration", "plugins: {configuration: {x: {a: 1}}}"),
    ("ledger", "ledger: other.db"), ("failOn", "failOn: critical"),
    ("limits.share", "limits: {share: 0.25}"), ("limits.concurrency", "limits: {concurrency: 7}"),
    ("limits.maxDuration", "limits: {maxDuration: 1h}"),
    ("limits.launchPermissionsMaximumAge", "limits: {launchPermissionsMaximumAge: 1h}"),
    ("limits.attempts", "limits: {attempts: 2}"),
    ("budgets.actionsPerRun", "budgets: {actionsPerRun: 1}"),
    ("budgets.actionsPerAccount", "budgets: {actionsPerAccount: 1}"),
    ("budgets.actionsPerDay", "budgets: {actionsPerDay: 1}"), ("budgets.failureRate", "budgets: {failureRate: 0.5}"),
  ]

  static func paths(_ keys: [ConfigurationKey], _ prefix: String = "") -> [String] {
    keys.flatMap { key in
      switch key.shape {
      case .mapping(let members), .list(of: .mapping(let members)): paths(members, prefix + key.name + ".")
      default: [prefix + key.name]
      }
    }
  }

  private static func yaml(_ sample: String) -> String {
    sample.hasPrefix("version") ? sample + "\n" : "version: 1\n\(sample)\n"
  }

  @Test("There is a sample of every key in the table")
  func complete() {
    #expect(Self.paths(ReeveConfiguration.keys).sorted() == Self.samples.map(\.path).sorted())
  }

  @Test("The parser reads every key in the table, and the schema allows it", arguments: samples)
  func agrees(path: String, yaml: String) throws {
    let value = try YAML.parse(Array(Self.yaml(yaml).utf8), file: "reeve.yaml")
    let configuration = try ReeveConfiguration.parse(value)
    #expect((configuration == ReeveConfiguration()) == (path == "version"))
    let schema = JSONSchemaSubset(root: try Document(json: ReeveConfiguration.schema))
    #expect(try schema.problems(of: value.document).isEmpty)
  }

  @Test(
    "The schema refuses what the parser refuses",
    arguments: [
      "version: 2", "version: 1\nregoin: x", "version: 1\nfailOn: hihg", "version: 1\nlimits: {share: 3}",
      "version: 1\nlimits: {attempts: x}", "version: 1\norganization: {accounts: [x]}", "{}", "version: 1\nroles: 3",
      "version: 1\nlimits: {maxDuration: soon}", "version: 1\nroles: [{name: 'a b'}]", "version: 1\ntrusted: [o-x]",
      "version: 1\nroles: [{arn: 'arn:aws:iam::1:role/x'}]", "version: 1\nregions: {include: ['EU west']}",
      "version: 1\norganization: {include: {units: [x]}}", "version: 1\nplugins: {configuration: {'a b': {}}}",
    ])
  func refuses(yaml: String) throws {
    let value = try YAML.parse(Array(yaml.utf8), file: "reeve.yaml")
    #expect(throws: SourceProblems.self) { try ReeveConfiguration.parse(value) }
    let schema = JSONSchemaSubset(root: try Document(json: ReeveConfiguration.schema))
    #expect(try !schema.problems(of: value.document).isEmpty)
  }

  @Test("The example shows every key, and the schema allows it")
  func example() throws {
    let text = ReeveConfigurationExample.text
    for path in Self.paths(ReeveConfiguration.keys) {
      let name = path.split(separator: ".").last.map(String.init) ?? path
      #expect(text.contains("\(name):"), "\(path) is not in the example")
    }
    let schema = JSONSchemaSubset(root: try Document(json: ReeveConfiguration.schema))
    #expect(try schema.problems(of: YAML.parse(Array(text.utf8), file: "e.yaml").document) == [])
  }

  @Test("The defaults in the table are those that hold")
  func defaults() throws {
    var lines = ["version: 1"]
    func write(_ keys: [ConfigurationKey], indent: String) {
      for key in keys where key.name != "version" && key.name != "roles" {
        if case .mapping(let members) = key.shape {
          lines.append("\(indent)\(key.name):")
          write(members, indent: indent + "  ")
        } else if let fallback = key.fallback {
          lines.append("\(indent)\(key.name): \(fallback.json)")
        }
      }
    }
    write(ReeveConfiguration.keys, indent: "")
    #expect(lines.count > 14)
    let text = lines.joined(separator: "\n") + "\n"
    #expect(try ReeveConfiguration.parse(Array(text.utf8), file: "reeve.yaml") == ReeveConfiguration())
  }

  @Test("A pattern of the schema and the parser's own rule agree")
  func patterns() throws {
    let formats: [TextFormat] = [
      .accountID, .region, .regionPattern, .checkPattern, .pluginID, .roleName, .externalID, .sessionName, .roleARN,
      .unit,
      .trusted, .path, .tagKey, .tagValue, .any,
    ]
    let texts = [
      "x", "ab", "a b", "eu-west-1", "eu-*", "*", "123456789012", "12345678901", "１２３４５６７８９０１２", "a/b", "a.b_c",
      "ou-ab12-cd34", "r-ab12", "o-ab", "arn:aws:iam::123456789012:role/x", "arn:{partition}:iam::{account}:role/a/b",
      "arn:aws:iam::123456789012:user/x", "arn:aws-cn:iam::123456789012:role/x+=,.@_-", "a]b", "a^b", "é", "~x", "/x",
      "arn:aws:organizations::123456789012:organization/o-ab", "arn:aws:organizations::123456789012:ou/o-ab/ou-cd-ef",
      "arn:aws:organizations::123456789012:root/o-ab/r-cd", "a:b", "a\\b",
    ]
    for format in formats {
      let pattern = try Regex(format.pattern)
      for text in texts {
        let matches = try pattern.wholeMatch(in: text) != nil
        #expect(matches == format.accepts(text), "\(text) as \(format.expected)")
      }
    }
  }
}

@Suite struct SelectionTests {
  @Test(
    "A star stands for anything",
    arguments: [
      ("eu-*", "eu-west-1", true), ("eu-*", "us-west-1", false), ("*", "", true), ("*", "x", true),
      ("a*b*c", "aXbYc", true),
      ("a*b*c", "aXbY", false), ("*-1", "eu-west-1", true), ("*-1", "eu-west-12", false), ("a", "a", true),
      ("a", "ab", false), ("**", "x", true), ("*aab", "aaab", true), ("", "", true), ("", "a", false),
    ])
  func patterns(pattern: String, text: String, expected: Bool) {
    #expect(SelectionRule(key: "k", pattern: pattern).matches(text) == expected)
  }

  @Test("Who is left out, and by which line")
  func accounts() throws {
    let text = """
      version: 1
      organization:
        include:
          units: [ou-ab12-prod1111]
          tags: {stage: [prod*, live]}
        exclude:
          accounts: [123456789012]
          units:
          - arn:aws:organizations::999999999999:ou/o-ab/ou-ab12-old22222
      regions:
        exclude: [us-*]
      """
    let configuration = try ReeveConfiguration.parse(Array(text.utf8), file: "/etc/reeve.yaml")
    func exclusion(_ id: String, unit: String = "", stage: String? = nil) -> String? {
      let tags = stage.map { [Tag(key: "stage", value: $0)] } ?? []
      return configuration.accountSelection.exclusion(of: Account(id: id, unitPath: unit, tags: tags))
    }
    #expect(exclusion("111111111111", unit: "o-ab/r-x/ou-ab12-prod1111/ou-ab12-deep/") == nil)
    #expect(exclusion("111111111111", stage: "production") == nil)
    #expect(exclusion("111111111111", stage: "test") == "not included by organization.include.units (reeve.yaml:4)")
    #expect(
      exclusion("123456789012", stage: "live") == "excluded by organization.exclude.accounts (reeve.yaml:7)")
    #expect(
      exclusion("111111111111", unit: "o-ab/r-x/ou-ab12-old22222/", stage: "live")
        == "excluded by organization.exclude.units (reeve.yaml:9)")
    #expect(configuration.regions.exclusion(of: "us-east-1") == "excluded by regions.exclude (reeve.yaml:11)")
    #expect(configuration.regions.exclusion(of: "eu-west-1") == nil)
    let listed = Selection(include: [SelectionRule(key: "--regions", pattern: "eu-west-1")])
    #expect(listed.exclusion(of: "eu-west-2") == "not included by --regions")
  }
}
