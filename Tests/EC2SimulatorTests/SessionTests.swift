import AWSWire
import Governance
import Testing

@testable import EC2Simulator

@Suite struct SessionTests {
  static let world = """
    seed: 5
    regions: [eu-west-1]
    organization: {id: o-home, management: "111111111111"}
    webIdentityTokens:
      - {token: good-token, issuer: "https://token.example.com", subject: "repo:acme/images:ref:main", audience: sts.amazonaws.com, expires: 2026-11-23T10:00:00Z, claims: {repository: acme/images}}
      - {token: other-repository, issuer: token.example.com, subject: "repo:acme/other", audience: sts.amazonaws.com}
      - {token: other-audience, issuer: token.example.com, subject: "repo:acme/images:ref:main", audience: somebody}
      - {token: other-issuer, issuer: elsewhere.example.com, subject: x, audience: sts.amazonaws.com}
    accounts:
      - id: "111111111111"
        name: management
        users:
          - {name: admin, policies: [AdministratorAccess], tags: {team: platform}}
          - {name: root, accessKeys: [{id: AKIAROOT, secret: root-secret}]}
      - id: "222222222222"
        name: member
        identityProviders: [{url: "https://token.example.com", clientIds: [sts.amazonaws.com]}]
        policies:
          - {name: reads, document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "ec2:Describe*", Resource: "*"}]}}
        roles:
          - name: Chain
            maximumSession: 2h
            trust: &trust
              Version: "2012-10-17"
              Statement:
                - {Effect: Allow, Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"], Principal: {AWS: ["111111111111", "222222222222"]}}
          - {name: Next, trust: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"], Principal: {AWS: "222222222222"}}]}}
          - {name: NoTags, trust: "222222222222"}
          - name: Narrow
            policies: [reads]
          - name: Guarded
            permissionsBoundary: reads
          - name: OwnTeam
            trust: "111111111111"
            policies: [{Version: "2012-10-17", Statement: [{Effect: Allow, Action: "ec2:*", Resource: "*", Condition: {StringEquals: {"aws:PrincipalTag/team": platform}}}]}]
            tags: {team: platform}
          - name: Transitive
            trust:
              Version: "2012-10-17"
              Statement:
                - Effect: Allow
                  Action: ["sts:AssumeRole", "sts:TagSession"]
                  Principal: {AWS: "111111111111"}
                  Condition: {"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": [team]}, StringLike: {"sts:RoleSessionName": "te*", "aws:RequestTag/team": "plat*"}}
          - name: Pipeline
            trust:
              Version: "2012-10-17"
              Statement:
                - Effect: Allow
                  Action: "sts:AssumeRoleWithWebIdentity"
                  Principal: {Federated: "arn:aws:iam::222222222222:oidc-provider/token.example.com"}
                  Condition: {StringEquals: {"token.example.com:aud": sts.amazonaws.com}, StringLike: {"token.example.com:sub": "repo:acme/images:*"}}
    """

  static func yaml() -> String { world.replacing("&trust", with: "") }
  static func role(_ name: String) -> String { "arn:aws:iam::222222222222:role/\(name)" }
  static func tags(_ tags: [String: String]) -> Document {
    Document(tags.keys.sorted().map { ["Key": Document($0), "Value": Document(tags[$0] ?? "")] })
  }

  @Test("STS answers in every ordinary region, also where the world has nothing; EC2 and opt-in regions do not")
  func everywhere() throws {
    let client = try SimulatorClient(
      yaml:
        "throttling: off\nregions: [eu-west-1, {name: eu-west-3, optIn: true}]\naccounts: [{id: \"111111111111\"}]\n")
    func at(_ region: String) -> SimulatorClient {
      var copy = client
      copy.region = region
      return copy
    }
    for region in ["us-east-1", "ap-south-1", "eu-west-1"] {
      #expect(try at(region).call("sts", "GetCallerIdentity")["Account"] == "111111111111", "\(region)")
    }
    for region in ["me-south-1", "nowhere-1", "eu-west-3"] {
      #expect(try at(region).failure("sts", "GetCallerIdentity").code == "InvalidClientTokenId", "\(region)")
    }
    #expect(try at("us-east-1").failure("ec2", "DescribeRegions").code == "AuthFailure")
  }

