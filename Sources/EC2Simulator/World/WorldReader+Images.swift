import Governance

extension WorldReader {
  static let imageKeys =
    [
      "id", "name", "region", "state", "created", "deprecated", "lastLaunched", "architecture", "rootDevice",
      "virtualization", "enaSupport", "protection", "protectedUntil", "devices", "sharedWith", "tags", "productCodes",
      "snapshot",
    ] + WorldImage.Member.allCases.map(\.rawValue)

  func readImage(_ value: SourceValue, of account: String) {
    if let image = image(value, of: account) { world.put(image) }
  }

  /// nil, with a problem, if it is none.
  func image(
    _ value: SourceValue, of account: String, known more: [String] = [], makesSnapshots: Bool = true
  ) -> WorldImage? {
    let fields = reader.fields(of: value, known: Self.imageKeys + more)
    guard let name = reader.text(fields["name"]) else {
      reader.problem(value.location, "an image needs a name")
      return nil
    }
    guard let region = place(fields["region"], at: value, of: "an image") else { return nil }
    let id = self.id(fields["id"], prefix: "ami") ?? world.derivedID("ami", "\(account)/\(region)/\(name)")
    guard world.sharedImages.owner(of: RecordID(id), in: region) == nil else {
      reader.problem(value.location, "the image \(id) is given twice")
      return nil
    }
    var image = WorldImage(
      id: id, owner: account, region: region, name: name, created: time(fields["created"]) ?? epoch)
    let states = WorldImage.State.allCases.map(\.rawValue)
    image.state = reader.choice(fields["state"], among: states).flatMap(WorldImage.State.init) ?? .available
    image.deprecation = time(fields["deprecated"])
    image.lastLaunched = time(fields["lastLaunched"])
    image.architecture = reader.text(fields["architecture"]) ?? "x86_64"
    image.rootDevice = reader.text(fields["rootDevice"]) ?? "/dev/xvda"
    image.virtualization = reader.text(fields["virtualization"]) ?? "hvm"
    image.enaSupport = reader.bool(fields["enaSupport"])
    image.protection = protection(fields)
    image.tags = tags(fields["tags"])
    image.sharedWith = grantees(fields["sharedWith"], ofImage: true)
    for member in WorldImage.Member.allCases { image.members[member] = reader.text(fields[member.rawValue]) }
    for code in reader.elements(fields["productCodes"]) {
      let fields = reader.fields(of: code, known: ["id", "type"])
      image.productCodes.append(
        .init(id: reader.text(fields["id"]) ?? "", kind: reader.text(fields["type"]) ?? "marketplace"))
    }
    readDevices(&image, fields, makesSnapshots: makesSnapshots)
    return image
  }

  func place(_ value: SourceValue?, at owner: SourceValue, of what: String) -> String? {
    if let value { return region(value) }
    // A world of one region needs not say which.
    if world.regions.count == 1 { return world.regions[0].name }
    reader.problem(owner.location, "\(what) needs a region")
    return nil
  }

  private func protection(_ fields: [String: SourceValue]) -> WorldImage.Protection {
    if let until = time(fields["protectedUntil"]) { return .coolingDown(until: until) }
    switch reader.choice(fields["protection"], among: ["disabled", "enabled", "enabled-with-cooldown"]) {
    case "enabled": return .enabled
    case "enabled-with-cooldown": return .enabledWithCooldown
    default: return .disabled
    }
  }

  private func grantees(_ value: SourceValue?, ofImage: Bool) -> [Grantee] {
    reader.elements(value).compactMap { element in
      guard let text = reader.text(element) else { return nil }
      guard let grantee = Grantee(text: text), ofImage || grantee == .everyone || grantee == .account(text) else {
        let arns = ofImage ? ", the ARN of an organization or of an organizational unit" : ""
        reader.problem(element.location, "\"\(text)\" is nobody to share with; expected all, an account id\(arns)")
        return nil
      }
      return grantee
    }
  }

  // MARK: Devices and snapshots

  private static let deviceKeys = [
    "name", "snapshot", "size", "type", "encrypted", "deleteOnTermination", "iops", "throughput", "virtualName",
  ]

  private func readDevices(_ image: inout WorldImage, _ fields: [String: SourceValue], makesSnapshots: Bool) {
    if let given = fields["devices"] {
      if let field = fields["snapshot"] {
        reader.problem(field.location, "\"snapshot\" describes the one root device of an image without \"devices\"")
      }
      for element in reader.elements(given) { readDevice(element, of: &image, makesSnapshots: makesSnapshots) }
      return
    }
    // Without devices: a root device on a snapshot of its own, which `snapshot` may describe.
    let id: String?
    if let field = fields["snapshot"] {
      if case .mapping = field.content {
        id = readSnapshot(field, of: image.owner, backing: image)
      } else {
        id = reader.text(field)
      }
    } else {
      id = nil
    }
    let snapshot = backing(id, of: image, size: 8, isEncrypted: false)
    image.devices = [
      .init(name: image.rootDevice, snapshotID: snapshot.id, size: snapshot.size, isEncrypted: snapshot.isEncrypted)
    ]
  }

