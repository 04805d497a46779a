package import AWSWire
package import Determinism

extension AWSCloud {
  /// With the caller's ambient credentials, searched for in the AWS CLI's order.
  package convenience init(
    settings: CloudSettings, ambient: AmbientAWS, files: any CredentialFiles, commands: any CommandRunner,
    transport: any HTTPTransport, clock: any WorldClock, seed: UInt64
  ) {
    let caller = ServiceCaller(settings: settings, transport: transport, clock: clock, seed: seed)
    let sources = CredentialSources(
      ambient: ambient, files: files, commands: commands, caller: caller, region: settings.region)
    self.init(caller: caller, credentials: sources.chain())
  }
}
