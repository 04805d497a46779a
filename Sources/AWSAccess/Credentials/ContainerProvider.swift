import AWSWire
import Governance

/// The agent of ECS, EKS Pod Identity or Greengrass: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI.
struct ContainerProvider: CredentialProvider {
  let name = "container-role"
  let sources: CredentialSources

  /// Where plain http is accepted: ECS, EKS (IPv4, IPv6) and the machine itself. Anything else needs https.
  private static let plainHosts = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost", "::1"]

  func load() async throws(FailureReason) -> CredentialSearch {
    guard let url = try endpoint() else {
      return .notHere(
        "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set")
    }
    var headers = HTTPHeaders([("Accept", "application/json")])
    if let token = try authorization() { headers.add("Authorization", token) }
    let parts = url.path.split(separator: "?", maxSplits: 1).map(String.init)
    let request = HTTPRequest(
      method: "GET", scheme: url.scheme, authority: url.authority, path: parts[0],
      query: parts.count > 1 ? parts[1] : "", headers: headers)
    let response = try await sources.local.answer(to: request, timeout: .seconds(2))
    guard response.status == 200 else {
      throw FailureReason(
        kind: .denied, code: "ContainerCredentialsRefused",
        message: "the container agent at \(url.authority) answered with status \(response.status)")
    }
    return .found(try LocalService.credentials(in: response.body, from: "the container agent at \(url.authority)"))
  }

  private func endpoint() throws(FailureReason) -> EndpointURL? {
    if let path = sources.environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
      guard path.hasPrefix("/") else { throw invalid("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "a path") }
      return EndpointURL(scheme: "http", authority: "169.254.170.2", path: path)
    }
    guard let text = sources.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] else { return nil }
    // The query belongs to the path here; it is split off again for the request.
    let (base, query) = text.firstIndex(of: "?").map { (String(text[..<$0]), String(text[$0...])) } ?? (text, "")
    guard var url = EndpointURL(base) else { throw invalid("AWS_CONTAINER_CREDENTIALS_FULL_URI", "a URL") }
    url.path += query
    guard url.scheme == "https" || Self.plainHosts.contains(url.host) || Self.isLoopback(url.host) else {
      throw FailureReason(
        kind: .configuration, code: "InvalidEnvironment",
        message:
          "AWS_CONTAINER_CREDENTIALS_FULL_URI names the host \(url.host) over plain http; expected https, or one of "
          + Self.plainHosts.joined(separator: ", "))
    }
    return url
  }

  private static func isLoopback(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return parts.count == 4 && parts[0] == 127 && !parts.contains(nil)
  }

  private func invalid(_ variable: String, _ expected: String) -> FailureReason {
    FailureReason(
      kind: .configuration, code: "InvalidEnvironment",
      message: "\(variable) is not what it should be; expected \(expected)")
  }

  /// The file wins over the variable; it is read each time, for its keeper renews it.
  private func authorization() throws(FailureReason) -> String? {
    var token = sources.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    if let file = sources.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] {
      guard let bytes = try sources.files.read(sources.environment.path(file)) else {
        throw FailureReason(
          kind: .configuration, code: "MissingTokenFile",
          message: "the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, \(file), does not exist")
      }
      token = String(decoding: bytes, as: UTF8.self)
    }
    guard let token else { return nil }
    guard token.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw FailureReason(
        kind: .configuration, code: "InvalidEnvironment",
        message: "the container authorization token has a line break or control character in it")
    }
    return token
  }
}
