package import Governance

/// What uses images in one account and region.
package struct ScopeWorkloads: Sendable, Equatable {
  package var instances: [String: WorldInstance] = [:]
  package var launchTemplates: [String: WorldLaunchTemplate] = [:]
  package var usageReports: [String: WorldUsageReport] = [:]

  package var isEmpty: Bool { instances.isEmpty && launchTemplates.isEmpty && usageReports.isEmpty }
}

/// Deleted images and snapshots that a retention rule keeps for a while.
package struct RecycleBin: Sendable, Equatable {
  package struct Item<Element: Sendable & Equatable>: Sendable, Equatable {
    package var element: Element
    package var entered: Timestamp
    package var leaves: Timestamp
  }

  /// nil: no rule, what is deleted is gone.
  package var imageRetention: Duration?
  package var snapshotRetention: Duration?
  package var images: [String: Item<WorldImage>] = [:]
  package var snapshots: [String: Item<WorldSnapshot>] = [:]

  package var isEmpty: Bool { self == RecycleBin() }

  /// What has been kept for as long as its rule said is gone for good.
  mutating func settle(at now: Timestamp) {
    if images.contains(where: { $0.value.leaves <= now }) { images = images.filter { $0.value.leaves > now } }
    if snapshots.contains(where: { $0.value.leaves <= now }) { snapshots = snapshots.filter { $0.value.leaves > now } }
  }
}

/// EBS encryption by default.
package struct EncryptionDefault: Sendable, Equatable {
  package var isOn = false
  /// nil: the account's `alias/aws/ebs`.
  package var kmsKeyID: String?
}
