package import Governance
import Orchestrator

/// The least that Reeve's roles need, from what the loaded plugins were granted. What a session really gets is less
/// still: its session policy names the operations of that one sweep or plan.
package struct LeastPrivilege: Sendable {
  /// Reads of a sweep, in every account.
  package let sweep: [String]
  /// What plans may call, in every account, beside the reads.
  package let changes: [String]
  /// What these changes may touch, as resource types.
  package let changedTypes: [String]
  /// The role chain, in its order; the last role is assumed in every account.
  package let chain: [RoleHop]

  /// What Reeve itself asks the organization: by the caller, in the management account or a delegated administrator's.
  static let organizationActions = [
    "organizations:DescribeOrganization", "organizations:ListAccounts", "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent", "organizations:ListRoots", "organizations:ListTagsForResource",
  ]

  /// - Parameters:
  ///   - reads: operations of discovery plugins.
  ///   - plans: operations of taggers and remediators, their reads included.
  package init(reads: [String], plans: [String], changedTypes: [String], chain: [RoleHop]) {
    let reads = Set(reads).union(["ec2:DescribeRegions"])
    let planned = Set(plans)
    sweep = reads.union(planned.filter(Self.isRead)).sorted()
    changes = planned.filter { !Self.isRead($0) }.sorted()
    self.changedTypes = Set(changedTypes).sorted()
    self.chain = chain
  }

  private static func isRead(_ action: String) -> Bool {
    let operation = action.drop { $0 != ":" }.dropFirst()
    return ["Describe", "Get", "List", "Lookup", "Search", "BatchGet"].contains { operation.hasPrefix($0) }
  }

  // MARK: Policies

  package var memberSweepPolicy: Document { Self.policy([Self.statement("ReeveSweep", sweep, on: ["*"])]) }

  /// nil: no plugin plans anything.
  package func memberChangePolicy(partition: String) -> Document? {
    guard !changes.isEmpty else { return nil }
    return Self.policy([
      Self.statement("ReeveApply", changes, on: Self.resources(changedTypes, partition: partition))
    ])
  }

  /// Images and snapshots have no account in their ARN (Service Authorization Reference, Amazon EC2, resource types).
  static func resources(_ types: [String], partition: String) -> [String] {
    let arns = types.map { type in
      switch type {
      case "ec2:image", "ec2:snapshot": "arn:\(partition):ec2:*::\(type.dropFirst(4))/*"
      default: "*"
      }
    }
    return arns.isEmpty || arns.contains("*") ? ["*"] : arns
  }

  /// For whoever begins the chain: the caller of `reeve`.
  package func callerPolicy(partition: String) -> Document {
    var statements = [Self.statement("ReeveOrganization", Self.organizationActions, on: ["*"])]
    statements.append(assume("ReeveAssume", chain.first, partition: partition))
    // The caller's own account is swept with the caller's own credentials.
    statements.append(Self.statement("ReeveSweepOwnAccount", sweep, on: ["*"]))
    return Self.policy(statements)
  }

  /// For the role at a position of the chain that is not the last: it may assume the next one, and nothing else.
  package func hubPolicy(at position: Int, partition: String) -> Document? {
    guard position + 1 < chain.count else { return nil }
    return Self.policy([assume("ReeveAssumeNext", chain[position + 1], partition: partition)])
  }

  private func assume(_ id: String, _ hop: RoleHop?, partition: String) -> Document {
    let actions = ["sts:AssumeRole"] + (hop?.tags.isEmpty ?? true ? [] : ["sts:TagSession"])
    return Self.statement(id, actions, on: [hop.map { Self.arn(of: $0, account: "*", partition: partition) } ?? "*"])
  }

  static func arn(of hop: RoleHop, account: String, partition: String) -> String {
    let template = hop.role.hasPrefix("arn:") ? hop.role : "arn:{partition}:iam::{account}:role/\(hop.role)"
    return template.replacing("{account}", with: account).replacing("{partition}", with: partition)
  }

  static func statement(_ id: String, _ actions: [String], on resources: [String]) -> Document {
    Document(entries: [
      ("Sid", Document(id)), ("Effect", "Allow"), ("Action", Document(strings: actions.sorted())),
      ("Resource", Document(strings: resources)),
    ])
  }

  static func policy(_ statements: [Document]) -> Document {
    ["Version": "2012-10-17", "Statement": Document(statements)]
  }

  /// Each session policy that such roles will be assumed with, so that one that is too long shows before a sweep.
  package func checkSessionPolicies() throws(FailureReason) {
    _ = try SessionPolicy.text(for: .reading(actions: sweep))
    if !changes.isEmpty {
      _ = try SessionPolicy.text(for: .changing(reading: sweep, actions: changes, resources: ["*"]))
    }
  }

  /// All of it in one document.
  package func policies(partition: String) -> Document {
    var hubs: [(name: String, value: Document?)] = []
    for position in chain.indices.dropLast() {
      hubs.append(
        (
          Self.arn(of: chain[position], account: "{account}", partition: partition),
          hubPolicy(at: position, partition: partition)
        ))
    }
    let member = chain.last.map { Self.arn(of: $0, account: "{account}", partition: partition) } ?? ""
    return Document(entries: [
      ("caller", Document(entries: [("policy", callerPolicy(partition: partition))])),
      (
        "hubs",
        hubs.isEmpty
          ? nil : Document(hubs.map { Document(entries: [("role", Document($0.name)), ("policy", $0.value)]) })
      ),
      (
        "member",
        Document(entries: [
          ("role", Document(member)), ("sweepPolicy", memberSweepPolicy),
          ("applyPolicy", memberChangePolicy(partition: partition)),
        ])
      ),
    ])
  }
}
