import AWSAccess
import Configuration
import Determinism
import EC2Simulator
import Glibc
import Governance
import Ledger
import Orchestrator
import PluginHost
import ScenarioReplay
import Synchronization

private final class Silent: SweepObserver {
  func sweepProgressed(_ progress: SweepProgress) {}
  func sweepNoted(_ note: String) {}
}

extension Command {
  static let profile = Command(
    path: ["profile"], summary: "", options: Settings.options + [
      .init(name: "--repeat", value: "N", help: ""), .init(name: "--days", value: "N", help: ""), .init(name: "--checks", value: "N", help: "", repeats: true),
      .init(name: "--dump", help: "")],
    arguments: [.init(name: "WORLD", help: "")]
  ) { arguments, context in
    try Profile.run(arguments, context)
  }
}
enum Profile {
  static func run(_ arguments: Arguments, _ context: Context) throws -> ExitStatus {
    let settings = try Settings.load(arguments, context)
    let host = PluginHost(
      loading: PluginSources(shipped: "\(context.executableDirectory)/plugins"),
      environment: PluginEnvironment(
        makeLane: { _ in DirectLane() }, watchdog: NoWatchdog(), callLimit: .seconds(60), owners: context.owners,
        hostVersion: "x", log: { _ in }))
    let checks = try settings.selectedChecks(host.manifests)
    let world = try Worlds.read(arguments.positional[0], seed: nil, context)
    let repeats = arguments.value("--repeat").flatMap { Int($0) } ?? 20
    let days = arguments.value("--days").flatMap { Int($0) } ?? 30
    var times: [Double] = []
    var calls = 0
    for _ in 0..<repeats {
      var a = timespec()
      unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a)
      let replay = try Replay(
        Replay.Setting(
          world: world, scheduleSeed: 1, start: Worlds.defaultStart, chain: settings.chain, region: "us-east-1",
          limits: settings.callLimits, organization: .organizations(readTags: false), ledger: .memory), catalog: host)
      for day in 0..<days {
        _ = try replay.sweep(
          SweepOptions(
            id: "sweep-\(day)", holder: "x", checks: checks, accounts: AccountSelection(), regions: Selection(),
            trusted: [], pluginConfigurations: [:], concurrency: 16, maximumDuration: nil,
            answersMaximumAge: .seconds(86_400), resumes: false, homeRegion: "us-east-1", missing: []),
          stop: StopSignal(), observer: Silent())
        replay.executor.advance(to: replay.executor.now + .seconds(86_400))
      }
      calls = replay.simulator.calls.total
      var b = timespec()
      unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b)
      times.append(Double(b.tv_sec - a.tv_sec) * 1e3 + Double(b.tv_nsec - a.tv_nsec) / 1e6)
      if arguments.flag("--dump") { context.output.write(replay.transcript.text) }
    }
    times.sort()
    context.output.write("calls \(calls) min \(times[0]) ms median \(times[times.count / 2]) ms\n")
    return .clean
  }
}
