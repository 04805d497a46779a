import Governance

/// What the table cannot say about a role chain.
struct RoleChainRules {
  let reader: SourceReader

  func check(_ roles: SourceValue?) {
    guard case .sequence(let hops) = roles?.content else { return }
    for (position, hop) in hops.enumerated() {
      guard case .mapping = hop.content else { continue }
      let isLast = position == hops.count - 1
      switch (hop["arn"], hop["name"]) {
      case (nil, nil): reader.problem(hop.location, "a role needs \"arn\" or \"name\"")
      case (.some, .some(let name)): reader.problem(name.location, "a role has \"arn\" or \"name\", not both")
      case (nil, .some(let name)) where !isLast:
        reader.problem(
          name.location, "only the last role is assumed in each account; expected the \"arn\" of this one")
      case (.some(let arn), nil) where !isLast && arn.text.contains("{account}"):
        reader.problem(arn.location, "only the last role may hold {account}; expected the id of one account")
      default: break
      }
      checkDuration(hop["duration"], isChained: position > 0)
    }
  }

  /// "Role chaining limits your AWS CLI or AWS API role session to a maximum of one hour." (IAM User Guide)
  private func checkDuration(_ value: SourceValue?, isChained: Bool) {
    guard isChained, let value, let duration = Duration(text: value.text), duration > .seconds(3_600) else { return }
    reader.problem(value.location, "\(value.text) is too long; AWS gives a role that a role assumed at most 1h")
  }
}
