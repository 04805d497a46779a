import CReevePlugin
import Governance
import Orchestrator

/// Open findings as a remediator sees them.
@safe final class FindingBatch {
  private let arena = Arena()
  /// Keeps the lent evidence alive.
  private let findings: [PlannableFinding]
  private let items: UnsafeMutablePointer<reeve_finding>

  var span: reeve_span { unsafe arena.span(items, findings.count) }

  init(_ findings: [PlannableFinding]) {
    self.findings = findings
    unsafe items = unsafe arena.array(of: reeve_finding.self, findings.count)
    for (position, finding) in findings.enumerated() {
      unsafe (items + position).initialize(
        to: reeve_finding(
          struct_size: UInt32(MemoryLayout<reeve_finding>.size), resource: UInt32(finding.resource),
          check: arena.text(finding.check), message: arena.text(finding.message),
          evidence: ResourceBatch.document(finding.evidence)))
    }
  }
}
