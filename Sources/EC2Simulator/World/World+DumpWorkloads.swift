import Governance

extension WorldDump {
  static func promise(_ promise: WorldPromise) -> Document {
    [
      "at": Document(promise.at.precise), "account": Document(promise.scope.account),
      "region": Document(promise.scope.region), "effect": Document(promise.effect.rawValue),
      "id": Document(promise.id),
    ]
  }

  static func encryption(_ setting: EncryptionDefault) -> Document? {
    guard setting != EncryptionDefault() else { return nil }
    return Document(entries: [
      ("on", Document(setting.isOn)), ("kmsKey", setting.kmsKeyID.map { Document($0) }),
    ])
  }

  static func attachment(_ attachment: WorldVolume.Attachment) -> Document {
    Document(entries: [
      ("instance", Document(attachment.instance)), ("device", Document(attachment.device)),
      ("since", Document(attachment.since.precise)),
      ("deleteOnTermination", attachment.endsWithInstance ? nil : false),
    ])
  }

  // MARK: Instances

  static func instances(_ workloads: ScopeWorkloads, at now: Timestamp) -> [Document] {
    let listed = workloads.instances.values.filter { $0.isListed(at: now) }
    return listed.sorted { $0.id < $1.id }.map(instance)
  }

  private static func instance(_ instance: WorldInstance) -> Document {
    var entries: [(name: String, value: Document?)] = [
      ("id", Document(instance.id)), ("region", Document(instance.region)), ("image", Document(instance.imageID)),
      ("source", instance.source.map(source)), ("type", Document(instance.kind)), ("zone", Document(instance.zone)),
      ("launched", Document(instance.launched.precise)), ("state", Document(instance.state.rawValue)),
      ("since", Document(instance.since.precise)), ("reservation", Document(instance.reservation)),
      ("launchIndex", instance.launchIndex == 0 ? nil : Document(instance.launchIndex)),
      ("architecture", Document(instance.architecture)), ("rootDevice", Document(instance.rootDevice)),
      ("virtualization", Document(instance.virtualization)), ("enaSupport", instance.enaSupport.map { Document($0) }),
      ("template", instance.template.map(template)), ("protected", instance.isProtected ? true : nil),
      ("monitored", instance.isMonitored ? true : nil), ("ebsOptimized", instance.isEBSOptimized ? true : nil),
      ("terminatesOnShutdown", instance.endsOnShutdown ? true : nil),
      ("tokens", instance.tokens == "optional" ? nil : Document(instance.tokens)),
    ]
    for member in WorldInstance.Member.allCases {
      if let text = instance.members[member] { entries.append((member.rawValue, Document(text))) }
    }
    let devices = instance.devices.map { ["name": Document($0.name), "volume": Document($0.volumeID)] as Document }
    entries += [("devices", Document(devices).unlessEmpty), ("tags", tags(instance.tags))]
    return Document(entries: entries)
  }

  private static func source(_ source: WorldInstance.Source) -> Document {
    [
      "name": Document(source.name), "owner": Document(source.owner), "created": Document(source.created.precise),
    ]
  }

  private static func template(_ template: WorldInstance.Template) -> Document {
    ["id": Document(template.id), "name": Document(template.name), "version": Document(template.version)]
  }

  // MARK: Launch templates, usage reports

  static func templates(_ workloads: ScopeWorkloads) -> [Document] {
    workloads.launchTemplates.values.sorted { $0.id < $1.id }.map { template in
      Document(entries: [
        ("id", Document(template.id)), ("region", Document(template.region)), ("name", Document(template.name)),
        ("created", Document(template.created.precise)), ("author", Document(template.author)),
        ("defaultVersion", Document(template.defaultVersion)), ("latestVersion", Document(template.latestVersion)),
        ("versions", Document(template.versions.map(version))), ("tags", tags(template.tags)),
      ])
    }
  }

  private static func version(_ version: WorldLaunchTemplate.Version) -> Document {
    Document(entries: [
      ("number", Document(version.number)), ("created", Document(version.created.precise)),
      ("author", Document(version.author)), ("description", version.description.map { Document($0) }),
      ("data", version.data),
    ])
  }

  static func reports(_ workloads: ScopeWorkloads, at now: Timestamp) -> [Document] {
    let kept = workloads.usageReports.values.filter { $0.expires > now }.sorted { $0.id < $1.id }
    return kept.map { report in
      let entries = report.entries.map { entry -> Document in
        [
          "account": Document(entry.account), "resourceType": Document(entry.resourceType),
          "count": Document(entry.count),
        ]
      }
      return Document(entries: [
        ("id", Document(report.id)), ("region", Document(report.region)), ("image", Document(report.imageID)),
        ("created", Document(report.created.precise)), ("resourceTypes", Document(report.resourceTypes)),
        ("accounts", Document(strings: report.accounts).unlessEmpty), ("entries", Document(entries).unlessEmpty),
        ("tags", tags(report.tags)),
      ])
    }
  }

  // MARK: Recycle Bin

  static func recycleBin(_ bin: RecycleBin, at now: Timestamp) -> Document? {
    var bin = bin
    bin.settle(at: now)
    guard !bin.isEmpty else { return nil }
    func items<Element>(
      _ items: [String: RecycleBin.Item<Element>], _ print: (Element) -> Document
    ) -> Document? {
      Document(
        items.keys.sorted().compactMap { items[$0] }.map { item in
          print(item.element).setting("entered", to: Document(item.entered.precise))
            .setting("leaves", to: Document(item.leaves.precise))
        }
      ).unlessEmpty
    }
    return Document(entries: [
      ("keepImages", bin.imageRetention.map { Document($0.text) }),
      ("keepSnapshots", bin.snapshotRetention.map { Document($0.text) }),
      ("images", items(bin.images, image)), ("snapshots", items(bin.snapshots, snapshot)),
    ])
  }
}
