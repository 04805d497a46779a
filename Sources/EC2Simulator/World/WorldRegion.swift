import Governance

package struct WorldRegion: Sendable, Equatable {
  package var name: String
  /// Must be switched on per account before it answers.
  package var needsOptIn: Bool

  package init(name: String, needsOptIn: Bool? = nil) {
    self.name = name
    self.needsOptIn = needsOptIn ?? Self.optIn.contains(name)
  }

  /// The seventeen regions of the partition `aws` that every account has.
  package static let ordinary = [
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1",
    "us-east-2", "us-west-1", "us-west-2",
  ]
  /// Every account of the partition has it, unless a world says otherwise.
  static func isOrdinary(_ name: String, in partition: Partition) -> Bool {
    name == partition.homeRegion || (partition == .aws && ordinary.contains(name))
  }

  package static let optIn = [
    "af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5",
    "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1",
    "me-south-1", "mx-central-1",
  ]
  package static var all: [WorldRegion] { (ordinary + optIn).sorted().map { WorldRegion(name: $0) } }
}
