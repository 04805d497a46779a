package import Governance

extension World {
  /// The world as a world file, everything written out, in a stable order: equal worlds give equal documents, and
  /// reading a dump gives the same world.
  package func dump(at now: Timestamp) -> Document {
    var entries: [(name: String, value: Document?)] = [
      ("version", 1), ("seed", Document(Int(truncatingIfNeeded: seed))),
      ("clock", start.map { Document($0.iso8601) }), ("rollout", Document(rolloutLimit.text)),
      ("creation", creationTime == .zero ? nil : Document(creationTime.text)),
      ("strictness", strictness == .aws ? nil : Document(strictness.rawValue)),
      ("throttling", Document(isThrottling ? "on" : "off")),
      ("faults", Document(faults.map(\.document)).unlessEmpty), ("ambient", Document(ambientAccount)),
      ("regions", Document(regions.map { ["name": Document($0.name), "optIn": Document($0.needsOptIn)] })),
    ]
    entries.append(("organizations", Document(organizations.map(dump))))
    entries.append(("webIdentityTokens", Document(webTokens.map(WorldDump.webToken)).unlessEmpty))
    var scopesByAccount: [String: [Scope]] = [:]
    for scope in scopes.keys { scopesByAccount[scope.account, default: []].append(scope) }
    entries.append(
      (
        "accounts",
        Document(accountIDs.compactMap { accounts[$0] }.map { dump($0, scopesByAccount[$0.id]?.sorted() ?? [], now) })
      ))
    entries.append(("promises", Document(promises.map(WorldDump.promise)).unlessEmpty))
    return Document(entries: entries)
  }

  private func dump(_ organization: WorldOrganization) -> Document {
    func units(_ parent: String) -> [Document] {
      organization.units.filter { $0.parent == parent }.sorted { $0.id < $1.id }.map { unit in
        let children = units(unit.id)
        return Document(entries: [
          ("id", Document(unit.id)), ("name", Document(unit.name)), ("tags", WorldDump.tags(unit.tags)),
          ("units", children.isEmpty ? nil : Document(children)),
        ])
      }
    }
    let head: WorldDump.Entries = [
      ("id", Document(organization.id)), ("root", Document(organization.root)),
      ("management", Document(organization.managementAccount)),
      ("units", Document(units(organization.root)).unlessEmpty),
    ]
    return Document(entries: head + WorldDump.policies(of: organization))
  }

  private func dump(_ account: WorldAccount, _ scopes: [Scope], _ now: Timestamp) -> Document {
    let states = scopes.compactMap { scope in self.scopes[scope].map { (region: scope.region, state: $0) } }
    func byRegion(_ print: (ScopeState) -> Document?) -> Document? {
      let entries = states.compactMap { state in print(state.state).map { (name: state.region, value: $0 as Document?) }
      }
      return entries.isEmpty ? nil : Document(entries: entries)
    }
    let images = states.flatMap { state in state.state.imageIDs.compactMap { state.state.images[$0] } }
    let snapshots = states.flatMap { state in state.state.snapshotIDs.compactMap { state.state.snapshots[$0] } }
    let volumes = states.flatMap { state in state.state.volumes.values.sorted { $0.id < $1.id } }
    let head: WorldDump.Entries = [
      ("id", Document(account.id)), ("name", Document(account.name)), ("email", Document(account.email)),
      ("state", Document(account.state)), ("alias", account.alias.map { Document($0) }),
      ("organization", Document(account.organization ?? "none")), ("unit", account.parent.map { Document($0) }),
      ("joined", Document(account.joined.iso8601)), ("joinedMethod", Document(account.joinedMethod)),
      ("tags", WorldDump.tags(account.tags)), ("optIn", Document(strings: account.optedIn.sorted()).unlessEmpty),
      ("publicImageQuota", Document(account.publicImageQuota)),
      ("imageQuota", account.imageQuota == WorldAccount.defaultImageQuota ? nil : Document(account.imageQuota)),
    ]
    let contents: WorldDump.Entries = [
      (
        "imageBlockPublicAccess",
        byRegion { state in state.imageBlockPublicAccess.map { WorldDump.guardrail($0, at: now) } }
      ),
      (
        "snapshotBlockPublicAccess",
        byRegion { state in state.snapshotBlockPublicAccess.map { WorldDump.guardrail($0, at: now) } }
      ),
      ("allowedImages", byRegion { $0.allowedImages == AllowedImages() ? nil : WorldDump.allowed($0.allowedImages) }),
      ("encryptionByDefault", byRegion { WorldDump.encryption($0.encryption) }),
      ("foreignTags", byRegion { $0.foreignTags.isEmpty ? nil : WorldDump.foreignTags($0.foreignTags) }),
      ("recycleBin", byRegion { WorldDump.recycleBin($0.recycleBin, at: now) }),
      ("volumes", Document(volumes.map(WorldDump.volume)).unlessEmpty),
      ("snapshots", Document(snapshots.map(WorldDump.snapshot)).unlessEmpty),
      ("images", Document(images.map(WorldDump.image)).unlessEmpty),
      ("instances", Document(states.flatMap { WorldDump.instances($0.state.workloads, at: now) }).unlessEmpty),
      ("launchTemplates", Document(states.flatMap { WorldDump.templates($0.state.workloads) }).unlessEmpty),
      ("imageUsageReports", Document(states.flatMap { WorldDump.reports($0.state.workloads, at: now) }).unlessEmpty),
    ]
    return Document(entries: head + WorldDump.identities(of: account) + contents)
  }
}

