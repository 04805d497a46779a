import Governance
import Orchestrator

/// How often a plugin fell in this process, beside how much it did. One that falls now and then costs what it fell on;
/// one that mostly falls is not called any more.
struct Offences: Sendable {
  /// Falls that are forgiven whatever the rest is like, a hang counting for several: each costs its whole time limit.
  static let forgiven = 20
  static let weightOfHang = 7
  /// Of all that was tried, at most one in so many may fall.
  static let tolerated = 10

  private var weight = 0
  private var falls = 0
  private var done = 0
  private(set) var verdict: PluginFailure?

  mutating func succeeded(_ count: Int) { done += count }

  /// Gives the reason once it is too much.
  mutating func fell(_ fault: CallFault, _ manifest: PluginManifest) -> PluginFailure? {
    if let verdict { return verdict }
    falls += 1
    weight += fault.kind == .hung ? Self.weightOfHang : 1
    guard weight >= Self.forgiven, falls * Self.tolerated > done else { return nil }
    verdict = PluginFailure(
      plugin: manifest.id, code: Self.code,
      message: "version \(manifest.version) is in quarantine after \(falls) falls beside \(done) resources that it got "
        + "over; the last one: \(fault.failure.message)")
    return verdict
  }

  static let code = "PluginQuarantined"
}
