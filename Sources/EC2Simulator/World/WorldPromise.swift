package import Governance

/// What happens by itself at a later time. Kept in the world, sorted, so that a dump in between carries it.
package struct WorldPromise: Sendable, Equatable, Comparable {
  package enum Effect: String, Sendable, CaseIterable {
    /// A pending image or snapshot is done.
    case available, completed
    /// "When the AMI is used to launch an instance, there is a 24-hour delay before that usage is reported."
    case launched
  }
  package var at: Timestamp
  package var scope: Scope
  package var effect: Effect
  package var id: String

  package static func < (left: WorldPromise, right: WorldPromise) -> Bool {
    (left.at, left.scope, left.effect.rawValue, left.id) < (right.at, right.scope, right.effect.rawValue, right.id)
  }

  static let reportDelay = Duration.seconds(86_400)
}

extension World {
  package mutating func promise(_ promise: WorldPromise) {
    let position = promises.firstIndex { promise < $0 } ?? promises.endIndex
    promises.insert(promise, at: position)
  }

  /// Carries out what was promised for a time that has come.
  mutating func keepPromises(at now: Timestamp) {
    guard let first = promises.first, first.at <= now else { return }
    let due = promises.prefix { $0.at <= now }
    promises.removeFirst(due.count)
    for promise in due { keep(promise) }
  }

  private mutating func keep(_ promise: WorldPromise) {
    let scope = promise.scope
    switch promise.effect {
    case .available:
      guard var image = image(promise.id, in: scope.region, seenBy: scope.account), image.state == .pending else {
        return
      }
      image.state = .available
      put(image)
    case .completed:
      guard var snapshot = snapshot(promise.id, in: scope.region, seenBy: scope.account), snapshot.state == "pending"
      else { return }
      snapshot.state = "completed"
      put(snapshot)
    case .launched:
      guard var image = image(promise.id, in: scope.region, seenBy: scope.account) else { return }
      image.lastLaunched = promise.at - WorldPromise.reportDelay
      put(image)
    }
  }
}
