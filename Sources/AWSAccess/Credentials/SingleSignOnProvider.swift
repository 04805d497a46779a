import AWSWire
import Determinism
import Governance

/// IAM Identity Center: the token that `aws sso login` left in `~/.aws/sso/cache` in exchange for a role's credentials.
struct SingleSignOnProvider: CredentialProvider {
  let name = "sso"
  let sources: CredentialSources
  let profile: String

  private struct Access {
    var account: String
    var role: String
    var region: String
    /// What the cache file's name is the SHA-1 of: the session's name, or the start URL.
    var cacheKey: String
  }

  private static let keys = ["sso_session", "sso_start_url", "sso_account_id", "sso_role_name"]

  func load() async throws(FailureReason) -> CredentialSearch {
    guard let settings = sources.ambient.profiles[profile], Self.keys.contains(where: { settings[$0] != nil }) else {
      return .notHere("profile \"\(profile)\" has no sso_* settings")
    }
    let access = try access(settings)
    let token = try token(for: access)
    var request = HTTPRequest(
      method: "GET", scheme: "https",
      authority: "portal.sso.\(access.region).\(Partition(region: access.region).dnsSuffix)",
      path: "/federation/credentials",
      query:
        "account_id=\(LocalService.percentEncoded(access.account))&role_name=\(LocalService.percentEncoded(access.role))",
      headers: HTTPHeaders([("x-amz-sso_bearer_token", token)]))
    let overrides = sources.caller.settings.endpoints.overrides
    if let endpoint = overrides["sso"] ?? overrides[""] {
      request.scheme = endpoint.scheme
      request.authority = endpoint.authority
    }
    return .found(try credentials(in: try await sources.local.answer(to: request, timeout: .seconds(10)), access))
  }

  private func access(_ settings: Profiles.Profile) throws(FailureReason) -> Access {
    var place = settings
    if let name = settings["sso_session"] {
      guard let section = sources.ambient.profiles.section("sso-session", name) else {
        throw settings.problem(
          "sso_session", "there is no [sso-session \(name)] in \(sources.ambient.profiles.configPath)")
      }
      place = section
    }
    var missing: [String] = []
    func value(_ profile: Profiles.Profile, _ key: String) -> String {
      guard let text = profile[key] else {
        missing.append(
          "\(key) in \(profile.name == settings.name ? "profile \"\(profile.name)\"" : "[\(profile.name)]")")
        return ""
      }
      return text
    }
    let start = value(place, "sso_start_url")
    let access = Access(
      account: value(settings, "sso_account_id"), role: value(settings, "sso_role_name"),
      region: value(place, "sso_region"), cacheKey: settings["sso_session"] ?? start)
    guard missing.isEmpty else {
      throw FailureReason(
        kind: .configuration, code: "InvalidProfile",
        message: "the SSO settings of profile \"\(profile)\" lack \(missing.joined(separator: ", "))")
    }
    return access
  }

  private var loginHint: String { "run \"aws sso login --profile \(profile)\"" }

  private func token(for access: Access) throws(FailureReason) -> String {
    let path = sources.environment.path("~/.aws/sso/cache/\(SHA1.hexadecimal(of: access.cacheKey)).json")
    guard let bytes = try sources.files.read(path) else {
      throw FailureReason(
        kind: .denied, code: "NoSSOToken",
        message: "there is no SSO token for profile \"\(profile)\" (\(path)); \(loginHint)")
    }
    guard let cache = LocalService.json(bytes), let token = cache["accessToken"]?.string,
      let expiry = cache["expiresAt"]?.string, let expires = Timestamp(iso8601: expiry.replacing("UTC", with: "Z"))
    else {
      throw FailureReason(
        kind: .badData, code: "InvalidSSOToken",
        message: "\(path) is no cached SSO token; expected accessToken and expiresAt; \(loginHint)")
    }
    guard expires > sources.clock.now else {
      throw FailureReason(
        kind: .denied, code: "ExpiredSSOToken",
        message: "the SSO token of profile \"\(profile)\" expired at \(expires.iso8601); \(loginHint)")
    }
    return token
  }

  private func credentials(in response: HTTPResponse, _ access: Access) throws(FailureReason) -> Credentials {
    guard response.status == 200 else {
      let hint = response.status == 401 ? "; \(loginHint)" : ""
      throw FailureReason(
        kind: .denied, code: "SSOAccessDenied",
        message: "the SSO portal answered with status \(response.status) for role \(access.role) in account "
          + "\(access.account)\(hint)")
    }
    guard let part = LocalService.json(response.body)?["roleCredentials"], let id = part["accessKeyId"]?.string,
      let secret = part["secretAccessKey"]?.string, let token = part["sessionToken"]?.string,
      let expiration = part["expiration"]?.int
    else {
      throw FailureReason(
        kind: .badData, code: "MalformedResponse", message: "the SSO portal answered without whole credentials")
    }
    return Credentials(
      accessKeyID: id, secretAccessKey: secret, sessionToken: token,
      expiration: Timestamp(nanoseconds: Int64(expiration).multipliedReportingOverflow(by: 1_000_000).partialValue))
  }
}
