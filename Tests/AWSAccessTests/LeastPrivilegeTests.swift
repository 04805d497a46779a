import Governance
import Orchestrator
import Testing

@testable import AWSAccess

@Suite struct LeastPrivilegeTests {
  private static let two = [
    RoleHop.named("arn:aws:iam::210987654321:role/ReeveHub"), RoleHop.named("audit/ReeveRead"),
  ]

  private func least(_ chain: [RoleHop] = two, types: [String] = ["ec2:image"]) -> LeastPrivilege {
    LeastPrivilege(
      reads: ["ec2:DescribeImages"],
      plans: ["ec2:ModifyImageAttribute", "ec2:DescribeImageAttribute", "ec2:CreateTags"], changedTypes: types,
      chain: chain)
  }

  @Test("Reads of plans belong to the sweep's policy, changes to one of their own on just the types they touch")
  func member() {
    let least = least()
    #expect(least.sweep == ["ec2:DescribeImageAttribute", "ec2:DescribeImages", "ec2:DescribeRegions"])
    #expect(least.changes == ["ec2:CreateTags", "ec2:ModifyImageAttribute"])
    let statement = least.memberChangePolicy(partition: "aws-cn")?["Statement"]?[0]
    #expect(statement?["Resource"] == ["arn:aws-cn:ec2:*::image/*"])
    #expect(
      self.least(types: ["ec2:image", "ec2:vpc"]).memberChangePolicy(partition: "aws")?["Statement"]?[0]?["Resource"]
        == ["*"])
    #expect(
      LeastPrivilege(reads: [], plans: [], changedTypes: [], chain: []).memberChangePolicy(partition: "aws") == nil)
  }

  @Test("Each role may assume the next one and nothing else; the caller may read the organization")
  func chain() {
    let least = least()
    let hub = least.hubPolicy(at: 0, partition: "aws")?["Statement"]
    #expect(hub?.count == 1)
    #expect(hub?[0]?["Resource"] == ["arn:aws:iam::*:role/audit/ReeveRead"])
    #expect(hub?[0]?["Action"] == ["sts:AssumeRole"])
    #expect(least.hubPolicy(at: 1, partition: "aws") == nil)
    let caller = least.callerPolicy(partition: "aws")["Statement"]
    #expect(caller?.elements.map { $0["Sid"]?.string } == ["ReeveOrganization", "ReeveAssume", "ReeveSweepOwnAccount"])
    #expect(caller?[1]?["Resource"] == ["arn:aws:iam::210987654321:role/ReeveHub"])
  }

  @Test("A hop with tags needs sts:TagSession as well")
  func tags() {
    var chain = Self.two
    chain[1].tags = [Tag(key: "team", value: "a")]
    #expect(
      least(chain).hubPolicy(at: 0, partition: "aws")?["Statement"]?[0]?["Action"] == [
        "sts:AssumeRole", "sts:TagSession",
      ])
  }

  @Test("The template makes both roles, the hub's only in its account, and changes only where they are allowed")
  func template() {
    let template = least().cloudFormationTemplate
    let member = template.at(path: "Resources.MemberRole.Properties")
    #expect(member?["RoleName"] == "ReeveRead")
    #expect(member?["Path"] == "/audit/")
    #expect(
      member?.at(path: "AssumeRolePolicyDocument.Statement.0.Principal.AWS")
        == "arn:aws:iam::210987654321:role/ReeveHub")
    #expect(template.at(path: "Parameters.HubAccountId.Default") == "210987654321")
    #expect(member?.at(path: "Policies.1")?["Fn::If"]?[0] == "ChangesAllowed")
    #expect(template.at(path: "Resources.HubRole.Condition") == "IsHubAccount")
    let single = least([.named("ReeveRead")]).cloudFormationTemplate
    #expect(single.at(path: "Resources.HubRole") == nil)
    #expect(single.at(path: "Parameters.CallerArn.Type") == "String")
  }

  @Test("Grants that no session policy can hold are refused, not widened")
  func tooLong() {
    let many = (0..<100).map { "ec2:DescribeSomethingRatherLong\($0)" }
    let error = #expect(throws: FailureReason.self) {
      try LeastPrivilege(reads: many, plans: [], changedTypes: [], chain: []).checkSessionPolicies()
    }
    #expect(error?.code == "SessionPolicyTooLarge")
  }
}
