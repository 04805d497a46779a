import Governance

// Instances, launch templates, usage reports, the Recycle Bin, encryption by default, and what is promised.

extension WorldReader {
  func readWorkloads(of account: String, _ fields: [String: SourceValue]) {
    for template in reader.elements(fields["launchTemplates"]) { readTemplate(template, of: account) }
    for instance in reader.elements(fields["instances"]) { readInstance(instance, of: account) }
    for report in reader.elements(fields["imageUsageReports"]) { readReport(report, of: account) }
  }

  func attachment(_ value: SourceValue) -> WorldVolume.Attachment? {
    let fields = reader.fields(of: value, known: ["instance", "device", "since", "deleteOnTermination"])
    guard let instance = reader.text(fields["instance"]) else {
      reader.problem(value.location, "an attached volume needs an instance")
      return nil
    }
    return WorldVolume.Attachment(
      instance: instance, device: reader.text(fields["device"]) ?? "/dev/xvda", since: time(fields["since"]) ?? epoch,
      endsWithInstance: reader.bool(fields["deleteOnTermination"]) ?? true)
  }

  // MARK: Instances

  private static let instanceKeys =
    [
      "id", "region", "image", "source", "type", "zone", "launched", "state", "since", "reservation", "launchIndex",
      "architecture", "rootDevice", "virtualization", "enaSupport", "template", "protected", "monitored",
      "ebsOptimized", "terminatesOnShutdown", "tokens", "devices", "tags",
    ] + WorldInstance.Member.allCases.map(\.rawValue)

  private func readInstance(_ value: SourceValue, of account: String) {
    let fields = reader.fields(of: value, known: Self.instanceKeys)
    guard let region = place(fields["region"], at: value, of: "an instance") else { return }
    guard let image = reader.text(fields["image"]) else {
      reader.problem(value.location, "an instance needs an image")
      return
    }
    let count = world.state(of: Scope(account: account, region: region)).workloads.instances.count
    let id = self.id(fields["id"], prefix: "i") ?? world.derivedID("i", "\(account)/\(region)/\(count)")
    var instance = WorldInstance(
      id: id, owner: account, region: region, imageID: image, kind: reader.text(fields["type"]) ?? "t3.micro",
      zone: reader.text(fields["zone"]) ?? region + "a", launched: time(fields["launched"]) ?? epoch,
      reservation: reader.text(fields["reservation"]) ?? world.derivedID("r", id))
    guard world.state(of: instance.scope).workloads.instances[id] == nil else {
      reader.problem(value.location, "the instance \(id) is given twice")
      return
    }
    let states = WorldInstance.State.allCases.map(\.rawValue)
    instance.state = reader.choice(fields["state"], among: states).flatMap(WorldInstance.State.init) ?? .running
    instance.since = time(fields["since"]) ?? instance.launched
    instance.launchIndex = reader.integer(fields["launchIndex"]) ?? 0
    instance.source = fields["source"].map(source)
    instance.template = fields["template"].flatMap(template)
    readOptions(&instance, fields)
    world.change(instance.scope) { $0.workloads.instances[id] = instance }
  }

  private func readOptions(_ instance: inout WorldInstance, _ fields: [String: SourceValue]) {
    instance.architecture = reader.text(fields["architecture"]) ?? "x86_64"
    instance.rootDevice = reader.text(fields["rootDevice"]) ?? "/dev/xvda"
    instance.virtualization = reader.text(fields["virtualization"]) ?? "hvm"
    instance.enaSupport = reader.bool(fields["enaSupport"])
    instance.isProtected = reader.bool(fields["protected"]) ?? false
    instance.isMonitored = reader.bool(fields["monitored"]) ?? false
    instance.isEBSOptimized = reader.bool(fields["ebsOptimized"]) ?? false
    instance.endsOnShutdown = reader.bool(fields["terminatesOnShutdown"]) ?? false
    instance.tokens = reader.choice(fields["tokens"], among: ["optional", "required"]) ?? "optional"
    for member in WorldInstance.Member.allCases { instance.members[member] = reader.text(fields[member.rawValue]) }
    instance.tags = tags(fields["tags"])
    for device in reader.elements(fields["devices"]) {
      let fields = reader.fields(of: device, known: ["name", "volume"])
      guard let volume = reader.text(fields["volume"]) else {
        reader.problem(device.location, "an instance's device needs a volume")
        continue
      }
      guard world.state(of: instance.scope).volumes[volume] != nil else {
        reader.problem(device.location, "the account has no volume \(volume) in \(instance.region)")
        continue
      }
      instance.devices.append(.init(name: reader.text(fields["name"]) ?? instance.rootDevice, volumeID: volume))
    }
  }

