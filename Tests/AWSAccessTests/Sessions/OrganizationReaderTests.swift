import AWSWire
import Determinism
import Governance
import Orchestrator
import Testing

@testable import AWSAccess

@Suite("Reading an organization")
struct OrganizationReaderTests {
  /// o-1: root r-1 with 41 accounts, unit ou-a below it with one, ou-b below ou-a with two; one account that the walk
  /// does not have.
  private static let inRoot = (0..<41).map { String(100_000_000_000 + $0) }
  private static let lost = "900000000000"

  private static func account(_ id: String) -> Document {
    [
      "Id": Document(id), "Name": Document("n\(id)"), "Email": "a@example.com",
      "Arn": Document("arn:aws:organizations::1:account/o-1/\(id)"), "Status": "ACTIVE",
    ]
  }

  private static func page(_ elements: [Document], _ member: String, _ call: APICall) -> Document {
    let start = call.parameters["NextToken"]?.string.flatMap { Int($0) } ?? 0
    let size = call.parameters["MaxResults"]?.int ?? 20
    let end = min(elements.count, start + size)
    return Document(entries: [
      (member, Document(Array(elements[start..<end]))), ("NextToken", end < elements.count ? Document("\(end)") : nil),
    ])
  }

  private static func answer(_ call: APICall) -> Document {
    let parent = call.parameters["ParentId"]?.string
    switch call.operation {
    case "DescribeOrganization":
      return [
        "Organization": [
          "Id": "o-1", "Arn": "arn:aws:organizations::1:organization/o-1",
          "MasterAccountId": Document(Fixture.callerAccount),
        ]
      ]
    case "ListAccounts":
      var all = (inRoot + ["200000000000", "300000000000", lost]).map(account)
      all[0] = all[0].setting("State", to: "PENDING_CLOSURE")
      all[1] = all[1].setting("Status", to: "SUSPENDED")
      return page(all, "Accounts", call)
    case "ListRoots": return page([["Id": "r-1", "Name": "Root"]], "Roots", call)
    case "ListAccountsForParent":
      let members: [String: [String]] = [
        "r-1": inRoot, "ou-a": ["200000000000"], "ou-b": ["300000000000", "400000000000"],
      ]
      return page((members[parent ?? ""] ?? []).map(account), "Accounts", call)
    case "ListOrganizationalUnitsForParent":
      let children: [String: [Document]] = [
        "r-1": [["Id": "ou-a", "Arn": "arn:a", "Name": "A"]], "ou-a": [["Id": "ou-b", "Arn": "arn:b", "Name": "B"]],
      ]
      return page(children[parent ?? ""] ?? [], "OrganizationalUnits", call)
    case "ListTagsForResource":
      return [
        "Tags": [
          ["Key": "z", "Value": "1"], ["Key": "owner", "Value": Document(call.parameters["ResourceId"]?.string ?? "")],
        ]
      ]
    default: return .emptyObject
    }
  }

  private static func exchange(
    failing: @escaping @Sendable (APICall) -> CallFailure? = { _ in nil }
  ) -> ScriptedExchange {
    ScriptedExchange { (attempt) async throws(CallFailure) in
      if let failure = failing(attempt.call) { throw failure }
      return Fixture.tokens(attempt) ?? answer(attempt.call)
    }
  }

