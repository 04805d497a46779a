import Determinism
import Governance

/// One action: its precondition read again, its journal entry, its call, its read-back.
struct ActionRunner: Sendable {
  let cloud: any Cloud
  let ledger: any SweepLedger
  let clock: any WorldClock

  /// How long a change may take to be visible: AWS names no bound for eventual consistency; its advice is to back off
  /// from a couple of seconds up to five minutes.
  private static let patience: [Duration] = [1, 2, 4, 8, 15, 30, 60].map { .seconds($0) }

  /// How long after an interruption a change that was called for can still be invisible: making it again too early is
  /// doing it twice.
  private static let settlingTime = Duration.seconds(60)

  /// What does not hold of a precondition or a verification; a failure when it cannot be read.
  func broken(_ observation: Observation, of action: Action) async -> Result<[String], FailureReason> {
    let reading = ["\(observation.call.service):\(observation.call.operation)"]
    do throws(FailureReason) {
      let session = try await cloud.session(
        account: action.resource.account, permissions: .reading(actions: reading))
      let page = try await session.perform(observation.call, in: action.resource.region)
      return .success(observation.broken(by: page.body))
    } catch {
      return .failure(error)
    }
  }

  /// AWS's own words in it name the role.
  static func unread(_ reason: FailureReason, of action: Action) -> String {
    let call = action.precondition.call
    let place = "\(call.service):\(call.operation) in \(action.resource.account)/\(action.resource.region)"
    return reason.kind == .denied
      ? "reading its precondition was denied: \(place): \(reason)"
      : "its precondition could not be read: \(place): \(reason)"
  }

  /// From `planned` to `verified`, `failed` or `skipped`.
  func run(_ entry: JournalEntry) async throws -> JournalEntry {
    switch await broken(entry.action.precondition, of: entry.action) {
    case .failure(let reason):
      return try await record(entry, .skipped, Self.unread(reason, of: entry.action))
    case .success(let broken) where !broken.isEmpty:
      return try await record(entry, .skipped, "changed since the plan: \(broken.joined(separator: "; "))")
    case .success:
      return try await perform(try await record(entry, .started, ""))
    }
  }

  /// The call of a started entry, and what follows.
  private func perform(_ entry: JournalEntry) async throws -> JournalEntry {
    let operation = entry.action.call.operation
    switch await call(entry.action) {
    case .success:
      return try await verify(try await record(entry, .applied, ""), otherwise: nil)
    case .failure(let reason):
      switch reason.kind {
      case .timedOut, .unreachable, .cancelled, .badData:
        // It may have arrived: the read-back decides.
        return try await verify(entry, otherwise: "\(operation): \(reason); read back")
      default:
        return try await record(entry, .failed, "\(operation): \(reason)")
      }
    }
  }

  private func call(_ action: Action) async -> Result<Void, FailureReason> {
    let reading = [action.precondition.call, action.verification.call].map { "\($0.service):\($0.operation)" }
    do throws(FailureReason) {
      let session = try await cloud.session(
        account: action.resource.account,
        permissions: .changing(
          reading: Set(reading).sorted(), actions: ["\(action.call.service):\(action.call.operation)"],
          resources: [action.arn]))
      _ = try await session.perform(action.call, in: action.resource.region)
      return .success(())
    } catch {
      return .failure(error)
    }
  }

  /// Reads back until the change is visible or patience ends.
  func verify(_ entry: JournalEntry, otherwise: String?) async throws -> JournalEntry {
    var last = ""
    for wait in [Duration.zero] + Self.patience {
      if wait > .zero { try await clock.sleep(for: wait) }
      switch await broken(entry.action.verification, of: entry.action) {
      case .success(let broken) where broken.isEmpty: return try await record(entry, .verified, "")
      case .success(let broken): last = broken.joined(separator: "; ")
      case .failure(let reason): last = "\(reason)"
      }
    }
    return try await record(entry, .failed, "\(otherwise ?? Self.notVerified): \(last)")
  }

  static let notVerified = "not verified"

  /// An entry that an interrupted run left `started` or `applied`: read the world, finish it or report it.
  func recover(_ entry: JournalEntry) async throws -> JournalEntry {
    // A call made just before the interruption may not be visible yet; making it again would be doing it twice.
    let settled = entry.at + Self.settlingTime
    while clock.now < settled, case .success(let broken) = await broken(entry.action.verification, of: entry.action),
      !broken.isEmpty
    {
      try await clock.sleep(for: .seconds(1))
    }
    switch await broken(entry.action.verification, of: entry.action) {
    case .success(let broken) where broken.isEmpty:
      return try await record(entry, .verified, "found done after an interruption")
    case .success: break
    case .failure(let reason):
      // It stays as it is: the next command asks again.
      var open = entry
      open.message = "its outcome cannot be read: \(reason)"
      return open
    }
    if entry.state == .started, case .success(let broken) = await broken(entry.action.precondition, of: entry.action),
      broken.isEmpty
    {
      return try await perform(entry)
    }
    return try await verify(entry, otherwise: "interrupted, and neither its precondition nor its outcome is there")
  }

  func record(_ entry: JournalEntry, _ state: JournalEntry.State, _ message: String) async throws -> JournalEntry {
    var next = entry
    next.state = state
    next.at = clock.now
    next.message = message
    try await ledger.record(
      JournalTransition(run: next.run, number: next.number, state: state, at: next.at, message: message))
    return next
  }
}
