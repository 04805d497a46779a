import CReevePlugin
import ReevePluginKit
import Testing

@testable import TagPolicyLogic

struct TagPolicyTests {
  private func harness(_ configuration: Document = [:], membershipKnown: Bool = true) throws -> PluginHarness {
    try PluginHarness(
      checks: [RequiredTags.self], tagger: RequiredTagsTagger.self, configuration: configuration,
      organization: Sample.organization(membershipKnown: membershipKnown), now: Sample.now)
  }

  private func rule(_ entries: Document) -> Document { ["required": [entries]] }

  /// Rule, tags, verdict.
  static let checks: [(Document, [(String, String)], String)] = [
    (["key": "Owner"], [("Owner", "team")], "pass"), (["key": "Owner"], [], "fail"),
    (["key": "Owner"], [("Owner", "")], "fail"), (["key": "Owner"], [("Owner", "  ")], "fail"),
    (["key": "Owner"], [("owner", "team")], "fail"),
    (["key": "E", "values": ["prod", "test"]], [("E", "test")], "pass"),
    (["key": "E", "values": ["prod", "test"]], [("E", "Test")], "fail"),
    (["key": "C", "pattern": "CC-????"], [("C", "CC-1234")], "pass"),
    (["key": "C", "pattern": "CC-????"], [("C", "CC-12345")], "fail"),
    (["key": "E", "units": ["ou-root-prod"]], [], "fail"), (["key": "E", "units": ["ou-root-web"]], [], "fail"),
    (["key": "E", "units": ["r-root"]], [], "fail"), (["key": "E", "units": ["ou-root-test"]], [], "not applicable"),
    (["key": "E", "units": ["ou-root-test", "ou-root-prod"]], [("E", "x")], "pass"),
  ]

  @Test("A required tag is there with an allowed value, or it is a finding", arguments: 0..<14)
  func checks(_ index: Int) throws {
    let (entries, tags, word) = Self.checks[index]
    #expect(try harness(rule(entries)).verdict(on: Sample.image(tags: tags))?.word == word)
  }

  @Test("Without a configuration an image must say whose it is; with an empty list nothing is required")
  func defaults() throws {
    #expect(try harness().verdict(on: Sample.image())?.message.contains("tag \"Owner\" is missing") == true)
    #expect(try harness().verdict(on: Sample.image(tags: [("Owner", "x")])) == .pass)
    #expect(try harness(["required": []]).verdict(on: Sample.image()) == .notApplicable)
  }

