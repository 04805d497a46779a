package import Governance

/// A volume that somebody made: what a snapshot, and so an image, begins with. Nothing is attached to it and nothing is
/// written on it.
package struct WorldVolume: Sendable, Equatable {
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
  /// Sorted by key.
  package var tags: [Tag] = []

  package var scope: Scope { Scope(account: owner, region: region) }
}
