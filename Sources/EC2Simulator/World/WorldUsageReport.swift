package import Governance

/// A report on who else uses an image: counted when it was asked for, kept for thirty days.
package struct WorldUsageReport: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    package var account: String
    package var resourceType: String
    package var count: Int
  }

  package var id: String
  package var owner: String
  package var region: String
  package var imageID: String
  package var created: Timestamp
  /// As they were given.
  package var resourceTypes: [Document]
  package var accounts: [String]
  /// By account, then by type.
  package var entries: [Entry]
  /// Sorted by key.
  package var tags: [Tag] = []

  package var scope: Scope { Scope(account: owner, region: region) }
  package var expires: Timestamp { created + .seconds(30 * 86_400) }
}
