import AWSWire
import Governance

/// A token in a file (Kubernetes service accounts, CI systems) in exchange for a role:
/// AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN, or the same in a profile.
struct WebIdentityProvider: CredentialProvider {
  let name = "assume-role-with-web-identity"
  let sources: CredentialSources
  let profile: String
  let readsEnvironment: Bool

  func load() async throws(FailureReason) -> CredentialSearch {
    guard let file = value("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file") else {
      return .notHere("no AWS_WEB_IDENTITY_TOKEN_FILE and no web_identity_token_file in profile \"\(profile)\"")
    }
    guard let role = value("AWS_ROLE_ARN", "role_arn") else {
      throw FailureReason(
        kind: .configuration, code: "PartialCredentials",
        message: "a web identity token file is named and no role; set AWS_ROLE_ARN, or role_arn in the profile")
    }
    // Read each time: the file's keeper replaces the token before it expires.
    let path = sources.environment.path(file)
    guard let bytes = try sources.files.read(path) else {
      throw FailureReason(
        kind: .configuration, code: "MissingTokenFile", message: "the web identity token file \(path) does not exist")
    }
    let token = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    guard !token.isEmpty else {
      throw FailureReason(
        kind: .configuration, code: "EmptyTokenFile", message: "the web identity token file \(path) is empty")
    }
    do throws(FailureReason) {
      return .found(
        try await sources.tokens.assumeRole(
          role, sessionName: value("AWS_ROLE_SESSION_NAME", "role_session_name") ?? "reeve", webIdentityToken: token))
    } catch {
      throw error.prefixed("AssumeRoleWithWebIdentity \(role)")
    }
  }

  private func value(_ variable: String, _ key: String) -> String? {
    (readsEnvironment ? sources.environment[variable] : nil) ?? sources.ambient.profiles[profile]?[key]
  }
}
