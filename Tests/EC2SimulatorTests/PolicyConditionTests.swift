import Testing

@testable import EC2Simulator

@Suite struct PolicyConditionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var condition: String
    var values: [String]?
    var holds: Bool
    var testDescription: String { "\(condition) on \(values.map { "\($0)" } ?? "nothing")" }

    init(_ condition: String, _ values: [String]?, _ holds: Bool) {
      self.condition = condition
      self.values = values
      self.holds = holds
    }
  }

  /// The key of each case is `aws:RequestTag/k`, so that its value is the case's to choose.
  @Test(
    "An operator holds where the IAM User Guide says that it does",
    arguments: [
      Case(#""StringEquals":{"K":["a","b"]}"#, ["b"], true), Case(#""StringEquals":{"K":"a*"}"#, ["ab"], false),
      Case(#""StringEquals":{"K":"A"}"#, ["a"], false), Case(#""StringEqualsIgnoreCase":{"K":"ÄB"}"#, ["äb"], true),
      Case(#""StringNotEqualsIgnoreCase":{"K":"A"}"#, ["a"], false),
      Case(#""StringNotEquals":{"K":["a","b"]}"#, ["b"], false), Case(#""StringNotEquals":{"K":"a"}"#, nil, true),
      Case(#""StringLike":{"K":"a?c*"}"#, ["abcd"], true), Case(#""StringLike":{"K":"?"}"#, ["ä"], true),
      Case(#""StringNotLike":{"K":"a*"}"#, ["b"], true), Case(#""StringLikeIfExists":{"K":"a*"}"#, nil, true),
      Case(#""StringLikeIfExists":{"K":"a*"}"#, ["b"], false),
      Case(#""ArnLike":{"K":"arn:aws:iam::*:role/x*"}"#, ["arn:aws:iam::1:role/xy"], true),
      Case(#""ArnEquals":{"K":"arn:aws:iam::1:role/*"}"#, ["arn:aws:iam::1:role/a/b"], true),
      Case(#""ArnNotLike":{"K":"arn:aws:iam::1:*"}"#, ["arn:aws:iam::2:role/a"], true),
      Case(#""NumericEquals":{"K":"5"}"#, ["5.0"], true), Case(#""NumericNotEquals":{"K":5}"#, ["6"], true),
      Case(#""NumericLessThan":{"K":"5"}"#, ["5"], false), Case(#""NumericLessThanEquals":{"K":"5"}"#, ["5"], true),
      Case(#""NumericGreaterThan":{"K":"5"}"#, ["6"], true), Case(#""NumericGreaterThan":{"K":"5"}"#, ["x"], false),
      Case(#""NumericGreaterThanEquals":{"K":["7","5"]}"#, ["6"], true),
      Case(#""DateEquals":{"K":"2026-11-23T09:00:00Z"}"#, ["1795424400"], true),
      Case(#""DateLessThan":{"K":"2026-11-23"}"#, ["2026-11-22T23:59:59Z"], true),
      Case(#""DateGreaterThanEquals":{"K":"1795424400"}"#, ["2026-11-23T08:59:59Z"], false),
      Case(#""DateNotEquals":{"K":"2026-11-23"}"#, ["2026-11-24"], true),
      Case(#""Bool":{"K":true}"#, ["True"], true), Case(#""Bool":{"K":"false"}"#, ["true"], false),
      Case(#""BoolIfExists":{"K":"true"}"#, nil, true), Case(#""Bool":{"K":"true"}"#, nil, false),
      Case(#""IpAddress":{"K":"203.0.113.0/24"}"#, ["203.0.113.77"], true),
      Case(#""IpAddress":{"K":["10.0.0.0/8","203.0.113.77"]}"#, ["203.0.113.77"], true),
      Case(#""IpAddress":{"K":"203.0.113.0/25"}"#, ["203.0.113.128"], false),
      Case(#""NotIpAddress":{"K":"203.0.113.0/24"}"#, ["198.51.100.1"], true),
      Case(#""NotIpAddress":{"K":"203.0.113.0/24"}"#, nil, true),
      Case(#""IpAddress":{"K":"2001:db8::/32"}"#, ["2001:DB8:0:1::7"], true),
      Case(#""IpAddress":{"K":"::ffff:0:0/96"}"#, ["::ffff:203.0.113.1"], true),
      Case(#""IpAddress":{"K":"0.0.0.0/0"}"#, ["2001:db8::1"], false),
      Case(#""BinaryEquals":{"K":"QmFzZTY0"}"#, ["QmFzZTY0"], true),
      Case(#""BinaryEquals":{"K":"QQ=="}"#, ["UQ=="], false),
      Case(#""Null":{"K":"true"}"#, nil, true), Case(#""Null":{"K":"false"}"#, nil, false),
      Case(#""Null":{"K":"false"}"#, ["x"], true),
      Case(#""ForAllValues:StringEquals":{"K":["a","b"]}"#, ["a", "b"], true),
      Case(#""ForAllValues:StringEquals":{"K":["a"]}"#, ["a", "b"], false),
      Case(#""ForAllValues:StringEquals":{"K":["a"]}"#, nil, true),
      Case(#""ForAnyValue:StringEquals":{"K":["a"]}"#, ["x", "a"], true),
      Case(#""ForAnyValue:StringEquals":{"K":["a"]}"#, nil, false),
      Case(#""ForAnyValue:StringNotEquals":{"K":["a"]}"#, ["a"], false),
      Case(#""ForAnyValue:StringNotEquals":{"K":["a"]}"#, nil, false),
      Case(#""ForAllValues:StringNotLike":{"K":["a*"]}"#, ["b", "ax"], false),
      Case(#""ForAnyValue:StringEqualsIfExists":{"K":["a"]}"#, nil, true),
      // A value that is none, and an operator that is none, tell nothing: an allow does not apply.
      Case(#""IpAddress":{"K":"everywhere"}"#, ["203.0.113.1"], false),
      Case(#""NumericLessThan":{"K":"few"}"#, ["1"], false), Case(#""NumericLike":{"K":"1"}"#, ["1"], false),
      Case(#""NullIfExists":{"K":"true"}"#, nil, false),
      // Two operators must both hold.
      Case(#""StringLike":{"K":"a*"},"StringNotEquals":{"K":"ab"}"#, ["ab"], false),
      Case(#""StringLike":{"K":"a*"},"StringNotEquals":{"K":"ab"}"#, ["ac"], true),
    ])
  func operators(_ example: Case) throws {
    let condition = example.condition.replacing("\"K\"", with: "\"aws:RequestTag/K\"")
    let policy = try Policy(
      json:
        "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\(condition)}}}",
      kind: .identity)
    let context = example.values.map { ["aws:requesttag/k": $0] } ?? [:]
    let request = PolicyEvaluator.Request(action: "ec2:CreateTags", resource: "*", context: context)
    #expect((PolicyEvaluator.answer(of: [policy], to: request) == .allow) == example.holds)
  }

  @Test(
    "Variables stand for values of the request",
    arguments: [
      ("${aws:username}", "anna", true), ("${AWS:UserName}", "anna", true), ("x-${aws:username}-*", "x-anna-1", true),
      // What a variable brings along is text: its stars match themselves only.
      ("${aws:PrincipalTag/wild}", "anything", false), ("${aws:PrincipalTag/wild}", "any*", true),
      ("${*}${?}${$}", "*?$", true), ("${*}", "x", false), ("$x{}", "$x{}", true),
      ("${aws:username", "${aws:username", true),
      ("${aws:PrincipalTag/none, 'team'}", "team", true), ("${aws:PrincipalTag/none}", "", false),
      // More than one value is no value.
      ("${aws:TagKeys}", "a", false),
    ])
  func variables(pattern: String, text: String, expected: Bool) throws {
    let context = PolicyContext([
      "aws:username": ["anna"], "aws:principaltag/wild": ["any*"], "aws:tagkeys": ["a", "b"],
    ])
    let compiled = PolicyPattern(pattern, variables: true)
    #expect(compiled.matches(Array(text.utf8), in: context) == expected)
  }

  @Test("A policy of the older version has no variables")
  func olderVersion() throws {
    func answer(_ version: String) throws -> PolicyEvaluator.Answer {
      let policy = try Policy(
        json:
          "{\(version)\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"ec2:*\",\"Resource\":\"arn:aws:ec2:::${aws:username}\"}}",
        kind: .identity)
      return PolicyEvaluator.answer(
        of: [policy],
        to: .init(action: "ec2:X", resource: "arn:aws:ec2:::anna", context: ["aws:username": ["anna"]]))
    }
    #expect(try answer("\"Version\":\"2012-10-17\",") == .allow)
    #expect(try answer("\"Version\":\"2008-10-17\",") == .silent)
    #expect(try answer("") == .silent)
  }

  @Test("A permissions boundary bounds, and says so")
  func boundaries() throws {
    let reads = try Policy(
      json: #"{"Statement":[{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}]}"#, kind: .identity)
    let denies = try Policy(
      json: #"{"Statement":[{"Effect":"Deny","Action":"ec2:Run*","Resource":"*"}]}"#, kind: .identity)
    let table: [(String, Policy?, String?)] = [
      ("ec2:DescribeImages", nil, nil), ("ec2:DescribeImages", reads, nil),
      ("ec2:CopyImage", reads, "because no permissions boundary allows the ec2:CopyImage action"),
      ("ec2:RunInstances", denies, "with an explicit deny in a permissions boundary"),
      ("ec2:CopyImage", .nothing, "with an explicit deny in a permissions boundary"),
    ]
    for (action, boundary, reason) in table {
      let decision = PolicyEvaluator.decide(
        .init(action: action, resource: "*"), policies: .init(identity: [.administrator], boundary: boundary))
      #expect(decision == (reason.map { .denied(because: $0) } ?? .allowed))
    }
  }

  @Test("NotPrincipal excepts only who is listed with account, role and session")
  func exceptions() throws {
    let role = "arn:aws:iam::222222222222:role/A"
    let session = "arn:aws:sts::222222222222:assumed-role/A/s"
    let asker = PolicyEvaluator.Asker(account: "222222222222", arns: [session, role])
    func answer(_ excepted: [String]) throws -> PolicyEvaluator.TrustAnswer {
      let list = excepted.map { "\"\($0)\"" }.joined(separator: ",")
      let policy = try Policy(
        json:
          "{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sts:*\",\"Principal\":\"*\"},{\"Effect\":\"Deny\",\"Action\":\"sts:*\",\"NotPrincipal\":{\"AWS\":[\(list)]}}]}",
        kind: .trust)
      return PolicyEvaluator.answer(ofTrust: policy, to: .init(action: "sts:AssumeRole", resource: "*"), by: asker)
    }
    #expect(try answer(["222222222222", role, session]) == .delegates)
    #expect(try answer(["222222222222", role]) == .deny)
    #expect(try answer([role, session]) == .deny)
  }

  @Test("AWS's words for a policy that it refuses")
  func refusals() {
    let table = [
      (#"{"Statement":[{"Effect":"Allow","Resource":"*"}]}"#, "Policy statement must contain actions."),
      (#"{"Statement":[{"Effect":"Allow","Action":"*"}]}"#, "Policy statement must contain resources."),
      (
        #"{"Statement":[{"Effect":"Allow","Action":"Run","Resource":"*"}]}"#,
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
      ),
      (
        #"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"x"}]}"#,
        "Resource x must be in ARN format or \"*\"."
      ),
      (
        #"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}]}"#,
        "Policy document should not specify a principal."
      ),
      (
        #"{"Statement":[{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"}]}"#,
        "Statement IDs (SID) in a single policy must be unique."
      ),
      ("{", "Syntax errors in policy."),
    ]
    for (text, words) in table {
      let error = #expect(throws: Policy.Malformed.self) { try Policy(json: text, kind: .identity) }
      #expect(error?.text == words)
    }
  }
}