  @Test("Every page, every unit, every account with its path and state, sorted", arguments: 0..<5)
  func whole(seed: Int) throws {
    try Fixture.run(seed: UInt64(seed)) { executor in
      let exchange = Self.exchange()
      let organization = try await Fixture.cloud(exchange, clock: executor).organization()
      #expect(organization.id == "o-1")
      #expect(organization.managementAccount == Fixture.callerAccount)
      #expect(organization.membershipUnknown == nil)
      #expect(organization.units.map(\.path) == ["o-1/r-1/ou-a/", "o-1/r-1/ou-a/ou-b/"])
      #expect(
        organization.accounts.map(\.id)
          == (Self.inRoot + ["200000000000", "300000000000", "400000000000", Self.lost]).sorted())
      let paths = Dictionary(uniqueKeysWithValues: organization.accounts.map { ($0.id, $0.unitPath) })
      #expect(paths[Self.inRoot[40]] == "o-1/r-1/")
      #expect(paths["200000000000"] == "o-1/r-1/ou-a/")
      #expect(paths["400000000000"] == "o-1/r-1/ou-a/ou-b/", "joined since it was listed")
      #expect(paths[Self.lost] == "", "not in the walk")
      #expect(organization.accounts.prefix(3).map(\.state) == ["PENDING_CLOSURE", "SUSPENDED", "ACTIVE"])
      #expect(organization.accounts.allSatisfy { $0.tags.isEmpty })
      #expect(exchange.attempts(of: "ListTagsForResource").isEmpty)
      #expect(exchange.attempts(of: "ListAccounts").count == 3)
      #expect(exchange.attempts(of: "ListAccountsForParent").count == 5, "three pages of the root, one of each unit")
      #expect(exchange.attempts.filter { $0.call.service == "organizations" }.allSatisfy { $0.region == "us-east-1" })
    }
  }

  @Test("Tags are read for each account when they are asked for")
  func tags() throws {
    try Fixture.run { executor in
      let exchange = Self.exchange()
      let cloud = Fixture.cloud(
        exchange, clock: executor, settings: Fixture.settings(organization: .organizations(readTags: true)))
      let organization = try await cloud.organization()
      #expect(exchange.attempts(of: "ListTagsForResource").count == organization.accounts.count)
      #expect(
        organization.accounts.allSatisfy {
          $0.tags == [Tag(key: "owner", value: $0.id), Tag(key: "z", value: "1")]
        })
    }
  }

  @Test("A refusal is an error with its code, except that accounts survive a denied walk with the reason")
  func failures() throws {
    let table: [(String, CallFailure, String?)] = [
      (
        "DescribeOrganization", Fixture.service("AWSOrganizationsNotInUseException"),
        "AWSOrganizationsNotInUseException"
      ),
      ("ListAccounts", Fixture.service("AccessDeniedException"), "AccessDeniedException"),
      ("ListOrganizationalUnitsForParent", Fixture.service("ServiceException"), "ServiceException"),
      ("ListRoots", Fixture.service("AccessDeniedException"), nil),
    ]
    for (operation, failure, code) in table {
      try Fixture.run { executor in
        let cloud = Fixture.cloud(Self.exchange { $0.operation == operation ? failure : nil }, clock: executor)
        do throws(FailureReason) {
          let organization = try await cloud.organization()
          #expect(code == nil)
          #expect(organization.accounts.count == 44 && organization.units.isEmpty)
          #expect(organization.membershipUnknown?.contains("AccessDeniedException") == true)
        } catch {
          #expect(error.code == code)
          #expect(error.message.hasPrefix("organizations:\(operation): "))
        }
      }
    }
  }

  @Test("A list whose page tokens go round in a circle is an error, not an endless loop")
  func circle() throws {
    try Fixture.run { executor in
      let exchange = ScriptedExchange { (attempt) async throws(CallFailure) in
        if attempt.call.operation == "ListAccounts" {
          return ["Accounts": [], "NextToken": attempt.number.isMultiple(of: 2) ? "a" : "b"]
        }
        return Fixture.tokens(attempt) ?? Self.answer(attempt.call)
      }
      let cloud = Fixture.cloud(exchange, clock: executor)
      let error = await Fixture.failure { () async throws(FailureReason) in try await cloud.organization() }
      #expect(error?.code == "RepeatedPageToken")
    }
  }

  @Test("A plain list of accounts says that membership is not known, and calls nobody")
  func plainList() async throws {
    let exchange = Self.exchange()
    let accounts = [Account(id: "200000000000"), Account(id: "100000000000")]
    let cloud = Fixture.cloud(
      exchange, clock: FixedClock(Fixture.start), settings: Fixture.settings(organization: .accounts(accounts)))
    let organization = try await cloud.organization()
    #expect(organization.accounts.map(\.id) == ["100000000000", "200000000000"])
    #expect(organization.membershipUnknown != nil)
    #expect(exchange.attempts.isEmpty)
  }
}
