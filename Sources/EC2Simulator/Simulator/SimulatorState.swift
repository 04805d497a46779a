import AWSWire
import Determinism
import Governance

/// The world and what is transient around it.
struct SimulatorState: Sendable {
  /// An account that CreateAccount promised.
  struct AccountCreation: Sendable {
    enum Outcome: Sendable {
      case inProgress(until: Timestamp)
      case succeeded(at: Timestamp)
      case failed(reason: String, at: Timestamp)
    }
    var id: String
    var name: String
    var email: String
    var role: String
    var organization: String
    var account: String
    var tags: [Tag]
    var requested: Timestamp
    var outcome: Outcome
  }

  var world: World
  let seed: UInt64
  /// By access key id.
  private(set) var sessions: [String: Session] = [:]
  /// At this many, those that are long over are dropped.
  private var sessionLimit = 4_096
  var holders = KeyHolders()
  private var sessionNumber = 0
  private var roleIDs: [String: String] = [:]
  var creations: [AccountCreation] = []
  var handshakes: [Handshake] = []
  /// When the closing of an account is done.
  var closures: [String: Timestamp] = [:]
  /// Ids of images that were deregistered: a read leaves them out, where an id that never was is an error.
  var deregistered: Set<String> = []
  /// What calls with a client token answered, by operation, scope and token.
  var usedTokens: [String: Idempotency.Answer] = [:]
  var calls = CallRecord()
  /// The last of them, one by one.
  var log = CallLog()
  var buckets = TokenBuckets()
  var faults: FaultEngine
  private var requests = 0
  /// What `advance` added to the clock.
  var offset: Duration = .zero
  private var drawn: [String: Int] = [:]

  init(world: World, seed: UInt64, at now: Timestamp) {
    self.world = world
    self.seed = seed
    faults = FaultEngine(world.faults, seed: seed, at: now)
  }

  mutating func setFaults(_ rules: [FaultRule], at now: Timestamp) {
    world.faults = rules
    faults = FaultEngine(rules, seed: seed, at: now)
  }

  /// What the faults make of a call that sets out now.
  mutating func passage(of candidate: FaultCandidate, key: String, at now: Timestamp) -> Passage {
    var candidate = candidate
    candidate.account = sessions[key]?.account ?? world.keyHolders[key]?.account ?? ""
    return faults.decide(candidate, at: now)
  }

  /// A generator of its own for the nth thing of a kind: the same requests get the same ids.
  mutating func generator(for kind: String) -> SeededGenerator {
    let number = (drawn[kind] ?? 0) + 1
    drawn[kind] = number
    return SeededGenerator(seed: seed, stream: "\(kind)#\(number)")
  }

  mutating func nextSessionNumber() -> Int {
    sessionNumber += 1
    return sessionNumber
  }

  /// Derived from the ARN where the role was given none, which is remembered: a role is assumed again and again.
  mutating func roleID(_ role: WorldRole, in account: String, arn: String) -> String {
    if let id = role.id { return id }
    if let known = roleIDs[arn] { return known }
    let id = world.roleID(role, in: account)
    if roleIDs.count == 4_096 { roleIDs = [:] }
    roleIDs[arn] = id
    return id
  }

  /// Sessions that are over are of no more use than unknown ones, but are told apart: kept for a day, then dropped.
  mutating func keep(_ session: Session, as key: String, at now: Timestamp) {
    if sessions.count >= sessionLimit {
      sessions = sessions.filter { $0.value.expiration + .seconds(86_400) > now }
      sessionLimit = max(4_096, sessions.count * 2)
      holders.forget()
    }
    sessions[key] = session
  }

  /// `ami-0123456789abcdef0`, never one that is there already.
  mutating func newID(_ prefix: String, digits: Int = 17) -> String {
    var generator = generator(for: prefix)
    return prefix + "-0" + generator.hexadecimal(digits: digits - 1)
  }

  mutating func nextRequestID() -> RequestID {
    requests += 1
    return RequestID(seed: seed, number: requests)
  }

  mutating func newText(_ kind: String, length: Int, alphabet: String) -> String {
    var generator = generator(for: kind)
    return generator.text(length: length, of: alphabet)
  }

  static let keyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
  static let secretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

  /// Carries out what was promised for a time that has come.
  mutating func settle(at now: Timestamp) {
    world.keepPromises(at: now)
    for position in creations.indices {
      guard case .inProgress(let until) = creations[position].outcome, until <= now else { continue }
      creations[position].outcome = .succeeded(at: until)
      world.put(WorldAccount(created: creations[position], in: world, at: until))
    }
    for (id, time) in closures where time <= now {
      closures[id] = nil
      guard var account = world.account(id) else { continue }
      account.state = "CLOSED"
      world.put(account)
    }
  }
}

extension WorldAccount {
  /// An account as Organizations makes it: with a role that trusts the management account.
  init(created creation: SimulatorState.AccountCreation, in world: World, at time: Timestamp) {
    let organization = world.organization(creation.organization)
    self.init(
      id: creation.account, name: creation.name, email: creation.email, organization: creation.organization,
      parent: organization?.root, joined: time, tags: creation.tags,
      roles: [
        WorldRole(
          name: creation.role,
          trust: .trusting(account: organization?.managementAccount ?? "", partition: world.partition),
          policies: [.administrator])
      ])
  }
}
