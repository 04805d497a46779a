import AWSWire
import Configuration
import Governance
import Testing

@testable import EC2Simulator

@Suite struct IAMTests {
  static let world = """
    seed: 6
    throttling: off
    regions: [eu-west-1, us-east-1]
    organization: {management: "111111111111"}
    accounts:
      - id: "111111111111"
        users: [{name: admin, policies: [AdministratorAccess]}, {name: reader, accessKeys: [{id: READERKEY, secret: s}], policies: [IAMReadOnlyAccess]}]
      - {id: "222222222222"}
    """
  static let readerKeys = Credentials(accessKeyID: "READERKEY", secretAccessKey: "s")
  static let trust: Document =
    #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}]}"#
  static let reads: Document =
    #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}]}"#

  @Test("A role that was just made is assumed and may do what its policies say, as they stand")
  func roles() throws {
    let client = try SimulatorClient(yaml: Self.world)
    let role = try client.call(
      "iam", "CreateRole",
      ["RoleName": "Reader", "Path": "/teams/", "AssumeRolePolicyDocument": Self.trust, "MaxSessionDuration": 7_200])
    #expect(role.at(path: "Role.Arn") == "arn:aws:iam::111111111111:role/teams/Reader")
    #expect(role.at(path: "Role.RoleId")?.string?.hasPrefix("AROA") == true)
    #expect(role.at(path: "Role.AssumeRolePolicyDocument")?.string?.hasPrefix("%7B%22") == true)
    let session = try client.assuming("arn:aws:iam::111111111111:role/teams/Reader")
    #expect(try session.failure("ec2", "DescribeRegions").code == "UnauthorizedOperation")
    let named: Document = ["RoleName": "Reader"]
    try client.call(
      "iam", "PutRolePolicy", ["RoleName": "Reader", "PolicyName": "reads", "PolicyDocument": Self.reads])
    #expect(try session.call("ec2", "DescribeRegions")["Regions"]?.count == 2)
    #expect(try client.call("iam", "ListRolePolicies", named)["PolicyNames"] == ["reads"])
    try client.call("iam", "DeleteRolePolicy", ["RoleName": "Reader", "PolicyName": "reads"])
    #expect(try session.failure("ec2", "DescribeRegions").code == "UnauthorizedOperation")
    let arn: Document = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
    try client.call("iam", "AttachRolePolicy", ["RoleName": "Reader", "PolicyArn": arn])
    #expect(try session.call("ec2", "DescribeRegions")["Regions"]?.count == 2)
    #expect(
      try client.failure("iam", "DeleteRole", named).message == "Cannot delete entity, must detach all policies first.")
    try client.call("iam", "DetachRolePolicy", ["RoleName": "Reader", "PolicyArn": arn])
    try client.call("iam", "DeleteRole", named)
    #expect(try session.failure("sts", "GetCallerIdentity").code == "InvalidClientTokenId")
    // One of the same name is another role.
    try client.call(
      "iam", "CreateRole", ["RoleName": "Reader", "Path": "/teams/", "AssumeRolePolicyDocument": Self.trust])
    #expect(try session.failure("sts", "GetCallerIdentity").code == "InvalidClientTokenId")
  }

  @Test("Entities of a policy come in pages, by path, and as boundaries where they are asked for")
  func entities() throws {
    let client = try SimulatorClient(yaml: Self.world)
    let made = try client.call("iam", "CreatePolicy", ["PolicyName": "p", "PolicyDocument": Self.reads])
    let arn = try #require(made.at(path: "Policy.Arn"))
    for (name, path) in [("a", "/x/"), ("b", "/x/"), ("c", "/y/")] {
      try client.call("iam", "CreateUser", ["UserName": Document(name), "Path": Document(path)])
      try client.call("iam", "AttachUserPolicy", ["UserName": Document(name), "PolicyArn": arn])
    }
    try client.call("iam", "PutUserPermissionsBoundary", ["UserName": "reader", "PermissionsBoundary": arn])
    func users(_ more: [(name: String, value: Document?)]) throws -> ([String], Document?) {
      let answer = try client.call("iam", "ListEntitiesForPolicy", Document(entries: [("PolicyArn", arn)] + more))
      return (answer["PolicyUsers"]?.elements.compactMap { $0["UserName"]?.string } ?? [], answer["Marker"])
    }
    #expect(try users([]).0 == ["a", "b", "c", "reader"])
    #expect(try users([("PathPrefix", "/x/")]).0 == ["a", "b"])
    #expect(try users([("PolicyUsageFilter", "PermissionsBoundary")]).0 == ["reader"])
    let (first, marker) = try users([("MaxItems", 3)])
    #expect(first == ["a", "b", "c"])
    #expect(try users([("MaxItems", 3), ("Marker", marker)]).0 == ["reader"])
    #expect(try client.failure("iam", "ListMFADevices", ["UserName": "nobody"]).code == "NoSuchEntity")
  }

  @Test("A managed policy has up to five versions, of which one is in force")
  func managedPolicies() throws {
    let client = try SimulatorClient(yaml: Self.world)
    let made = try client.call("iam", "CreatePolicy", ["PolicyName": "p", "PolicyDocument": Self.reads])
    let arn = try #require(made.at(path: "Policy.Arn"))
    try client.call("iam", "CreateUser", ["UserName": "anna"])
    let key = try client.call("iam", "CreateAccessKey", ["UserName": "anna"])
    var anna = client
    anna.credentials = Credentials(
      accessKeyID: key.at(path: "AccessKey.AccessKeyId")?.string ?? "",
      secretAccessKey: key.at(path: "AccessKey.SecretAccessKey")?.string ?? "")
    try client.call("iam", "AttachUserPolicy", ["UserName": "anna", "PolicyArn": arn])
    #expect(try anna.call("ec2", "DescribeRegions")["Regions"]?.count == 2)
    let nothing: Document =
      #"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#
    for number in 2...5 {
      let version = try client.call(
        "iam", "CreatePolicyVersion",
        ["PolicyArn": arn, "PolicyDocument": nothing, "SetAsDefault": Document(number == 2)])
      #expect(version.at(path: "PolicyVersion.VersionId") == Document("v\(number)"))
    }
    #expect(
      try client.failure("iam", "CreatePolicyVersion", ["PolicyArn": arn, "PolicyDocument": nothing]).code
        == "LimitExceeded")
    #expect(
      try anna.failure("ec2", "DescribeRegions").message.hasSuffix("with an explicit deny in an identity-based policy"))
    try client.call("iam", "SetDefaultPolicyVersion", ["PolicyArn": arn, "VersionId": "v1"])
    #expect(try anna.call("ec2", "DescribeRegions")["Regions"]?.count == 2)
    #expect(
      try client.failure("iam", "DeletePolicy", ["PolicyArn": arn]).message
        == "Cannot delete a policy attached to entities.")
    let dump = client.simulator.worldDump()
    #expect(try World(yaml: YAML.write(dump)).dump(at: client.simulator.now).json == dump.json)
    try client.call(
      "iam", "UpdateAccessKey",
      ["UserName": "anna", "AccessKeyId": Document(anna.credentials.accessKeyID), "Status": "Inactive"])
    #expect(try anna.failure("sts", "GetCallerIdentity").code == "InvalidClientTokenId")
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var operation: String
    var parameters: Document
    var code: String
    var status: Int
    var message: String
    var testDescription: String { "\(operation) \(code)" }
  }

  @Test(
    "IAM refuses in its own words",
    arguments: [
      Refusal(
        operation: "GetRole", parameters: ["RoleName": "none"], code: "NoSuchEntity", status: 404,
        message: "The role with name none cannot be found."),
      Refusal(
        operation: "GetUser", parameters: ["UserName": "none"], code: "NoSuchEntity", status: 404,
        message: "The user with name none cannot be found."),
      Refusal(
        operation: "CreateUser", parameters: ["UserName": "Admin"], code: "EntityAlreadyExists", status: 409,
        message: "User with name Admin already exists."),
      Refusal(
        operation: "CreateRole", parameters: ["RoleName": "r", "AssumeRolePolicyDocument": reads],
        code: "MalformedPolicyDocument", status: 400, message: "Has prohibited field Resource"),
      Refusal(
        operation: "CreateRole",
        parameters: [
          "RoleName": "r",
          "AssumeRolePolicyDocument":
            #"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:role/None"},"Action":"sts:AssumeRole"}]}"#,
        ], code: "MalformedPolicyDocument", status: 400,
        message: "Invalid principal in policy: \"AWS\":\"arn:aws:iam::222222222222:role/None\""),
      Refusal(
        operation: "CreateRole",
        parameters: [
          "RoleName": "r",
          "AssumeRolePolicyDocument":
            #"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"ec2:RunInstances"}]}"#,
        ], code: "MalformedPolicyDocument", status: 400,
        message: "AssumeRole policy may only specify STS AssumeRole actions."),
      Refusal(
        operation: "AttachUserPolicy",
        parameters: ["UserName": "admin", "PolicyArn": "arn:aws:iam::aws:policy/NoSuchThing"], code: "NoSuchEntity",
        status: 404, message: "Policy arn:aws:iam::aws:policy/NoSuchThing does not exist or is not attachable."),
      Refusal(
        operation: "ListRoles", parameters: ["MaxItems": 1_001], code: "ValidationError", status: 400,
        message:
          "1 validation error detected: Value '1001' at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000"
      ),
      Refusal(
        operation: "DeleteUser", parameters: ["UserName": "reader"], code: "DeleteConflict", status: 409,
        message: "Cannot delete entity, must delete access keys first."),
    ])
  func refusals(_ example: Refusal) throws {
    let client = try SimulatorClient(yaml: Self.world)
    let error = try client.failure("iam", example.operation, example.parameters)
    #expect(error.code == example.code)
    #expect(error.status == example.status)
    #expect(error.message == example.message)
  }

  @Test("A reader reads and may not write; both are authorized on what they name")
  func authorization() throws {
    var client = try SimulatorClient(yaml: Self.world)
    client.credentials = Self.readerKeys
    #expect(try client.call("iam", "GetUser").at(path: "User.UserName") == "reader")
    #expect(try client.call("iam", "GetAccountSummary").at(path: "SummaryMap.Users") == 2)
    #expect(
      try client.failure("iam", "CreateUser", ["UserName": "x", "Path": "/a/"]).message
        == "User: arn:aws:iam::111111111111:user/reader is not authorized to perform: iam:CreateUser on resource: "
        + "arn:aws:iam::111111111111:user/a/x because no identity-based policy allows the iam:CreateUser action")
  }

  @Test("Listings have pages that continue behind the last name")
  func pages() throws {
    let client = try SimulatorClient(yaml: Self.world)
    for number in 1...5 {
      try client.call(
        "iam", "CreateRole", ["RoleName": Document("role-\(number)"), "AssumeRolePolicyDocument": Self.trust])
    }
    var seen: [String] = []
    var marker: Document?
    repeat {
      let page = try client.call(
        "iam", "ListRoles", Document(entries: [("MaxItems", 2), ("Marker", marker)]))
      seen += page["Roles"]?.elements.compactMap { $0["RoleName"]?.string } ?? []
      marker = page["Marker"]
      #expect(page["IsTruncated"] == Document(marker != nil))
    } while marker != nil
    #expect(seen == (1...5).map { "role-\($0)" })
  }
}
