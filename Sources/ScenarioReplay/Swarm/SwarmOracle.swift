package import EC2Simulator
package import Governance

/// What a sweep must find in a world, computed from the world alone: no wire, no plugin, no ledger has a part in it.
package struct SwarmOracle: Sendable {
  /// A failing verdict.
  package struct Failing: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var check: String
    package var resource: ResourceKey

    package static func < (left: Failing, right: Failing) -> Bool {
      (left.resource, left.check) < (right.resource, right.check)
    }
    package var description: String {
      "\(check) \(resource.id) in \(resource.account)/\(resource.region)"
    }
  }

  package var checks: Set<String>
  package var trusted: Set<String>
  /// Tag keys that must be there with something in them.
  package var requiredTags: [String]

  package init(checks: [String], trusted: [String], requiredTags: [String]) {
    self.checks = Set(checks)
    self.trusted = Set(trusted)
    self.requiredTags = requiredTags
  }

  /// All that fails in one scope, sorted.
  package func failing(in scope: Scope, of world: World, at now: Timestamp) -> [Failing] {
    var failing: [Failing] = []
    let state = world.state(of: scope)
    let looksAtSnapshots = checks.contains("snapshot.public")
    var backing: Set<String> = []
    for image in state.images.values {
      for check in checks(failedBy: image, in: world) {
        failing.append(Failing(check: check, resource: key("ec2:image", image.id, scope)))
      }
      if looksAtSnapshots { backing.formUnion(image.snapshotIDs) }
    }
    for id in backing where state.snapshots[id]?.sharedWith.contains(.everyone) == true {
      failing.append(Failing(check: "snapshot.public", resource: key("ec2:snapshot", id, scope)))
    }
    if world.imageBlockPublicAccess(of: scope).state(at: now) == "unblocked" {
      failing.append(
        Failing(
          check: "image.block-public-access-off",
          resource: key("ec2:image-block-public-access", scope.region, scope)))
    }
    if world.snapshotBlockPublicAccess(of: scope).state(at: now) == "unblocked" {
      failing.append(
        Failing(
          check: "snapshot.block-public-access-off",
          resource: key("ec2:snapshot-block-public-access", scope.region, scope)))
    }
    return failing.filter { checks.contains($0.check) }.sorted()
  }

  private func key(_ type: String, _ id: String, _ scope: Scope) -> ResourceKey {
    ResourceKey(type: type, id: id, account: scope.account, region: scope.region)
  }

  private func checks(failedBy image: WorldImage, in world: World) -> [String] {
    var failed: [String] = []
    if image.isPublic { failed.append("image.public") }
    if image.sharedWith.contains(where: { isStranger($0, to: image, in: world) }) {
      failed.append("image.shared-with-stranger")
    }
    let lacksTag = requiredTags.contains { key in
      image.tags.first { $0.key == key }.map { $0.value.allSatisfy(\.isWhitespace) } ?? true
    }
    if lacksTag { failed.append("image.required-tags") }
    return failed
  }

  /// Neither the organization's own nor trusted; everyone is another check's business.
  private func isStranger(_ grantee: Grantee, to image: WorldImage, in world: World) -> Bool {
    switch grantee {
    case .everyone: return false
    case .account(let id):
      guard id != image.owner, !trusted.contains(id) else { return false }
      let own = world.organizations.first
      return own == nil || world.account(id)?.organization != own?.id
    case .organization(let arn), .unit(let arn):
      guard !trusted.contains(arn) else { return false }
      let own = world.organizations.first
      let organization = Self.organization(in: arn)
      // Who trusts an organization trusts the units in it.
      let isTrusted = trusted.contains { $0.contains(":organization/") && Self.organization(in: $0) == organization }
      return !isTrusted && (own == nil || organization != own?.id)
    }
  }

  /// `o-…`
  private static func organization(in arn: String) -> String? {
    arn.split(separator: "/").dropFirst().first.map(String.init)
  }
}