  private func readDevice(_ value: SourceValue, of image: inout WorldImage, makesSnapshots: Bool) {
    let fields = reader.fields(of: value, known: Self.deviceKeys)
    var device = WorldImage.Device(
      name: reader.text(fields["name"]) ?? image.rootDevice, size: reader.integer(fields["size"]) ?? 8)
    device.virtualName = reader.text(fields["virtualName"])
    device.volumeType = reader.text(fields["type"]) ?? "gp2"
    device.deletesOnTermination = reader.bool(fields["deleteOnTermination"]) ?? true
    device.iops = reader.integer(fields["iops"])
    device.throughput = reader.integer(fields["throughput"])
    device.isEncrypted = reader.bool(fields["encrypted"]) ?? false
    device.snapshotID = reader.text(fields["snapshot"])
    if let id = device.snapshotID, makesSnapshots {
      let snapshot = backing(id, of: image, size: device.size, isEncrypted: device.isEncrypted)
      device.isEncrypted = snapshot.isEncrypted
    }
    image.devices.append(device)
  }

  /// The snapshot under an image; made when no line describes it.
  private func backing(_ id: String?, of image: WorldImage, size: Int, isEncrypted: Bool) -> WorldSnapshot {
    let id = id ?? world.derivedID("snap", image.id)
    if let known = world.scopes[image.scope]?.snapshots[id] { return known }
    var snapshot = WorldSnapshot(
      id: id, owner: image.owner, region: image.region, volumeID: world.derivedID("vol", image.id), size: size,
      started: image.created)
    snapshot.isEncrypted = isEncrypted
    snapshot.description = "Created by CreateImage for \(image.id)"
    world.put(snapshot)
    return snapshot
  }

  func readVolume(_ value: SourceValue, of account: String) {
    let known = [
      "id", "region", "zone", "size", "type", "created", "encrypted", "kmsKey", "snapshot", "iops", "throughput",
      "tags", "attached",
    ]
    let fields = reader.fields(of: value, known: known)
    guard let region = place(fields["region"], at: value, of: "a volume") else { return }
    guard fields["id"] != nil else {
      reader.problem(value.location, "a volume needs an id")
      return
    }
    guard let id = self.id(fields["id"], prefix: "vol") else { return }
    guard world.scopes[Scope(account: account, region: region)]?.volumes[id] == nil else {
      reader.problem(value.location, "the volume \(id) is given twice")
      return
    }
    var volume = WorldVolume(
      id: id, owner: account, region: region, zone: reader.text(fields["zone"]) ?? region + "a",
      size: reader.integer(fields["size"]) ?? 8, kind: reader.text(fields["type"]) ?? "gp2",
      created: time(fields["created"]) ?? epoch)
    volume.isEncrypted = reader.bool(fields["encrypted"]) ?? false
    volume.kmsKeyID = reader.text(fields["kmsKey"])
    volume.snapshotID = reader.text(fields["snapshot"])
    volume.iops = reader.integer(fields["iops"])
    volume.throughput = reader.integer(fields["throughput"])
    volume.tags = tags(fields["tags"])
    volume.attachment = fields["attached"].flatMap(attachment)
    world.change(volume.scope) { $0.volumes[id] = volume }
  }

  static let snapshotKeys = [
    "id", "region", "volume", "size", "started", "state", "encrypted", "kmsKey", "description", "sharedWith", "tags",
  ]

  @discardableResult
  func readSnapshot(_ value: SourceValue, of account: String, backing image: WorldImage? = nil) -> String? {
    guard let snapshot = snapshot(value, of: account, backing: image) else { return nil }
    world.put(snapshot)
    return snapshot.id
  }

  func snapshot(
    _ value: SourceValue, of account: String, backing image: WorldImage? = nil, known more: [String] = []
  ) -> WorldSnapshot? {
    let fields = reader.fields(of: value, known: Self.snapshotKeys + more)
    guard let region = image?.region ?? place(fields["region"], at: value, of: "a snapshot") else { return nil }
    guard fields["id"] != nil || image != nil else {
      reader.problem(value.location, "a snapshot needs an id")
      return nil
    }
    guard let id = self.id(fields["id"], prefix: "snap") ?? image.map({ world.derivedID("snap", $0.id) }) else {
      return nil
    }
    guard world.sharedSnapshots.owner(of: RecordID(id), in: region) == nil else {
      reader.problem(value.location, "the snapshot \(id) is given twice")
      return nil
    }
    var snapshot = WorldSnapshot(
      id: id, owner: account, region: region,
      volumeID: reader.text(fields["volume"]) ?? world.derivedID("vol", image?.id ?? id),
      size: reader.integer(fields["size"]) ?? 8, started: time(fields["started"]) ?? image?.created ?? epoch)
    snapshot.state = reader.choice(fields["state"], among: ["pending", "completed", "error"]) ?? "completed"
    snapshot.isEncrypted = reader.bool(fields["encrypted"]) ?? false
    snapshot.kmsKeyID = reader.text(fields["kmsKey"])
    snapshot.description =
      reader.text(fields["description"]) ?? image.map { "Created by CreateImage for \($0.id)" } ?? ""
    snapshot.sharedWith = grantees(fields["sharedWith"], ofImage: false)
    snapshot.tags = tags(fields["tags"])
    return snapshot
  }
}
