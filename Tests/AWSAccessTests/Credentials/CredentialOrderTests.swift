import AWSWire
import Governance
import Testing

@testable import AWSAccess

@Suite("Where credentials are found")
struct CredentialOrderTests {
  private static func keys(_ id: String) -> String { "aws_access_key_id = \(id)\naws_secret_access_key = secret\n" }

  @Test("The order is the AWS CLI's: each place is found once those before it are gone")
  func order() async throws {
    let process = CommandOutcome(
      status: 0, output: Array(#"{"Version":1,"AccessKeyId":"PROCESS","SecretAccessKey":"s"}"#.utf8))
    var machine = Machine(
      variables: ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s", "AWS_WEB_IDENTITY_TOKEN_FILE": "/token"],
      config: "[default]\nrole_arn = arn:aws:iam::222222222222:role/R\nsource_profile = base\n"
        + "credential_process = print-keys\n\(Self.keys("CONFIG"))[profile base]\n\(Self.keys("BASE"))",
      credentials: "[default]\n\(Self.keys("SHARED"))", commands: ScriptedCommands(process))
    machine.files.texts["/token"] = "token\n"
    machine.variables["AWS_ROLE_ARN"] = "arn:aws:iam::222222222222:role/Web"

    var ids: [String] = []
    func take() async throws { ids.append(try await machine.find().accessKeyID) }
    try await take()
    machine.variables["AWS_ACCESS_KEY_ID"] = nil
    try await take()
    machine.config = machine.config.replacing(
      "role_arn = arn:aws:iam::222222222222:role/R\nsource_profile = base\n", with: "")
    try await take()
    machine.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = nil
    try await take()
    machine.credentials = ""
    try await take()
    machine.config = machine.config.replacing("credential_process = print-keys\n", with: "")
    try await take()
    #expect(
      ids.map { $0.hasPrefix("ASIA") ? String($0.dropLast(2)) : $0 } == [
        "ENV", "ASIA-arn:aws:iam::222222222222:role/R", "ASIA-arn:aws:iam::222222222222:role/Web", "SHARED", "PROCESS",
        "CONFIG",
      ])
  }

  @Test("Without credentials every place is listed with the reason why it did not apply")
  func nothing() async throws {
    let error = await Machine(variables: ["AWS_EC2_METADATA_DISABLED": "true"]).failure()
    #expect(error?.code == "NoCredentials")
    let lines = error?.message.split(separator: "\n").map(String.init) ?? []
    let places = lines.filter { $0.hasPrefix("  ") }.compactMap { $0.split(separator: ":").first?.dropFirst(2) }
    #expect(
      places == [
        "env", "assume-role", "assume-role-with-web-identity", "sso", "shared-credentials-file", "custom-process",
        "config-file", "container-role", "iam-role",
      ])
    #expect(error?.message.contains("iam-role: AWS_EC2_METADATA_DISABLED is true") == true)
    #expect(error?.message.contains("/home/a/.aws/credentials has no profile \"default\"") == true)
  }

  @Test("The environment: token, expiry, and half of a pair")
  func environment() async throws {
    let full = Machine(variables: [
      "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B", "AWS_SESSION_TOKEN": "C",
      "AWS_CREDENTIAL_EXPIRATION": "2027-01-01T00:00:00Z",
    ])
    let found = try await full.find()
    #expect(
      found
        == Credentials(
          accessKeyID: "A", secretAccessKey: "B", sessionToken: "C",
          expiration: Timestamp(iso8601: "2027-01-01T00:00:00Z")))
    let half = await Machine(variables: ["AWS_ACCESS_KEY_ID": "A"]).failure()
    #expect(half?.code == "PartialCredentials")
    let shared = await Machine(credentials: "[default]\naws_access_key_id = A\n").failure()
    #expect(shared?.message.contains("/home/a/.aws/credentials:2") == true)
  }

  @Test("A place that is there and broken ends the search: nobody else's credentials are used instead")
  func broken() async {
    let machine = Machine(
      config: "[default]\nrole_arn = arn:aws:iam::222222222222:role/R\nsource_profile = gone\n",
      credentials: "[default]\n\(Self.keys("SHARED"))")
    let error = await machine.failure()
    #expect(error?.message.hasPrefix("credentials from assume-role: /home/a/.aws/config:3: ") == true)
  }
}
