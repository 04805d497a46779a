import AWSWire
import Governance

/// A profile with `role_arn`: the role is assumed from a source profile, which may itself assume a role, or from a named
/// source of credentials.
struct AssumeRoleProvider: CredentialProvider {
  let name = "assume-role"
  let sources: CredentialSources
  let profile: String

  func load() async throws(FailureReason) -> CredentialSearch {
    guard let settings = sources.ambient.profiles[profile] else {
      return .notHere("there is no profile \"\(profile)\"")
    }
    guard Self.applies(settings) else { return .notHere("profile \"\(profile)\" has no role_arn") }
    return .found(try await assume(settings, visited: [profile]))
  }

  /// With a token file it is a web identity's profile.
  private static func applies(_ profile: Profiles.Profile) -> Bool {
    profile["role_arn"] != nil && profile["web_identity_token_file"] == nil
  }

  private func assume(_ profile: Profiles.Profile, visited: [String]) async throws(FailureReason) -> Credentials {
    let role = try role(of: profile)
    let source: Credentials
    switch (profile["source_profile"], profile["credential_source"]) {
    case (.some, .some):
      throw profile.problem("credential_source", "source_profile and credential_source are both set; keep one")
    case (nil, nil):
      throw profile.problem("role_arn", "role_arn needs a source_profile or a credential_source beside it")
    case (let name?, nil): source = try await credentials(ofProfile: name, wantedBy: profile, visited: visited)
    case (nil, let name?): source = try await credentials(ofSource: name, wantedBy: profile)
    }
    let fixed = RefreshingCredentials(clock: sources.clock) { () async throws(FailureReason) in source }
    // AWS caps chained sessions at one hour; a source with a token may be a role's session.
    let duration = source.sessionToken == nil ? role.duration : min(role.duration, .seconds(3_600))
    do throws(FailureReason) {
      return try await sources.tokens.assumeRole(
        SecurityTokenService.RoleRequest(role: role, arn: role.role, policy: nil, duration: duration),
        as: ServiceCaller.Identity(account: "caller", credentials: fixed))
    } catch {
      throw error.prefixed("AssumeRole \(role.role) (profile \"\(profile.name)\")")
    }
  }

  private func role(of profile: Profiles.Profile) throws(FailureReason) -> RoleHop {
    if profile["mfa_serial"] != nil {
      throw profile.problem(
        "mfa_serial",
        "profile \"\(profile.name)\" wants a code of an MFA device, and Reeve asks for none; run "
          + "\"aws configure export-credentials --profile \(profile.name) --format env\" and use what it prints")
    }
    let arn = profile["role_arn"] ?? ""
    guard ARN(arn)?.service == "iam" else { throw profile.problem("role_arn", "\"\(arn)\" is no role's ARN") }
    var duration: Duration = .seconds(3_600)
    if let text = profile["duration_seconds"] {
      guard let seconds = Int(text), (900...43_200).contains(seconds) else {
        throw profile.problem("duration_seconds", "duration_seconds is \"\(text)\"; expected 900 to 43200")
      }
      duration = .seconds(seconds)
    }
    return RoleHop(
      role: arn, externalID: profile["external_id"], sessionName: profile["role_session_name"] ?? "reeve",
      duration: duration, tags: [])
  }

  private func credentials(ofProfile name: String, wantedBy profile: Profiles.Profile, visited: [String])
    async throws(FailureReason) -> Credentials
  {
    guard let source = sources.ambient.profiles[name] else {
      throw profile.problem(
        "source_profile",
        "the source profile \"\(name)\" does not exist; "
          + SourceReader.suggestion(for: name, among: sources.ambient.profiles.names))
    }
    // Keys beat a role, so that a profile may name itself as the source of its role.
    if source.hasStaticKeys || !Self.applies(source) {
      if let found = try await first(of: sources.profileProviders(name)) { return found }
      throw profile.problem("source_profile", "the source profile \"\(name)\" has no credentials")
    }
    guard !visited.contains(name) else {
      throw profile.problem(
        "source_profile", "the source profiles form a circle: \((visited + [name]).joined(separator: " → "))")
    }
    return try await assume(source, visited: visited + [name])
  }

  private func credentials(ofSource name: String, wantedBy profile: Profiles.Profile) async throws(FailureReason)
    -> Credentials
  {
    let provider: any CredentialProvider
    switch name {
    case "Environment": provider = EnvironmentProvider(environment: sources.environment)
    case "Ec2InstanceMetadata": provider = InstanceMetadataProvider(sources: sources)
    case "EcsContainer": provider = ContainerProvider(sources: sources)
    default:
      throw profile.problem(
        "credential_source",
        "\"\(name)\" is no source of credentials; "
          + SourceReader.suggestion(for: name, among: ["Environment", "Ec2InstanceMetadata", "EcsContainer"]))
    }
    switch try await provider.load() {
    case .found(let credentials): return credentials
    case .notHere(let reason):
      throw profile.problem("credential_source", "the source \(name) has no credentials: \(reason)")
    }
  }

  private func first(of providers: [any CredentialProvider]) async throws(FailureReason) -> Credentials? {
    for provider in providers {
      if case .found(let credentials) = try await provider.load() { return credentials }
    }
    return nil
  }
}
