package import Governance

/// A volume: what a snapshot, and so an image, begins with. Nothing is ever written on it.
package struct WorldVolume: Sendable, Equatable {
  package struct Attachment: Sendable, Equatable {
    package var instance: String
    package var device: String
    package var since: Timestamp
    package var endsWithInstance = true
  }

  package var id: String
  package var owner: String
  package var region: String
  package var zone: String
  package var size: Int
  package var kind: String
  package var created: Timestamp
  package var isEncrypted = false
  /// Only with encryption.
  package var kmsKeyID: String?
  package var snapshotID: String?
  package var iops: Int?
  package var throughput: Int?
  package var attachment: Attachment?
  /// Sorted by key.
  package var tags: [Tag] = []

  package var scope: Scope { Scope(account: owner, region: region) }
}
