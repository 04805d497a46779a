import AWSAccess
import AWSWire
import Configuration
import Governance
import ScenarioReplay

/// The live way to AWS.
enum Connection {
  static func open(_ settings: Settings, _ context: Context) throws -> (cloud: AWSCloud, region: String) {
    var variables = context.environment
    if let profile = settings.profile { variables["AWS_PROFILE"] = profile }
    if let region = settings.region { variables["AWS_REGION"] = region }
    let environment = AmbientEnvironment(variables: variables, home: variables["HOME"] ?? "")
    let files = LiveCredentialFiles(files: context.files)
    let ambient: AmbientAWS
    let endpoints: EndpointSettings
    do {
      ambient = try AmbientAWS.read(environment, files: files)
      endpoints = try ambient.endpoints()
    } catch {
      throw CommandFailure.usage(error.message)
    }
    // Whoever has no region configured still has a home region of the partition.
    let region = ambient.region ?? Partition.aws.homeRegion
    let cloudSettings = CloudSettings(
      region: region, partition: Partition(region: region), chain: settings.chain, endpoints: endpoints,
      limits: settings.callLimits,
      organization: settings.organizationSource,
      sessionCacheSize: max(256, settings.limits.concurrency * 2))
    let transport: CurlTransport
    do {
      transport = try CurlTransport(
        settings: .standard(
          certificateAuthorities: ambient.certificateAuthorities, proxies: ambient.proxies,
          userAgent: "reeve/\(Reeve.version)"))
    } catch {
      throw CommandFailure.failed(error.message)
    }
    let cloud = AWSCloud(
      settings: cloudSettings, ambient: ambient, files: files,
      commands: LiveCommandRunner(lane: try context.lane("credential-process")), transport: transport,
      clock: context.clock, seed: context.seed)
    return (cloud, region)
  }
}

extension Settings {
  var organizationSource: OrganizationSource { configuration.organizationSource }
}
