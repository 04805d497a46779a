package import Governance

/// A setting of one account in one region that takes a while to take effect.
package struct GuardrailSetting: Sendable, Equatable {
  package struct Change: Sendable, Equatable {
    package var state: String
    package var at: Timestamp
  }
  package var state: String
  /// `account` or `declarative-policy`.
  package var managedBy = "account"
  /// Asked for and not in effect yet; until then a read answers the old state.
  package var pending: Change?

  package init(state: String, managedBy: String = "account", pending: Change? = nil) {
    self.state = state
    self.managedBy = managedBy
    self.pending = pending
  }

  package func state(at now: Timestamp) -> String {
    guard let pending, pending.at <= now else { return state }
    return pending.state
  }

  /// Carries out a pending change whose time has come.
  package mutating func settle(at now: Timestamp) {
    state = state(at: now)
    if let change = pending, change.at <= now { pending = nil }
  }
}

/// Allowed AMIs of one account in one region.
package struct AllowedImages: Sendable, Equatable {
  package var state = "disabled"
  package var managedBy = "account"
  /// As GetAllowedImagesSettings prints them.
  package var criteria: [Document] = []
}

/// What one account has in one region. Absent from the world when it is all default.
package struct ScopeState: Sendable {
  package internal(set) var images = RecordTable<WorldImage>()
  package internal(set) var snapshots = RecordTable<WorldSnapshot>()
  package var volumes: [String: WorldVolume] = [:]
  package var imageBlockPublicAccess: GuardrailSetting?
  package var snapshotBlockPublicAccess: GuardrailSetting?
  package var allowedImages = AllowedImages()
  package var workloads = ScopeWorkloads()
  package var recycleBin = RecycleBin()
  package var encryption = EncryptionDefault()
  /// The account's own tags on what others share with it; the owner's are not visible to it.
  package var foreignTags: [String: [Tag]] = [:]

  /// Sorted.
  package var imageIDs: [String] { images.ids }
  package var snapshotIDs: [String] { snapshots.ids }

  /// The images that stand on a snapshot, sorted.
  func images(on snapshot: String) -> [String] {
    images.places(matching: Filter(name: "block-device-mapping.snapshot-id", values: [snapshot])).map(\.id.text)
  }
}

extension [String] {
  /// Where `value` stands or would stand in a sorted array.
  func sortedPosition(of value: String) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Once: a value that is there already is not added again.
  mutating func insertSorted(_ value: String) {
    let position = sortedPosition(of: value)
    if position == count || self[position] != value { insert(value, at: position) }
  }

  mutating func removeSorted(_ value: String) {
    let position = sortedPosition(of: value)
    if position < count, self[position] == value { remove(at: position) }
  }
}