  @Test("Transitive tags and the source identity stay for the whole chain")
  func chains() throws {
    let client = try SimulatorClient(yaml: Self.yaml())
    let first = try client.assuming(
      Self.role("Chain"),
      [
        ("Tags", Self.tags(["team": "platform", "cost": "1"])), ("TransitiveTagKeys", ["team"]),
        ("SourceIdentity", "anna"),
      ])
    let answer = try first.call(
      "sts", "AssumeRole", ["RoleArn": Document(Self.role("Next")), "RoleSessionName": "next"])
    #expect(answer["SourceIdentity"] == "anna")
    // The next role must trust for what the chain brings along.
    #expect(
      try first.failure("sts", "AssumeRole", ["RoleArn": Document(Self.role("NoTags")), "RoleSessionName": "next"]).code
        == "AccessDenied")
    let table: [(Document, String, String)] = [
      (
        ["Tags": Self.tags(["Team": "x"])], "InvalidParameterValue",
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session."
      ),
      (["SourceIdentity": "bert"], "AccessDenied", ""),
      (
        ["Tags": Self.tags(["a": "x", "A": "y"])], "InvalidParameterValue",
        "Duplicate tag keys found. Please note that Tag keys are case insensitive."
      ),
      (
        ["TransitiveTagKeys": ["a"]], "InvalidParameterValue",
        "The specified transitive tag key must be included in the requested tags."
      ),
    ]
    for (more, code, message) in table {
      let parameters = Document(
        entries: [("RoleArn", Document(Self.role("Next"))), ("RoleSessionName", "next")]
          + more.entries.map { ($0.name, $0.value) })
      let error = try first.failure("sts", "AssumeRole", parameters)
      #expect(error.code == code)
      if !message.isEmpty { #expect(error.message == message) }
    }
  }

  @Test("Trust policies ask for session name, tags and transitive keys")
  func conditions() throws {
    let client = try SimulatorClient(yaml: Self.yaml())
    let fitting: [(name: String, value: Document?)] = [
      ("Tags", Self.tags(["team": "platform"])), ("TransitiveTagKeys", ["team"]),
    ]
    #expect(try client.assuming(Self.role("Transitive"), fitting).credentials.sessionToken != nil)
    for more in [
      [("Tags", Self.tags(["team": "other"]))], [],
      [("Tags", Self.tags(["team": "platform", "x": "y"])), ("TransitiveTagKeys", ["x"])],
    ] as [[(name: String, value: Document?)]] {
      #expect(throws: ServiceError.self) { try client.assuming(Self.role("Transitive"), more) }
    }
  }

