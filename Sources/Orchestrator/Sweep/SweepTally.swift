import Governance
import Synchronization

/// What accumulates over the scopes of one sweep; small and bounded, whatever the size of the organization.
final class SweepTally: Sendable {
  private struct State {
    var progress = SweepProgress()
    var oldestFacts: [String: Timestamp] = [:]
  }
  private let state = Mutex(State())
  private let observer: any SweepObserver

  init(observer: any SweepObserver) { self.observer = observer }

  var oldestFacts: [String: Timestamp] { state.withLock { $0.oldestFacts } }

  func expect(accounts: Int) { update { $0.accounts = accounts } }
  func expect(scopes: Int) { update { $0.scopesKnown += scopes } }
  func accountDone() { update { $0.accountsDone += 1 } }
  func gap() { update { $0.gaps += 1 } }

  func scopeDone(_ result: ScopeResult) {
    state.withLock { state in
      for resource in result.resources {
        for note in resource.notes {
          guard let readAt = note.readAt else { continue }
          let fact = "\(resource.type) \(note.name)"
          state.oldestFacts[fact] = min(state.oldestFacts[fact] ?? readAt, readAt)
        }
      }
    }
    update { progress in
      progress.scopesDone += 1
      if result.coverage.verdict.isGap { progress.gaps += 1 }
      progress.failingVerdicts += result.verdicts.count { if case .fail = $0.verdict { true } else { false } }
    }
  }

  private func update(_ change: (inout SweepProgress) -> Void) {
    let progress = state.withLock { state in
      change(&state.progress)
      return state.progress
    }
    observer.sweepProgressed(progress)
  }

  func note(_ text: String) { observer.sweepNoted(text) }
}
