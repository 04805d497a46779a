import AWSWire
import Determinism
import Governance
import Synchronization
import Testing

@testable import AWSAccess

@Suite("Credentials of the machine itself")
struct LocalAgentTests {
  private static let body = Array(
    #"{"Code":"Success","AccessKeyId":"LOCAL","SecretAccessKey":"s","Token":"t","Expiration":"2030-01-01T00:00:00Z"}"#
      .utf8)

  private static func always(_ status: Int, _ body: [UInt8] = body) -> ScriptedTransport {
    ScriptedTransport { (_) throws(TransportError) in HTTPResponse(status: status, body: body) }
  }

  @Test("The container's agent: relative and full addresses, the token's file before its variable")
  func container() async throws {
    let relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
    let full = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
    let token = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
    let table: [([String: String], url: String, authorization: String?)] = [
      ([relative: "/v2/credentials/1"], "http://169.254.170.2/v2/credentials/1", nil),
      ([full: "http://169.254.170.23/v1/credentials"], "http://169.254.170.23/v1/credentials", nil),
      ([full: "http://localhost:8080/a?b=c", token: "T"], "http://localhost:8080/a?b=c", "T"),
      ([full: "http://127.9.9.9/a", token: "T", token + "_FILE": "/token"], "http://127.9.9.9/a", "from file"),
      ([full: "http://[fd00:ec2::23]/a"], "http://[fd00:ec2::23]/a", nil),
      ([full: "https://agent.example/a"], "https://agent.example/a", nil),
    ]
    for (variables, url, authorization) in table {
      let transport = Self.always(200)
      let found = try await Machine(
        variables: variables, files: MemoryFiles(texts: ["/token": "from file"]), transport: transport
      ).find()
      #expect(found.accessKeyID == "LOCAL")
      #expect(transport.requests.map(\.url) == [url])
      #expect(transport.requests[0].headers["Authorization"] == authorization)
    }
  }

  @Test("An agent elsewhere over plain http is never asked, nor with a token that would add a header")
  func containerProblems() async {
    let full = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
    let table: [([String: String], String)] = [
      ([full: "http://evil.example/a"], "expected https"), ([full: "http://128.0.0.1/"], "expected https"),
      ([full: "http://127.0.0.1.evil.example/"], "expected https"), ([full: "nonsense"], "expected a URL"),
      (["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "@evil.example/"], "expected a path"),
      ([full: "http://localhost/", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "hunter2\nX: y"], "line break"),
      ([full: "http://localhost/", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/gone"], "/gone, does not exist"),
    ]
    for (variables, words) in table {
      let transport = Self.always(200)
      let error = await Machine(variables: variables, transport: transport).failure()
      #expect(error?.message.contains(words) == true, "\(String(describing: error))")
      #expect(error?.message.contains("hunter2") == false)
      #expect(transport.requests.isEmpty)
    }
    let refused = await Machine(variables: [full: "http://localhost/"], transport: Self.always(403)).failure()
    #expect(refused?.code == "ContainerCredentialsRefused")
    let garbage = await Machine(
      variables: [full: "http://localhost/"], transport: Self.always(200, Array("hunter2".utf8))
    ).failure()
    #expect(garbage?.code == "MalformedResponse")
    #expect(garbage?.message.contains("hunter2") == false)
  }

  @Test("An agent that stumbles is asked three times")
  func retries() throws {
    try Fixture.run { executor in
      let count = Mutex(0)
      let transport = ScriptedTransport { (_) throws(TransportError) in
        let number = count.withLock { count in
          count += 1
          return count
        }
        if number == 1 { throw TransportError(kind: .reset, message: "reset") }
        return HTTPResponse(status: number == 2 ? 503 : 200, body: Self.body)
      }
      let found = try await Machine(
        variables: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"], transport: transport, clock: executor
      ).find()
      #expect(found.accessKeyID == "LOCAL")
      #expect(transport.requests.count == 3)
    }
  }

  private static func instance(role: Int = 200, credentials: [UInt8] = body) -> ScriptedTransport {
    ScriptedTransport { (request) throws(TransportError) in
      switch (request.method, request.path) {
      case ("PUT", "/latest/api/token"):
        guard request.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600" else {
          return HTTPResponse(status: 400)
        }
        return HTTPResponse(status: 200, body: Array("TOKEN".utf8))
      case ("GET", let path):
        guard request.headers["x-aws-ec2-metadata-token"] == "TOKEN" else { return HTTPResponse(status: 401) }
        return path.hasSuffix("/Sweeper")
          ? HTTPResponse(status: 200, body: credentials) : HTTPResponse(status: role, body: Array("Sweeper\n".utf8))
      default: return HTTPResponse(status: 405)
      }
    }
  }

  @Test("The instance's role: token, name, credentials, in this order")
  func instanceRole() async throws {
    let transport = Self.instance()
    let found = try await Machine(transport: transport).find()
    #expect(found.accessKeyID == "LOCAL")
    #expect(
      transport.requests.map { "\($0.method) \($0.url)" } == [
        "PUT http://169.254.169.254/latest/api/token",
        "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/",
        "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/Sweeper",
      ])
    let moved = Self.instance()
    _ = try await Machine(variables: ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1338/"], transport: moved)
      .find()
    #expect(moved.requests[0].url == "http://127.0.0.1:1338/latest/api/token")
    let ipv6 = Self.instance()
    _ = try await Machine(variables: ["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"], transport: ipv6).find()
    #expect(ipv6.requests[0].authority == "[fd00:ec2::254]")
  }

  @Test("No instance, or one without a role, is no error of its own; a refusal is")
  func instanceProblems() async {
    let nobody = await Machine().failure()
    #expect(nobody?.code == "NoCredentials")
    #expect(nobody?.message.contains("iam-role: no EC2 instance metadata at http://169.254.169.254") == true)
    let roleless = await Machine(transport: Self.instance(role: 404)).failure()
    #expect(roleless?.code == "NoCredentials")
    #expect(roleless?.message.contains("the EC2 instance has no role (status 404)") == true)
    let failed = await Machine(transport: Self.instance(credentials: Array(#"{"Code":"Failed"}"#.utf8))).failure()
    #expect(failed?.code == "InstanceCredentialsRefused")
    let disabled = Self.instance()
    _ = await Machine(variables: ["AWS_EC2_METADATA_DISABLED": "TRUE"], transport: disabled).failure()
    #expect(disabled.requests.isEmpty)
  }
}
