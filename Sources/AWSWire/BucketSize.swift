package import Governance

/// The token buckets that AWS publishes ("Request throttling for the Amazon EC2 API"): what a client paces itself by and
/// what a simulator enforces. One bucket per API, account and region.
package struct BucketSize: Sendable, Equatable {
  package var capacity: Double
  /// Tokens a second; fractions are real.
  package var refill: Double

  @inlinable package init(capacity: Double, refill: Double) {
    self.capacity = capacity
    self.refill = refill
  }

  /// The bucket of one call. Each API has its own bucket of its category's size.
  package static func of(service: String, operation: String, parameters: Document) -> BucketSize {
    switch service {
    case "ec2": ec2(operation, parameters)
    // STS shares 600 requests a second per account and region among AssumeRole and its like.
    case "sts": BucketSize(capacity: 600, refill: 600)
    // Not published for Organizations and CloudTrail's LookupEvents says two a second: cautious, and adaptive anyway.
    case "cloudtrail": BucketSize(capacity: 2, refill: 2)
    default: BucketSize(capacity: 50, refill: 20)
    }
  }

  /// What such a call takes from a second bucket, which counts instances and not calls; nil: there is none.
  package static func resources(service: String, operation: String, parameters: Document)
    -> (size: BucketSize, tokens: Double)?
  {
    guard service == "ec2", let size = resourceSizes[operation] else { return nil }
    let count = operation == "RunInstances" ? parameters["MaxCount"]?.int ?? 1 : parameters["InstanceIds"]?.count ?? 1
    return (size, Double(max(1, count)))
  }

  /// Anything whose name does not say that it only reads.
  package static func isMutating(_ operation: String) -> Bool {
    !["Describe", "Get", "List", "Lookup", "AssumeRole"].contains { operation.hasPrefix($0) }
  }

  /// Unfiltered and unpaginated calls of these have a smaller bucket beside the one of the others.
  package static func isUnfiltered(_ operation: String, _ parameters: Document) -> Bool {
    smallerWhenUnfiltered.contains(operation)
      && !["Filters", "MaxResults", "NextToken"].contains { parameters[$0] != nil }
  }

  private static func ec2(_ operation: String, _ parameters: Document) -> BucketSize {
    if let own = named[operation] { return own }
    guard !isMutating(operation) else { return BucketSize(capacity: 50, refill: 5) }
    if isUnfiltered(operation, parameters) { return BucketSize(capacity: 50, refill: 10) }
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

  /// "Resource rate limiting": a token for each instance.
  private static let resourceSizes: [String: BucketSize] = [
    "RunInstances": BucketSize(capacity: 1_000, refill: 2),
    "StartInstances": BucketSize(capacity: 1_000, refill: 2),
    "StopInstances": BucketSize(capacity: 1_000, refill: 20),
    "TerminateInstances": BucketSize(capacity: 1_000, refill: 20),
  ]
}
