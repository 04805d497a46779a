import Governance
import Orchestrator
import Testing

@testable import Ledger

@Suite struct LeaseTests {
  private func lease(_ holder: String, minute: Int64) -> Lease {
    Lease(holder: holder, purpose: "sweep", since: at(minute), expiry: at(minute + 10))
  }

  @Test("One holder at a time, and a dead one is followed")
  func takeOver() async throws {
    let ledger = try memoryLedger()
    let first = lease("web-1 pid 1", minute: 0)
    try await ledger.acquireLease(first, now: at(0))
    await #expect(throws: LedgerError.held(by: first)) {
      try await ledger.acquireLease(lease("web-2 pid 1", minute: 9), now: at(9))
    }
    try await ledger.renewLease(holder: first.holder, until: at(12))
    await #expect(throws: LedgerError.self) {
      try await ledger.acquireLease(lease("web-2 pid 1", minute: 11), now: at(11))
    }
    let second = lease("web-2 pid 1", minute: 12)
    try await ledger.acquireLease(second, now: at(12))
    await #expect(throws: LedgerError.leaseLost(to: second)) {
      try await ledger.renewLease(holder: first.holder, until: at(30))
    }
    try await ledger.releaseLease(holder: first.holder)
    await #expect(throws: LedgerError.held(by: second)) {
      try await ledger.acquireLease(lease("web-3 pid 1", minute: 13), now: at(13))
    }
    try await ledger.releaseLease(holder: second.holder)
    await #expect(throws: LedgerError.leaseLost(to: nil)) {
      try await ledger.renewLease(holder: second.holder, until: at(30))
    }
    try await ledger.acquireLease(lease("web-3 pid 1", minute: 13), now: at(13))
  }

  @Test("A second process is told who holds the ledger")
  func twoProcesses() async throws {
    try await withFolder { folder in
      let one = try fileLedger(folder + "/ledger.db")
      let two = try fileLedger(folder + "/ledger.db")
      try await one.acquireLease(lease("a pid 1", minute: 0), now: at(0))
      do {
        try await two.acquireLease(lease("b pid 2", minute: 1), now: at(1))
        Issue.record("the lease was given twice")
      } catch let error as LedgerError {
        #expect(error.description.hasPrefix("another sweep holds the ledger: a pid 1, since "))
      }
    }
  }
}
