import Governance

/// Where a service answers, as AWS's endpoint rules have it.
package enum Endpoint {
  /// `ec2.eu-central-1.amazonaws.com`, `sts.us-east-1.amazonaws.com`, `organizations.us-east-1.amazonaws.com`, …
  package static func authority(service: String, region: String, fips: Bool, dualStack: Bool) -> String {
    let partition = Partition(region: region)
    let region = signingRegion(service: service, region: region)
    // The endpoints of GovCloud are FIPS endpoints already, and have no other name.
    let isFIPSAnyway = partition == .usGov && !dualStack
    let host = fips && !isFIPSAnyway ? "\(service)-fips" : service
    // IAM's name holds no region.
    if service == "iam", partition == .aws, !dualStack { return "\(host).\(partition.dnsSuffix)" }
    return "\(host).\(region).\(dualStack ? dualStackSuffix(partition) : partition.dnsSuffix)"
  }

  private static func dualStackSuffix(_ partition: Partition) -> String {
    partition == .china ? "api.amazonwebservices.com.cn" : "api.aws"
  }

  /// One for the whole partition.
  package static func isGlobal(service: String) -> Bool { service == "organizations" || service == "iam" }

  /// The region that a request is signed for: a global service has one per partition.
  package static func signingRegion(service: String, region: String) -> String {
    isGlobal(service: service) ? Partition(region: region).homeRegion : region
  }
}