  private func source(_ value: SourceValue) -> WorldInstance.Source {
    let fields = reader.fields(of: value, known: ["name", "owner", "created"])
    return WorldInstance.Source(
      name: reader.text(fields["name"]) ?? "", owner: reader.accountID(fields["owner"]) ?? "",
      created: time(fields["created"]) ?? epoch)
  }

  private func template(_ value: SourceValue) -> WorldInstance.Template? {
    let fields = reader.fields(of: value, known: ["id", "name", "version"])
    guard let id = reader.text(fields["id"]) else {
      reader.problem(value.location, "an instance's template needs an id")
      return nil
    }
    return WorldInstance.Template(
      id: id, name: reader.text(fields["name"]) ?? "", version: reader.integer(fields["version"]) ?? 1)
  }

  // MARK: Launch templates

  private func readTemplate(_ value: SourceValue, of account: String) {
    let known = [
      "id", "region", "name", "created", "author", "defaultVersion", "latestVersion", "versions", "image", "tags",
    ]
    let fields = reader.fields(of: value, known: known)
    guard let region = place(fields["region"], at: value, of: "a launch template") else { return }
    guard let name = reader.text(fields["name"]) else {
      reader.problem(value.location, "a launch template needs a name")
      return
    }
    let created = time(fields["created"]) ?? epoch
    let author = reader.text(fields["author"]) ?? world.iamARN(account: account, "root")
    var template = WorldLaunchTemplate(
      id: self.id(fields["id"], prefix: "lt") ?? world.derivedID("lt", "\(account)/\(region)/\(name)"), owner: account,
      region: region, name: name, created: created, author: author)
    guard world.state(of: template.scope).workloads.launchTemplates[template.id] == nil else {
      reader.problem(value.location, "the launch template \(template.id) is given twice")
      return
    }
    for element in reader.elements(fields["versions"]) { readVersion(element, of: &template) }
    if fields["versions"] == nil {
      // Short for one version that only names an image.
      let data = Document(entries: [("ImageId", reader.text(fields["image"]).map { Document($0) })])
      template.versions = [.init(number: 1, created: created, author: author, data: data)]
    }
    let numbers = template.versions.map(\.number)
    template.latestVersion = reader.integer(fields["latestVersion"]) ?? numbers.max() ?? 1
    template.defaultVersion = reader.integer(fields["defaultVersion"]) ?? numbers.min() ?? 1
    if template.version(template.defaultVersion) == nil {
      reader.problem(value.location, "the launch template has no version \(template.defaultVersion), its default")
    }
    template.tags = tags(fields["tags"])
    world.change(template.scope) { $0.workloads.launchTemplates[template.id] = template }
  }

  private func readVersion(_ value: SourceValue, of template: inout WorldLaunchTemplate) {
    let fields = reader.fields(of: value, known: ["number", "created", "author", "description", "data"])
    template.versions.append(
      .init(
        number: reader.integer(fields["number"]) ?? template.versions.count + 1,
        created: time(fields["created"]) ?? template.created, author: reader.text(fields["author"]) ?? template.author,
        description: reader.text(fields["description"]), data: fields["data"]?.document ?? .emptyObject))
  }

  // MARK: Usage reports

