import AWSWire
import Governance

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
struct EnvironmentProvider: CredentialProvider {
  let name = "env"
  let environment: AmbientEnvironment

  func load() async throws(FailureReason) -> CredentialSearch {
    guard let id = environment["AWS_ACCESS_KEY_ID"] else { return .notHere("AWS_ACCESS_KEY_ID is not set") }
    guard let secret = environment["AWS_SECRET_ACCESS_KEY"] else {
      throw FailureReason(
        kind: .configuration, code: "PartialCredentials",
        message: "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not; set both or neither")
    }
    var expiration: Timestamp?
    if let text = environment["AWS_CREDENTIAL_EXPIRATION"] {
      guard let time = Timestamp(iso8601: text) else {
        throw FailureReason(
          kind: .configuration, code: "InvalidEnvironment",
          message: "AWS_CREDENTIAL_EXPIRATION is \"\(text)\"; expected a time such as 2026-11-23T10:00:00Z")
      }
      expiration = time
    }
    return .found(
      Credentials(
        accessKeyID: id, secretAccessKey: secret,
        sessionToken: environment["AWS_SESSION_TOKEN"] ?? environment["AWS_SECURITY_TOKEN"], expiration: expiration))
  }
}