  @Test("Managed policies, boundaries, session policy ARNs and principal tags decide what a session may do")
  func narrowing() throws {
    let client = try SimulatorClient(yaml: Self.yaml())
    func reason(_ role: String, _ more: [(name: String, value: Document?)] = []) throws -> String {
      // The setting's bucket holds one call, and is full again after ten seconds.
      client.simulator.advance(by: .seconds(10))
      let session = try client.assuming(Self.role(role), more)
      #expect(try session.call("ec2", "DescribeRegions")["Regions"]?.count == 1)
      return try session.failure("ec2", "DisableSnapshotBlockPublicAccess").message
    }
    #expect(
      try reason("Narrow").hasSuffix(
        "because no identity-based policy allows the ec2:DisableSnapshotBlockPublicAccess action"))
    #expect(
      try reason("Guarded").hasSuffix(
        "because no permissions boundary allows the ec2:DisableSnapshotBlockPublicAccess action"))
    let arns: Document = [["arn": "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"]]
    #expect(
      try reason("Chain", [("PolicyArns", arns)]).hasSuffix(
        "because no session policy allows the ec2:DisableSnapshotBlockPublicAccess action"))
    client.simulator.advance(by: .seconds(10))
    let own = try client.assuming(Self.role("OwnTeam"))
    #expect(try own.call("ec2", "DisableSnapshotBlockPublicAccess")["State"] == "unblocked")
  }

  @Test("Session tags win over the role's, and tags alone can be too much")
  func sessionTags() throws {
    let client = try SimulatorClient(yaml: Self.yaml())
    let many = Self.tags(
      Dictionary(uniqueKeysWithValues: (0..<10).map { ("key-\($0)", String(repeating: "v", count: 250)) }))
    let error = #expect(throws: ServiceError.self) { try client.assuming(Self.role("Chain"), [("Tags", many)]) }
    #expect(error?.code == "PackedPolicyTooLarge")
    #expect(error?.message == "Packed size of session tags consumes 124% of allotted space.")
  }

  struct WebCase: Sendable, CustomTestStringConvertible {
    var token: String
    var role = "Pipeline"
    var more: Document = .emptyObject
    var after: Duration = .zero
    var error: (code: String, status: Int, message: String)?
    var testDescription: String { "\(token) \(role) \(after)" }
  }
  static let refused = ("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity")

  @Test(
    "A web identity gets in by provider, audience, expiry and trust policy",
    arguments: [
      WebCase(token: "good-token"),
      WebCase(
        token: "good-token", after: .seconds(3_600),
        error: (
          "ExpiredTokenException", 400,
          "Token expired: current date/time 1795428000 must be before the expiration date/time 1795428000"
        )),
      WebCase(token: "other-repository", error: refused), WebCase(token: "good-token", role: "Absent", error: refused),
      WebCase(token: "good-token", role: "Chain", error: refused),
      WebCase(token: "other-audience", error: ("InvalidIdentityToken", 400, "Incorrect token audience")),
      WebCase(
        token: "other-issuer",
        error: (
          "InvalidIdentityToken", 400,
          "No OpenIDConnect provider found in your account for https://elsewhere.example.com"
        )),
      WebCase(
        token: "no-such-token",
        error: (
          "InvalidIdentityToken", 400,
          "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        )),
      WebCase(
        token: "good-token", more: ["DurationSeconds": 3_601],
        error: (
          "ValidationError", 400, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )),
    ])
  func webIdentities(_ example: WebCase) throws {
    let client = try SimulatorClient(yaml: Self.yaml())
    client.simulator.advance(by: example.after)
    let parameters = Document(
      entries: [
        ("RoleArn", Document(Self.role(example.role))), ("RoleSessionName", "pipeline"),
        ("WebIdentityToken", Document(example.token)),
      ] + example.more.entries.map { ($0.name, $0.value) })
    let answer = client.simulator.perform(
      .init(
        service: "sts", operation: "AssumeRoleWithWebIdentity", region: "eu-west-1", parameters: parameters,
        credentials: nil))
    guard let expected = example.error else {
      let document = try answer.get()
      #expect(document["SubjectFromWebIdentityToken"] == "repo:acme/images:ref:main")
      #expect(document["Provider"] == "arn:aws:iam::222222222222:oidc-provider/token.example.com")
      var session = client
      session.credentials = Credentials(
        accessKeyID: document.at(path: "Credentials.AccessKeyId")?.string ?? "",
        secretAccessKey: document.at(path: "Credentials.SecretAccessKey")?.string ?? "",
        sessionToken: document.at(path: "Credentials.SessionToken")?.string)
      #expect(
        try session.call("sts", "GetCallerIdentity")["Arn"]
          == "arn:aws:sts::222222222222:assumed-role/Pipeline/pipeline")
      return
    }
    let error = #expect(throws: ServiceError.self) { try answer.get() }
    #expect(error?.code == expected.code)
    #expect(error?.status == expected.status)
    #expect(error?.message == expected.message)
  }

  @Test("GetSessionToken gives the user a session, which may not ask for another or call IAM")
  func sessionTokens() throws {
    var client = try SimulatorClient(yaml: Self.yaml())
    let answer = try client.call("sts", "GetSessionToken", ["DurationSeconds": 900])
    #expect(answer.at(path: "Credentials.Expiration") == "2026-11-23T09:15:00Z")
    client.credentials = Credentials(
      accessKeyID: answer.at(path: "Credentials.AccessKeyId")?.string ?? "",
      secretAccessKey: answer.at(path: "Credentials.SecretAccessKey")?.string ?? "",
      sessionToken: answer.at(path: "Credentials.SessionToken")?.string)
    #expect(try client.call("sts", "GetCallerIdentity")["Arn"] == "arn:aws:iam::111111111111:user/admin")
    #expect(try client.call("ec2", "DescribeRegions")["Regions"]?.count == 1)
    #expect(
      try client.failure("sts", "GetSessionToken").message == "Cannot call GetSessionToken with session credentials")
    client.simulator.advance(by: .seconds(900))
    #expect(try client.failure("sts", "GetCallerIdentity").code == "ExpiredToken")
  }

  @Test("A denial's message decodes to what was asked and what denied it, for the account and with the permission")
  func decoding() throws {
    let client = try SimulatorClient(yaml: Self.yaml())
    let narrow = try client.assuming(Self.role("Narrow"))
    let denial = try narrow.failure(
      "ec2", "ModifyImageAttribute",
      ["ImageId": "ami-0123456789abcdef0", "LaunchPermission": ["Add": [["Group": "all"]]]])
    #expect(denial.code == "UnauthorizedOperation")
    let message = try #require(denial.message.split(separator: " ").last.map(String.init))
    let parameters: Document = ["EncodedMessage": Document(message)]
    #expect(
      try narrow.failure("sts", "DecodeAuthorizationMessage", parameters).message
        == "User: arn:aws:sts::222222222222:assumed-role/Narrow/test is not authorized to perform: "
        + "sts:DecodeAuthorizationMessage because no identity-based policy allows the sts:DecodeAuthorizationMessage action"
    )
    #expect(
      try client.failure("sts", "DecodeAuthorizationMessage", parameters).code
        == "InvalidAuthorizationMessageException")
    let administrator = try client.assuming(Self.role("Chain"))
    let text = try #require(
      try administrator.call("sts", "DecodeAuthorizationMessage", parameters)["DecodedMessage"]?.string)
    let details = try Document(json: text)
    #expect(details["allowed"] == false)
    #expect(details["explicitDeny"] == false)
    #expect(details.at(path: "context.action") == "ec2:ModifyImageAttribute")
    #expect(details.at(path: "context.resource") == "arn:aws:ec2:eu-west-1::image/ami-0123456789abcdef0")
    #expect(details.at(path: "context.principal.arn") == "arn:aws:sts::222222222222:assumed-role/Narrow/test")
    for bad in ["x", String(message.dropLast()), message + "A", "=\n"] {
      #expect(
        try administrator.failure("sts", "DecodeAuthorizationMessage", ["EncodedMessage": Document(bad)]).code
          == "InvalidAuthorizationMessageException")
    }
  }

  @Test("An access key tells its account")
  func keyInfo() throws {
    let client = try SimulatorClient(yaml: Self.yaml())
    let key = Document(client.credentials.accessKeyID)
    #expect(try client.call("sts", "GetAccessKeyInfo", ["AccessKeyId": key])["Account"] == "111111111111")
  }

  @Test("What a policy list names must be there, and an access key has one holder")
  func problems() throws {
    let text = """
      regions: [eu-west-1]
      organization: {management: "111111111111"}
      accounts:
        - id: "111111111111"
          users:
            - {name: a, policies: [AdministratorAcces], accessKeys: [{id: test, secret: x}]}
            - {name: b, accessKeys: [{id: test, secret: y}], groups: [g]}
          roles:
            - {name: r, path: x, trust: {Statement: [{Effect: Allow, Action: "sts:AssumeRole", Principal: {AWS: nobody}}]}}
      """
    let problems = try #require(throws: SourceProblems.self) { try World(yaml: text) }.problems.map(\.description)
    #expect(problems.count == 4)
    #expect(problems[0].contains(":6:") && problems[0].contains("did you mean \"AdministratorAccess\"?"))
    #expect(problems[1].contains("the access key test is given twice, first at line 6"))
    #expect(problems[2].contains("\"g\" is not known here"))
    #expect(problems[3].contains("the principal \"nobody\" is neither"))
  }
}
