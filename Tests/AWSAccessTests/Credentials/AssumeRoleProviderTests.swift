import AWSWire
import Governance
import Testing

@testable import AWSAccess

@Suite("Profiles that assume a role")
struct AssumeRoleProviderTests {
  private static let base = "[profile base]\naws_access_key_id = BASE\naws_secret_access_key = s\n"
  private static func role(_ name: String) -> String { "arn:aws:iam::222222222222:role/\(name)" }

  private func exchange() -> ScriptedExchange {
    ScriptedExchange { (attempt) async throws(CallFailure) in Fixture.tokens(attempt) ?? .emptyObject }
  }

  @Test("Source profiles chain, each hop with its own settings")
  func chain() async throws {
    let exchange = exchange()
    let config = """
      [default]
      role_arn = \(Self.role("Last"))
      source_profile = middle
      external_id = ext
      role_session_name = me
      duration_seconds = 7200
      [profile middle]
      role_arn = \(Self.role("First"))
      source_profile = base
      duration_seconds = 7200
      \(Self.base)
      """
    let found = try await Machine(config: config, exchange: exchange).find()
    #expect(found.accessKeyID == "ASIA-\(Self.role("Last"))-2")
    let attempts = exchange.attempts
    #expect(attempts.map(\.keyID) == ["BASE", "ASIA-\(Self.role("First"))-1"])
    #expect(attempts.map { $0.call.parameters["DurationSeconds"]?.int } == [7_200, 3_600])
    #expect(attempts[1].call.parameters["ExternalId"] == "ext")
    #expect(attempts[1].call.parameters["RoleSessionName"] == "me")
    #expect(attempts[0].call.parameters["RoleSessionName"] == "reeve")
    #expect(attempts.allSatisfy { $0.call.parameters["Policy"] == nil })
  }

  @Test("A profile may name itself as the source of its role when it has keys")
  func selfReference() async throws {
    let exchange = exchange()
    let config =
      "[default]\nrole_arn = \(Self.role("R"))\nsource_profile = default\naws_access_key_id = OWN\naws_secret_access_key = s\n"
    _ = try await Machine(config: config, exchange: exchange).find()
    #expect(exchange.attempts.map(\.keyID) == ["OWN"])
  }

  @Test("Named sources: the environment, the container's agent, the instance")
  func namedSources() async throws {
    let exchange = exchange()
    let config = "[default]\nrole_arn = \(Self.role("R"))\ncredential_source = EcsContainer\n"
    let agent = ScriptedTransport { (_) throws(TransportError) in
      HTTPResponse(
        status: 200,
        body: Array(
          #"{"AccessKeyId":"ECS","SecretAccessKey":"s","Token":"t","Expiration":"2030-01-01T00:00:00Z"}"#.utf8))
    }
    _ = try await Machine(
      variables: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"], config: config, transport: agent, exchange: exchange
    ).find()
    #expect(exchange.attempts.map(\.keyID) == ["ECS"])
    #expect(exchange.attempts[0].call.parameters["DurationSeconds"] == 3_600)
  }

  @Test("What cannot work says where it stands and what to do")
  func problems() async {
    let r = Self.role("R")
    let table: [(config: String, line: Int, words: String)] = [
      ("[default]\nrole_arn = \(r)\n", 2, "needs a source_profile or a credential_source"),
      ("[default]\nrole_arn = \(r)\nsource_profile = a\ncredential_source = Environment\n", 4, "both set"),
      ("[default]\nrole_arn = \(r)\nsource_profile = bse\n\(Self.base)", 3, "did you mean \"base\"?"),
      (
        "[default]\nrole_arn = \(r)\nmfa_serial = arn:mfa\nsource_profile = base\n\(Self.base)", 3,
        "aws configure export-credentials"
      ),
      (
        "[default]\nrole_arn = \(r)\nsource_profile = base\nduration_seconds = 60\n\(Self.base)", 4,
        "expected 900 to 43200"
      ),
      ("[default]\nrole_arn = R\nsource_profile = base\n\(Self.base)", 2, "no role's ARN"),
      (
        "[default]\nrole_arn = \(r)\ncredential_source = Ec2Metadata\n", 3,
        "expected one of Ec2InstanceMetadata, EcsContainer, Environment"
      ),
      ("[default]\nrole_arn = \(r)\ncredential_source = Environment\n", 3, "AWS_ACCESS_KEY_ID is not set"),
      ("[default]\nrole_arn = \(r)\nsource_profile = empty\n[profile empty]\nregion = x\n", 3, "has no credentials"),
      (
        "[default]\nrole_arn = \(r)\nsource_profile = a\n[profile a]\nrole_arn = \(r)\nsource_profile = b\n"
          + "[profile b]\nrole_arn = \(r)\nsource_profile = a\n", 9, "default → a → b → a"
      ),
      ("[default]\nrole_arn = \(r)\nsource_profile = default\n", 3, "default → default"),
    ]
    for row in table {
      let error = await Machine(config: row.config, exchange: exchange()).failure()
      #expect(error?.kind == .configuration, "\(row.words)")
      #expect(error?.message.contains("/home/a/.aws/config:\(row.line): ") == true, "\(String(describing: error))")
      #expect(error?.message.contains(row.words) == true, "\(String(describing: error))")
    }
  }

  @Test("A role that STS refuses is named with its profile")
  func refused() async {
    let exchange = ScriptedExchange { (_) async throws(CallFailure) in
      throw Fixture.service("AccessDenied", status: 403, "not authorized")
    }
    let config = "[default]\nrole_arn = \(Self.role("R"))\nsource_profile = base\n\(Self.base)"
    let error = await Machine(config: config, exchange: exchange).failure()
    #expect(error?.kind == .denied)
    #expect(
      error?.message
        == "credentials from assume-role: AssumeRole \(Self.role("R")) (profile \"default\"): not authorized")
  }
}
