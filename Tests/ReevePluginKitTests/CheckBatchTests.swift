import CReevePlugin
import ReevePluginKit
import Testing

struct CheckBatchTests {
  /// Reads what the attribute `Do` says.
  struct Obedient: Check {
    struct Broken: Error {}
    static var id: StaticString { "test.obedient" }
    init(configuration: Document, organization: Organization) throws {
      if configuration["broken"]?.boolean == true { throw ConfigurationError("broken: expected false") }
    }
    func evaluate(_ resource: borrowing Resource) throws -> Verdict {
      switch try resource["Do"]?.string {
      case "fail": return .fail("told to", evidence: ["Do": "fail", "Id": .string(resource.id.string)])
      case "throw": throw Broken()
      case "tags": return try resource.tag("Owner").map { .fail("owned by \($0)") } ?? .pass
      case "nested": return try resource["Place.Zones.1"]?.text == "b" ? .pass : .fail("no second zone")
      case "age": return resource.readAt("Do") < resource.now ? .fail("old: \(resource.readAt("Do"))") : .pass
      case "else": return .notApplicable
      default: return .pass
      }
    }
  }

  private func harness() throws -> PluginHarness {
    try PluginHarness(checks: [Obedient.self, Obedient.self], now: Sample.now)
  }

  @Test("Every resource × selected check gets one verdict with message and evidence")
  func verdicts() throws {
    let resources = ["", "fail", "else"].map { Sample.resource("x", "id-\($0)", ["Do": .string($0)]) }
    let outcomes = try harness().evaluate(resources)
    #expect(outcomes.map(\.resource) == [0, 0, 1, 1, 2, 2])
    #expect(outcomes.map(\.check) == [0, 1, 0, 1, 0, 1])
    #expect(outcomes[0].verdict == .pass)
    #expect(outcomes[3].verdict == .fail("told to", evidence: ["Do": "fail", "Id": "id-fail"]))
    #expect(outcomes[4].verdict == .notApplicable)
    #expect(try harness().evaluate(resources, checks: [1]).map(\.check) == [1, 1, 1])
    #expect(try harness().evaluate([]).isEmpty)
  }

  @Test("An unread attribute gives not evaluated with its code, for its resource alone")
  func unread() throws {
    var hidden = Sample.resource("x", "hidden", ["Do": "fail"])
    hidden.markUnread("Do", Sample.denied)
    var other = Sample.resource("x", "other", ["Do": "fail"])
    other.markUnread("Elsewhere", Sample.denied)
    let verdicts = try harness().evaluate([hidden, other], checks: [0]).map(\.verdict)
    #expect(verdicts[0].word == "not evaluated: UnauthorizedOperation")
    #expect(verdicts[0].message.contains("Do could not be read"))
    #expect(verdicts[1].word == "fail")
  }

  @Test("Unread tags are not missing tags")
  func unreadTags() throws {
    var untagged = Sample.resource("x", "1", ["Do": "tags"])
    #expect(try harness().verdict(on: untagged) == .pass)
    untagged.markUnread("Tags", Sample.denied)
    #expect(try harness().verdict(on: untagged)?.word == "not evaluated: UnauthorizedOperation")
    var tagged = Sample.resource("x", "1", ["Do": "tags"])
    tagged.tags = [.init("owner", "no"), .init("Owner", "platform")]
    #expect(try harness().verdict(on: tagged)?.message == "owned by platform")
  }

  @Test("Paths reach into attributes, and a reused value says how old it is")
  func nestedAndAged() throws {
    let nested = Sample.resource("x", "1", ["Do": "nested", "Place": ["Zones": ["a", "b"]]])
    #expect(try harness().verdict(on: nested) == .pass)
    var aged = Sample.resource("x", "1", ["Do": "age"])
    #expect(try harness().verdict(on: aged) == .pass)
    aged.set("Do", to: "age", readAt: Time(nanoseconds: 1_000_000_000))
    #expect(try harness().verdict(on: aged)?.message == "old: 1970-01-01T00:00:01Z")
  }

