import Governance

/// One value for all the records that have an equal one.
package final class Shared<Value: Hashable & Sendable>: Sendable {
  package let value: Value
  init(_ value: Value) { self.value = value }
}

/// What many records have in common, once each: a million images differ in their ids, names and dates, and hardly in
/// anything else.
package struct RecordPool: Sendable {
  private var images: [WorldImage: ImageProfile] = [:]
  private var snapshots: [WorldSnapshot: Shared<WorldSnapshot>] = [:]
  private var tags: [[Tag]: Shared<[Tag]>] = [:]
  private var grantees: [[Grantee]: Shared<[Grantee]>] = [:]

  init() {}

  mutating func profile(_ image: WorldImage) -> ImageProfile {
    if let known = images[image] { return known }
    let made = ImageProfile(image)
    images[image] = made
    return made
  }

  mutating func profile(_ snapshot: WorldSnapshot) -> Shared<WorldSnapshot> { Self.shared(snapshot, &snapshots) }

  /// nil for none.
  mutating func tags(_ tags: [Tag]) -> Shared<[Tag]>? { tags.isEmpty ? nil : Self.shared(tags, &self.tags) }

  mutating func grantees(_ grantees: [Grantee]) -> Shared<[Grantee]>? {
    grantees.isEmpty ? nil : Self.shared(grantees, &self.grantees)
  }

  private static func shared<Value>(_ value: Value, _ known: inout [Value: Shared<Value>]) -> Shared<Value> {
    if let found = known[value] { return found }
    let made = Shared(value)
    known[value] = made
    return made
  }
}
