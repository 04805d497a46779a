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
  package var images: [String: WorldImage] = [:]
  package var snapshots: [String: WorldSnapshot] = [:]
  package var volumes: [String: WorldVolume] = [:]
  /// Sorted, so that a listing needs no sort and a page its own length only.
  package var imageIDs: [String] = []
  package var snapshotIDs: [String] = []
  package var imageBlockPublicAccess: GuardrailSetting?
  package var snapshotBlockPublicAccess: GuardrailSetting?
  package var allowedImages = AllowedImages()
  package var workloads = ScopeWorkloads()
  package var recycleBin = RecycleBin()
  package var encryption = EncryptionDefault()
  /// The account's own tags on what others share with it; the owner's are not visible to it.
  package var foreignTags: [String: [Tag]] = [:]

  mutating func insert(_ image: WorldImage) {
    if images.updateValue(image, forKey: image.id) == nil { imageIDs.insertSorted(image.id) }
  }

  mutating func removeImage(_ id: String) {
    guard images.removeValue(forKey: id) != nil else { return }
    imageIDs.removeSorted(id)
  }

  /// The images that stand on a snapshot, sorted. Asked for by deletions only, so it is looked for and not kept.
  func images(on snapshot: String) -> [String] {
    imageIDs.filter { images[$0]?.devices.contains { $0.snapshotID == snapshot } == true }
  }

  mutating func insert(_ snapshot: WorldSnapshot) {
    if snapshots.updateValue(snapshot, forKey: snapshot.id) == nil { snapshotIDs.insertSorted(snapshot.id) }
  }

  mutating func removeSnapshot(_ id: String) {
    guard snapshots.removeValue(forKey: id) != nil else { return }
    snapshotIDs.removeSorted(id)
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
