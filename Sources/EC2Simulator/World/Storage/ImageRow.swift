package import Governance
import Synchronization

/// What many images have in common: everything but id, owner, place, name, date, tags, shares and snapshots.
package final class ImageProfile: Sendable {
  /// With those left empty; a device that stands on a snapshot has an empty id for it.
  let image: WorldImage

  /// How it is printed, by who looks: what was made for one listing serves the next.
  private let renderings = Mutex<[ImageItemWriter.Circumstances: ImageItemWriter.Rendering]>([:])
  /// An image that ever more accounts look at begins anew.
  private static let most = 64

  init(_ image: WorldImage) { self.image = image }

  /// `make` is called the second time that it is asked for.
  func rendering(
    in circumstances: ImageItemWriter.Circumstances, make: () -> ImageItemWriter.Rendering
  ) -> ImageItemWriter.Rendering {
    renderings.withLock { known in
      switch known[circumstances] {
      case .template?, .whole?: break
      case .metOnce?: known[circumstances] = make()
      case nil:
        if known.count == Self.most { known = [:] }
        known[circumstances] = .metOnce
      }
      return known[circumstances] ?? .whole
    }
  }
}

package struct ImageRow: WorldRow {
  package let id: RecordID
  let name: String
  let created: Timestamp
  let profile: ImageProfile
  let tags: Shared<[Tag]>?
  let sharedWith: Shared<[Grantee]>?
  /// Of the devices that stand on one, in their order. Few images have more than one.
  private let firstSnapshot: RecordID?
  private let otherSnapshots: [RecordID]

  package init(_ image: WorldImage, pool: inout RecordPool) {
    id = RecordID(image.id)
    name = image.name
    created = image.created
    tags = pool.tags(image.tags)
    sharedWith = pool.grantees(image.sharedWith)
    let snapshots = image.devices.lazy.compactMap(\.snapshotID)
    firstSnapshot = snapshots.first.map { RecordID($0) }
    otherSnapshots = snapshots.dropFirst().map { RecordID($0) }
    var common = image
    common.id = ""
    common.owner = ""
    common.region = ""
    common.name = ""
    common.created = Timestamp(seconds: 0)
    common.tags = []
    common.sharedWith = []
    for position in common.devices.indices where common.devices[position].snapshotID != nil {
      common.devices[position].snapshotID = ""
    }
    profile = pool.profile(common)
  }

  package func record(in scope: Scope) -> WorldImage {
    var image = profile.image
    image.id = id.text
    image.owner = scope.account
    image.region = scope.region
    image.name = name
    image.created = created
    if let tags { image.tags = tags.value }
    if let sharedWith { image.sharedWith = sharedWith.value }
    guard firstSnapshot != nil else { return image }
    var number = 0
    for position in image.devices.indices where image.devices[position].snapshotID != nil {
      image.devices[position].snapshotID = snapshot(number)?.text
      number += 1
    }
    return image
  }

  /// Of the nth device that stands on one.
  func snapshot(_ number: Int) -> RecordID? {
    if number == 0 { return firstSnapshot }
    return number <= otherSnapshots.count ? otherSnapshots[number - 1] : nil
  }
}

extension WorldImage: WorldRecord {
  package typealias Row = ImageRow

  package static let idAttribute = "image-id"
  package func values(of attribute: String) -> [String] { ImageFilter.values(attribute, of: self) }
  package static func isIndexed(_ attribute: String) -> Bool { !ImageFilter.dependsOnViewer(attribute) }
  package static func table(in scope: ScopeState) -> RecordTable<WorldImage> { scope.images }
  package static func shares(in world: World) -> ShareIndex { world.sharedImages }
}
