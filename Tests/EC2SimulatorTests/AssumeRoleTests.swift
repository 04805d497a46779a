import AWSWire
import Governance
import Testing

@testable import EC2Simulator

@Suite struct AssumeRoleTests {
  static let world = """
    seed: 5
    regions: [eu-west-1]
    organization: {id: o-home, management: "111111111111"}
    accounts:
      - id: "111111111111"
        name: management
        users:
          - {name: admin, policies: [AdministratorAccess]}
          - {name: root, accessKeys: [{id: AKIAROOT, secret: root-secret}]}
          - {name: nobody, accessKeys: [{id: AKIANOBODY, secret: nobody-secret}]}
        roles:
          - name: Named
            trust:
              Statement:
                - {Effect: Allow, Action: "sts:AssumeRole", Principal: {AWS: "arn:aws:iam::111111111111:user/nobody"}}
      - id: "222222222222"
        name: member
        roles:
          - {name: Open, path: /sweep/, maximumSession: 12h}
          - {name: Short}
          - name: External
            trust:
              Statement:
                - Effect: Allow
                  Action: "sts:AssumeRole"
                  Principal: {AWS: "111111111111"}
                  Condition: {StringEquals: {"sts:ExternalId": secret-word}}
          - name: OrganizationOnly
            trust:
              Statement:
                - {Effect: Allow, Action: "sts:AssumeRole", Principal: "*", Condition: {StringEquals: {"aws:PrincipalOrgID": o-home}}}
          - name: Tagged
            trust:
              Statement:
                - {Effect: Allow, Action: ["sts:AssumeRole", "sts:TagSession"], Principal: {AWS: "111111111111"}}
          - {name: Stranger, trust: "999999999999"}
          - {name: ForNobody, trust: {Statement: [{Effect: Allow, Action: "sts:AssumeRole", Principal: {AWS: "arn:aws:iam::111111111111:user/nobody"}}]}}
    """

  struct Case: Sendable, CustomTestStringConvertible {
    var role: String
    var more: Document = .emptyObject
    var error: (code: String, message: String, status: Int)?
    var key = ""
    var testDescription: String { "\(key) \(role) \(more.json)" }
  }

  static func denied(_ role: String, by user: String = "user/admin") -> (String, String, Int) {
    (
      "AccessDenied",
      "User: arn:aws:iam::111111111111:\(user) is not authorized to perform: sts:AssumeRole on resource: "
        + "arn:aws:iam::222222222222:role/\(role)", 403
    )
  }
  static let tooLong = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."

  @Test(
    "Who may assume what, and for how long",
    arguments: [
      Case(role: "sweep/Open"),
      Case(role: "sweep/Open", more: ["DurationSeconds": 43_200]),
      Case(role: "Open", error: denied("Open")),
      Case(role: "Absent", error: denied("Absent")),
      Case(role: "Stranger", error: denied("Stranger")),
      Case(role: "Short", more: ["DurationSeconds": 3_601], error: ("ValidationError", tooLong, 400)),
      Case(
        role: "Short", more: ["DurationSeconds": 899],
        error: (
          "ValidationError",
          "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: "
            + "Member must have value greater than or equal to 900", 400
        )),
      Case(
        role: "Short", more: ["DurationSeconds": 43_201],
        error: (
          "ValidationError",
          "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: "
            + "Member must have value less than or equal to 43200", 400
        )),
      Case(role: "External", error: denied("External")),
      Case(role: "External", more: ["ExternalId": "other"], error: denied("External")),
      Case(role: "External", more: ["ExternalId": "secret-word"]),
      Case(role: "OrganizationOnly"),
      Case(role: "Tagged", more: ["Tags": [["Key": "team", "Value": "x"]]]),
      Case(role: "Short", more: ["Tags": [["Key": "team", "Value": "x"]]], error: denied("Short")),
      Case(role: "Short", more: ["Policy": "{"], error: ("MalformedPolicyDocument", "", 400)),
      Case(role: "Short", error: denied("Short", by: "user/nobody"), key: "AKIANOBODY"),
      // Cross-account, the caller's own policies must allow too, even where the trust policy names it.
      Case(role: "ForNobody", error: denied("ForNobody", by: "user/nobody"), key: "AKIANOBODY"),
      Case(role: "Short", error: ("AccessDenied", "Roles may not be assumed by root accounts.", 403), key: "AKIAROOT"),
    ])
  func rules(_ example: Case) throws {
    var client = try SimulatorClient(yaml: Self.world)
    if example.key == "AKIANOBODY" {
      client.credentials = .init(accessKeyID: "AKIANOBODY", secretAccessKey: "nobody-secret")
    }
    if example.key == "AKIAROOT" { client.credentials = .init(accessKeyID: "AKIAROOT", secretAccessKey: "root-secret") }
    let role = "arn:aws:iam::222222222222:role/\(example.role)"
    let more = example.more.entries.map { (name: $0.name, value: $0.value as Document?) }
    guard let expected = example.error else {
      let session = try client.assuming(role, more)
      let name = role.split(separator: "/").last ?? ""
      #expect(
        try session.call("sts", "GetCallerIdentity")["Arn"]?.string
          == "arn:aws:sts::222222222222:assumed-role/\(name)/test")
      return
    }
    let error = #expect(throws: ServiceError.self) { try client.assuming(role, more) }
    #expect(error?.code == expected.code)
    #expect(error?.status == expected.status)
    if !expected.message.isEmpty { #expect(error?.message == expected.message) }
  }

