import AWSWire
import Governance

/// Keys that stand in a profile of the credentials file or of the config file.
struct StaticProfileProvider: CredentialProvider {
  let name: String
  /// The profile as that one file has it.
  let profile: Profiles.Profile?
  let profileName: String
  let path: String

  func load() async throws(FailureReason) -> CredentialSearch {
    guard let profile else { return .notHere("\(path) has no profile \"\(profileName)\"") }
    guard let id = profile["aws_access_key_id"] else {
      return .notHere("profile \"\(profileName)\" in \(path) has no aws_access_key_id")
    }
    guard let secret = profile["aws_secret_access_key"] else {
      throw FailureReason(
        kind: .configuration, code: "PartialCredentials",
        message:
          "\(profile.place(of: "aws_access_key_id")): profile \"\(profileName)\" has an aws_access_key_id and no "
          + "aws_secret_access_key")
    }
    return .found(
      Credentials(
        accessKeyID: id, secretAccessKey: secret,
        sessionToken: profile["aws_session_token"] ?? profile["aws_security_token"]))
  }
}
