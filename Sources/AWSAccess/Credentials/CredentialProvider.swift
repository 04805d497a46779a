package import AWSWire
package import Governance

/// One place that credentials can come from.
package protocol CredentialProvider: Sendable {
  /// As the AWS CLI calls it: `env`, `assume-role`, `sso`, …
  var name: String { get }

  /// Throws when the place is there and does not work: the search ends with that error, as the AWS CLI's does, for
  /// going on with other credentials would act as somebody else.
  func load() async throws(FailureReason) -> CredentialSearch
}

package enum CredentialSearch: Sendable, Equatable {
  case found(Credentials)
  /// Why the place does not apply, for the list that "no credentials" prints.
  case notHere(String)
}

/// Credentials that were given: an embedded simulator's, or a test's.
package struct FixedCredentials: CredentialProvider {
  package let name = "fixed"
  private let credentials: Credentials

  package init(_ credentials: Credentials) { self.credentials = credentials }
  package func load() async throws(FailureReason) -> CredentialSearch { .found(credentials) }
}
