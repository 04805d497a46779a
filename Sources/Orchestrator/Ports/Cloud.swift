package import Governance

/// The port to AWS. `AWSAccess` implements it with credentials, role chains, rate budgets and retries; whoever sits
/// behind it never sees a credential.
package protocol Cloud: Sendable {
  /// Who the ambient credentials are.
  func callerIdentity() async throws(FailureReason) -> CallerIdentity

  /// The organization that the caller can list, every page of it. Throws with the code
  /// `AWSOrganizationsNotInUseException` for an account outside any organization.
  func organization() async throws(FailureReason) -> Organization

  /// A session in an account: the last hop of the role chain, or the caller's own credentials for the caller's account.
  /// Throws when a hop fails; the message names the hop.
  func session(account: String, permissions: SessionPermissions) async throws(FailureReason) -> any CloudSession

  /// Calls made so far, by service and operation, and time spent throttled.
  var meter: CallMeter { get }
}

package struct CallerIdentity: Sendable, Equatable {
  package var account: String
  package var arn: String
  package var partition: Partition

  package init(account: String, arn: String, partition: Partition) {
    self.account = account
    self.arn = arn
    self.partition = partition
  }
}

/// What a session may do. The last hop is assumed with a session policy made of it.
package enum SessionPermissions: Sendable, Hashable {
  /// Reads: IAM actions such as `ec2:DescribeImages`, on every resource.
  case reading(actions: [String])
  /// Reads, and the planned IAM actions on just those resource ARNs.
  case changing(reading: [String], actions: [String], resources: [String])
}

package protocol CloudSession: Sendable {
  /// One call, one page. Retries and waits are inside. `region` is where the call goes.
  func perform(_ call: APICall, in region: String) async throws(FailureReason) -> CloudPage
}

package struct CloudPage: Sendable {
  package var body: Document
  /// The call that gets the next page; nil for the last.
  package var next: APICall?

  package init(body: Document, next: APICall? = nil) {
    self.body = body
    self.next = next
  }
}
