package import AWSAccess
package import Determinism
package import EC2Simulator
package import Governance
package import Ledger
package import Orchestrator

/// The real orchestrator, plugins, cloud access and ledger on the simulator, on one thread under virtual time.
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

    package init(
      world: World, scheduleSeed: UInt64, start: Timestamp, chain: [RoleHop], region: String, limits: CallLimits,
      organization: OrganizationSource, ledger: SQLiteLedger.Place, fault: InProcessTransport.FaultHook? = nil
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
    }
  }

  package enum Failure: Error, CustomStringConvertible {
    case noCredentials

    package var description: String {
      "the world has no access key for its ambient account: give one of its users an access key"
    }
  }

  package let executor: VirtualTimeExecutor
  package let simulator: Simulator
  package let transcript = Transcript()
  package let cloud: AWSCloud
  package let ledger: SQLiteLedger
  package let catalog: any PluginCatalog

  package init(_ setting: Setting, catalog: any PluginCatalog) throws {
    let start = setting.world.start ?? setting.start
    let executor = VirtualTimeExecutor(seed: setting.scheduleSeed, start: start)
    self.executor = executor
    simulator = Simulator(world: setting.world, seed: setting.world.seed, clock: executor, wall: { executor.now })
    guard let credentials = simulator.ambientCredentials else { throw Failure.noCredentials }
    let network = InProcessTransport(
      simulator: simulator, clock: executor,
      latency: .init(seed: setting.scheduleSeed, range: .milliseconds(5)...(.milliseconds(40))), fault: setting.fault)
    cloud = AWSCloud(
      settings: CloudSettings(
        region: setting.region, partition: Partition(region: setting.region), chain: setting.chain,
        endpoints: .standard, limits: setting.limits, organization: setting.organization,
        sessionCacheSize: 256),
      credentials: FixedCredentials(credentials),
      transport: TranscribingTransport(transport: network, transcript: transcript, clock: executor), clock: executor,
      seed: setting.scheduleSeed)
    ledger = try SQLiteLedger(setting.ledger, lane: DirectLane())
    self.catalog = catalog
  }

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
