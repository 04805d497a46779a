import Governance

/// The token buckets that AWS publishes ("Request throttling for the Amazon EC2 API").
struct BucketSize: Sendable, Equatable {
  var capacity: Double
  /// Tokens a second; fractions are real.
  var refill: Double

  func scaled(by share: Double) -> BucketSize {
    // A bucket that never holds a whole token would never let a call through.
    BucketSize(capacity: max(1, capacity * share), refill: refill * share)
  }

  /// The bucket of one call. Each API has its own bucket of its category's size.
  static func of(_ call: APICall) -> BucketSize {
    switch call.service {
    case "ec2": ec2(call)
    // STS shares 600 requests a second per account and region among AssumeRole and its like.
    case "sts": BucketSize(capacity: 600, refill: 600)
    // Not published for Organizations and CloudTrail's LookupEvents says two a second: cautious, and adaptive anyway.
    case "cloudtrail": BucketSize(capacity: 2, refill: 2)
    default: BucketSize(capacity: 50, refill: 20)
    }
  }

  private static func ec2(_ call: APICall) -> BucketSize {
    if let own = named[call.operation] { return own }
    guard !call.isMutating else { return BucketSize(capacity: 50, refill: 5) }
    if smallerWhenUnfiltered.contains(call.operation) {
      let narrows = ["Filters", "MaxResults", "NextToken"].contains { call.parameters[$0] != nil }
      if !narrows { return BucketSize(capacity: 50, refill: 10) }
    }
    return BucketSize(capacity: 100, refill: 20)
  }

  /// "Unfiltered and unpaginated non-mutating actions".
  private static let smallerWhenUnfiltered: Set = [
    "DescribeInstances", "DescribeInstanceStatus", "DescribeNetworkInterfaces", "DescribeSecurityGroups",
    "DescribeSnapshots", "DescribeSpotInstanceRequests", "DescribeVolumes",
  ]

  /// "Uncategorized actions": sizes of their own.
  private static let named: [String: BucketSize] = [
    "CopyImage": BucketSize(capacity: 100, refill: 1),
    "CreateRestoreImageTask": BucketSize(capacity: 50, refill: 0.1),
    "CreateSnapshot": BucketSize(capacity: 100, refill: 5),
    "CreateSnapshots": BucketSize(capacity: 100, refill: 5),
    "CreateStoreImageTask": BucketSize(capacity: 50, refill: 0.1),
    "CreateTags": BucketSize(capacity: 100, refill: 10),
    "DeleteSnapshot": BucketSize(capacity: 100, refill: 5),
    "DeleteTags": BucketSize(capacity: 100, refill: 10),
    "DeregisterImage": BucketSize(capacity: 100, refill: 5),
    "DescribeStoreImageTasks": BucketSize(capacity: 50, refill: 0.5),
    "DisableImageBlockPublicAccess": BucketSize(capacity: 1, refill: 0.1),
    "DisableSnapshotBlockPublicAccess": BucketSize(capacity: 1, refill: 0.1),
    "EnableImageBlockPublicAccess": BucketSize(capacity: 1, refill: 0.1),
    "EnableSnapshotBlockPublicAccess": BucketSize(capacity: 1, refill: 0.1),
    "ModifyImageAttribute": BucketSize(capacity: 100, refill: 5),
    "ModifySnapshotAttribute": BucketSize(capacity: 100, refill: 5),
    "RunInstances": BucketSize(capacity: 5, refill: 2),
    "StartInstances": BucketSize(capacity: 5, refill: 2),
    "TerminateInstances": BucketSize(capacity: 100, refill: 5),
  ]
}

extension APICall {
  /// Anything whose name does not say that it only reads.
  var isMutating: Bool { !["Describe", "Get", "List", "Lookup", "AssumeRole"].contains { operation.hasPrefix($0) } }
  var name: String { "\(service):\(operation)" }
}
