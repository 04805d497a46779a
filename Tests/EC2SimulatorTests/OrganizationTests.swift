import AWSWire
import Governance
import Testing

@testable import EC2Simulator

@Suite struct OrganizationTests {
  @Test("Pages of a listing have at most twenty and together each account once")
  func pages() throws {
    let client = try SimulatorClient(
      yaml: "seed: 9\nregions: [eu-west-1]\ngenerate: {accounts: 45, imagesPerScope: 0, accountsPerUnit: 20}")
    for (limit, pages) in [(nil, 3), (20, 3), (7, 7)] as [(Int?, Int)] {
      var seen: [String] = []
      var token: Document?
      var count = 0
      repeat {
        let page = try client.call(
          "organizations", "ListAccounts",
          Document(entries: [("MaxResults", limit.map { Document($0) }), ("NextToken", token)]))
        seen += page["Accounts"]?.elements.compactMap { $0["Id"]?.string } ?? []
        token = page["NextToken"]
        count += 1
      } while token != nil
      #expect(count == pages)
      #expect(seen.count == 46)
      #expect(Set(seen).count == 46)
      #expect(seen == seen.sorted())
    }
    for limit in [0, 21] {
      let error = try client.failure("organizations", "ListAccounts", ["MaxResults": Document(limit)])
      #expect(error.code == "InvalidInputException")
    }
    #expect(try client.failure("organizations", "ListAccounts", ["NextToken": "x"]).code == "InvalidInputException")
  }

  @Test("The walk from the root finds every unit and every account with its path")
  func walk() throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    let organization = try client.call("organizations", "DescribeOrganization")["Organization"]
    #expect(organization?["Id"] == "o-home")
    #expect(organization?["MasterAccountId"] == "111111111111")
    #expect(organization?["Arn"] == "arn:aws:organizations::111111111111:organization/o-home")
    let root = try #require(try client.call("organizations", "ListRoots").at(path: "Roots.0.Id")?.string)
    func names(_ parent: String) throws -> [String] {
      let units = try client.call("organizations", "ListOrganizationalUnitsForParent", ["ParentId": Document(parent)])
      let accounts = try client.call("organizations", "ListAccountsForParent", ["ParentId": Document(parent)])
      var found = accounts["Accounts"]?.elements.compactMap { $0["Name"]?.string } ?? []
      for unit in units["OrganizationalUnits"]?.elements ?? [] {
        found += try names(unit["Id"]?.string ?? "").map { "\(unit["Name"]?.string ?? "")/\($0)" }
      }
      return found
    }
    #expect(try names(root) == ["management", "Prod/owner", "Prod/Web/web", "Test/test"])
    let account = try client.call("organizations", "DescribeAccount", ["AccountId": "333333333333"])["Account"]
    #expect(account?["State"] == "ACTIVE")
    #expect(account?["Paths"] == ["o-home/r-home/ou-home-prod/ou-home-web/333333333333/"])
    #expect(
      try client.call("organizations", "ListParents", ["ChildId": "ou-home-web"])["Parents"]
        == [["Id": "ou-home-prod", "Type": "ORGANIZATIONAL_UNIT"]])
    #expect(
      try client.call("organizations", "ListChildren", ["ParentId": "r-home", "ChildType": "ORGANIZATIONAL_UNIT"])[
        "Children"]?.elements.compactMap { $0["Id"]?.string } == ["ou-home-prod", "ou-home-test"])
    let unit = try client.call(
      "organizations", "DescribeOrganizationalUnit", ["OrganizationalUnitId": "ou-home-web"])
    #expect(unit.at(path: "OrganizationalUnit.Path") == "o-home/r-home/ou-home-prod/ou-home-web/")
    #expect(try client.call("organizations", "ListTagsForResource", ["ResourceId": "r-home"])["Tags"] == [])
    #expect(try client.call("organizations", "ListDelegatedAdministrators")["DelegatedAdministrators"] == [])
  }

  @Test("Member accounts may ask which organization, and nothing else; strangers are told there is none")
  func access() throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    let member = try client.member("222222222222")
    #expect(try member.call("organizations", "DescribeOrganization").at(path: "Organization.Id") == "o-home")
    #expect(try member.failure("organizations", "ListAccounts").code == "AccessDeniedException")
    var fresh = try SimulatorClient(
      world: .fresh(
        managementAccount: "123456789012", seed: 1, start: SimulatorClient.start, joined: SimulatorClient.start))
    let error = try fresh.failure("organizations", "DescribeOrganization")
    #expect(error.code == "AWSOrganizationsNotInUseException")
    #expect(error.message == "Your account is not a member of an organization.")
    fresh.region = "eu-central-1"
    #expect(try fresh.call("sts", "GetCallerIdentity")["Arn"] == "arn:aws:iam::123456789012:user/admin")
  }

  @Test("A new account takes a moment, comes with its role, and starts with images blocked")
  func creation() throws {
    let client = try SimulatorClient(
      world: .fresh(
        managementAccount: "123456789012", seed: 1, start: SimulatorClient.start, joined: SimulatorClient.start))
    try client.call("organizations", "CreateOrganization", ["FeatureSet": "ALL"])
    #expect(try client.failure("organizations", "CreateOrganization").code == "AlreadyInOrganizationException")
    let parameters: Document = ["AccountName": "one", "Email": "one@example.com"]
    let promised = try client.call("organizations", "CreateAccount", parameters)["CreateAccountStatus"]
    #expect(promised?["State"] == "IN_PROGRESS")
    #expect(promised?["AccountId"] == nil)
    #expect(try client.call("organizations", "ListAccounts")["Accounts"]?.count == 1)
    let id: Document = ["CreateAccountRequestId": promised?["Id"] ?? .null]
    client.simulator.advance(by: AccountCreationOperations.delay)
    let done = try client.call("organizations", "DescribeCreateAccountStatus", id)["CreateAccountStatus"]
    #expect(done?["State"] == "SUCCEEDED")
    let account = try #require(done?["AccountId"]?.string)
    let member = try client.member(account)
    #expect(
      try member.call("ec2", "GetImageBlockPublicAccessState")
        == ["ImageBlockPublicAccessState": "block-new-sharing", "ManagedBy": "account"])
    let twice = try client.call("organizations", "CreateAccount", parameters)["CreateAccountStatus"]
    #expect(twice?["FailureReason"] == "EMAIL_ALREADY_EXISTS")
    #expect(try client.call("organizations", "ListAccounts")["Accounts"]?.count == 2)
  }

  @Test("An account's state stands beside the older status")
  func states() throws {
    let client = try SimulatorClient(
      yaml: """
        regions: [eu-west-1]
        organization: {management: "111111111111"}
        accounts:
          - {id: "222222222222", state: CLOSED}
          - {id: "333333333333", state: PENDING_CLOSURE}
        """)
    let accounts = try client.call("organizations", "ListAccounts")["Accounts"]?.elements ?? []
    #expect(accounts.map { $0["State"]?.string } == ["ACTIVE", "CLOSED", "PENDING_CLOSURE"])
    #expect(accounts.map { $0["Status"]?.string } == ["ACTIVE", "SUSPENDED", "PENDING_CLOSURE"])
  }
}
