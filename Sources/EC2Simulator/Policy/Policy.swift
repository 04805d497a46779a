package import Governance
import Synchronization

/// An IAM policy: an identity's, a session's, a service control policy, or a role's trust policy. Read once, compiled.
package struct Policy: Sendable, Equatable {
  package enum Kind: Sendable {
    case identity, session, serviceControl, trust
    /// With a Principal and a Resource: an organization's resource policy, a resource control policy.
    case resource
  }

  package struct Malformed: Error, Equatable, CustomStringConvertible {
    package var description: String
    /// What AWS says of it.
    package var text: String

    init(_ description: String, text: String = "Syntax errors in policy.") {
      self.description = description
      self.text = text
    }
  }

  /// As it was given, for the world's dump.
  package let document: Document
  package let statements: [PolicyStatement]
  /// It has no condition and no variable: the request's context is nothing to it.
  let isPlain: Bool

  package static func == (left: Policy, right: Policy) -> Bool { left.document == right.document }

  package init(document: Document, kind: Kind) throws(Malformed) {
    guard document.kind == .object else { throw Malformed("a policy is a JSON object") }
    if let version = document["Version"], !["2012-10-17", "2008-10-17"].contains(version.string) {
      throw Malformed("the Version \(version.json) is none that IAM has")
    }
    for entry in document.entries where !["Version", "Id", "Statement"].contains(entry.name) {
      throw Malformed("\(entry.name) is no element of a policy")
    }
    guard let given = document["Statement"] else { throw Malformed("Statement is missing") }
    let list = given.kind == .object ? [given] : given.elements
    guard !list.isEmpty else { throw Malformed("Statement is empty") }
    // "Policy variables were introduced in version 2012-10-17": before, they are plain text.
    let hasVariables = document["Version"]?.string == "2012-10-17"
    var statements: [PolicyStatement] = []
    for statement in list { statements.append(try PolicyStatement(statement, kind: kind, variables: hasVariables)) }
    let names = statements.compactMap(\.sid)
    guard Set(names).count == names.count else {
      throw Malformed("a Sid is given twice", text: "Statement IDs (SID) in a single policy must be unique.")
    }
    self.document = document
    self.statements = statements
    isPlain = statements.allSatisfy(\.isPlain)
  }

  package init(json: String, kind: Kind) throws(Malformed) {
    let document: Document
    do {
      document = try Document(json: json)
    } catch {
      throw Malformed(error.reason)
    }
    try self.init(document: document, kind: kind)
  }

  /// A session's, read once for all the sessions that are given the same: a sweep assumes a role in every account.
  static func session(json: String) throws(Malformed) -> Policy {
    if let known = sessions.withLock({ $0[json] }) { return known }
    let policy = try Policy(json: json, kind: .session)
    sessions.withLock { known in
      if known.count >= 64 { known.removeAll() }
      known[json] = policy
    }
    return policy
  }
  private static let sessions = Mutex<[String: Policy]>([:])

  private init(known document: Document, kind: Kind) {
    do {
      self = try Policy(document: document, kind: kind)
    } catch {
      preconditionFailure("a policy of the simulator's own is malformed: \(error.description)")
    }
  }

  /// AdministratorAccess: everything.
  package static let administrator = Policy(
    known: [
      "Version": "2012-10-17", "Statement": [["Effect": "Allow", "Action": "*", "Resource": "*"]],
    ], kind: .identity)

  /// Nothing at all.
  static let nothing = Policy(
    known: ["Version": "2012-10-17", "Statement": [["Effect": "Deny", "Action": "*", "Resource": "*"]]],
    kind: .identity)

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
      ], kind: .trust)
  }

  /// A policy of the simulator's own: it is well formed.
  static func known(_ document: Document) -> Policy { Policy(known: document, kind: .identity) }
}
