package import Governance

package struct WorldSnapshot: Sendable, Hashable {
  package var id: String
  package var owner: String
  package var region: String
  package var volumeID: String
  package var size: Int
  package var started: Timestamp
  package var state = "completed"
  package var isEncrypted = false
  /// Only with encryption. The alias `aws/ebs` is the account's default key, whose snapshots cannot be shared.
  package var kmsKeyID: String?
  package var description = ""
  /// Only `.everyone` and `.account`.
  package var sharedWith: [Grantee] = []
  /// Sorted by key.
  package var tags: [Tag] = []

  package var scope: Scope { Scope(account: owner, region: region) }
  package var usesDefaultKey: Bool { isEncrypted && (kmsKeyID?.hasSuffix("alias/aws/ebs") ?? true) }
}
