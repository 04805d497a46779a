import Governance

/// One statement of a policy.
package struct PolicyStatement: Sendable {
  package enum Effect: Sendable { case allow, deny }

  /// Of a pair such as Action / NotAction, which one is given.
  struct Selector: Sendable {
    var patterns: [PolicyPattern]
    var isNegated: Bool

    func selects(_ bytes: [UInt8], in context: PolicyContext) -> Bool {
      patterns.contains { $0.matches(bytes, in: context) } != isNegated
    }
  }

  let sid: String?
  package let effect: Effect
  let actions: Selector
  /// nil in a trust policy.
  let resources: Selector?
  let principals: PolicyPrincipals
  let conditions: [PolicyCondition]

  var isPlain: Bool {
    conditions.isEmpty && !actions.patterns.contains(where: \.hasVariables)
      && resources?.patterns.contains(where: \.hasVariables) != true
  }

  private static let known = [
    "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition",
  ]

  init(_ document: Document, kind: Policy.Kind, variables: Bool) throws(Policy.Malformed) {
    for entry in document.entries where !Self.known.contains(entry.name) {
      throw Policy.Malformed("\(entry.name) is no element of a statement")
    }
    sid = document["Sid"]?.string
    switch document["Effect"]?.string {
    case "Allow": effect = .allow
    case "Deny": effect = .deny
    default: throw Policy.Malformed("Effect is neither Allow nor Deny")
    }
    guard let actions = try Self.selector(document, "Action", variables: false) else {
      throw Policy.Malformed(
        "a statement needs Action or NotAction", text: "Policy statement must contain actions.")
    }
    for action in actions.patterns.map(\.text) where action != "*" && !action.contains(":") {
      throw Policy.Malformed(
        "the action \"\(action)\" names no service",
        text: "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    }
    self.actions = actions
    resources = try Self.selector(document, "Resource", variables: variables)
    principals = try PolicyPrincipals(document)
    try Self.checkParts(document, kind: kind, resources: resources)
    conditions = try PolicyCondition.read(document["Condition"], variables: variables)
  }

  private static func checkParts(_ document: Document, kind: Policy.Kind, resources: Selector?)
    throws(Policy.Malformed)
  {
    let hasPrincipal = document["Principal"] != nil || document["NotPrincipal"] != nil
    guard kind != .trust else {
      if resources != nil {
        throw Policy.Malformed("a trust policy has no Resource", text: "Has prohibited field Resource")
      }
      if !hasPrincipal {
        throw Policy.Malformed("a trust policy needs a Principal", text: "Missing required field Principal")
      }
      return
    }
    guard let resources else {
      throw Policy.Malformed(
        "a statement needs Resource or NotResource", text: "Policy statement must contain resources.")
    }
    if kind == .resource {
      if !hasPrincipal {
        throw Policy.Malformed("a statement needs a Principal", text: "Missing required field Principal")
      }
    } else if hasPrincipal {
      throw Policy.Malformed(
        "only a trust policy has a Principal", text: "Policy document should not specify a principal.")
    }
    for resource in resources.patterns.map(\.text) where resource != "*" && !resource.hasPrefix("arn:") {
      // Patterns such as `ar*` are none that IAM takes either.
      throw Policy.Malformed(
        "the resource \"\(resource)\" is no ARN", text: "Resource \(resource) must be in ARN format or \"*\".")
    }
  }

  private static func selector(_ document: Document, _ name: String, variables: Bool) throws(Policy.Malformed)
    -> Selector?
  {
    func patterns(_ given: Document, _ name: String) throws(Policy.Malformed) -> [PolicyPattern] {
      // "Actions are not case-sensitive."
      let isAction = name.hasSuffix("Action")
      return try texts(given, name).map { PolicyPattern($0, variables: variables, ignoringCase: isAction) }
    }
    switch (document[name], document["Not\(name)"]) {
    case (nil, nil): return nil
    case (.some, .some): throw Policy.Malformed("\(name) and Not\(name) exclude each other")
    case (let given?, nil): return Selector(patterns: try patterns(given, name), isNegated: false)
    case (nil, let given?): return Selector(patterns: try patterns(given, "Not\(name)"), isNegated: true)
    }
  }

  static func texts(_ document: Document, _ name: String) throws(Policy.Malformed) -> [String] {
    let list = document.kind == .array ? document.elements : [document]
    let texts = list.compactMap(\.string)
    guard texts.count == list.count, !texts.isEmpty else {
      throw Policy.Malformed("\(name) is neither a text nor a list of texts")
    }
    return texts
  }

  /// Action, resource and conditions; what cannot be told counts against the caller.
  func applies(to request: PolicyEvaluator.Request) -> Bool {
    guard actions.selects(request.actionBytes, in: request.context) else { return false }
    // An action without resources is granted only by "*".
    if let resources, !resources.selects(request.resourceBytes, in: request.context) { return false }
    var isUncertain = false
    for condition in conditions {
      switch condition.outcome(in: request.context) {
      case .holds: break
      case .fails: return false
      case .unknown: isUncertain = true
      }
    }
    return !isUncertain || effect == .deny
  }
}