  @Test("Any other error fails the batch and names check and resource")
  func thrown() throws {
    let resources = [Sample.resource("x", "good"), Sample.resource("x", "bad", ["Do": "throw"])]
    let failure = #expect(throws: HarnessFailure.self) { try harness().evaluate(resources) }
    #expect(failure?.status == REEVE_ERROR_INTERNAL)
    #expect(failure?.resource == 1)
    #expect(failure?.message == "check test.obedient on x bad: Broken()")
  }

  @Test("A configuration that cannot be used is said so at once")
  func configuration() {
    let failure = #expect(throws: HarnessFailure.self) {
      try PluginHarness(checks: [Obedient.self], configuration: ["broken": true], now: Sample.now)
    }
    #expect(failure?.status == REEVE_ERROR_CONFIGURATION)
    #expect(failure?.message == "broken: expected false")
  }

  @Test("A selected check that the plugin does not have is bad data")
  func unknownCheck() throws {
    let failure = #expect(throws: HarnessFailure.self) { try harness().evaluate([Sample.image()], checks: [2]) }
    #expect(failure?.status == REEVE_ERROR_BAD_DATA)
  }

  @Test("A batch stops at the resource at which the host wants it to", arguments: [0, 1, 7])
  func cancelled(_ asks: Int) throws {
    let resources = (0..<8).map { Sample.resource("x", "\($0)") }
    let failure = #expect(throws: HarnessFailure.self) {
      try harness().evaluate(resources, asksBeforeCancel: asks)
    }
    #expect(failure?.status == REEVE_ERROR_CANCELLED)
    #expect(try harness().evaluate(resources, asksBeforeCancel: 8).count == 16)
  }

  @Test("A batch of 10,000 resources comes back whole and in order")
  func large() throws {
    let resources = (0..<10_000).map { index in
      Sample.resource("x", "id-\(index)", ["Name": "n", "Do": index % 10 == 0 ? "fail" : "pass"])
    }
    let outcomes = try harness().evaluate(resources, checks: [0])
    #expect(outcomes.map(\.resource) == Array(0..<10_000))
    let failing = outcomes.filter { $0.verdict.word == "fail" }
    #expect(failing.count == 1_000)
    #expect(failing.last?.verdict.evidence?["Id"]?.string == "id-9990")
  }

  @Test("A role that a plugin does not have is not offered")
  func missingRole() throws {
    let failure = #expect(throws: HarnessFailure.self) { try harness().propose([]) }
    #expect(failure?.status == REEVE_ERROR_UNSUPPORTED)
    #expect(throws: HarnessFailure.self) { try harness().run() }
  }

  @Test("The organization crosses whole")
  func organization() throws {
    struct Asking: Check {
      static var id: StaticString { "test.asking" }
      let organization: Organization
      init(configuration: Document, organization: Organization) { self.organization = organization }
      func evaluate(_ resource: borrowing Resource) -> Verdict {
        let facts = [
          organization.id, organization.arn, organization.managementAccount, organization.partition,
          "\(organization.membershipKnown)", organization.membershipReason, "\(organization.trusted)",
          "\(organization.accounts.map(\.unitPath))", "\(organization.units.map(\.arn))",
          "\(organization.contains(account: "222222222222"))", "\(organization.contains(account: "333333333333"))",
          "\(String(describing: organization.isAccount("111111111111", in: "ou-root-prod")))",
        ]
        return .fail(facts.joined(separator: "|"))
      }
    }
    let harness = try PluginHarness(
      checks: [Asking.self], organization: Sample.organization(trusted: ["333333333333"]), now: Sample.now)
    #expect(
      try harness.verdict(on: Sample.image())?.message == """
        o-own1234567|arn:aws:organizations::999999999999:organization/o-own1234567|999999999999|aws|true||\
        ["333333333333"]|["o-own1234567/r-root/ou-root-prod/ou-root-web/", "o-own1234567/r-root/ou-root-test/"]|\
        ["arn:aws:organizations::999999999999:ou/o-own1234567/ou-root-prod"]|true|false|Optional(true)
        """)
  }
}