/// How the parts of a world are written.
enum WorldDump {
  static func tags(_ tags: [Tag]) -> Document? {
    tags.isEmpty ? nil : Document(entries: tags.sorted { $0.key < $1.key }.map { ($0.key, Document($0.value)) })
  }

  static func foreignTags(_ tags: [String: [Tag]]) -> Document {
    Document(entries: tags.keys.sorted().map { ($0, Self.tags(tags[$0] ?? [])) })
  }

  static func guardrail(_ setting: GuardrailSetting, at now: Timestamp) -> Document {
    var setting = setting
    setting.settle(at: now)
    return Document(entries: [
      ("state", Document(setting.state)), ("managedBy", Document(setting.managedBy)),
      ("becomes", setting.pending.map { Document($0.state) }), ("at", setting.pending.map { Document($0.at.precise) }),
    ])
  }

  static func allowed(_ setting: AllowedImages) -> Document {
    [
      "state": Document(setting.state), "managedBy": Document(setting.managedBy),
      "criteria": Document(setting.criteria),
    ]
  }

  static func volume(_ volume: WorldVolume) -> Document {
    Document(entries: [
      ("id", Document(volume.id)), ("region", Document(volume.region)), ("zone", Document(volume.zone)),
      ("size", Document(volume.size)), ("type", Document(volume.kind)), ("created", Document(volume.created.precise)),
      ("encrypted", volume.isEncrypted ? true : nil), ("kmsKey", volume.kmsKeyID.map { Document($0) }),
      ("snapshot", volume.snapshotID.map { Document($0) }), ("iops", volume.iops.map { Document($0) }),
      ("throughput", volume.throughput.map { Document($0) }),
      ("attached", volume.attachment.map(attachment)), ("tags", tags(volume.tags)),
    ])
  }

  static func snapshot(_ snapshot: WorldSnapshot) -> Document {
    Document(entries: [
      ("id", Document(snapshot.id)), ("region", Document(snapshot.region)), ("volume", Document(snapshot.volumeID)),
      ("size", Document(snapshot.size)), ("started", Document(snapshot.started.precise)),
      ("state", Document(snapshot.state)), ("encrypted", snapshot.isEncrypted ? true : nil),
      ("kmsKey", snapshot.kmsKeyID.map { Document($0) }), ("description", Document(snapshot.description)),
      ("sharedWith", Document(strings: snapshot.sharedWith.map(\.text)).unlessEmpty), ("tags", tags(snapshot.tags)),
    ])
  }

  static func image(_ image: WorldImage) -> Document {
    var entries: [(name: String, value: Document?)] = [
      ("id", Document(image.id)), ("name", Document(image.name)), ("region", Document(image.region)),
      ("state", image.state == .available ? nil : Document(image.state.rawValue)),
      ("created", Document(image.created.precise)), ("deprecated", image.deprecation.map { Document($0.precise) }),
      ("lastLaunched", image.lastLaunched.map { Document($0.precise) }),
      ("architecture", Document(image.architecture)), ("rootDevice", Document(image.rootDevice)),
      ("virtualization", Document(image.virtualization)), ("enaSupport", image.enaSupport.map { Document($0) }),
    ]
    switch image.protection {
    case .disabled: break
    case .enabled, .enabledWithCooldown: entries.append(("protection", Document(image.protection.text)))
    case .coolingDown(let until): entries.append(("protectedUntil", Document(until.precise)))
    }
    for member in WorldImage.Member.allCases {
      if let text = image.members[member] { entries.append((member.rawValue, Document(text))) }
    }
    entries += [
      ("devices", Document(image.devices.map(device))),
      ("sharedWith", Document(strings: image.sharedWith.map(\.text)).unlessEmpty),
      (
        "productCodes",
        Document(image.productCodes.map { ["id": Document($0.id), "type": Document($0.kind)] }).unlessEmpty
      ),
      ("tags", tags(image.tags)),
    ]
    return Document(entries: entries)
  }

  private static func device(_ device: WorldImage.Device) -> Document {
    Document(entries: [
      ("name", Document(device.name)), ("snapshot", device.snapshotID.map { Document($0) }),
      ("size", Document(device.size)), ("type", Document(device.volumeType)),
      ("encrypted", device.isEncrypted ? true : nil),
      ("deleteOnTermination", device.deletesOnTermination ? nil : false),
      ("iops", device.iops.map { Document($0) }), ("throughput", device.throughput.map { Document($0) }),
      ("virtualName", device.virtualName.map { Document($0) }),
    ])
  }
}

extension Document {
  /// An empty list says nothing.
  var unlessEmpty: Document? { count == 0 ? nil : self }
}

extension Duration {
  /// As world files write it.
  var text: String {
    let milliseconds = nanoseconds / 1_000_000
    return milliseconds.isMultiple(of: 1_000) ? "\(milliseconds / 1_000)s" : "\(milliseconds)ms"
  }
}

extension Timestamp {
  /// Whole seconds without a fraction, anything else to the nanosecond.
  var precise: String {
    let fraction = nanoseconds - seconds * 1_000_000_000
    guard fraction != 0 else { return iso8601 }
    return iso8601.dropLast() + "." + String(Int(fraction), width: 9) + "Z"
  }
}
