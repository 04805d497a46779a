import Determinism
import Glibc
import Governance
import Orchestrator
import Synchronization

@testable import PluginHost

/// What plugins and host said.
final class LogBox: Sendable {
  private let box = Mutex<[PluginLogLine]>([])
  var lines: [PluginLogLine] { box.withLock { $0 } }
  func add(_ line: PluginLogLine) { box.withLock { $0.append(line) } }
}

extension PluginEnvironment {
  static func testing(
    log: LogBox = LogBox(), watchdog: any Watchdog = NoWatchdog(), limit: Duration = .seconds(60),
    owners: Set<UInt32> = [geteuid()],
    makeLane: @escaping @Sendable (String) throws -> any Lane = { _ in DirectLane() },
    sandbox: SandboxSettings? = .testing()
  ) -> PluginEnvironment {
    PluginEnvironment(
      makeLane: makeLane, watchdog: watchdog, callLimit: limit, owners: owners, hostVersion: "1.0.0",
      log: { log.add($0) }, sandbox: sandbox)
  }
}

/// A team's folder with the zoo in it, locked.
struct ZooFolder {
  let folder: TemporaryFolder
  var lockPath: String { folder.path + "/plugins.lock" }
  var plugin: String { folder.path + "/zoo" }

  init(
    manifest: Document = Zoo.manifest, library: [UInt8]? = nil,
    lock change: (inout PluginLock.Entry) -> Void = { _ in }
  ) throws {
    folder = try TemporaryFolder()
    let library = try library ?? Zoo.library()
    try folder.write(manifest.prettyJSON.utf8, to: "zoo/plugin.json")
    try folder.write(library, to: "zoo/zoo.so", mode: 0o755)
    var entry = PluginLock.Entry(
      id: manifest["id"]?.string ?? "org.example.zoo", version: manifest["version"]?.string ?? "1.0.0", path: "zoo",
      library: [LibraryInspection.platform: Digest.sha256(library)],
      manifest: [LibraryInspection.platform: Digest.sha256(Array(manifest.prettyJSON.utf8))],
      operations: [
        "ec2:DescribeImageAttribute", "ec2:DescribeImages", "ec2:ModifyImageAttribute", "ec2:CreateTags",
        "ec2:DeleteTags",
      ],
      resourceTypes: ["ec2:image", "ec2:snapshot"], isolation: .inline)
    change(&entry)
    try write(PluginLock(plugins: [entry]))
  }

  func write(_ lock: PluginLock) throws { try folder.write(lock.json.utf8, to: "plugins.lock") }

  func load(_ environment: PluginEnvironment = .testing()) -> PluginHost {
    PluginHost(loading: PluginSources(shipped: nil, lock: lockPath), environment: environment)
  }
}

/// What the zoo counts about itself, at an address that it is lent. Never given back: an instance that nobody closed is
/// released when the last reference goes, which may be after the test. The layout is that of `census` in `zoo.c`.
@safe final class Census: @unchecked Sendable {
  private let counters: UnsafeMutablePointer<Int64>

  init() {
    unsafe counters = .allocate(capacity: 6)
    unsafe counters.initialize(repeating: 0, count: 6)
  }

  var address: Int { unsafe Int(bitPattern: counters) }
  var created: Int { unsafe Int(counters[0]) }
  var destroyed: Int { unsafe Int(counters[1]) }
  var begun: Int { unsafe Int(counters[2]) }
  var ended: Int { unsafe Int(counters[3]) }
  var calls: Int { unsafe Int(counters[4]) }
  var runsAliveAtDestroy: Int { unsafe Int(counters[5]) }
}

extension Organization {
  static let zoo = Organization(
    id: "o-zoo", arn: "arn:aws:organizations::111111111111:organization/o-zoo", managementAccount: "111111111111",
    partition: .aws,
    accounts: [
      Account(id: "111111111111", name: "root", unitPath: "o-zoo/r-1/"),
      Account(id: "222222222222", name: "member", unitPath: "o-zoo/r-1/ou-1/"),
    ], units: [OrganizationalUnit(id: "ou-1", arn: "arn", name: "unit", path: "o-zoo/r-1/ou-1/")])
}

