/// How much of AWS's suspicion a world has.
package enum Strictness: String, Sendable, CaseIterable {
  /// As AWS: nobody gets in without a known key and its signature.
  case aws
  /// Whoever comes is let in, so that tests that were written against another simulator run.
  case lenient

  /// What is given up, for the start of `reeve simulate` and the fidelity page; empty: nothing.
  package var concession: String {
    switch self {
    case .aws: ""
    case .lenient:
      "strictness lenient: any access key, secret and session token is taken. A key that the world does not have acts as "
        + "administrator of the account that its twelve digits name, or of the ambient account; no signature, date or "
        + "token is checked. Known keys and sessions keep their own policies and their expiry."
    }
  }
}
