import AWSAccess
import AWSWire
import CCurl
import CMicroHTTPD
import COpenSSL
import CSQLite
import CXML2
import CYAML
import Configuration
import Governance
import Orchestrator
import PluginHost

extension Command {
  static let doctor = Command(
    path: ["doctor"], summary: "check credentials, each hop of the role chain, permissions, plugins and libraries",
    discussion: """
      Asks AWS, changes nothing. Permissions are tried with DryRun where EC2 has it. Exit status: 0 all is well, 4 something is not.
      """,
    options: Settings.options + [
      .init(
        name: "--account", value: "ID",
        help: "the member account to try. Default: the first active one that is not the caller's")
    ]
  ) { arguments, context in
    var doctor = Doctor(output: context.output)
    doctor.libraries()
    let settings = try Settings.load(arguments, context)
    let host = try Plugins.load(settings, context, replaying: true)
    doctor.plugins(host)
    let (cloud, region) = try Connection.open(settings, context)
    await doctor.cloud(cloud, region: region, settings: settings, host: host, account: arguments.value("--account"))
    context.output.write(doctor.isWell ? "\nall is well\n" : "\nsomething is not as it should be: see ✗ above\n")
    return doctor.isWell ? .clean : .failed
  }
}

private struct Doctor {
  let output: any TextOutput
  private(set) var isWell = true

  init(output: any TextOutput) { self.output = output }

  private mutating func say(_ good: Bool, _ what: String, _ detail: String) {
    if !good { isWell = false }
    output.write("\(good ? "✓" : "✗") \(what): \(detail)\n")
  }

  private func note(_ what: String, _ detail: String) { output.write("· \(what): \(detail)\n") }

  mutating func libraries() {
    let versions = unsafe [
      ("libcurl", String(cString: curl_version())), ("libcrypto", String(cString: OpenSSL_version(OPENSSL_VERSION))),
      ("SQLite", String(cString: sqlite3_libversion())), ("libmicrohttpd", String(cString: MHD_get_version())),
      ("libyaml", String(cString: yaml_get_version_string())), ("libxml2", LIBXML_DOTTED_VERSION),
    ]
    for (name, version) in versions { note(name, version) }
  }

  mutating func plugins(_ host: PluginHost) {
    for manifest in host.manifests {
      say(true, "plugin \(manifest.id)", "\(manifest.version), \(manifest.isolation.rawValue)")
    }
    for error in host.errors { say(false, "plugin \(error.plugin)", "\(error)") }
  }

  mutating func cloud(_ cloud: AWSCloud, region: String, settings: Settings, host: PluginHost, account: String?) async {
    let caller: CallerIdentity
    do throws(FailureReason) {
      caller = try await cloud.callerIdentity()
      say(true, "credentials", "\(caller.arn), STS in \(region)")
    } catch {
      return say(false, "credentials", error.description)
    }
    let (organization, failure) = await OrganizationReader(cloud: cloud).read(caller)
    if let failure {
      say(false, "organization", failure.description)
    } else {
      let active = organization.accounts.count { $0.state == "ACTIVE" }
      say(true, "organization", "\(organization.id.isEmpty ? "none" : organization.id), \(active) active accounts")
    }
    let member =
      account
      ?? organization.accounts.sorted { $0.id < $1.id }.first { $0.id != caller.account && $0.state == "ACTIVE" }?.id
    let actions = Set(
      host.manifests.filter { $0.kinds.contains(.discovery) }.flatMap(\.operations) + ["ec2:DescribeRegions"]
    ).sorted()
    let planned = Set(
      host.manifests.filter { $0.kinds.contains(.remediator) || $0.kinds.contains(.tagger) }.flatMap(\.operations)
    ).subtracting(actions).sorted()
    for id in Set([caller.account, member ?? caller.account]).sorted() {
      await permissions(
        cloud, account: id, isCaller: id == caller.account, region: region, actions, planned: planned, settings)
    }
  }

  private mutating func permissions(
    _ cloud: AWSCloud, account: String, isCaller: Bool, region: String, _ actions: [String],
    planned: [String], _ settings: Settings
  ) async {
    let session: any CloudSession
    let how = isCaller ? "the caller's own credentials" : settings.chain.map(\.role).joined(separator: " → ")
    do throws(FailureReason) {
      session = try await cloud.session(account: account, permissions: .reading(actions: actions))
      say(true, "account \(account)", "through \(how)")
    } catch {
      return say(false, "account \(account)", "through \(how): \(error)")
    }
    for action in actions { await permission(action, session, account: account, region: region) }
    // What `reeve apply` would need, tried the same way: a dry run changes nothing.
    do throws(FailureReason) {
      let changing = try await cloud.session(
        account: account, permissions: .changing(reading: [], actions: planned, resources: ["*"]))
      for action in planned { await permission(action, changing, account: account, region: region) }
    } catch {
      say(false, "account \(account), for changes", "through \(how): \(error)")
    }
  }

  /// With DryRun EC2 answers DryRunOperation where the call would be allowed.
  private mutating func permission(_ action: String, _ session: any CloudSession, account: String, region: String) async
  {
    let parts = action.split(separator: ":").map(String.init)
    guard parts.count == 2, let operation = ServiceModel.named(parts[0])?.operation(parts[1]),
      let input = operation.input
    else { return note("\(account) \(action)", "not known to the service model") }
    var parameters: [(name: String, value: Document?)] = [("DryRun", true)]
    for member in input.members where member.isRequired {
      parameters.append((member.name, member.shape.values.first.map { Document($0) } ?? Self.placeholder(member.name)))
    }
    let call = APICall(service: parts[0], operation: parts[1], parameters: Document(entries: parameters))
    do throws(FailureReason) {
      _ = try await session.perform(call, in: region)
      say(true, "\(account) \(action)", "allowed")
    } catch {
      switch error.kind {
      case .denied: say(false, "\(account) \(action)", error.description)
      case _ where error.code == "DryRunOperation": say(true, "\(account) \(action)", "allowed")
      default: note("\(account) \(action)", "not established, AWS answered \(error.code)")
      }
    }
  }

  private static func placeholder(_ name: String) -> Document {
    switch name {
    case "ImageId": "ami-00000000000000001"
    case "SnapshotId": "snap-00000000000000001"
    case "Resources": ["ami-00000000000000001"]
    case "Tags": [["Key": "reeve-doctor", "Value": ""]]
    default: "placeholder"
    }
  }
}
