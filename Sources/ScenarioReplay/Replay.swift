package import AWSAccess
package import AWSWire
package import Determinism
package import EC2Simulator
package import Governance
package import Ledger
package import Orchestrator

/// The real orchestrator, plugins, cloud access and ledger on the simulator, on one thread under virtual time: one world and
/// one clock, for as many commands as there are.
///
/// Two seeds: the world's (in its file) fixes what is there, the schedule's fixes in which order ready work runs, how
/// long each call takes and how retries jitter. Same both: equal bytes of transcript, report and ledger dump.
package final class Replay: Sendable {
  package struct Setting: Sendable {
    package var world: World
    package var scheduleSeed: UInt64
    /// Where the virtual clock starts when the world fixes no start.
    package var start: Timestamp
    /// From the caller's credentials to the members.
    package var chain: [RoleHop]
    package var region: String
    package var limits: CallLimits
    package var organization: OrganizationSource
    package var ledger: SQLiteLedger.Place
    package var fault: InProcessTransport.FaultHook?
    /// The way to the simulator; nil: within the process.
    package var network: Network?
    /// Within the process, but through all codecs and with signatures. Otherwise calls are handed over as values.
    package var usesWire = false
    /// Is told of each call that is handed over as a value.
    package var watcher: (any CallWatcher)?

    package init(
      world: World, scheduleSeed: UInt64, start: Timestamp, chain: [RoleHop], region: String, limits: CallLimits,
      organization: OrganizationSource, ledger: SQLiteLedger.Place, fault: InProcessTransport.FaultHook? = nil,
      network: Network? = nil
    ) {
      self.world = world
      self.scheduleSeed = scheduleSeed
      self.start = start
      self.chain = chain
      self.region = region
      self.limits = limits
      self.organization = organization
      self.ledger = ledger
      self.fault = fault
      self.network = network
    }
  }

  /// Another way to the simulator than the one within the process: over HTTP. It may block, and must not suspend but on
  /// the replay's clock.
  package typealias Network =
    @Sendable (Simulator, VirtualTimeExecutor, _ scheduleSeed: UInt64) throws
    -> any HTTPTransport

  package enum Failure: Error, CustomStringConvertible {
    case noCredentials

    package var description: String {
      "the world has no access key for its ambient account: give one of its users an access key"
    }
  }

  package let executor: VirtualTimeExecutor
  package let simulator: Simulator
  package let transcript = Transcript()
  /// Of the first process.
  package let cloud: AWSCloud
  package let ledger: SQLiteLedger
  package let catalog: any PluginCatalog

  package init(_ setting: Setting, catalog: any PluginCatalog) throws {
    let start = setting.world.start ?? setting.start
    let executor = VirtualTimeExecutor(seed: setting.scheduleSeed, start: start)
    self.executor = executor
    simulator = Simulator(world: setting.world, seed: setting.world.seed, clock: executor, wall: { executor.now })
    guard let credentials = simulator.ambientCredentials else { throw Failure.noCredentials }
    let seed = setting.scheduleSeed
    if let transport = try Self.transport(setting, simulator, executor) {
      let transport = TranscribingTransport(transport: transport, transcript: transcript, clock: executor)
      makeCloud = { settings in
        AWSCloud(
          settings: settings, credentials: FixedCredentials(credentials), transport: transport, clock: executor,
          seed: seed)
      }
    } else {
      let exchange = DirectExchange(
        simulator: simulator, clock: executor, transcript: transcript, timeout: setting.limits.callTimeout,
        latency: Self.latency(seed), watcher: setting.watcher)
      makeCloud = { settings in
        AWSCloud(
          settings: settings, credentials: FixedCredentials(credentials), exchange: exchange, clock: executor,
          seed: seed)
      }
    }
    cloud = makeCloud(
      CloudSettings(
        region: setting.region, partition: Partition(region: setting.region), chain: setting.chain,
        endpoints: .standard, limits: setting.limits, organization: setting.organization, sessionCacheSize: 256))
    ledger = try SQLiteLedger(setting.ledger, lane: DirectLane())
    self.catalog = catalog
  }

  /// nil: calls need none, they go to the simulator as values.
  private static func transport(_ setting: Setting, _ simulator: Simulator, _ executor: VirtualTimeExecutor) throws
    -> (any HTTPTransport)?
  {
    if let network = setting.network { return try network(simulator, executor, setting.scheduleSeed) }
    guard setting.usesWire || setting.fault != nil else { return nil }
    return InProcessTransport(
      simulator: simulator, clock: executor, latency: latency(setting.scheduleSeed), fault: setting.fault)
  }

  private let makeCloud: @Sendable (CloudSettings) -> AWSCloud

  /// How long a call takes, drawn from the schedule's seed.
  package static func latency(_ scheduleSeed: UInt64) -> InProcessTransport.Latency {
    .init(seed: scheduleSeed, range: .milliseconds(5)...(.milliseconds(40)))
  }

  /// AWS as a new process reaches it: no session yet, no budget spent.
  package func newCloud(_ settings: CloudSettings) -> AWSCloud { makeCloud(settings) }

  /// Runs a body, and all that it starts, under virtual time.
  package func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
    try executor.run(body)
  }

  /// One sweep.
  package func sweep(_ options: SweepOptions, stop: StopSignal, observer: any SweepObserver) throws -> SweepOutcome {
    let sweeper = Sweeper(
      cloud: cloud, catalog: catalog, ledger: ledger, clock: executor, observer: observer,
      holderIsDead: { _ in false })
    return try run { try await sweeper.run(options, stop: stop) }
  }
}
