package import Governance

/// An IAM policy: an identity's, a session's, a service control policy, or a role's trust policy.
package struct Policy: Sendable, Equatable {
  package enum Kind: Sendable { case identity, session, serviceControl, trust }

  package struct Malformed: Error, Equatable, CustomStringConvertible {
    package var description: String
  }

  package struct Statement: Sendable {
    package enum Effect: Sendable { case allow, deny }
    /// Of a pair such as Action / NotAction, which one is given.
    package struct Selector: Sendable {
      var patterns: [String]
      var isNegated: Bool
    }
    package enum Principals: Sendable {
      case none
      case everyone
      case some([Principal])
      /// NotPrincipal: not simulated, so it fails closed.
      case unsupported
    }
    package enum Principal: Sendable, Equatable {
      /// An account id, or the ARN of its root: it delegates to the account's own policies.
      case account(String)
      case arn(String)
      case service(String)
      case federated(String)
    }

    package var effect: Effect
    package var actions: Selector
    /// nil in a trust policy.
    package var resources: Selector?
    package var principals: Principals
    package var conditions: [PolicyCondition]
  }

  /// As it was given, for the world's dump.
  package let document: Document
  package let statements: [Statement]

  package static func == (left: Policy, right: Policy) -> Bool { left.document == right.document }

  package init(document: Document, kind: Kind) throws(Malformed) {
    guard document.kind == .object else { throw Malformed(description: "a policy is a JSON object") }
    if let version = document["Version"]?.string, !["2012-10-17", "2008-10-17"].contains(version) {
      throw Malformed(description: "the Version \"\(version)\" is none that IAM has")
    }
    for entry in document.entries where !["Version", "Id", "Statement"].contains(entry.name) {
      throw Malformed(description: "\(entry.name) is no element of a policy")
    }
    guard let given = document["Statement"] else { throw Malformed(description: "Statement is missing") }
    let list = given.kind == .object ? [given] : given.elements
    guard !list.isEmpty else { throw Malformed(description: "Statement is empty") }
    var statements: [Statement] = []
    for statement in list { statements.append(try Statement(statement, kind: kind)) }
    self.document = document
    self.statements = statements
  }

  package init(json: String, kind: Kind) throws(Malformed) {
    let document: Document
    do {
      document = try Document(json: json)
    } catch {
      throw Malformed(description: error.reason)
    }
    try self.init(document: document, kind: kind)
  }

  private init(known document: Document, statements: [Statement]) {
    self.document = document
    self.statements = statements
  }

  /// AdministratorAccess: everything.
  package static let administrator = Policy(
    known: [
      "Version": "2012-10-17", "Statement": [["Effect": "Allow", "Action": "*", "Resource": "*"]],
    ],
    statements: [
      Statement(
        effect: .allow, actions: .init(patterns: ["*"], isNegated: false),
        resources: .init(patterns: ["*"], isNegated: false), principals: .none, conditions: [])
    ])

  /// A trust policy that lets an account's own policies decide who assumes the role.
  package static func trusting(account: String, partition: Partition) -> Policy {
    Policy(
      known: [
        "Version": "2012-10-17",
        "Statement": [
          [
            "Effect": "Allow", "Principal": ["AWS": Document("arn:\(partition.rawValue):iam::\(account):root")],
            "Action": "sts:AssumeRole",
          ]
        ],
      ],
      statements: [
        Statement(
          effect: .allow, actions: .init(patterns: ["sts:AssumeRole"], isNegated: false), resources: nil,
          principals: .some([.account(account)]), conditions: [])
      ])
  }
}

extension Policy.Statement {
  fileprivate init(_ document: Document, kind: Policy.Kind) throws(Policy.Malformed) {
    let known = [
      "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition",
    ]
    for entry in document.entries where !known.contains(entry.name) {
      throw Policy.Malformed(description: "\(entry.name) is no element of a statement")
    }
    switch document["Effect"]?.string {
    case "Allow": effect = .allow
    case "Deny": effect = .deny
    default: throw Policy.Malformed(description: "Effect is neither Allow nor Deny")
    }
    guard let actions = try Self.selector(document, "Action") else {
      throw Policy.Malformed(description: "a statement needs Action or NotAction")
    }
    for action in actions.patterns where action != "*" && !action.contains(":") {
      throw Policy.Malformed(description: "the action \"\(action)\" names no service")
    }
    self.actions = actions
    resources = try Self.selector(document, "Resource")
    principals = try Self.principals(document)
    switch (kind, resources == nil, document["Principal"] == nil && document["NotPrincipal"] == nil) {
    case (.trust, false, _): throw Policy.Malformed(description: "a trust policy has no Resource")
    case (.trust, _, true): throw Policy.Malformed(description: "a trust policy needs a Principal")
    case (.identity, true, _), (.session, true, _), (.serviceControl, true, _):
      throw Policy.Malformed(description: "a statement needs Resource or NotResource")
    case (.identity, _, false), (.session, _, false), (.serviceControl, _, false):
      throw Policy.Malformed(description: "only a trust policy has a Principal")
    default: break
    }
    conditions = try PolicyCondition.read(document["Condition"])
  }

  private static func selector(_ document: Document, _ name: String) throws(Policy.Malformed) -> Selector? {
    switch (document[name], document["Not\(name)"]) {
    case (nil, nil): return nil
    case (.some, .some): throw Policy.Malformed(description: "\(name) and Not\(name) exclude each other")
    case (let given?, nil): return Selector(patterns: try Self.texts(given, name), isNegated: false)
    case (nil, let given?): return Selector(patterns: try Self.texts(given, "Not\(name)"), isNegated: true)
    }
  }

  static func texts(_ document: Document, _ name: String) throws(Policy.Malformed) -> [String] {
    let list = document.kind == .array ? document.elements : [document]
    let texts = list.compactMap(\.string)
    guard texts.count == list.count, !texts.isEmpty else {
      throw Policy.Malformed(description: "\(name) is neither a text nor a list of texts")
    }
    return texts
  }

  private static func principals(_ document: Document) throws(Policy.Malformed) -> Principals {
    if document["NotPrincipal"] != nil { return .unsupported }
    guard let given = document["Principal"] else { return .none }
    if given.string == "*" { return .everyone }
    guard given.kind == .object else { throw Policy.Malformed(description: "Principal is neither \"*\" nor an object") }
    var list: [Principal] = []
    for entry in given.entries {
      for text in try texts(entry.value, "Principal") {
        switch entry.name {
        case "AWS":
          if text == "*" { return .everyone }
          list.append(principal(text))
        case "Service": list.append(.service(text))
        case "Federated": list.append(.federated(text))
        default: throw Policy.Malformed(description: "\(entry.name) is no kind of principal")
        }
      }
    }
    return .some(list)
  }

  private static func principal(_ text: String) -> Principal {
    if Account.isID(text) { return .account(text) }
    if let arn = ARN(text), arn.service == "iam", arn.resource == "root" { return .account(arn.account) }
    return .arn(text)
  }
}
