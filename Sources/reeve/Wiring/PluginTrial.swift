import AWSAccess
import Configuration
import Determinism
import EC2Simulator
import Governance
import Ledger
import Orchestrator
import PluginHost
import ScenarioReplay

/// What a plugin under development did.
struct TrialOutcome: Sendable {
  struct Said: Sendable {
    var check: String
    var resource: Resource
    var verdict: Verdict
  }

  var plugin: PluginManifest
  /// Discovery: what it found.
  var found: [Resource] = []
  /// Sorted by resource and check. With a world: only what does not pass.
  var verdicts: [Said] = []
  var tagOperations: [(resource: Resource, operation: TagOperation)] = []
  var actions: [Action] = []
  /// What the host found the plugin at fault for.
  var faults: [String] = []
}

/// Runs one plugin under development, as `reeve plugin run` is asked to.
struct PluginTrial: Sendable {
  private let arguments: Arguments
  private let context: Context
  private let host: PluginHost
  private let manifest: PluginManifest
  private let configuration: Document

  init(_ plugin: DevelopmentPlugin, _ arguments: Arguments, _ context: Context) throws {
    self.arguments = arguments
    self.context = context
    configuration = try DevelopedPlugin.configuration(arguments, context)
    // On resources of a file nothing else is needed.
    let shipped = arguments.value("--world") == nil ? nil : try Plugins.shippedDirectory(context)
    host = try Plugins.load(
      PluginSources(shipped: shipped, development: [plugin]), configurations: [:], context, replaying: true)
    guard let manifest = host.manifests.first(where: { !$0.isShipped }) else {
      let codes = Set(host.errors.map(\.code.rawValue)).sorted()
      throw CommandFailure.failed(
        "the plugin could not be loaded" + (codes.isEmpty ? "" : "; reeve plugin explain \(codes[0]) tells more"))
    }
    self.manifest = manifest
    let problems = host.configurationProblems([manifest.id: configuration])
    guard problems.isEmpty else {
      throw CommandFailure.usage(problems.map { "--configuration: \($0.problem)" }.joined(separator: "\nreeve: "))
    }
  }

  func run() async throws -> TrialOutcome {
    do {
      var outcome =
        if let world = arguments.value("--world") { try sweep(world) } else { try await evaluate() }
      outcome.faults = host.faults
      return outcome
    } catch let failure as PluginFailure {
      throw CommandFailure.failed("\(failure)\nreeve plugin explain \(failure.code) tells more")
    }
  }

  // MARK: On resources of a file

  private func evaluate() async throws -> TrialOutcome {
    let path = arguments.value("--resources") ?? ""
    guard let bytes = try context.files.contents(of: path) else { throw CommandFailure.usage("\(path): no such file") }
    let fixture: ResourceFixture
    do throws(JSONProblems) { fixture = try ResourceFixture(json: bytes) } catch {
      throw CommandFailure.usage(error.problems.map { "\(path): \($0)" }.joined(separator: "\nreeve: "))
    }
    guard manifest.kinds != [.discovery] else {
      throw CommandFailure.usage("\(manifest.id) discovers and does nothing else: it needs --world, not --resources")
    }
    let now = Worlds.defaultStart
    let session = try await host.open(
      PluginSetting(
        organization: fixture.organization, trusted: [], configurations: [manifest.id: configuration],
        plugins: [manifest.id], now: now))
    let result: Result<TrialOutcome, any Error>
    do {
      result = .success(try await outcome(of: fixture, session, now))
    } catch {
      result = .failure(error)
    }
    await session.close()
    return try result.get()
  }

  private func outcome(of fixture: ResourceFixture, _ session: any PluginSession, _ now: Timestamp) async throws
    -> TrialOutcome
  {
    var outcome = TrialOutcome(plugin: manifest)
    let resources = fixture.resources
    if manifest.kinds.contains(.check) {
      let checked = try await session.evaluate(
        plugin: manifest.id, checks: manifest.checks.map(\.id), resources: resources, now: now)
      outcome.verdicts = checked.map { .init(check: $0.check, resource: resources[$0.resource], verdict: $0.verdict) }
    }
    if manifest.kinds.contains(.tagger) {
      outcome.tagOperations = try await session.propose(plugin: manifest.id, resources: resources, now: now).map {
        (resources[$0.resource], $0)
      }
    }
    if manifest.kinds.contains(.remediator) {
      outcome.actions = try await session.plan(
        plugin: manifest.id, resources: resources, findings: findings(of: fixture), now: now)
    }
    return outcome
  }

