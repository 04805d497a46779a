import Determinism
import Governance
import Orchestrator
import PluginHost
import Synchronization

extension Command {
  static let pluginMeasure = Command(
    path: ["plugin", "measure"], summary: "how long a check plugin takes for a resource, inline and in a sandbox",
    discussion: """
      Evaluates the file's resources as one batch, again and again, and prints medians as JSON: nanoseconds for a resource in
      reeve's own process and in a process of the plugin's own, milliseconds until such a process is ready, and until a
      crash is noticed when there was one.
      """,
    options: [
      .init(name: "--resources", value: "FILE", help: "resources in JSON, as `reeve plugin record` writes them"),
      .init(name: "--configuration", value: "JSON", help: "the plugin's configuration: a file, or the JSON itself"),
      .init(name: "--rounds", value: "N", help: "how often. Default: 50"),
      .init(name: "--only", value: "LEVEL", help: "sandbox or inline; left out: both"),
    ], arguments: [.init(name: "LIB", help: "the plugin's folder, or its library in a build folder")]
  ) { arguments, context in
    guard let path = arguments.value("--resources") else {
      throw UsageError(problems: ["give --resources FILE"], command: "plugin measure")
    }
    guard let bytes = try context.files.contents(of: path) else { throw CommandFailure.usage("\(path): no such file") }
    let fixture = try ResourceFixture(json: bytes)
    guard !fixture.resources.isEmpty else { throw CommandFailure.usage("\(path): holds no resources") }
    let rounds = try arguments.parsed("--rounds", expected: "a whole number from 1 on") {
      Int($0).flatMap { $0 > 0 ? $0 : nil }
    }
    let only = try arguments.parsed("--only", expected: "sandbox or inline", PluginManifest.Isolation.init)
    let measurement = PluginMeasurement(
      fixture: fixture, configuration: try DevelopedPlugin.configuration(arguments, context), rounds: rounds ?? 50,
      context: context)
    var result: [(String, Document?)] = [("resources", Document(fixture.resources.count))]
    for isolation in [PluginManifest.Isolation.inline, .sandbox] where only == nil || only == isolation {
      var plugin = try DevelopedPlugin.locate(arguments, context)
      plugin.isolation = isolation
      result += try await measurement.run(plugin)
    }
    context.output.write(Document(entries: result).prettyJSON + "\n")
    return .clean
  }
}

private struct PluginMeasurement {
  let fixture: ResourceFixture
  let configuration: Document
  let rounds: Int
  let context: Context

  private final class Times: Sendable {
    let ready = Mutex<[Duration]>([])
    let noticed = Mutex<[Duration]>([])
  }

  func run(_ plugin: DevelopmentPlugin) async throws -> [(String, Document?)] {
    let times = Times()
    let host = try Plugins.load(
      PluginSources(shipped: nil, development: [plugin]), configurations: [:], context, replaying: false,
      observe: { event in
        switch event {
        case .ready(let time): times.ready.withLock { $0.append(time) }
        case .noticed(let time): times.noticed.withLock { $0.append(time) }
        }
      })
    guard let manifest = host.manifests.first else { throw CommandFailure.failed("the plugin could not be loaded") }
    guard !manifest.checks.isEmpty else { throw CommandFailure.usage("\(manifest.id) has no checks") }
    let session = try await host.open(
      PluginSetting(
        organization: fixture.organization, trusted: [], configurations: [manifest.id: configuration],
        plugins: [manifest.id], now: Worlds.defaultStart))
    var taken: [Duration] = []
    for round in 0..<rounds + 3 {
      let started = context.clock.now
      let verdicts = try await session.evaluate(
        plugin: manifest.id, checks: manifest.checks.map(\.id), resources: fixture.resources, now: Worlds.defaultStart)
      // The first few find cold memory.
      if round >= 3 { taken.append(context.clock.now - started) }
      guard !verdicts.isEmpty else { throw CommandFailure.usage("\(manifest.id) has no check for these resources") }
    }
    await session.close()
    let name = plugin.isolation.rawValue
    return [
      (
        "\(name)NanosecondsAResource",
        Self.median(taken).map { Document(floatLiteral: $0.seconds * 1e9 / Double(fixture.resources.count)) }
      ),
      (
        "\(name)FastestNanosecondsAResource",
        taken.min().map { Document(floatLiteral: $0.seconds * 1e9 / Double(fixture.resources.count)) }
      ),
      ("readyMilliseconds", Self.median(times.ready.withLock { $0 }).map { Document(floatLiteral: $0.seconds * 1e3) }),
      (
        "noticedMilliseconds",
        Self.median(times.noticed.withLock { $0 }).map { Document(floatLiteral: $0.seconds * 1e3) }
      ),
    ]
  }

  private static func median(_ times: [Duration]) -> Duration? {
    times.isEmpty ? nil : times.sorted()[times.count / 2]
  }
}

extension Duration {
  fileprivate var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
