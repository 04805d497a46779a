import EC2Simulator
import Governance

/// The world as it was, version by version.
struct SwarmHistory: Sendable {
  struct Version: Sendable {
    var since: Timestamp
    var world: World
    /// Changed by somebody else than Reeve.
    var isByOthers: Bool
  }

  private(set) var versions: [Version]

  init(_ world: World, at time: Timestamp) { versions = [Version(since: time, world: world, isByOthers: true)] }

  mutating func append(_ world: World, at time: Timestamp, isByOthers: Bool) {
    versions.append(Version(since: time, world: world, isByOthers: isByOthers))
  }

  /// Everything that the world was between two instants, each with an instant at which it was so; a version that lasts
  /// stands there twice, for settings that change by time alone.
  func seen(from start: Timestamp, to end: Timestamp) -> [(world: World, at: Timestamp)] {
    var seen: [(world: World, at: Timestamp)] = []
    for (position, version) in versions.enumerated() {
      let until = position + 1 < versions.count ? versions[position + 1].since : end
      guard until >= start, version.since <= end else { continue }
      let first = max(version.since, start)
      let last = min(until, end)
      seen.append((version.world, first))
      if last > first { seen.append((version.world, last)) }
    }
    return seen
  }

  func othersChanged(from start: Timestamp, to end: Timestamp) -> Bool {
    versions.dropFirst().contains { $0.isByOthers && $0.since >= start && $0.since <= end }
  }
}
