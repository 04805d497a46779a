/// Where a service answers.
package enum Endpoint {
  /// `ec2.eu-central-1.amazonaws.com`, `sts.us-east-1.amazonaws.com`, `organizations.us-east-1.amazonaws.com`, …
  package static func authority(service: String, region: String, fips: Bool, dualStack: Bool) -> String {
    preconditionFailure("skeleton")
  }
  /// The region that a request is signed for: Organizations has one per partition.
  package static func signingRegion(service: String, region: String) -> String { preconditionFailure("skeleton") }
}
