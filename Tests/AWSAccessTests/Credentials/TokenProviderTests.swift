import AWSWire
import Governance
import Testing

@testable import AWSAccess

@Suite("Credentials in exchange for a token")
struct TokenProviderTests {
  private static let role = "arn:aws:iam::222222222222:role/Web"

  @Test("A web identity's token is read from its file and exchanged, unsigned")
  func webIdentity() async throws {
    let exchange = ScriptedExchange { (attempt) async throws(CallFailure) in Fixture.tokens(attempt) ?? .emptyObject }
    let machine = Machine(
      config: "[default]\nweb_identity_token_file = ~/token\nrole_arn = \(Self.role)\nrole_session_name = pod\n",
      files: MemoryFiles(texts: ["/home/a/token": "abc.def\n"]), exchange: exchange)
    let found = try await machine.find()
    #expect(found.accessKeyID == "ASIA-\(Self.role)-1")
    let attempt = try #require(exchange.attempts.first)
    #expect(attempt.call.operation == "AssumeRoleWithWebIdentity")
    #expect(attempt.keyID == nil)
    #expect(attempt.call.parameters["WebIdentityToken"] == "abc.def")
    #expect(attempt.call.parameters["RoleSessionName"] == "pod")
  }

  @Test("A web identity without role, file or token is an error")
  func webIdentityProblems() async {
    let file = "AWS_WEB_IDENTITY_TOKEN_FILE"
    let table: [([String: String], [String: String], String)] = [
      ([file: "/t"], ["/t": "x"], "PartialCredentials"),
      ([file: "/t", "AWS_ROLE_ARN": Self.role], [:], "MissingTokenFile"),
      ([file: "/t", "AWS_ROLE_ARN": Self.role], ["/t": " \n"], "EmptyTokenFile"),
    ]
    for (variables, texts, code) in table {
      let error = await Machine(variables: variables, files: MemoryFiles(texts: texts)).failure()
      #expect(error?.code == code)
    }
  }

  private static let session = """
    [default]
    sso_session = corp
    sso_account_id = 222222222222
    sso_role_name = Audit Role
    [sso-session corp]
    sso_start_url = https://corp.awsapps.com/start
    sso_region = eu-west-1
    """
  private static let legacy = """
    [default]
    sso_start_url = https://corp.awsapps.com/start
    sso_region = eu-west-1
    sso_account_id = 222222222222
    sso_role_name = Audit Role
    """
  // sha1sum of "corp" and of the start URL.
  private static let sessionFile = "/home/a/.aws/sso/cache/\(SHA1.hexadecimal(of: "corp")).json"
  private static let legacyFile =
    "/home/a/.aws/sso/cache/\(SHA1.hexadecimal(of: "https://corp.awsapps.com/start")).json"

  private static func token(until: String) -> String { #"{"accessToken":"hunter2","expiresAt":"\#(until)"}"# }
  private static let valid = token(until: (Fixture.start + .seconds(60)).iso8601)

  private static let portal = ScriptedTransport { (_) throws(TransportError) in
    let body =
      #"{"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"s","sessionToken":"t","expiration":1795003600000}}"#
    return HTTPResponse(status: 200, body: Array(body.utf8))
  }

  @Test("SHA-1 names the cache file as every AWS tool names it")
  func digest() {
    #expect(SHA1.hexadecimal(of: "abc") == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(SHA1.hexadecimal(of: "") == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
  }

  @Test("The token of a session or a start URL is exchanged at the portal of its region")
  func sso() async throws {
    let rows = [(Self.session, Self.sessionFile), (Self.legacy, Self.legacyFile)]
    for (config, file) in rows {
      let found = try await Machine(
        config: config, files: MemoryFiles(texts: [file: Self.valid]), transport: Self.portal
      ).find()
      #expect(found.accessKeyID == "SSO")
      #expect(found.expiration == Timestamp(seconds: 1_795_003_600))
      let request = try #require(Self.portal.requests.last)
      #expect(
        request.url
          == "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?account_id=222222222222&role_name=Audit%20Role"
      )
      #expect(request.headers["x-amz-sso_bearer_token"] == "hunter2")
    }
  }

