import Determinism
import Governance

/// The rules and what they have counted.
///
/// Invariants:
/// 1. A call is decided once, when it sets out; what is drawn comes from the seed and the rule's place in the list.
/// 2. The history holds the world before each write that a stale read can still need, oldest first, and nothing while no
///    rule asks for stale reads.
struct FaultEngine: Sendable {
  private struct Write {
    var time: Timestamp
    var before: World
  }

  let rules: [FaultRule]
  private let origin: Timestamp
  private var counts: [Int]
  private var generators: [SeededGenerator]
  private var history: [Write] = []
  private let longestLag: Duration?

  /// More writes within one lag are as good as one: each keeps a world alive.
  private static let deepest = 256

  init(_ rules: [FaultRule], seed: UInt64, at origin: Timestamp) {
    self.rules = rules
    self.origin = origin
    counts = Array(repeating: 0, count: rules.count)
    generators = rules.indices.map { SeededGenerator(seed: seed, stream: "fault#\($0)") }
    longestLag = rules.compactMap { if case .staleReads(let lag) = $0.fault { lag } else { nil } }.max()
  }

  mutating func decide(_ candidate: FaultCandidate, at now: Timestamp) -> Passage {
    var passage = Passage.clear
    for (position, rule) in rules.enumerated() {
      let match = rule.match
      guard match.from.map({ $0.time(from: origin) <= now }) ?? true,
        match.until.map({ now < $0.time(from: origin) }) ?? true, match.fits(candidate)
      else { continue }
      counts[position] += 1
      guard match.counts(counts[position]) else { continue }
      if let rate = match.rate, generators[position].unit() >= rate { continue }
      passage.add(rule)
    }
    return passage
  }

  var remembersWrites: Bool { longestLag != nil }

  mutating func remember(_ before: World, at now: Timestamp) {
    guard let longestLag else { return }
    history.removeAll { $0.time + longestLag <= now }
    if history.count >= Self.deepest { history.removeFirst() }
    history.append(Write(time: now, before: before))
  }

  /// The world as it was so long ago; nil: it has not changed since.
  func world(before lag: Duration, at now: Timestamp) -> World? {
    history.first { $0.time + lag > now }?.before
  }
}
