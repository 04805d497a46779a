package import AWSWire
package import Determinism
package import Governance
package import Orchestrator
import Synchronization

/// AWS behind the orchestrator's port: the caller's credentials, role chains with session policies, one rate budget for
/// everybody.
package final class AWSCloud: Cloud {
  private struct SessionKey: Hashable, Sendable {
    var role: String
    var policy: String
  }

  private let settings: CloudSettings
  private let caller: ServiceCaller
  private let tokens: SecurityTokenService
  private let own: RefreshingCredentials
  private let identityFlight = SingleFlight<CallerIdentity>()
  private let identity = Mutex<CallerIdentity?>(nil)
  /// Last hops, and earlier ones that differ from account to account.
  private let sessions: SessionCache<SessionKey, RefreshingCredentials>
  /// Earlier hops with a fixed ARN: as many as the chain has.
  private let sharedSessions = Mutex<[SessionKey: RefreshingCredentials]>([:])

  package var meter: CallMeter { caller.meter }

  /// `seed` is for the jitter of retries.
  package convenience init(
    settings: CloudSettings, credentials: any CredentialProvider, transport: any HTTPTransport, clock: any WorldClock,
    seed: UInt64
  ) {
    let caller = ServiceCaller(settings: settings, transport: transport, clock: clock, seed: seed)
    self.init(caller: caller, credentials: CredentialChain([credentials]))
  }

  /// Without a network of its own: every call goes through the exchange.
  package convenience init(
    settings: CloudSettings, credentials: any CredentialProvider, exchange: any Exchange, clock: any WorldClock,
    seed: UInt64
  ) {
    let caller = ServiceCaller(
      settings: settings, transport: NoTransport(), exchange: exchange, clock: clock, seed: seed)
    self.init(caller: caller, credentials: CredentialChain([credentials]))
  }

  init(caller: ServiceCaller, credentials: CredentialChain) {
    self.caller = caller
    settings = caller.settings
    tokens = SecurityTokenService(caller: caller, region: settings.region)
    own = RefreshingCredentials(clock: caller.clock) { () async throws(FailureReason) in try await credentials.resolve()
    }
    sessions = SessionCache(capacity: settings.sessionCacheSize)
  }

  package func callerIdentity() async throws(FailureReason) -> CallerIdentity {
    if let known = identity.withLock({ $0 }) { return known }
    return try await identityFlight.run { () async throws(FailureReason) -> CallerIdentity in
      if let known = identity.withLock({ $0 }) { return known }
      let found: CallerIdentity
      do throws(FailureReason) {
        found = try await tokens.callerIdentity(as: ServiceCaller.Identity(account: "caller", credentials: own))
      } catch {
        throw error.prefixed("GetCallerIdentity at STS in \(settings.region)")
      }
      identity.withLock { $0 = found }
      return found
    }
  }

  package func organization() async throws(FailureReason) -> Organization {
    switch settings.organization {
    case .accounts(let accounts):
      return Organization(
        id: "", arn: "", managementAccount: "", partition: settings.partition,
        accounts: accounts.sorted { $0.id < $1.id }, units: [],
        membershipUnknown: "the accounts come from a list in the configuration, not from AWS Organizations")
    case .organizations(let readTags):
      let identity = try await callerIdentity()
      let reader = OrganizationReader(
        caller: caller, identity: ServiceCaller.Identity(account: identity.account, credentials: own),
        partition: identity.partition)
      return try await reader.read(tags: readTags)
    }
  }

  package func session(account: String, permissions: SessionPermissions) async throws(FailureReason)
    -> any CloudSession
  {
    let caller = try await callerIdentity()
    if caller.account == account {
      return AssumedSession(
        caller: self.caller, identity: ServiceCaller.Identity(account: account, credentials: own))
    }
    let chain = try RoleChain(settings.chain, account: account, partition: caller.partition)
    // Whoever looks at one account under another's name reports what is not there.
    if let last = chain.hops.last, last.account != account {
      throw FailureReason(
        kind: .configuration, code: "RoleOfAnotherAccount",
        message: "the last role of the chain, \(last.arn), is not in account \(account); write {account} where its "
          + "account id stands, or give the role's name alone")
    }
    let policy = try SessionPolicy.text(for: permissions)
    var source = ServiceCaller.Identity(account: caller.account, credentials: own)
    for (position, hop) in chain.hops.enumerated() {
      let credentials = credentials(
        of: hop, position: position, count: chain.hops.count, policy: hop.policy ?? policy, source: source)
      source = ServiceCaller.Identity(account: hop.account, credentials: credentials)
    }
    // Now, so that a role that cannot be assumed shows up here and not at the first call.
    _ = try await source.credentials?.current()
    return AssumedSession(caller: self.caller, identity: source)
  }

  private func credentials(
    of hop: RoleChain.Hop, position: Int, count: Int, policy: String, source: ServiceCaller.Identity
  ) -> RefreshingCredentials {
    let key = SessionKey(role: "\(position) \(hop.arn)", policy: policy)
    func make() -> RefreshingCredentials {
      let place = "AssumeRole \(hop.arn) (hop \(position + 1) of \(count))"
      return RefreshingCredentials(clock: caller.clock) { [tokens] () async throws(FailureReason) -> Credentials in
        // The source first: where an earlier hop fails, the message names that hop and not this one.
        let from = try await source.credentials?.current()
        // AWS: role chaining limits the session to one hour. Credentials with a token may be a role's.
        let isChained = position > 0 || from?.sessionToken != nil
        let duration = isChained ? min(hop.settings.duration, .seconds(3_600)) : hop.settings.duration
        do throws(FailureReason) {
          return try await tokens.assumeRole(
            SecurityTokenService.RoleRequest(role: hop.settings, arn: hop.arn, policy: policy, duration: duration),
            as: source)
        } catch {
          throw error.prefixed("\(place) \(error.kind == .denied ? "denied" : "failed")")
        }
      }
    }
    guard hop.isShared, hop.policy != nil else { return sessions.value(for: key, make: make) }
    return sharedSessions.withLock { shared in
      if let existing = shared[key] { return existing }
      let made = make()
      shared[key] = made
      return made
    }
  }
}

/// Credential providers that ask a local service get no answer.
private struct NoTransport: HTTPTransport {
  func send(_ request: HTTPRequest, timeout: Duration) async throws(TransportError) -> HTTPResponse {
    throw TransportError(kind: .connectFailed, message: "\(request.authority): there is no network here")
  }
}

/// A session of one account: its calls are signed with credentials that are renewed as needed.
struct AssumedSession: CloudSession {
  let caller: ServiceCaller
  let identity: ServiceCaller.Identity

  func perform(_ call: APICall, in region: String) async throws(FailureReason) -> CloudPage {
    do throws(FailureReason) {
      return try await caller.perform(call, in: region, as: identity)
    } catch {
      // What already names its place (a hop, a parameter) is left as it is.
      throw error.message.hasPrefix("AssumeRole ") || error.kind == .configuration
        ? error : error.prefixed(call.name)
    }
  }
}

extension FailureReason {
  func prefixed(_ place: String) -> FailureReason {
    FailureReason(kind: kind, code: code, message: "\(place): \(message)")
  }
}
