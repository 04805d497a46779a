package import Determinism
package import Governance

/// The clock of `reeve simulate`: it runs with the wall clock, unless the world fixes where it stands.
package struct RunningWorldClock: WorldClock {
  private let start: Timestamp?
  private let wall: any WorldClock

  /// `start`: where the world fixes its clock; only advances move it from there.
  package init(start: Timestamp?, wall: any WorldClock) {
    self.start = start
    self.wall = wall
  }

  package var now: Timestamp { start ?? wall.now }

  /// A fixed clock never comes to a deadline by itself: the wait is as long as it would be on the wall.
  package func sleep(until deadline: Timestamp) async throws {
    try await wall.sleep(until: wall.now + (deadline - now))
  }
}
