import AWSWire
import Governance

/// AWS's token buckets, per API × account × region, by the world's clock.
///
/// Invariants:
/// 1. A bucket never holds less than nothing nor more than its capacity; a call that is refused takes nothing.
/// 2. A bucket that is full equals a new one, so forgetting it changes nothing: memory stays bounded.
/// 3. A clock that is set back refills nothing and empties nothing.
struct TokenBuckets: Sendable {
  private struct Key: Hashable {
    enum Kind: UInt8 { case calls, unfilteredCalls, resources }
    var kind: Kind
    var service: String
    /// Empty where the operations of a service share one.
    var operation: String
    var account: String
    var region: String
  }

  private struct Bucket {
    var size: BucketSize
    var tokens: Double
    var time: Timestamp

    mutating func refill(until now: Timestamp) {
      guard now > time else { return }
      tokens = min(size.capacity, tokens + size.refill * (now - time).seconds)
      time = now
    }
  }

  private var buckets: [Key: Bucket] = [:]
  /// At this many, those that are full again are forgotten.
  private var limit = 4_096

  /// Takes a token for the call, and one for each instance where these are counted. False: there is none.
  mutating func admit(_ call: Call) -> Bool {
    let isUnfiltered = call.service == "ec2" && BucketSize.isUnfiltered(call.operation, call.parameters)
    let calls = Key(
      kind: isUnfiltered ? .unfilteredCalls : .calls, service: call.service,
      operation: call.service == "sts" ? "" : call.operation, account: call.caller.account, region: call.region)
    let size = BucketSize.of(service: call.service, operation: call.operation, parameters: call.parameters)
    guard holds(1, calls, size, at: call.now) else { return false }
    if let wanted = BucketSize.resources(
      service: call.service, operation: call.operation, parameters: call.parameters)
    {
      var resources = calls
      resources.kind = .resources
      // More than a bucket can hold would never be served: what is asked beyond it is the quota's to refuse.
      let tokens = min(wanted.tokens, wanted.size.capacity)
      guard holds(tokens, resources, wanted.size, at: call.now) else { return false }
      buckets[resources]?.tokens -= tokens
    }
    buckets[calls]?.tokens -= 1
    return true
  }

  private mutating func holds(_ tokens: Double, _ key: Key, _ size: BucketSize, at now: Timestamp) -> Bool {
    if buckets.count >= limit, buckets[key] == nil { forget(at: now) }
    buckets[key, default: Bucket(size: size, tokens: size.capacity, time: now)].refill(until: now)
    // Ten refills of a tenth are a whole token, also where they add up to a hair less.
    return (buckets[key]?.tokens ?? 0) >= tokens - 1e-6
  }

  private mutating func forget(at now: Timestamp) {
    buckets = buckets.filter { _, bucket in
      var bucket = bucket
      bucket.refill(until: now)
      return bucket.tokens < bucket.size.capacity
    }
    limit = max(4_096, buckets.count * 2)
  }

  var count: Int { buckets.count }
}

extension Duration {
  fileprivate var seconds: Double { Double(nanoseconds) / 1e9 }
}

extension ServiceError {
  /// Too fast, in the words of each service.
  static func throttled(by model: ServiceModel) -> ServiceError {
    switch (model.wireProtocol, model.name) {
    case (.ec2, _): .ec2("RequestLimitExceeded", "Request limit exceeded.", status: 503)
    case (.json, "organizations"): .organizations("TooManyRequestsException", "Rate exceeded")
    case (.json, _): .organizations("ThrottlingException", "Rate exceeded")
    case (.query, _): .sts("Throttling", "Rate exceeded")
    }
  }
}
