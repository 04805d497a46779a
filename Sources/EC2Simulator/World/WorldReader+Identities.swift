import Governance

/// Users, groups, roles, managed policies and identity providers of an account.
extension WorldReader {
  private static let permissionKeys = ["policies", "permissionsBoundary"]

  func readIdentities(_ account: inout WorldAccount, _ fields: [String: SourceValue]) {
    for policy in reader.elements(fields["policies"]) { readManagedPolicy(policy, &account) }
    for provider in reader.elements(fields["identityProviders"]) {
      let fields = reader.fields(of: provider, known: ["url", "clientIds"])
      guard let url = reader.text(fields["url"]) else {
        reader.problem(provider.location, "an identity provider needs a url")
        continue
      }
      account.identityProviders.append(
        .init(url: Self.withoutScheme(url), clientIDs: reader.texts(fields["clientIds"])))
    }
    for group in reader.elements(fields["groups"]) {
      let fields = reader.fields(of: group, known: ["name", "path"] + Self.permissionKeys)
      guard let name = reader.text(fields["name"]) else {
        reader.problem(group.location, "a group needs a name")
        continue
      }
      account.groups.append(
        WorldGroup(name: name, path: path(fields["path"]), permissions: permissions(fields, of: account)))
    }
    readUsers(&account, fields["users"])
    readRoles(&account, fields["roles"])
  }

  static func withoutScheme(_ url: String) -> String {
    url.hasPrefix("https://") ? String(url.dropFirst("https://".count)) : url
  }

  /// `/` or `/one/two/`
  private func path(_ value: SourceValue?) -> String {
    guard let value, let path = reader.text(value) else { return "/" }
    if !path.hasPrefix("/") || !path.hasSuffix("/") {
      reader.problem(value.location, "the path \"\(path)\" neither is / nor begins and ends with one")
    }
    return path
  }

  // MARK: What they may do

  private func permissions(_ fields: [String: SourceValue], of account: WorldAccount) -> WorldPermissions {
    var permissions = WorldPermissions()
    for element in reader.elements(fields["policies"]) {
      if case .mapping = element.content {
        if element["document"] != nil {
          let fields = reader.fields(of: element, known: ["name", "document"])
          guard let name = reader.text(fields["name"]) else {
            reader.problem(element.location, "a policy with a document needs a name")
            continue
          }
          if let document = fields["document"], let policy = policy(document, kind: .identity) {
            permissions.put(.init(name: name, policy: policy))
          }
        } else if let policy = policy(element, kind: .identity) {
          permissions.add(policy)
        }
      } else if let arn = managedPolicy(element, of: account) {
        permissions.attach(arn)
      }
    }
    permissions.boundary = fields["permissionsBoundary"].flatMap { managedPolicy($0, of: account) }
    return permissions
  }

  /// One of AWS's or of the account's own, by name or ARN.
  private func managedPolicy(_ value: SourceValue, of account: WorldAccount) -> String? {
    guard let text = reader.text(value) else { return nil }
    if let entry = ManagedPolicyCatalog.entry(text) {
      return ManagedPolicyCatalog.arn(entry.name, partition: world.partition)
    }
    if let own = account.policies.first(where: { $0.name == text }) ?? account.policy(arn: text) {
      return world.iamARN(account: account.id, "policy\(own.path)\(own.name)")
    }
    let known = account.policies.map(\.name) + ManagedPolicyCatalog.names
    reader.problem(
      value.location, "there is no managed policy \"\(text)\"; \(SourceReader.suggestion(for: text, among: known))")
    return nil
  }

  private func readManagedPolicy(_ value: SourceValue, _ account: inout WorldAccount) {
    let fields = reader.fields(
      of: value,
      known: [
        "id", "name", "path", "description", "document", "versions", "default", "created", "updated", "tags",
      ])
    guard let name = reader.text(fields["name"]) else {
      reader.problem(value.location, "a managed policy needs a name")
      return
    }
    guard !account.policies.contains(where: { $0.name == name }) else {
      reader.problem(value.location, "the managed policy \(name) is given twice")
      return
    }
    var versions: [WorldManagedPolicy.Version] = []
    if let document = fields["document"], let policy = policy(document, kind: .identity) {
      versions = [.init(id: "v1", policy: policy)]
    }
    for element in reader.elements(fields["versions"]) {
      let fields = reader.fields(of: element, known: ["id", "document", "created"])
      guard let id = reader.text(fields["id"]), let document = fields["document"] else {
        reader.problem(element.location, "a version of a policy needs an id and a document")
        continue
      }
      guard let policy = policy(document, kind: .identity) else { continue }
      versions.append(.init(id: id, policy: policy, created: time(fields["created"])))
    }
    guard let last = versions.last else {
      if fields["document"] == nil, fields["versions"] == nil {
        reader.problem(value.location, "a managed policy needs a document")
      }
      return
    }
    var policy = WorldManagedPolicy(
      name: name, path: path(fields["path"]), versions: versions, defaultVersion: last.id)
    if let id = reader.choice(fields["default"], among: versions.map(\.id)) { policy.defaultVersion = id }
    policy.id = reader.text(fields["id"])
    policy.description = reader.text(fields["description"])
    policy.created = time(fields["created"])
    policy.updated = time(fields["updated"])
    policy.tags = tags(fields["tags"])
    account.policies.append(policy)
  }

