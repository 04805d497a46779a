import AWSWire
import Governance

extension APICall {
  /// Anything whose name does not say that it only reads.
  var isMutating: Bool { BucketSize.isMutating(operation) }
  var name: String { "\(service):\(operation)" }
  var bucket: BucketSize { BucketSize.of(service: service, operation: operation, parameters: parameters) }
}

extension BucketSize {
  func scaled(by share: Double) -> BucketSize {
    // A bucket that never holds a whole token would never let a call through.
    BucketSize(capacity: max(1, capacity * share), refill: refill * share)
  }
}
