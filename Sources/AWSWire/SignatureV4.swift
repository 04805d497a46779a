package import Governance

/// AWS Signature Version 4 as a pure function of request, credentials and date.
package enum SignatureV4 {
  /// Adds X-Amz-Date, X-Amz-Security-Token (with a session token), Host where it is missing, and Authorization.
  package static func sign(
    _ request: inout HTTPRequest, credentials: Credentials, region: String, service: String, date: Timestamp
  ) {
    preconditionFailure("skeleton")
  }

  /// What an Authorization header claims.
  package struct Claim: Sendable, Equatable {
    package var accessKeyID: String
    /// `20261123`
    package var day: String
    package var region: String
    package var service: String
    package var signedHeaders: [String]
    package var signature: String
    /// From X-Amz-Date, or Date.
    package var date: Timestamp
    package var sessionToken: String?
  }

  package enum ClaimError: Error, Equatable {
    /// No Authorization header and no query signature.
    case missing
    /// AWS's `IncompleteSignature`, with AWS's text.
    case incomplete(String)
  }

  /// Reads the claim of a request, from the header or from a presigned query (X-Amz-Signature).
  package static func claim(of request: HTTPRequest) throws(ClaimError) -> Claim { preconditionFailure("skeleton") }

  /// Does the claim's signature match the request under this secret? Compared in constant time.
  package static func verify(_ claim: Claim, of request: HTTPRequest, secretAccessKey: String) -> Bool {
    preconditionFailure("skeleton")
  }
}
