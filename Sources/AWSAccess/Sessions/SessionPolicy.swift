import Governance
import Orchestrator

/// The session policy of an assumed role: never more than was asked for, in the fewest characters that say so.
///
/// AWS: "The plaintext that you use for both inline and managed session policies can't exceed 2,048 characters"
/// (AssumeRole). A policy that is longer is an error; it is never widened with a wildcard to fit.
enum SessionPolicy {
  static let maximumCharacters = 2_048

  static func text(for permissions: SessionPermissions) throws(FailureReason) -> String {
    let statements: [String]
    switch permissions {
    case .reading(let actions): statements = [statement(actions, on: ["*"])].compactMap(\.self)
    case .changing(let reading, let actions, let resources):
      statements = [statement(reading, on: ["*"]), statement(actions, on: resources)].compactMap(\.self)
    }
    guard !statements.isEmpty else {
      throw FailureReason(
        kind: .configuration, code: "SessionPolicyEmpty",
        message: "a session that may do nothing was asked for; grant at least one action")
    }
    return try checked(policy(statements))
  }

  /// An earlier hop may assume the next role, and nothing else.
  static func text(assuming role: String, withTags: Bool) throws(FailureReason) -> String {
    let actions = ["sts:AssumeRole"] + (withTags ? ["sts:TagSession"] : [])
    return try checked(policy([statement(actions, on: [role])].compactMap(\.self)))
  }

  private static func policy(_ statements: [String]) -> String {
    "{\"Version\":\"2012-10-17\",\"Statement\":\(statements.count == 1 ? statements[0] : "[\(statements.joined(separator: ","))]")}"
  }

  /// nil: it would allow nothing.
  private static func statement(_ actions: [String], on resources: [String]) -> String? {
    guard !actions.isEmpty, !resources.isEmpty else { return nil }
    return "{\"Effect\":\"Allow\",\"Action\":\(list(actions)),\"Resource\":\(list(resources))}"
  }

  private static func list(_ words: [String]) -> String {
    let sorted = Set(words).sorted()
    return sorted.count == 1 ? Document(sorted[0]).json : Document(strings: sorted).json
  }

  private static func checked(_ text: String) throws(FailureReason) -> String {
    let count = text.unicodeScalars.count
    guard count <= maximumCharacters else {
      throw FailureReason(
        kind: .configuration, code: "SessionPolicyTooLarge",
        message: "the session policy of the granted operations has \(count) characters, AWS allows "
          + "\(maximumCharacters); grant fewer operations, or change fewer resources at a time")
    }
    return text
  }
}