  private func readReport(_ value: SourceValue, of account: String) {
    let known = ["id", "region", "image", "created", "resourceTypes", "accounts", "entries", "tags"]
    let fields = reader.fields(of: value, known: known)
    guard let region = place(fields["region"], at: value, of: "a usage report") else { return }
    guard let id = reader.text(fields["id"]), let image = reader.text(fields["image"]) else {
      reader.problem(value.location, "a usage report needs an id and an image")
      return
    }
    let entries = reader.elements(fields["entries"]).map { element in
      let fields = reader.fields(of: element, known: ["account", "resourceType", "count"])
      return WorldUsageReport.Entry(
        account: reader.accountID(fields["account"]) ?? "", resourceType: reader.text(fields["resourceType"]) ?? "",
        count: reader.integer(fields["count"]) ?? 0)
    }
    let report = WorldUsageReport(
      id: id, owner: account, region: region, imageID: image, created: time(fields["created"]) ?? epoch,
      resourceTypes: reader.elements(fields["resourceTypes"]).map(\.document),
      accounts: reader.elements(fields["accounts"]).compactMap { reader.accountID($0) }, entries: entries,
      tags: tags(fields["tags"]))
    world.change(report.scope) { $0.workloads.usageReports[id] = report }
  }

  // MARK: Settings

  func readEncryption(of account: String, _ fields: [String: SourceValue]) {
    eachRegion(fields["encryptionByDefault"]) { region, value in
      var setting = EncryptionDefault()
      if case .mapping = value.content {
        let fields = reader.fields(of: value, known: ["on", "kmsKey"])
        setting.isOn = reader.bool(fields["on"]) ?? false
        setting.kmsKeyID = reader.text(fields["kmsKey"])
      } else {
        setting.isOn = reader.bool(value) ?? false
      }
      world.change(Scope(account: account, region: region)) { $0.encryption = setting }
    }
  }

  func readArchive(of account: String, _ fields: [String: SourceValue]) {
    eachRegion(fields["archivedSnapshots"]) { region, value in
      for (id, since) in reader.entries(of: value) {
        let time = time(since) ?? epoch
        world.change(Scope(account: account, region: region)) { $0.archivedSnapshots[id.text] = time }
      }
    }
  }

  func readRecycleBin(of account: String, _ fields: [String: SourceValue]) {
    eachRegion(fields["recycleBin"]) { region, value in
      let fields = reader.fields(of: value, known: ["keepImages", "keepSnapshots", "images", "snapshots"])
      var bin = RecycleBin()
      bin.imageRetention = reader.duration(fields["keepImages"])
      bin.snapshotRetention = reader.duration(fields["keepSnapshots"])
      for element in reader.elements(fields["snapshots"]) {
        guard let snapshot = snapshot(element, of: account, known: ["entered", "leaves"]) else { continue }
        bin.snapshots[snapshot.id] = item(snapshot, element, keep: bin.snapshotRetention)
      }
      for element in reader.elements(fields["images"]) {
        guard let image = image(element, of: account, known: ["entered", "leaves"], makesSnapshots: false)
        else { continue }
        bin.images[image.id] = item(image, element, keep: bin.imageRetention)
      }
      world.change(Scope(account: account, region: region)) { $0.recycleBin = bin }
    }
  }

  private func item<Element>(_ element: Element, _ value: SourceValue, keep: Duration?) -> RecycleBin.Item<Element> {
    let entered = time(value["entered"]) ?? epoch
    return RecycleBin.Item(
      element: element, entered: entered, leaves: time(value["leaves"]) ?? entered + (keep ?? .seconds(7 * 86_400)))
  }

  // MARK: Promises

  func readPromises() {
    for element in reader.elements(fields["promises"]) {
      let fields = reader.fields(of: element, known: ["at", "account", "region", "effect", "id"])
      let effects = WorldPromise.Effect.allCases.map(\.rawValue)
      guard let at = time(fields["at"]), let account = reader.accountID(fields["account"]),
        let region = region(fields["region"]), let id = reader.text(fields["id"]),
        let effect = reader.choice(fields["effect"], among: effects).flatMap(WorldPromise.Effect.init)
      else {
        reader.problem(element.location, "a promise needs at, account, region, effect and id")
        continue
      }
      world.promise(WorldPromise(at: at, scope: Scope(account: account, region: region), effect: effect, id: id))
    }
  }
}