extension Resource {
  static func image(_ id: String, isPublic: Bool? = false, notes: [AttributeNote] = []) -> Resource {
    Resource(
      type: "ec2:image", id: id, arn: "arn:aws:ec2:eu-west-1::image/\(id)", account: "222222222222",
      region: "eu-west-1", tags: [Tag(key: "Owner", value: "tëam")],
      attributes: Document(entries: [("ImageId", Document(id)), ("Public", isPublic.map { Document($0) })]),
      notes: notes)
  }

  static func snapshot(_ id: String, isPublic: Bool = false) -> Resource {
    var snapshot = image(id, isPublic: isPublic)
    snapshot.type = "ec2:snapshot"
    return snapshot
  }
}

let testTime = Timestamp(seconds: 1_795_000_000)

/// One loaded zoo for all tests of one shape: a library is loaded once per process anyway.
struct OpenZoo {
  let session: any PluginSession
  let log: LogBox
  let census = Census()

  init(_ mode: String = "", host: (LogBox) throws -> PluginHost = { try ZooFolder().load(.testing(log: $0)) })
    async throws
  {
    log = LogBox()
    session = try await host(log).open(.zoo(mode, census))
  }

  func evaluate(_ checks: [String] = ["zoo.public"], _ resources: [Resource]) async throws(PluginFailure)
    -> [CheckedResource]
  {
    try await session.evaluate(plugin: "org.example.zoo", checks: checks, resources: resources, now: testTime)
  }
}

extension PluginSetting {
  static func zoo(_ mode: String, _ census: Census) -> PluginSetting {
    PluginSetting(
      organization: .zoo, trusted: ["333333333333"],
      configurations: ["org.example.zoo": ["mode": Document(mode), "census": Document(census.address)]],
      plugins: ["org.example.zoo"], now: testTime)
  }
}

extension SandboxSettings {
  /// `reeve-plugin-host` lies beside the tests.
  static func testing(
    offered: Set<Layer> = offeredHere(), allowsDegraded: Bool = false, memoryLimit: Int = 2 << 30, workers: Int = 1
  ) -> SandboxSettings {
    var path = [CChar](repeating: 0, count: 4_096)
    let length = unsafe readlink("/proc/self/exe", &path, path.count)
    let program = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let folder = program.lastIndex(of: "/").map { String(program[..<$0]) } ?? "."
    return SandboxSettings(
      executable: "\(folder)/reeve-plugin-host", libraryPath: runtimeFolder(), offered: offered,
      allowsDegraded: allowsDegraded, memoryLimit: memoryLimit, workers: workers)
  }
}

/// The zoo in a sandbox, with a configuration that lends it no address of this process.
struct CagedZoo {
  let session: any PluginSession
  let host: PluginHost
  let log = LogBox()
  let quarantined = QuarantineBox()

  init(
    _ mode: String = "", library: [UInt8]? = nil, settings: SandboxSettings = .testing(),
    limit: Duration = .seconds(60), quarantined earlier: [QuarantinedPlugin] = [],
    makeLane: @escaping @Sendable (String) throws -> any Lane = { _ in DirectLane() }
  ) async throws {
    var environment = PluginEnvironment.testing(log: log, limit: limit, makeLane: makeLane)
    environment.sandbox = settings
    environment.quarantined = earlier
    let box = quarantined
    environment.quarantine = { box.add($0) }
    host = try ZooFolder(library: library) { $0.isolation = .sandbox }.load(environment)
    if let error = host.errors.first { throw error }
    session = try await host.open(
      PluginSetting(
        organization: .zoo, trusted: ["333333333333"],
        configurations: ["org.example.zoo": ["mode": Document(mode)]], plugins: ["org.example.zoo"], now: testTime))
  }

  func evaluate(_ checks: [String] = ["zoo.public"], _ resources: [Resource]) async throws(PluginFailure)
    -> [CheckedResource]
  {
    try await session.evaluate(plugin: "org.example.zoo", checks: checks, resources: resources, now: testTime)
  }
}

final class QuarantineBox: Sendable {
  private let box = Mutex<[QuarantinedPlugin]>([])
  var plugins: [QuarantinedPlugin] { box.withLock { $0 } }
  func add(_ plugin: QuarantinedPlugin) { box.withLock { $0.append(plugin) } }
}
