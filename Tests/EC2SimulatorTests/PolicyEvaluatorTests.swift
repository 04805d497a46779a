import Governance
import Testing

@testable import EC2Simulator

@Suite struct PolicyEvaluatorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var statement: String
    var action = "ec2:DescribeImages"
    var resource = "*"
    var context: [String: [String]] = [:]
    var expected: PolicyEvaluator.Answer
    var testDescription: String { name }
  }

  static let image = "arn:aws:ec2:eu-west-1::image/ami-1"

  @Test(
    "An identity policy answers as IAM does",
    arguments: [
      Case(name: "all", statement: #""Effect":"Allow","Action":"*","Resource":"*""#, expected: .allow),
      Case(name: "prefix", statement: #""Effect":"Allow","Action":"ec2:Describe*","Resource":"*""#, expected: .allow),
      Case(
        name: "case of actions", statement: #""Effect":"Allow","Action":"EC2:describeIMAGES","Resource":"*""#,
        expected: .allow),
      Case(name: "other action", statement: #""Effect":"Allow","Action":"ec2:Get*","Resource":"*""#, expected: .silent),
      Case(name: "deny", statement: #""Effect":"Deny","Action":"ec2:*","Resource":"*""#, expected: .deny),
      Case(
        name: "NotAction spares", statement: #""Effect":"Allow","NotAction":"ec2:*","Resource":"*""#, expected: .silent),
      Case(
        name: "NotAction hits", statement: #""Effect":"Allow","NotAction":["iam:*"],"Resource":"*""#, expected: .allow),
      Case(
        name: "ARN for a list action",
        statement: #""Effect":"Allow","Action":"ec2:*","Resource":"arn:aws:ec2:*:*:image/*""#, expected: .silent),
      Case(
        name: "resource pattern", statement: #""Effect":"Allow","Action":"ec2:*","Resource":"arn:aws:ec2:*::image/*""#,
        action: "ec2:ModifyImageAttribute", resource: image, expected: .allow),
      Case(
        name: "one-character wildcard",
        statement: #""Effect":"Allow","Action":"ec2:*","Resource":"arn:aws:ec2:eu-west-?::image/ami-?""#,
        action: "ec2:ModifyImageAttribute", resource: image, expected: .allow),
      Case(
        name: "other resource", statement: #""Effect":"Allow","Action":"ec2:*","Resource":"arn:aws:ec2:*::snapshot/*""#,
        action: "ec2:ModifyImageAttribute", resource: image, expected: .silent),
      Case(
        name: "NotResource", statement: #""Effect":"Deny","Action":"*","NotResource":"arn:aws:ec2:us-*::image/*""#,
        action: "ec2:ModifyImageAttribute", resource: image, expected: .deny),
      Case(
        name: "region condition holds",
        statement:
          #""Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":["eu-west-1"]}}"#,
        context: ["aws:requestedregion": ["eu-west-1"]], expected: .allow),
      Case(
        name: "region condition fails",
        statement:
          #""Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}"#,
        context: ["aws:requestedregion": ["eu-west-1"]], expected: .silent),
      Case(
        name: "StringNotEquals denies",
        statement:
          #""Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["us-east-1"]}}"#,
        context: ["aws:requestedregion": ["eu-west-1"]], expected: .deny),
      Case(
        name: "negated operator on an absent key holds",
        statement:
          #""Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}"#,
        expected: .deny),
      Case(
        name: "plain operator on an absent key fails",
        statement: #""Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"ec2:Add/group":"all"}}"#,
        expected: .silent),
      Case(
        name: "IfExists on an absent key holds",
        statement:
          #""Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEqualsIfExists":{"ec2:Add/group":"x"}}"#,
        expected: .allow),
      Case(
        name: "ForAnyValue",
        statement:
          #""Effect":"Deny","Action":"*","Resource":"*","Condition":{"ForAnyValue:StringLike":{"ec2:Add/group":["a*"]}}"#,
        context: ["ec2:add/group": ["x", "all"]], expected: .deny),
      Case(
        name: "ForAllValues fails",
        statement:
          #""Effect":"Allow","Action":"*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["Owner"]}}"#,
        context: ["aws:tagkeys": ["Owner", "Cost"]], expected: .silent),
      Case(
        name: "ArnLike",
        statement:
          #""Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Sweep*"}}"#,
        context: ["aws:principalarn": ["arn:aws:iam::1:role/Sweeper"]], expected: .allow),
      Case(
        name: "ArnLike stays within its part",
        statement:
          #""Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:*:role/Sweeper"}}"#,
        context: ["aws:principalarn": ["arn:aws:iam::1:role/Sweeper"]], expected: .silent),
      Case(
        name: "Bool",
        statement: #""Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:ViaAWSService":"false"}}"#,
        context: ["aws:viaawsservice": ["false"]], expected: .deny),
      Case(
        name: "Null",
        statement: #""Effect":"Deny","Action":"*","Resource":"*","Condition":{"Null":{"aws:RequestTag/Owner":"true"}}"#,
        expected: .deny),
      Case(
        name: "numbers",
        statement:
          #""Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericLessThan":{"aws:EpochTime":"10"}}"#,
        context: ["aws:epochtime": ["9"]], expected: .allow),
      Case(
        name: "dates",
        statement:
          #""Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}}"#,
        context: ["aws:currenttime": ["2026-11-23T09:00:00Z"]], expected: .allow),
      Case(
        name: "unknown key fails an allow closed",
        statement:
          #""Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"rds:Vpc":"true"}}"#,
        expected: .silent),
      Case(
        name: "unknown key fails a deny closed",
        statement:
          #""Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"rds:Vpc":"true"}}"#,
        expected: .deny),
      Case(
        name: "unknown operator fails an allow closed",
        statement:
          #""Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringMatches":{"aws:RequestedRegion":"*"}}"#,
        context: ["aws:requestedregion": ["eu-west-1"]], expected: .silent),
      Case(
        name: "unknown operator fails a deny closed",
        statement:
          #""Effect":"Deny","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:RequestedRegion":"*"}}"#,
        context: ["aws:requestedregion": ["eu-west-1"]], expected: .deny),
      Case(
        name: "variable",
        statement: #""Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:${aws:RequestedRegion}::image/*""#,
        resource: image, context: ["aws:requestedregion": ["eu-west-1"]], expected: .allow),
      Case(
        name: "variable without a value",
        statement: #""Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:${aws:username}::image/*""#, resource: image,
        expected: .silent),
    ])
  func answers(_ example: Case) throws {
    let policy = try Policy(json: "{\"Version\":\"2012-10-17\",\"Statement\":{\(example.statement)}}", kind: .identity)
    let request = PolicyEvaluator.Request(
      action: example.action, resource: example.resource, context: example.context)
    #expect(PolicyEvaluator.answer(of: [policy], to: request) == example.expected)
  }

  @Test("A denial names the kind of policy that is missing or that denies")
  func reasons() throws {
    let allow = Policy.administrator
    let deny = try Policy(
      json: #"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#, kind: .identity)
    let other = try Policy(
      json: #"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#, kind: .identity)
    let request = PolicyEvaluator.Request(action: "ec2:RegisterImage", resource: "*")
    let table: [(PolicyEvaluator.Policies, String?)] = [
      (.init(identity: [allow]), nil),
      (.init(identity: [allow], session: [allow], serviceControl: [[allow], [allow]]), nil),
      (.init(identity: []), "because no identity-based policy allows the ec2:RegisterImage action"),
      (.init(identity: [allow], session: [other]), "because no session policy allows the ec2:RegisterImage action"),
      (
        .init(identity: [allow], serviceControl: [[allow], [other]]),
        "because no service control policy allows the ec2:RegisterImage action"
      ),
      (.init(identity: [allow, deny]), "with an explicit deny in an identity-based policy"),
      (.init(identity: [allow], session: [allow, deny]), "with an explicit deny in a session policy"),
      (
        .init(identity: [allow], serviceControl: [[allow, deny]]), "with an explicit deny in a service control policy"
      ),
    ]
    for (policies, reason) in table {
      let expected = reason.map { PolicyEvaluator.Decision.denied(because: $0) } ?? .allowed
      #expect(PolicyEvaluator.decide(request, policies: policies) == expected)
    }
  }

  @Test(
    "A policy that IAM would refuse is malformed",
    arguments: [
      #"[]"#, #"{}"#, #"{"Statement":[]}"#,
      #"{"Version":"2020-01-01","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
      #"{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}"#,
      #"{"Statement":[{"Effect":"Allow","Resource":"*"}]}"#,
      #"{"Statement":[{"Effect":"Allow","Action":"*"}]}"#,
      #"{"Statement":[{"Effect":"Allow","Action":"DescribeImages","Resource":"*"}]}"#,
      #"{"Statement":[{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}]}"#,
      #"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}]}"#,
      #"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Conditions":{}}]}"#, #"{"Statement""#,
      #"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a:b":{}}}}]}"#,
    ])
  func malformed(_ text: String) {
    #expect(throws: Policy.Malformed.self) { try Policy(json: text, kind: .session) }
  }

  @Test("A trust policy tells a named principal from a delegated account")
  func trust() throws {
    let role = "arn:aws:iam::222222222222:role/A"
    let asker = PolicyEvaluator.Asker(
      account: "222222222222", arns: ["arn:aws:sts::222222222222:assumed-role/A/s", role])
    let request = PolicyEvaluator.Request(action: "sts:AssumeRole", resource: "*")
    func answer(_ principal: String, effect: String = "Allow") throws -> PolicyEvaluator.TrustAnswer {
      let text = "{\"Statement\":[{\"Effect\":\"\(effect)\",\"Action\":\"sts:AssumeRole\",\(principal)}]}"
      return PolicyEvaluator.answer(ofTrust: try Policy(json: text, kind: .trust), to: request, by: asker)
    }
    #expect(try answer(#""Principal":{"AWS":"222222222222"}"#) == .delegates)
    #expect(try answer(#""Principal":{"AWS":"arn:aws:iam::222222222222:root"}"#) == .delegates)
    #expect(try answer(#""Principal":"*""#) == .delegates)
    #expect(try answer(#""Principal":{"AWS":["\#(role)"]}"#) == .allows)
    #expect(try answer(#""Principal":{"AWS":"333333333333"}"#) == .silent)
    #expect(try answer(#""Principal":{"Service":"ec2.amazonaws.com"}"#) == .silent)
    #expect(try answer(#""Principal":{"AWS":"222222222222"}"#, effect: "Deny") == .deny)
    #expect(try answer(#""NotPrincipal":{"AWS":"333333333333"}"#) == .silent)
    #expect(try answer(#""NotPrincipal":{"AWS":"333333333333"}"#, effect: "Deny") == .deny)
  }

  @Test(
    "Wildcards match as in IAM",
    arguments: [
      ("*", "", true), ("*", "abc", true), ("a*c", "abbc", true), ("a*c", "abcd", false), ("a?c", "abc", true),
      ("a?c", "ac", false), ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxaxx", false), ("", "", true), ("", "a", false),
      ("a**b", "ab", true), ("ab", "AB", false),
    ])
  func wildcards(pattern: String, text: String, expected: Bool) {
    #expect(Wildcard.matches(pattern, text) == expected)
  }
}
