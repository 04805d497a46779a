import AWSWire
import Determinism
import Governance

/// What every provider may need, all of it given from outside.
struct CredentialSources: Sendable {
  let ambient: AmbientAWS
  let files: any CredentialFiles
  let commands: any CommandRunner
  let caller: ServiceCaller
  let region: String

  var environment: AmbientEnvironment { ambient.environment }
  var clock: any WorldClock { caller.clock }
  var tokens: SecurityTokenService { SecurityTokenService(caller: caller, region: region) }
  var local: LocalService { LocalService(transport: caller.transport, clock: caller.clock) }

  /// The AWS CLI's order.
  func chain() -> CredentialChain {
    let profile = ambient.profileName
    return CredentialChain(
      [
        EnvironmentProvider(environment: environment), AssumeRoleProvider(sources: self, profile: profile),
        WebIdentityProvider(sources: self, profile: profile, readsEnvironment: true),
      ] + profileProviders(profile).dropFirst() + [
        ContainerProvider(sources: self), InstanceMetadataProvider(sources: self),
      ])
  }

  /// Those that speak for one profile, in order; for a source profile too, where the environment has no say.
  func profileProviders(_ profile: String) -> [any CredentialProvider] {
    [
      WebIdentityProvider(sources: self, profile: profile, readsEnvironment: false),
      SingleSignOnProvider(sources: self, profile: profile),
      StaticProfileProvider(
        name: "shared-credentials-file", profile: ambient.profiles.fromCredentialsFile(profile), profileName: profile,
        path: ambient.profiles.credentialsPath),
      ProcessProvider(sources: self, profile: profile),
      StaticProfileProvider(
        name: "config-file", profile: ambient.profiles.fromConfigFile(profile), profileName: profile,
        path: ambient.profiles.configPath),
    ]
  }
}
