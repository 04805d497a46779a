import AWSWire
import Governance

/// The role of the EC2 instance that Reeve runs on, through the metadata service's second version: first a session token
/// by PUT, then reads that carry it. The first version, which answers anybody, is not used.
struct InstanceMetadataProvider: CredentialProvider {
  let name = "iam-role"
  let sources: CredentialSources

  private static let rolePath = "/latest/meta-data/iam/security-credentials/"
  private static let timeout: Duration = .seconds(1)

  func load() async throws(FailureReason) -> CredentialSearch {
    if sources.environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true" {
      return .notHere("AWS_EC2_METADATA_DISABLED is true")
    }
    let url = try endpoint()
    let token: String
    do throws(FailureReason) {
      // One attempt: on any other machine nobody answers, and that should not take long to find out.
      token = try await sessionToken(url)
    } catch {
      guard error.kind != .cancelled else { throw error }
      return .notHere("no EC2 instance metadata at \(url.scheme)://\(url.authority) (\(error.message))")
    }
    let role = try await read(Self.rolePath, url, token)
    guard role.status == 200, let name = Self.firstLine(role.body) else {
      return .notHere("the EC2 instance has no role (status \(role.status))")
    }
    let answer = try await read(Self.rolePath + LocalService.percentEncoded(name), url, token)
    guard answer.status == 200 else {
      throw FailureReason(
        kind: .denied, code: "InstanceCredentialsRefused",
        message: "the instance metadata service answered with status \(answer.status) for role \(name)")
    }
    let code = LocalService.json(answer.body)?["Code"]?.string ?? "Success"
    guard code == "Success" else {
      throw FailureReason(
        kind: .denied, code: "InstanceCredentialsRefused",
        message: "the instance metadata service answered \(code) for role \(name)")
    }
    return .found(try LocalService.credentials(in: answer.body, from: "the instance metadata service"))
  }

  private func endpoint() throws(FailureReason) -> EndpointURL {
    let usesIPv6 = sources.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]?.lowercased() == "ipv6"
    let standard = usesIPv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
    guard let url = EndpointURL(sources.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? standard) else {
      throw FailureReason(
        kind: .configuration, code: "InvalidEnvironment",
        message: "AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL; expected for example http://169.254.169.254")
    }
    return url
  }

  private func request(_ method: String, _ path: String, _ url: EndpointURL, _ headers: [(String, String)])
    -> HTTPRequest
  {
    let base = url.path.hasSuffix("/") ? String(url.path.dropLast()) : url.path
    return HTTPRequest(
      method: method, scheme: url.scheme, authority: url.authority, path: base + path, headers: HTTPHeaders(headers))
  }

  private func sessionToken(_ url: EndpointURL) async throws(FailureReason) -> String {
    let request = request(
      "PUT", "/latest/api/token", url, [("x-aws-ec2-metadata-token-ttl-seconds", "21600")])
    let response: HTTPResponse
    do {
      response = try await sources.caller.transport.send(request, timeout: Self.timeout)
    } catch {
      throw CallFailure.transport(error).reason(attempts: 1, mutating: false)
    }
    guard response.status == 200, let token = Self.firstLine(response.body) else {
      throw FailureReason(
        kind: .rejected, code: "NoMetadataToken",
        message: "asked for a token, it answered with status \(response.status)")
    }
    return token
  }

  private func read(_ path: String, _ url: EndpointURL, _ token: String) async throws(FailureReason) -> HTTPResponse {
    try await sources.local.answer(
      to: request("GET", path, url, [("x-aws-ec2-metadata-token", token)]), timeout: Self.timeout)
  }

  private static func firstLine(_ bytes: [UInt8]) -> String? {
    String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init)
  }
}