  // MARK: Users

  private func readUsers(_ account: inout WorldAccount, _ value: SourceValue?) {
    guard let value else {
      // The management account of the governed organization, or the only account: somebody must be able to begin.
      let isFirst = world.organizations.isEmpty && world.accountIDs.isEmpty
      if isFirst || world.organizations.first?.managementAccount == account.id {
        account.users = [world.admin(of: account.id)]
      }
      return
    }
    for element in reader.elements(value) {
      let fields = reader.fields(
        of: element,
        known: ["id", "name", "path", "created", "accessKeys", "groups", "tags"] + Self.permissionKeys)
      guard let name = reader.text(fields["name"]) else {
        reader.problem(element.location, "a user needs a name")
        continue
      }
      guard account.user(named: name) == nil else {
        reader.problem(element.location, "the user \(name) is given twice")
        continue
      }
      var user = WorldUser(name: name, path: path(fields["path"]))
      user.id = reader.text(fields["id"])
      user.created = time(fields["created"])
      user.tags = tags(fields["tags"])
      user.groups = reader.elements(fields["groups"]).compactMap {
        reader.choice($0, among: account.groups.map(\.name))
      }
      user.permissions = permissions(fields, of: account)
      user.accessKeys =
        fields["accessKeys"].map(accessKeys) ?? [world.derivedAccessKey("\(account.id)/\(name)")]
      account.users.append(user)
    }
  }

  private func accessKeys(_ value: SourceValue) -> [WorldAccessKey] {
    reader.elements(value).compactMap { element in
      let fields = reader.fields(of: element, known: ["id", "secret", "active", "created"])
      guard let id = reader.text(fields["id"]), let secret = reader.text(fields["secret"]) else {
        reader.problem(element.location, "an access key needs an id and a secret")
        return nil
      }
      if let other = accessKeyPlaces.updateValue(element.location, forKey: id) {
        reader.problem(element.location, "the access key \(id) is given twice, first at line \(other.line)")
        return nil
      }
      return WorldAccessKey(
        id: id, secret: secret, isActive: reader.bool(fields["active"]) ?? true, created: time(fields["created"]))
    }
  }

  // MARK: Roles

  private func readRoles(_ account: inout WorldAccount, _ value: SourceValue?) {
    guard let value else {
      if let organization = world.organization(account.organization), organization.managementAccount != account.id {
        account.roles = [world.accessRole(trusting: organization.managementAccount)]
      }
      return
    }
    for element in reader.elements(value) {
      let fields = reader.fields(
        of: element,
        known: ["id", "name", "path", "trust", "maximumSession", "description", "created", "tags"]
          + Self.permissionKeys)
      guard let name = reader.text(fields["name"]) else {
        reader.problem(element.location, "a role needs a name")
        continue
      }
      guard account.role(named: name) == nil else {
        reader.problem(element.location, "the role \(name) is given twice")
        continue
      }
      guard let trust = trust(fields["trust"], of: account, at: element) else { continue }
      var role = WorldRole(name: name, path: path(fields["path"]), trust: trust)
      role.id = reader.text(fields["id"])
      role.permissions = permissions(fields, of: account)
      if fields["policies"] == nil { role.permissions.add(.administrator) }
      role.description = reader.text(fields["description"])
      role.created = time(fields["created"])
      role.tags = tags(fields["tags"])
      if let duration = reader.duration(fields["maximumSession"]) {
        role.maximumSession = duration
        if !(3_600...43_200).contains(duration.nanoseconds / 1_000_000_000), let field = fields["maximumSession"] {
          reader.problem(field.location, "a role's sessions last 1h to 12h at most, found \(reader.text(field) ?? "")")
        }
      }
      account.roles.append(role)
    }
  }

  /// An account id that is trusted, or a whole trust policy; without either, the management account.
  private func trust(_ value: SourceValue?, of account: WorldAccount, at place: SourceValue) -> Policy? {
    if let value {
      if case .mapping = value.content { return policy(value, kind: .trust) }
      return reader.accountID(value).map { .trusting(account: $0, partition: world.partition) }
    }
    guard let organization = world.organization(account.organization) else {
      reader.problem(place.location, "a role outside any organization needs a trust: an account id or a policy")
      return nil
    }
    return .trusting(account: organization.managementAccount, partition: world.partition)
  }

  // MARK: Web identities

  func readWebTokens() {
    for element in reader.elements(fields["webIdentityTokens"]) {
      let fields = reader.fields(
        of: element, known: ["token", "issuer", "subject", "audience", "expires", "claims"])
      guard let token = reader.text(fields["token"]), let issuer = reader.text(fields["issuer"]),
        let subject = reader.text(fields["subject"]), let audience = reader.text(fields["audience"])
      else {
        reader.problem(element.location, "a web identity token needs a token, an issuer, a subject and an audience")
        continue
      }
      world.webTokens.append(
        WorldWebToken(
          token: token, issuer: Self.withoutScheme(issuer), subject: subject, audience: audience,
          expires: time(fields["expires"]), claims: tags(fields["claims"])))
    }
  }
}