  @Test("An SSO token that is missing, broken or expired sends to \"aws sso login\"; settings that lack are named")
  func ssoProblems() async {
    let expired = Self.token(until: "2020-01-01T00:00:00UTC")
    let table: [(String, [String: String], String, String)] = [
      (Self.session, [:], "NoSSOToken", "aws sso login"),
      (Self.session, [Self.sessionFile: "{}"], "InvalidSSOToken", "aws sso login"),
      (
        Self.session, [Self.sessionFile: expired], "ExpiredSSOToken",
        "expired at 2020-01-01T00:00:00Z; run \"aws sso login --profile default\""
      ),
      (
        Self.session.replacing("[sso-session corp]", with: "[sso-session co]"), [:], "InvalidProfile",
        "[sso-session corp]"
      ),
      (
        Self.session.replacing("sso_region", with: "region"), [:], "InvalidProfile",
        "lack sso_region in [sso-session corp]"
      ),
      ("[default]\nsso_start_url = x\n", [:], "InvalidProfile", "sso_account_id in profile \"default\""),
    ]
    for (config, texts, code, words) in table {
      let error = await Machine(config: config, files: MemoryFiles(texts: texts), transport: Self.portal).failure()
      #expect(error?.code == code)
      #expect(error?.message.contains(words) == true, "\(String(describing: error))")
      #expect(error?.message.contains("hunter2") == false)
    }
    let refusing = ScriptedTransport { (_) throws(TransportError) in HTTPResponse(status: 401) }
    let error = await Machine(
      config: Self.session, files: MemoryFiles(texts: [Self.sessionFile: Self.valid]), transport: refusing
    ).failure()
    #expect(error?.code == "SSOAccessDenied")
    #expect(error?.message.contains("aws sso login") == true)
  }

  @Test("A credential process is run without a shell, and its answer checked without being repeated")
  func process() async throws {
    let config = "[default]\ncredential_process = /opt/keys --for 'my account'\n"
    let good =
      #"{"Version":1,"AccessKeyId":"P","SecretAccessKey":"s","SessionToken":"t","Expiration":"2030-01-01T00:00:00Z"}"#
    let commands = ScriptedCommands(CommandOutcome(status: 0, output: Array(good.utf8)))
    let found = try await Machine(config: config, commands: commands).find()
    #expect(commands.runs == [["/opt/keys", "--for", "my account"]])
    #expect(found.accessKeyID == "P" && found.sessionToken == "t")
    #expect(found.expiration == Timestamp(iso8601: "2030-01-01T00:00:00Z"))

    let table: [(CommandOutcome?, String)] = [
      (nil, "/opt/keys could not be run: No such file or directory"),
      (CommandOutcome(status: 3, output: []), "/opt/keys ended with status 3"),
      (CommandOutcome(status: 0, output: Array("hunter2".utf8)), "did not print JSON"),
      (
        CommandOutcome(status: 0, output: Array(#"{"Version":2,"SecretAccessKey":"hunter2"}"#.utf8)),
        "printed version 2"
      ),
      (CommandOutcome(status: 0, output: Array(#"{"Version":1,"SecretAccessKey":"hunter2"}"#.utf8)), "no AccessKeyId"),
      (
        CommandOutcome(
          status: 0,
          output: Array(#"{"Version":1,"AccessKeyId":"P","SecretAccessKey":"hunter2","Expiration":"soon"}"#.utf8)),
        "no time"
      ),
    ]
    for (outcome, words) in table {
      let error = await Machine(config: config, commands: ScriptedCommands(outcome)).failure()
      #expect(error?.message.contains("/home/a/.aws/config:2: ") == true)
      #expect(error?.message.contains(words) == true, "\(String(describing: error))")
      #expect(error?.message.contains("hunter2") == false)
    }
  }
}