  @Test("In its own account, a principal that the trust policy names needs no policy of its own")
  func namedItself() throws {
    var client = try SimulatorClient(yaml: Self.world)
    client.credentials = .init(accessKeyID: "AKIANOBODY", secretAccessKey: "nobody-secret")
    let session = try client.assuming("arn:aws:iam::111111111111:role/Named")
    #expect(try session.call("sts", "GetCallerIdentity")["Account"] == "111111111111")
  }

  @Test("A chained session lasts an hour at most, whatever the role allows")
  func chains() throws {
    var client = try SimulatorClient(
      yaml: Self.world.replacing(
        "- {name: Short}", with: "- {name: Short}\n      - {name: Hop, trust: \"222222222222\", maximumSession: 12h}"))
    client = try client.assuming("arn:aws:iam::222222222222:role/Short")
    let error = #expect(throws: ServiceError.self) {
      try client.assuming("arn:aws:iam::222222222222:role/Hop", [("DurationSeconds", 3_601)])
    }
    #expect(
      error?.message
        == "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
    let answer = try client.call(
      "sts", "AssumeRole",
      ["RoleArn": "arn:aws:iam::222222222222:role/Hop", "RoleSessionName": "hop", "DurationSeconds": 3_600])
    #expect(answer.at(path: "Credentials.Expiration") == "2026-11-23T10:00:00Z")
  }

  @Test("A session policy of 2,048 characters is accepted and one more is not")
  func policySize() throws {
    let client = try SimulatorClient(yaml: Self.world)
    let core = #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#
    let fitting = core + String(repeating: " ", count: 2_048 - core.count)
    let role = "arn:aws:iam::222222222222:role/Short"
    #expect(try client.assuming(role, [("Policy", Document(fitting))]).credentials.sessionToken != nil)
    let error = #expect(throws: ServiceError.self) { try client.assuming(role, [("Policy", Document(fitting + " "))]) }
    #expect(error?.code == "ValidationError")
    #expect(error?.message.hasSuffix("Member must have length less than or equal to 2048") == true)
  }

  @Test("A service control policy binds member accounts and spares the management account")
  func serviceControl() throws {
    let world = Self.world.replacing(
      "organization: {id: o-home, management: \"111111111111\"}",
      with: """
        organization:
          id: o-home
          management: "111111111111"
          policies:
            - name: regions
              targets: [root]
              document: {Statement: [{Effect: Deny, Action: "ec2:Describe*", Resource: "*"}]}
        """)
    let client = try SimulatorClient(yaml: world)
    #expect(try client.ids(["Owners": ["self"]]).isEmpty)
    let member = try client.assuming("arn:aws:iam::222222222222:role/Short")
    let error = try member.failure("ec2", "DescribeImages")
    #expect(error.code == "UnauthorizedOperation")
    #expect(
      error.message
        == "You are not authorized to perform this operation. User: arn:aws:sts::222222222222:assumed-role/Short/test "
        + "is not authorized to perform: ec2:DescribeImages with an explicit deny in a service control policy")
  }
}
