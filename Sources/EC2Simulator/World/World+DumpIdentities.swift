import Governance

/// Who may do what, as a world file writes it.
extension WorldDump {
  typealias Entries = [(name: String, value: Document?)]

  static func identities(of account: WorldAccount) -> Entries {
    [
      ("policies", Document(account.policies.map(managedPolicy)).unlessEmpty),
      (
        "identityProviders",
        Document(
          account.identityProviders.map {
            ["url": Document($0.url), "clientIds": Document(strings: $0.clientIDs)]
          }
        ).unlessEmpty
      ),
      (
        "groups",
        Document(
          account.groups.map { group in
            Document(
              entries: [("name", Document(group.name)), ("path", path(group.path))] + permissions(group.permissions))
          }
        ).unlessEmpty
      ),
      ("users", Document(account.users.map(user))), ("roles", Document(account.roles.map(role))),
    ]
  }

  private static func path(_ path: String) -> Document? { path == "/" ? nil : Document(path) }

  private static func user(_ user: WorldUser) -> Document {
    let keys = user.accessKeys.map { key in
      Document(entries: [
        ("id", Document(key.id)), ("secret", Document(key.secret)), ("active", key.isActive ? nil : false),
        ("created", key.created.map { Document($0.precise) }),
      ])
    }
    let entries: Entries = [
      ("id", user.id.map { Document($0) }), ("name", Document(user.name)), ("path", path(user.path)),
      ("created", user.created.map { Document($0.precise) }), ("accessKeys", Document(keys)),
      ("groups", Document(strings: user.groups).unlessEmpty), ("tags", tags(user.tags)),
    ]
    return Document(entries: entries + permissions(user.permissions))
  }

  private static func role(_ role: WorldRole) -> Document {
    let entries: Entries = [
      ("id", role.id.map { Document($0) }), ("name", Document(role.name)), ("path", path(role.path)),
      ("description", role.description.map { Document($0) }), ("created", role.created.map { Document($0.precise) }),
      ("trust", role.trust.document), ("maximumSession", Document(role.maximumSession.text)),
      ("tags", tags(role.tags)),
    ]
    return Document(entries: entries + permissions(role.permissions))
  }

  private static func permissions(_ permissions: WorldPermissions) -> Entries {
    let attached = permissions.attached.map { Document(ManagedPolicyCatalog.entry($0)?.name ?? $0) }
    let inline = permissions.inline.map { policy -> Document in
      ["name": Document(policy.name), "document": policy.policy.document]
    }
    // Always written: a role without the key is an administrator's.
    return [
      ("policies", Document(attached + inline)),
      ("permissionsBoundary", permissions.boundary.map { Document(ManagedPolicyCatalog.entry($0)?.name ?? $0) }),
    ]
  }

  private static func managedPolicy(_ policy: WorldManagedPolicy) -> Document {
    let versions = policy.versions.map { version in
      Document(entries: [
        ("id", Document(version.id)), ("document", version.policy.document),
        ("created", version.created.map { Document($0.precise) }),
      ])
    }
    return Document(entries: [
      ("id", policy.id.map { Document($0) }), ("name", Document(policy.name)), ("path", path(policy.path)),
      ("description", policy.description.map { Document($0) }),
      ("created", policy.created.map { Document($0.precise) }),
      ("updated", policy.updated.map { Document($0.precise) }),
      ("versions", Document(versions)), ("default", Document(policy.defaultVersion)), ("tags", tags(policy.tags)),
    ])
  }

  static func webToken(_ token: WorldWebToken) -> Document {
    Document(entries: [
      ("token", Document(token.token)), ("issuer", Document(token.issuer)), ("subject", Document(token.subject)),
      ("audience", Document(token.audience)), ("expires", token.expires.map { Document($0.precise) }),
      ("claims", tags(token.claims)),
    ])
  }

  // MARK: Organizations

  static func policies(of organization: WorldOrganization) -> Entries {
    let policies = organization.policies.map { policy in
      Document(entries: [
        ("id", Document(policy.id)), ("name", Document(policy.name)),
        ("description", policy.description.isEmpty ? nil : Document(policy.description)),
        ("type", Document(policy.kind.rawValue)), ("targets", Document(strings: policy.targets)),
        ("document", policy.document), ("tags", tags(policy.tags)),
      ])
    }
    let delegates = organization.delegates.sorted { $0.account < $1.account }.map { delegate -> Document in
      [
        "account": Document(delegate.account), "services": services(delegate.services),
        "since": Document(delegate.since.precise),
      ]
    }
    return [
      ("rootTags", tags(organization.rootTags)),
      ("policyTypes", Document(strings: organization.policyKinds.map(\.rawValue).sorted())),
      ("policies", Document(policies).unlessEmpty),
      ("withoutFullAccess", Document(strings: organization.withoutFullAccess.sorted()).unlessEmpty),
      ("delegatedAdministrators", Document(delegates).unlessEmpty),
      ("trustedServices", services(organization.trustedServices).unlessEmpty),
      ("resourcePolicy", organization.resourcePolicy.map { Document($0) }),
    ]
  }

  private static func services(_ services: [WorldDelegate.Service]) -> Document {
    Document(services.map { ["principal": Document($0.principal), "since": Document($0.since.precise)] })
  }
}
