import Governance
import Orchestrator
import Synchronization

/// A deliberately broken Reeve: one defect between it and its ports. A swarm that does not notice it proves nothing.
package enum SwarmCanary: String, Sendable, CaseIterable {
  /// What a changing action rests on is not read again: the first answer is believed for good.
  case blindPrecondition = "blind-precondition"
  /// A scope that could not be looked at is said to have been.
  case ignoredDenial = "ignored-denial"
  /// What should be taken from everyone is given to everyone.
  case publishes
  /// A change is made before the journal says so.
  case noJournal = "no-journal"
  /// Only the first page of a list is read.
  case droppedPage = "dropped-page"
  /// A change that was made is made once more.
  case actsTwice = "acts-twice"
  /// A verdict that could not be given is forgotten.
  case forgottenVerdict = "forgotten-verdict"

  package var ports: PortDecoration {
    switch self {
    case .blindPrecondition, .publishes, .droppedPage, .actsTwice:
      PortDecoration(cloud: { CanaryCloud(cloud: $0, canary: self) })
    case .ignoredDenial, .noJournal, .forgottenVerdict:
      PortDecoration(ledger: { CanaryLedger(ledger: $0, canary: self) })
    }
  }
}

private struct CanaryCloud: Cloud {
  let cloud: any Cloud
  let canary: SwarmCanary
  private let answers = Answers()

  /// What was answered first, by call.
  final class Answers: Sendable {
    let byCall = Mutex<[String: CloudPage]>([:])
  }

  init(cloud: any Cloud, canary: SwarmCanary) {
    self.cloud = cloud
    self.canary = canary
  }

  var meter: CallMeter { cloud.meter }
  func callerIdentity() async throws(FailureReason) -> CallerIdentity { try await cloud.callerIdentity() }
  func organization() async throws(FailureReason) -> Organization { try await cloud.organization() }
  func session(account: String, permissions: SessionPermissions) async throws(FailureReason) -> any CloudSession {
    // What an action rests on is read in a session that may read that and nothing else.
    let isObserving = permissions == .reading(actions: ["ec2:DescribeImageAttribute"])
    return CanarySession(
      session: try await cloud.session(account: account, permissions: permissions), canary: canary, answers: answers,
      isObserving: isObserving)
  }

  private struct CanarySession: CloudSession {
    let session: any CloudSession
    let canary: SwarmCanary
    let answers: Answers
    let isObserving: Bool

    func perform(_ call: APICall, in region: String) async throws(FailureReason) -> CloudPage {
      switch canary {
      case .publishes:
        var call = call
        if let change = call.parameters["LaunchPermission"]?["Remove"] {
          call.parameters = call.parameters.setting("LaunchPermission", to: ["Add": change])
        }
        return try await session.perform(call, in: region)
      case .droppedPage:
        var call = call
        if call.parameters["MaxResults"] != nil { call.parameters = call.parameters.setting("MaxResults", to: 5) }
        var page = try await session.perform(call, in: region)
        page.next = nil
        return page
      case .actsTwice where call.operation == "ModifyImageAttribute":
        _ = try await session.perform(call, in: region)
        return try await session.perform(call, in: region)
      case .blindPrecondition where isObserving:
        return try await believed(call, in: region)
      default: return try await session.perform(call, in: region)
      }
    }

    /// As if the plan's "everyone may launch it" still held.
    private func believed(_ call: APICall, in region: String) async throws(FailureReason) -> CloudPage {
      let key = "\(region) \(call.parameters.json)"
      let isFirst = answers.byCall.withLock { $0[key] == nil }
      var page = try await session.perform(call, in: region)
      let count = answers.byCall.withLock { answers in
        answers[isFirst ? key : "\(key) #\(answers.count)"] = page
        return answers.keys.count { $0.hasPrefix(key) }
      }
      // The two reads before the change; the read-back after it is left alone, so that the line goes on.
      if count <= 2 { page.body = page.body.setting("LaunchPermissions", to: [["Group": "all"]]) }
      return page
    }
  }
}

private struct CanaryLedger: LedgerDecorator {
  let ledger: any SweepLedger
  let canary: SwarmCanary

  func commit(_ result: ScopeResult, sweep: String, now: Timestamp) async throws {
    var result = result
    if canary == .ignoredDenial, result.coverage.verdict.isGap {
      result.coverage.verdict = .scanned
      result.coverage.reason = ""
    }
    if canary == .forgottenVerdict {
      result.verdicts = result.verdicts.map { verdict in
        guard case .notEvaluated = verdict.verdict else { return verdict }
        var verdict = verdict
        verdict.verdict = .pass
        return verdict
      }
    }
    try await ledger.commit(result, sweep: sweep, now: now)
  }

  func record(_ transition: JournalTransition) async throws {
    if canary == .noJournal, transition.state == .started { return }
    try await ledger.record(transition)
  }
}
