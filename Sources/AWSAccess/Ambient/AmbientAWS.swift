package import Governance

/// What the environment and the selected profile say of AWS, apart from credentials.
package struct AmbientAWS: Sendable {
  let environment: AmbientEnvironment
  let profiles: Profiles
  /// AWS_PROFILE, AWS_DEFAULT_PROFILE, else `default`.
  package let profileName: String

  /// Reads the files; a profile that was named and does not exist is an error.
  package static func read(_ environment: AmbientEnvironment, files: any CredentialFiles) throws(FailureReason)
    -> AmbientAWS
  {
    let profiles = try Profiles.read(environment, files)
    let named = environment["AWS_PROFILE"] ?? environment["AWS_DEFAULT_PROFILE"]
    if let named, profiles[named] == nil {
      let known = profiles.names
      let hint = known.isEmpty ? "there are no profiles" : SourceReader.suggestion(for: named, among: known)
      throw FailureReason(
        kind: .configuration, code: "ProfileNotFound",
        message:
          "the profile \"\(named)\" is neither in \(profiles.configPath) nor in \(profiles.credentialsPath); \(hint)")
    }
    return AmbientAWS(environment: environment, profiles: profiles, profileName: named ?? "default")
  }

  private var profile: Profiles.Profile? { profiles[profileName] }

  package var region: String? {
    environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? profile?["region"]
  }

  /// The file of AWS_CA_BUNDLE, or of the profile's `ca_bundle`.
  package var certificateAuthorities: String? {
    (environment["AWS_CA_BUNDLE"] ?? profile?["ca_bundle"]).map { environment.path($0) }
  }

  package var proxies: ProxySettings { ProxySettings(variables: environment.variables) }

  /// AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's services section, its `endpoint_url`: in this order.
  package func endpoints() throws(FailureReason) -> EndpointSettings {
    EndpointSettings(
      overrides: try overrides(),
      useFIPS: try flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
      useDualStack: try flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"))
  }

  private static let services = ["cloudtrail", "ec2", "organizations", "sso", "sts"]

  private func overrides() throws(FailureReason) -> [String: EndpointURL] {
    guard try !flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls") else { return [:] }
    var overrides: [String: EndpointURL] = [:]
    if let text = environment["AWS_ENDPOINT_URL"] {
      overrides[""] = try Self.url(text, "AWS_ENDPOINT_URL")
    } else if let profile, let text = profile["endpoint_url"] {
      overrides[""] = try Self.url(text, "\(profile.place(of: "endpoint_url")): endpoint_url")
    }
    let section = profile?["services"].flatMap { profiles.section("services", $0) }
    for service in Self.services {
      let variable = "AWS_ENDPOINT_URL_\(service.uppercased())"
      if let text = environment[variable] {
        overrides[service] = try Self.url(text, variable)
      } else if environment["AWS_ENDPOINT_URL"] == nil, let text = section?.nested(service)["endpoint_url"] {
        overrides[service] = try Self.url(text, "\(section?.place(of: service) ?? ""): endpoint_url")
      }
    }
    return overrides
  }

  private static func url(_ text: String, _ place: String) throws(FailureReason) -> EndpointURL {
    guard let url = EndpointURL(text) else {
      throw FailureReason(
        kind: .configuration, code: "InvalidEndpoint",
        message: "\(place) is not an endpoint; expected http://HOST[:PORT][/PATH] or https://…, without user and query")
    }
    return url
  }

  private func flag(_ variable: String, _ key: String) throws(FailureReason) -> Bool {
    guard let text = environment[variable] else { return try profile?.boolean(key) ?? false }
    guard let value = Bool(text.lowercased()) else {
      throw FailureReason(
        kind: .configuration, code: "InvalidEnvironment", message: "\(variable) is \"\(text)\"; expected true or false")
    }
    return value
  }
}
