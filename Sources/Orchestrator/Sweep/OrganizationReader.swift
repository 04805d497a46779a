package import Governance

/// The organization around the caller.
package struct OrganizationReader: Sendable {
  private let cloud: any Cloud

  package init(cloud: any Cloud) { self.cloud = cloud }

  /// What the caller can list. An account outside any organization stands alone, and that is all there is. Where the list
  /// cannot be read, the caller's account stands alone too, but membership is unknown and the failure comes along.
  package func read(_ caller: CallerIdentity) async -> (Organization, FailureReason?) {
    var alone = Organization(
      id: "", arn: "", managementAccount: caller.account, partition: caller.partition,
      accounts: [Account(id: caller.account)], units: [])
    do throws(FailureReason) {
      return (try await cloud.organization(), nil)
    } catch {
      guard error.code != "AWSOrganizationsNotInUseException" else { return (alone, nil) }
      alone.membershipUnknown = "the organization could not be listed: \(error)"
      return (alone, error)
    }
  }
}
