import Governance
import Orchestrator
import Testing

@testable import AWSAccess

@Suite("Session policies and role chains")
struct SessionPolicyTests {
  @Test("A policy says what was granted, sorted, once, and nothing else")
  func texts() throws {
    let table: [(SessionPermissions, String)] = [
      (
        .reading(actions: ["ec2:DescribeRegions", "ec2:DescribeImages", "ec2:DescribeRegions"]),
        #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["ec2:DescribeImages","ec2:DescribeRegions"],"Resource":"*"}}"#
      ),
      (
        .changing(
          reading: ["ec2:DescribeImages"], actions: ["ec2:ModifyImageAttribute"],
          resources: ["arn:aws:ec2:eu-west-1::image/ami-2", "arn:aws:ec2:eu-west-1::image/ami-1"]),
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:DescribeImages","Resource":"*"},"#
          + #"{"Effect":"Allow","Action":"ec2:ModifyImageAttribute","Resource":["arn:aws:ec2:eu-west-1::image/ami-1","#
          + #""arn:aws:ec2:eu-west-1::image/ami-2"]}]}"#
      ),
    ]
    for (permissions, text) in table {
      #expect(try SessionPolicy.text(for: permissions) == text)
      #expect(try Document(json: text)["Version"] == "2012-10-17", "it is JSON")
    }
  }

  @Test("2,048 characters are allowed, 2,049 are an error with the count, never a wildcard")
  func size() throws {
    func permissions(_ characters: Int) -> SessionPermissions {
      let frame = #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"","Resource":"*"}}"#.count
      return .reading(actions: ["ec2:" + String(repeating: "D", count: characters - frame - 4)])
    }
    #expect(try SessionPolicy.text(for: permissions(2_048)).count == 2_048)
    #expect {
      try SessionPolicy.text(for: permissions(2_049))
    } throws: { error in
      let reason = error as? FailureReason
      return reason?.code == "SessionPolicyTooLarge" && reason?.message.contains("2049 characters") == true
    }
  }

  @Test("A session that may do nothing is not made")
  func empty() {
    for permissions in [
      SessionPermissions.reading(actions: []), .changing(reading: [], actions: ["ec2:CreateTags"], resources: []),
    ] {
      #expect(throws: FailureReason.self) { try SessionPolicy.text(for: permissions) }
    }
  }

  private func chain(_ roles: [RoleHop], partition: Partition = .aws) throws -> RoleChain {
    try RoleChain(roles, account: "222222222222", partition: partition)
  }

  @Test("Names and templates are filled in, in every partition")
  func templates() throws {
    let table: [(String, Partition, String)] = [
      ("Auditor", .aws, "arn:aws:iam::222222222222:role/Auditor"),
      ("team/Auditor", .china, "arn:aws-cn:iam::222222222222:role/team/Auditor"),
      ("arn:{partition}:iam::{account}:role/X", .usGov, "arn:aws-us-gov:iam::222222222222:role/X"),
      ("arn:aws:iam::333333333333:role/Hub", .aws, "arn:aws:iam::333333333333:role/Hub"),
    ]
    for (role, partition, arn) in table {
      let hops = try chain([.named(role)], partition: partition).hops
      #expect(hops.map(\.arn) == [arn])
      #expect(hops[0].policy == nil, "the last hop's policy comes from the permissions")
    }
  }

  @Test("An earlier hop may only assume the next role: in any account when it is shared, in its own when it is not")
  func earlierHops() throws {
    let hub = RoleHop.named("arn:aws:iam::333333333333:role/Hub")
    var last = RoleHop.named("Auditor")
    let shared = try chain([hub, last]).hops[0]
    #expect(shared.isShared)
    #expect(
      shared.policy
        == #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::*:role/Auditor"}}"#
    )
    last.tags = [Tag(key: "purpose", value: "sweep")]
    let own = try chain([.named("Gate"), last]).hops[0]
    #expect(!own.isShared)
    #expect(
      own.policy
        == #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Resource":"arn:aws:iam::222222222222:role/Auditor"}}"#
    )
  }

  @Test("What is no role, no account or no chain is said")
  func badChains() {
    let table: [([RoleHop], String, String)] = [
      ([], "222222222222", "NoRoleChain"), ([.named("X")], "22222222222", "InvalidAccount"),
      ([.named("arn:aws:s3:::bucket")], "222222222222", "InvalidRole"),
      ([.named("arn:aws:iam::{acount}:role/X")], "222222222222", "InvalidRole"),
      ([.named("arn:aws:iam::{account}:user/X")], "222222222222", "InvalidRole"),
    ]
    for (hops, account, code) in table {
      #expect {
        _ = try RoleChain(hops, account: account, partition: .aws)
      } throws: {
        ($0 as? FailureReason)?.code == code
      }
    }
  }
}
