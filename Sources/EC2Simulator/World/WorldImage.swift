package import Governance

/// A machine image with the members of DescribeImages that matter.
///
/// A world holds up to a million of these: what few images have stands in `members`, not in a field each.
package struct WorldImage: Sendable, Hashable {
  package enum State: String, Sendable, CaseIterable {
    case pending, available, invalid, deregistered, transient, failed, error, disabled
  }

  /// Text members that are there only when they were given, named as world files name them.
  package enum Member: String, Sendable, CaseIterable {
    case description, bootMode, tpmSupport, imdsSupport, uefiData, sriovNetSupport, kernelId, ramdiskId, platform
    case sourceInstanceId, sourceImageId, sourceImageRegion, imageLocation

    /// `ImdsSupport`, as the AWS CLI prints it.
    package var wireName: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
  }

  package enum Protection: Sendable, Hashable {
    case disabled, enabled, enabledWithCooldown
    /// Switched off, with the cooldown still running.
    case coolingDown(until: Timestamp)
  }

  package struct ProductCode: Sendable, Hashable {
    package var id: String
    package var kind: String
  }

  package struct Device: Sendable, Hashable {
    package var name: String
    package var snapshotID: String?
    package var size: Int
    package var volumeType = "gp2"
    package var isEncrypted = false
    package var deletesOnTermination = true
    package var iops: Int?
    package var throughput: Int?
    package var virtualName: String?
  }

  package var id: String
  package var owner: String
  package var region: String
  package var name: String
  package var state: State = .available
  package var created: Timestamp
  package var deprecation: Timestamp?
  package var lastLaunched: Timestamp?
  package var architecture = "x86_64"
  package var rootDevice = "/dev/xvda"
  package var virtualization = "hvm"
  package var enaSupport: Bool?
  package var protection: Protection = .disabled
  package var devices: [Device] = []
  /// In the order in which they were granted: DescribeImageAttribute keeps it.
  package var sharedWith: [Grantee] = []
  /// Sorted by key.
  package var tags: [Tag] = []
  package var productCodes: [ProductCode] = []
  package var members: [Member: String] = [:]

  package var isPublic: Bool { sharedWith.contains(.everyone) }
  package var scope: Scope { Scope(account: owner, region: region) }
  package var snapshotIDs: [String] { devices.compactMap(\.snapshotID) }
}
