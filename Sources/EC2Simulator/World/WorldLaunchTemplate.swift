package import Governance

/// A launch template with its versions, oldest first. Numbers are never given twice.
package struct WorldLaunchTemplate: Sendable, Equatable {
  package struct Version: Sendable, Equatable {
    package var number: Int
    package var created: Timestamp
    /// The ARN of who made it.
    package var author: String
    package var description: String?
    /// As DescribeLaunchTemplateVersions prints it.
    package var data: Document

    package var imageID: String? { data["ImageId"]?.string }
  }

  package var id: String
  package var owner: String
  package var region: String
  package var name: String
  package var created: Timestamp
  package var author: String
  package var defaultVersion = 1
  /// The highest number that was ever given.
  package var latestVersion = 1
  package var versions: [Version] = []
  /// Sorted by key.
  package var tags: [Tag] = []

  package var scope: Scope { Scope(account: owner, region: region) }

  package func version(_ number: Int) -> Version? { versions.first { $0.number == number } }
}