  /// Where the file names none: each resource has a finding of each check that the plugin remediates.
  private func findings(of fixture: ResourceFixture) -> [PlannableFinding] {
    let resources = fixture.resources
    if !fixture.findings.isEmpty {
      return fixture.findings.compactMap { finding in
        resources.firstIndex { $0.id == finding.resource }.map {
          PlannableFinding(resource: $0, check: finding.check, message: finding.message, evidence: finding.evidence)
        }
      }
    }
    return resources.indices.flatMap { position in
      manifest.remediates.map {
        PlannableFinding(resource: position, check: $0, message: "found by \($0)", evidence: .emptyObject)
      }
    }
  }

  // MARK: On a world

  private func sweep(_ path: String) throws -> TrialOutcome {
    let replay = try Replay(
      Replay.Setting(
        world: try Worlds.read(try Worlds.path(path, context), seed: nil, context), scheduleSeed: 1,
        start: Worlds.defaultStart, chain: [RoleHop.named("OrganizationAccountAccessRole")],
        region: Partition.aws.homeRegion, limits: .standard, organization: .organizations(readTags: false),
        ledger: .memory), catalog: host)
    let answered = Set(host.manifests.flatMap { $0.checks.map(\.id) }).intersection(manifest.remediates).sorted()
    var options = SweepOptions(
      id: "plugin-run", holder: context.holder, checks: Set(manifest.checks.map(\.id) + answered).sorted(),
      accounts: AccountSelection(), regions: Selection(), trusted: [],
      pluginConfigurations: [manifest.id: configuration], concurrency: 16, maximumDuration: nil,
      answersMaximumAge: .zero, resumes: false, homeRegion: Partition.aws.homeRegion, missing: [])
    options.inventory = manifest.attributes
    let quiet = SweepProgressLine(output: SilentOutput(), clock: replay.executor, meter: nil)
    let swept = try replay.sweep(options, stop: StopSignal(), observer: quiet)
    let manifest = manifest
    let (host, configuration) = (host, configuration)
    return try replay.run {
      var outcome = TrialOutcome(plugin: manifest)
      let types = manifest.kinds.contains(.discovery) ? manifest.resourceTypes : []
      if !types.isEmpty {
        outcome.found = try await replay.ledger.resources(matching: ResourceQuery(types: types)).map(\.resource)
      }
      outcome.verdicts = try await Self.verdicts(of: manifest, replay.ledger, sweep: swept.record.id)
      if manifest.kinds.contains(.tagger) || manifest.kinds.contains(.remediator) {
        let plan = try await Planner(catalog: host, ledger: replay.ledger, clock: replay.executor).plan(
          PlanScope(), organization: swept.organization, trusted: [],
          pluginConfigurations: [manifest.id: configuration])
        outcome.actions = plan.actions.filter { $0.plugin == manifest.id }
      }
      return outcome
    }
  }

  private static func verdicts(of manifest: PluginManifest, _ ledger: SQLiteLedger, sweep: String) async throws
    -> [TrialOutcome.Said]
  {
    let ids = manifest.checks.map(\.id)
    guard !ids.isEmpty else { return [] }
    let resources = try await ledger.resources(matching: ResourceQuery()).map(\.resource)
    let byKey = Dictionary(resources.map { ($0.key, $0) }) { first, _ in first }
    var said: [TrialOutcome.Said] = []
    for finding in try await ledger.findings(matching: FindingQuery(checks: ids)) {
      guard let resource = byKey[finding.resource] else { continue }
      said.append(
        .init(
          check: finding.check, resource: resource,
          verdict: .fail(message: finding.message, evidence: finding.evidence)))
    }
    for item in try await ledger.notEvaluated(ofSweep: sweep) where ids.contains(item.check) {
      guard let resource = byKey[item.resource] else { continue }
      said.append(.init(check: item.check, resource: resource, verdict: .notEvaluated(item.reason)))
    }
    return said.sorted { ($0.resource.key, $0.check) < ($1.resource.key, $1.check) }
  }
}

private struct SilentOutput: TextOutput {
  func write(_ text: String) {}
  var terminalWidth: Int? { nil }
}
