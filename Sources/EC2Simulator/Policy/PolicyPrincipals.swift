import Governance

/// Whom a statement of a trust policy is about: "IAM JSON policy elements: Principal" and "NotPrincipal".
struct PolicyPrincipals: Sendable {
  enum Principal: Sendable, Equatable {
    /// `*`
    case everyone
    /// An account id, or the ARN of its root: it delegates to the account's own policies.
    case account(String)
    case arn(String)
    case service(String)
    case federated(String)
  }
  enum Match: Sendable { case account, itself }

  let list: [Principal]
  let isNegated: Bool

  init(_ document: Document) throws(Policy.Malformed) {
    isNegated = document["NotPrincipal"] != nil
    guard let given = document["Principal"] ?? document["NotPrincipal"] else {
      list = []
      return
    }
    guard document["Principal"] == nil || !isNegated else {
      throw Policy.Malformed("Principal and NotPrincipal exclude each other")
    }
    if given.string == "*" {
      list = [.everyone]
      return
    }
    guard given.kind == .object else { throw Policy.Malformed("Principal is neither \"*\" nor an object") }
    var list: [Principal] = []
    for entry in given.entries {
      for text in try PolicyStatement.texts(entry.value, "Principal") {
        switch entry.name {
        case "AWS": list.append(try Self.principal(text))
        case "Service": list.append(.service(text))
        case "Federated": list.append(.federated(text))
        default: throw Policy.Malformed("\(entry.name) is no kind of principal")
        }
      }
    }
    self.list = list
  }

  private static func principal(_ text: String) throws(Policy.Malformed) -> Principal {
    if text == "*" { return .everyone }
    if Account.isID(text) { return .account(text) }
    guard let arn = ARN(text), ["iam", "sts"].contains(arn.service), Account.isID(arn.account), !text.contains("*")
    else {
      throw Policy.Malformed(
        "the principal \"\(text)\" is neither \"*\", an account id nor the ARN of a user, a role or a session",
        text: "Invalid principal in policy: \"AWS\":\"\(text)\"")
    }
    return arn.service == "iam" && arn.resource == "root" ? .account(arn.account) : .arn(text)
  }

  /// How an asker is meant. For `NotPrincipal` the answer is the same for everyone who is not excepted.
  func match(_ asker: PolicyEvaluator.Asker) -> Match? {
    isNegated ? (isExcepted(asker) ? nil : .account) : named(asker)
  }

  private func named(_ asker: PolicyEvaluator.Asker) -> Match? {
    var match: Match?
    for principal in list {
      switch (principal, asker.kind) {
      case (.arn(let arn), .principal) where asker.arns.contains(arn): return .itself
      case (.account(asker.account), .principal), (.everyone, .principal): match = .account
      case (.service(let name), .service(let asker)) where name == asker: return .itself
      case (.federated(let provider), .federated(let asker)) where provider == asker: return .itself
      // "*" means web identities too: whoever its provider lets in.
      case (.everyone, .federated): return .itself
      default: break
      }
    }
    return match
  }

  /// "You must specify the account's ARN as well as the user's": a principal whose account, role or session is not listed
  /// is not excepted.
  private func isExcepted(_ asker: PolicyEvaluator.Asker) -> Bool {
    if list.contains(.everyone) { return true }
    switch asker.kind {
    case .service(let name): return list.contains(.service(name))
    case .federated(let provider): return list.contains(.federated(provider))
    case .principal:
      return list.contains(.account(asker.account)) && asker.arns.allSatisfy { list.contains(.arn($0)) }
    }
  }
}