  @Test("One verdict names everything that is wrong, with what was expected")
  func message() throws {
    let configuration: Document = [
      "required": [
        ["key": "Owner", "aliases": ["Team"]], ["key": "E", "values": ["test", "prod"], "pattern": "*t*"],
      ]
    ]
    let verdict = try harness(configuration).verdict(
      on: Sample.image(tags: [("OWNER", "a"), ("Team", "a"), ("E", "x")]))
    #expect(
      verdict?.message == """
        image ami-0123456789abcdef0: tag "Owner" is missing (it has "Team", "OWNER"); tag "E" is "x", expected one of \
        "prod", "test" and like "*t*"
        """)
    #expect(verdict?.evidence == ["Tags": ["Owner": nil, "E": "x"]])
  }

  @Test("A rule for a unit is not judged while the account's unit is not known, unless another rule is broken")
  func unknownUnit() throws {
    let bound: Document = ["key": "E", "units": ["ou-root-prod"]]
    let blind = try harness(rule(bound), membershipKnown: false)
    #expect(try blind.verdict(on: Sample.image())?.word == "not evaluated: MembershipUnknown")
    #expect(try blind.propose([Sample.image()]).isEmpty)
    let both = try harness(["required": [bound, ["key": "Owner"]]], membershipKnown: false)
    #expect(try both.verdict(on: Sample.image())?.word == "fail")
  }

  @Test("Tags that could not be read are neither missing nor proposed")
  func unread() throws {
    var image = Sample.image()
    image.markUnread("Tags", Sample.denied)
    let harness = try harness(rule(["key": "Owner", "default": "x"]))
    #expect(try harness.verdict(on: image)?.word == "not evaluated: UnauthorizedOperation")
    #expect(try harness.propose([image]).isEmpty)
    #expect(harness.lines.contains { $0.contains("Tags could not be read") })
  }

  /// Rule, tags, proposed operation without its reason.
  static let proposals: [(Document, [(String, String)], String?)] = [
    (["key": "Owner"], [], nil), (["key": "Owner"], [("Owner", "x")], nil),
    (["key": "Owner"], [("owner", "x")], "rename owner Owner"),
    (["key": "Owner"], [("OWNER", "x"), ("owner", "x")], "rename OWNER Owner"),
    (["key": "Owner"], [("OWNER", "x"), ("owner", "y")], nil),
    (["key": "Owner", "aliases": ["Team"]], [("owner", "x"), ("Team", "x")], "rename Team Owner"),
    (["key": "Owner", "aliases": ["Team"], "values": ["x"]], [("owner", "x"), ("Team", "y")], "rename owner Owner"),
    (["key": "Owner", "aliases": ["aws:owner"]], [("aws:owner", "x")], nil),
    (["key": "Owner", "default": "d"], [], "set Owner d"), (["key": "Owner", "default": "d"], [("Owner", "x")], nil),
    (["key": "Owner", "default": "d"], [("owner", "x")], "rename owner Owner"),
    (["key": "Owner", "default": "d"], [("owner", "")], "set Owner d"),
    (["key": "Owner", "default": "d"], [("Owner", "")], "set Owner d"),
    (["key": "Owner"], [("Owner", ""), ("owner", "x")], "set Owner x"),
    (["key": "Owner", "default": "d", "defaultByAccount": ["111111111111": "one"]], [], "set Owner one"),
    (["key": "Owner", "default": "d", "defaultByAccount": ["222222222222": "two"]], [], "set Owner d"),
    (["key": "E", "values": ["prod", "test"], "default": "test"], [("E", "wrong")], nil),
    (["key": "E", "default": "d", "units": ["ou-root-test"]], [], nil),
  ]

  @Test("What can be derived is proposed; a value that says something is left alone", arguments: 0..<18)
  func proposals(_ index: Int) throws {
    let (entries, tags, expected) = Self.proposals[index]
    let operations = try harness(rule(entries)).propose([Sample.snapshot([:]), Sample.image(tags: tags)])
    #expect(operations.allSatisfy { $0.resource == 1 })
    let words = operations.map { operation in
      switch operation.operation {
      case .set(let key, let value, let reason): "set \(key) \(value)" + (reason.isEmpty ? " without reason" : "")
      case .rename(let key, let newKey, _): "rename \(key) \(newKey)"
      case .remove(let key, _): "remove \(key)"
      }
    }
    #expect(words == [expected].compactMap { $0 })
  }

  @Test("What the tagger proposes satisfies the check")
  func converges() throws {
    for (entries, tags, expected) in Self.proposals where expected != nil {
      let harness = try harness(rule(entries))
      var image = Sample.image(tags: tags)
      for proposal in try harness.propose([image]) {
        switch proposal.operation {
        case .set(let key, let value, _):
          image.tags.removeAll { $0.key == key }
          image.tags.append(.init(key, value))
        case .rename(let key, let newKey, _):
          for index in image.tags.indices where image.tags[index].key == key { image.tags[index].key = newKey }
        case .remove(let key, _): image.tags.removeAll { $0.key == key }
        }
      }
      #expect(try harness.verdict(on: image) == .pass)
      #expect(try harness.propose([image]).isEmpty)
    }
  }

  @Test(
    "A configuration that cannot be used is refused with its place",
    arguments: [
      ([:], "required[0].key"), (["key": ""], "required[0].key"), (["key": "aws:Owner"], "required[0].key"),
      (["key": "E", "values": "prod"], "required[0].values"), (["key": "E", "values": [1]], "required[0].values[0]"),
      (["key": "E", "pattern": 1], "required[0].pattern"),
      (["key": "E", "values": ["prod"], "default": "test"], "required[0]: the default \"test\""),
      (["key": "E", "defaultByAccount": ["1": 1]], "required[0].defaultByAccount.1"),
    ] as [(Document, String)])
  func refused(_ entries: Document, place: String) throws {
    let failure = #expect(throws: HarnessFailure.self) { try harness(rule(entries)) }
    #expect(failure?.status == REEVE_ERROR_CONFIGURATION)
    #expect(failure?.message.contains(place) == true, "\(failure?.message ?? "")")
  }

  @Test(
    "A pattern stands for the whole value",
    arguments: [
      ("", "", true), ("", "a", false), ("*", "", true), ("*", "anything", true), ("a*c", "abbbc", true),
      ("a*c", "abcb", false), ("a?c", "abc", true), ("a?c", "ac", false), ("*b*", "abc", true), ("*b*", "ac", false),
      ("a*b*c", "a-b-b-c", true), ("a.c", "abc", false), ("é?", "éß", true), ("**a", "xa", true), ("?", "", false),
    ] as [(String, String, Bool)])
  func patterns(_ pattern: String, value: String, matches: Bool) {
    #expect(TagPattern(pattern).matches(value) == matches)
  }

  @Test("A pattern of many stars stays quick on a long value")
  func hostilePattern() {
    let pattern = TagPattern(String(repeating: "*a", count: 100) + "b")
    #expect(!pattern.matches(String(repeating: "a", count: 10_000)))
  }
}
