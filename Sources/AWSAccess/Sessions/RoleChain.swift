import Governance

/// The chain of one target account, with every template filled in.
struct RoleChain: Sendable {
  struct Hop: Sendable {
    var arn: String
    /// The account whose role it is: its STS quota is used by the next hop.
    var account: String
    var settings: RoleHop
    /// Session policy of an earlier hop; nil for the last, whose policy comes from the permissions.
    var policy: String?
    /// The same for every target account, so that its session is shared.
    var isShared: Bool
  }

  var hops: [Hop]

  init(_ chain: [RoleHop], account: String, partition: Partition) throws(FailureReason) {
    guard !chain.isEmpty else {
      throw FailureReason(
        kind: .configuration, code: "NoRoleChain",
        message: "account \(account) is not the caller's own and no role is configured for it; name one with --role")
    }
    guard Account.isID(account) else {
      throw FailureReason(
        kind: .configuration, code: "InvalidAccount", message: "\"\(account)\" is no account id; expected twelve digits"
      )
    }
    hops = []
    for (position, hop) in chain.enumerated() {
      let next = position + 1 < chain.count ? chain[position + 1] : nil
      hops.append(try Self.resolve(hop, next: next, account: account, partition: partition))
    }
  }

  private static func resolve(_ hop: RoleHop, next: RoleHop?, account: String, partition: Partition)
    throws(FailureReason) -> Hop
  {
    let (text, isOfOneAccount) = fill(template(hop), account: account, partition: partition)
    guard let arn = ARN(text), arn.service == "iam", Account.isID(arn.account), arn.resource.hasPrefix("role/") else {
      throw FailureReason(
        kind: .configuration, code: "InvalidRole",
        message: "\"\(hop.role)\" gives \"\(text)\", which is no role; expected a role name, or "
          + "arn:{partition}:iam::{account}:role/NAME")
    }
    let isShared = !isOfOneAccount
    var policy: String?
    if let next {
      // A session that serves every account may assume the next role in each of them; one of a single account, there only.
      policy = try SessionPolicy.text(
        assuming: fill(template(next), account: isShared ? "*" : account, partition: partition).text,
        withTags: !next.tags.isEmpty)
    }
    return Hop(arn: text, account: arn.account, settings: hop, policy: policy, isShared: isShared)
  }

  private static func template(_ hop: RoleHop) -> String {
    hop.role.hasPrefix("arn:") ? hop.role : "arn:{partition}:iam::{account}:role/\(hop.role)"
  }

  /// The template filled in, and whether it names the account.
  private static func fill(_ template: String, account: String, partition: Partition)
    -> (text: String, namesAccount: Bool)
  {
    var namesAccount = false
    var filled: [UInt8] = []
    var rest = template.utf8[...]
    while let brace = rest.firstIndex(of: UInt8(ascii: "{")) {
      filled.append(contentsOf: rest[..<brace])
      rest = rest[brace...]
      if rest.starts(with: "{account}".utf8) {
        namesAccount = true
        filled.append(contentsOf: account.utf8)
        rest = rest.dropFirst("{account}".utf8.count)
      } else if rest.starts(with: "{partition}".utf8) {
        filled.append(contentsOf: partition.rawValue.utf8)
        rest = rest.dropFirst("{partition}".utf8.count)
      } else {
        filled.append(rest.removeFirst())
      }
    }
    filled.append(contentsOf: rest)
    return (String(decoding: filled, as: UTF8.self), namesAccount)
  }
}
