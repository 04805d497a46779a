package import Governance

/// An instance, as far as images need it: what it runs, since when, on which volumes. There are no networks.
package struct WorldInstance: Sendable, Equatable {
  package enum State: String, Sendable, CaseIterable {
    case pending, running
    case shuttingDown = "shutting-down"
    case terminated, stopping, stopped

    /// `InstanceState.Code`: the low byte of what EC2 documents.
    package var code: Int {
      switch self {
      case .pending: 0
      case .running: 16
      case .shuttingDown: 32
      case .terminated: 48
      case .stopping: 64
      case .stopped: 80
      }
    }
  }

  /// Of the image it was launched from, what is told even when that image is gone.
  package struct Source: Sendable, Equatable {
    package var name: String
    package var owner: String
    package var created: Timestamp
  }

  package struct Device: Sendable, Equatable {
    package var name: String
    package var volumeID: String
  }

  package struct Template: Sendable, Equatable {
    package var id: String
    package var name: String
    package var version: Int
  }

  package var id: String
  package var owner: String
  package var region: String
  package var imageID: String
  package var source: Source?
  package var kind: String
  package var zone: String
  package var launched: Timestamp
  package var state: State = .running
  /// When the state was reached that it has now.
  package var since: Timestamp
  package var reservation: String
  package var launchIndex = 0
  package var architecture = "x86_64"
  package var rootDevice = "/dev/xvda"
  package var virtualization = "hvm"
  package var enaSupport: Bool?
  package var devices: [Device] = []
  package var template: Template?
  package var isProtected = false
  package var isMonitored = false
  package var isEBSOptimized = false
  package var endsOnShutdown = false
  package var tokens = "optional"
  /// Text members that are there only when they were given, named as world files name them.
  package var members: [Member: String] = [:]
  /// Sorted by key.
  package var tags: [Tag] = []

  package enum Member: String, Sendable, CaseIterable {
    case keyName, userData, clientToken, iamInstanceProfile, platform, bootMode, imdsSupport, tpmSupport
    case sriovNetSupport
  }

  package init(
    id: String, owner: String, region: String, imageID: String, kind: String, zone: String, launched: Timestamp,
    reservation: String
  ) {
    self.id = id
    self.owner = owner
    self.region = region
    self.imageID = imageID
    self.kind = kind
    self.zone = zone
    self.launched = launched
    self.reservation = reservation
    since = launched
  }

  package var scope: Scope { Scope(account: owner, region: region) }

  /// "Recently terminated instances might appear in the returned results. This interval is usually less than one hour."
  package func isListed(at now: Timestamp) -> Bool { state != .terminated || since + .seconds(3_600) > now }
}
