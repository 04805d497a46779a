import AWSWire
import Governance

/// Providers in order; the first that has credentials wins.
struct CredentialChain: Sendable {
  private let providers: [any CredentialProvider]

  init(_ providers: [any CredentialProvider]) { self.providers = providers }

  func resolve() async throws(FailureReason) -> Credentials {
    var reasons: [String] = []
    for provider in providers {
      let found: CredentialSearch
      do throws(FailureReason) {
        found = try await provider.load()
      } catch {
        throw error.prefixed("credentials from \(provider.name)")
      }
      switch found {
      case .found(let credentials): return credentials
      case .notHere(let reason): reasons.append("  \(provider.name): \(reason)")
      }
    }
    throw FailureReason(
      kind: .configuration, code: "NoCredentials",
      message: "no AWS credentials were found. Looked, in this order:\n\(reasons.joined(separator: "\n"))\n"
        + "Set AWS_PROFILE, or run \"aws configure sso\", or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
  }
}
