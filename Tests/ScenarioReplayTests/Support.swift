import AWSAccess
import Configuration
import Determinism
import EC2Simulator
import Glibc
import Governance
import Ledger
import Orchestrator
import PluginHost
import Synchronization

@testable import ScenarioReplay

/// The shipped plugins of this build, loaded once for all tests.
enum ShippedPlugins {
  static let host = load(lock: nil, directories: [])

  /// With a team's own beside them.
  static func load(lock: String?, directories: [String]) -> PluginHost {
    PluginHost(
      loading: PluginSources(shipped: directory, lock: lock, directories: directories),
      environment: PluginEnvironment(
        makeLane: { _ in DirectLane() }, watchdog: NoWatchdog(), callLimit: .seconds(60), owners: [getuid()],
        hostVersion: "test", log: { _ in }))
  }

  static var checks: [String] { host.manifests.flatMap { $0.checks.map(\.id) }.sorted() }

  /// `plugins` beside the test product, where the Makefile puts them together.
  static let directory: String = {
    var path = [CChar](repeating: 0, count: 4_096)
    let length = unsafe readlink("/proc/self/exe", &path, path.count)
    var text = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    while let slash = text.lastIndex(of: "/") {
      text = String(text[..<slash])
      if unsafe access("\(text)/plugins/shipped.lock", R_OK) == 0 { return "\(text)/plugins" }
    }
    return packageDirectory + ".build/debug/plugins"
  }()

  static let packageDirectory = String(#filePath.dropLast("Tests/ScenarioReplayTests/Support.swift".count))
}

enum TestWorld {
  static func demo() throws -> World { try file("Scenarios/demo.yaml") }

  static func file(_ path: String) throws -> World {
    let path = ShippedPlugins.packageDirectory + path
    return try World(source: try YAML.parse(try TextFile.bytes(path), file: path))
  }

  static func yaml(_ text: String) throws -> World {
    try World(source: try YAML.parse(Array(text.utf8), file: "world.yaml"))
  }
}

final class SilentObserver: SweepObserver, RunObserver {
  let notes = Mutex<[String]>([])
  func sweepProgressed(_ progress: SweepProgress) {}
  func sweepNoted(_ note: String) { notes.withLock { $0.append(note) } }
  func actionEnded(_ entry: JournalEntry, of total: Int) {}
  func runNoted(_ note: String) { notes.withLock { $0.append(note) } }
}

extension Replay {
  static let start = Timestamp(seconds: 1_795_428_000)

  /// The standard replay of a world: the role every member has, half of AWS's token buckets.
  static func of(
    _ world: World, seed: UInt64 = 1, region: String = "us-east-1", fault: InProcessTransport.FaultHook? = nil
  ) throws -> Replay {
    try Replay(
      Setting(
        world: world, scheduleSeed: seed, start: start, chain: [.named("OrganizationAccountAccessRole")],
        region: region, limits: .standard,
        organization: .organizations(readTags: false), ledger: .memory, fault: fault), catalog: ShippedPlugins.host)
  }

  static func options(
    id: String = "sweep-1", checks: [String] = ShippedPlugins.checks, maximumDuration: Duration? = nil,
    answersMaximumAge: Duration = .seconds(86_400), resumes: Bool = false,
    homeRegion: String = "us-east-1"
  ) -> SweepOptions {
    SweepOptions(
      id: id, holder: "test pid 1", checks: checks, accounts: AccountSelection(), regions: Selection(), trusted: [],
      pluginConfigurations: [:],
      concurrency: 16, maximumDuration: maximumDuration, answersMaximumAge: answersMaximumAge, resumes: resumes,
      homeRegion: homeRegion, missing: [])
  }

  @discardableResult
  func sweep(_ options: SweepOptions = Replay.options(), stop: StopSignal = StopSignal()) throws -> SweepOutcome {
    try sweep(options, stop: stop, observer: SilentObserver())
  }

  /// `check resource account region` of every open finding, sorted.
  func findings() throws -> [String] {
    try run { [ledger] in
      try await ledger.findings(matching: FindingQuery()).map {
        "\($0.check) \($0.resource.id) \($0.resource.account) \($0.resource.region)"
      }.sorted()
    }
  }

  func gaps(_ sweep: String = "sweep-1") throws -> [Coverage] {
    try run { [ledger] in try await ledger.coverage(ofSweep: sweep).filter(\.verdict.isGap) }
  }

  func notEvaluated(_ sweep: String = "sweep-1") throws -> [NotEvaluated] {
    try run { [ledger] in try await ledger.notEvaluated(ofSweep: sweep) }
  }
}

enum TextFile {
  static func bytes(_ path: String) throws -> [UInt8] {
    guard let file = unsafe fopen(path, "r") else {
      throw FailureReason(kind: .internal, code: "NoFile", message: path)
    }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = unsafe fread(&buffer, 1, buffer.count, file), count > 0 {
      bytes.append(contentsOf: buffer[..<count])
    }
    return bytes
  }

  /// Of a file of the package, line by line.
  static func lines(_ path: String) throws -> [String] {
    String(decoding: try bytes(ShippedPlugins.packageDirectory + path), as: UTF8.self).split(separator: "\n").map(
      String.init)
  }
}

/// Names in a folder, sorted.
func names(in folder: String) throws -> [String] {
  guard let stream = unsafe opendir(folder) else {
    throw FailureReason(kind: .internal, code: "NoFolder", message: folder)
  }
  defer { unsafe closedir(stream) }
  var names: [String] = []
  while let entry = unsafe readdir(stream) {
    let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
      unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}
