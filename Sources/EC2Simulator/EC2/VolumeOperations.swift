import AWSWire
import Governance

/// CreateVolume, DescribeVolumes, DeleteVolume: the way to a first snapshot, and so to a first image, in a world that has
/// none. A volume is `available` from the start, and `in-use` by the instance that was launched with it.
enum VolumeOperations {
  static let entries: [OperationEntry] = [
    OperationEntry(
      "ec2", "CreateVolume",
      authorization: .resources { call, world in
        let snapshot = call.text("SnapshotId").map { [SnapshotLookup.target($0, call, world)] } ?? []
        return [Authorizer.Target(resource: call.arn("volume/*", account: call.caller.account))] + snapshot
          + TagOperations.creationTargets(call, creating: "CreateVolume")
      }, isMutating: true
    ) { call, state throws(ServiceError) in try create(call, &state) },
    OperationEntry("ec2", "DescribeVolumes") { call, state throws(ServiceError) in try describe(call, state.world) },
    OperationEntry("ec2", "DeleteVolume", authorization: .resources(targets), isMutating: true) {
      call, state throws(ServiceError) in
      let volume = try find(try call.required("VolumeId"), call, state.world)
      if let attachment = volume.attachment {
        // [quote]
        throw .ec2("VolumeInUse", "Volume \(volume.id) is currently attached to \(attachment.instance)")
      }
      state.world.change(volume.scope) { $0.volumes[volume.id] = nil }
      return ImageLookup.success
    },
  ]

  private static let targets: @Sendable (Call, World) -> [Authorizer.Target] = { call, world in
    [target(call.text("VolumeId") ?? "", call, world)]
  }

  static func target(_ id: String, _ call: Call, _ world: World) -> Authorizer.Target {
    var target = Authorizer.Target(
      resource: call.arn("volume/\(id.isEmpty ? "*" : id)", account: call.caller.account))
    TagOperations.addResourceTags(world.state(of: call.scope).volumes[id]?.tags ?? [], to: &target)
    return target
  }

  static func check(_ id: String) throws(ServiceError) {
    guard id.hasPrefix("vol-") else {
      throw .ec2("InvalidParameterValue", "Value (\(id)) for parameter volumeId is invalid. Expected: 'vol-...'.")
    }
  }

  static func notFound(_ id: String) -> ServiceError {
    .ec2("InvalidVolume.NotFound", "The volume '\(id)' does not exist.")
  }

  private static func find(_ id: String, _ call: Call, _ world: World) throws(ServiceError) -> WorldVolume {
    try check(id)
    guard let volume = world.scopes[call.scope]?.volumes[id] else { throw notFound(id) }
    return volume
  }
}

// MARK: Creating

extension VolumeOperations {
  /// GiB: "the following are the supported volumes sizes for each volume type" (CreateVolume).
  private static let sizes: [String: ClosedRange<Int>] = [
    "gp2": 1...16_384, "gp3": 1...65_536, "io1": 4...16_384, "io2": 4...65_536, "st1": 125...16_384,
    "sc1": 125...16_384, "standard": 1...1_024,
  ]

  private static func create(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    // What would not be as asked for is refused, not left out.
    for name in ["OutpostArn", "Operator", "AvailabilityZoneId", "VolumeInitializationRate"]
    where call.parameters[name] != nil {
      throw .ec2("UnsupportedOperation", "\(name) is not simulated.")
    }
    guard !call.bool("MultiAttachEnabled") else {
      throw .ec2("UnsupportedOperation", "MultiAttachEnabled is not simulated.")
    }
    var volume = WorldVolume(
      id: "", owner: call.caller.account, region: call.region, zone: try zone(call), size: 0,
      kind: call.text("VolumeType") ?? "gp2", created: call.now)
    try readSource(&volume, call, state.world)
    try readSize(&volume, call)
    try readPerformance(&volume, call)
    volume.tags = try TagOperations.creationTags(call, of: "volume", among: ["volume"])
    volume.id = state.newID("vol")
    state.world.change(volume.scope) { $0.volumes[volume.id] = volume }
    return document(volume)
  }

  private static func zone(_ call: Call) throws(ServiceError) -> String {
    let zone = try call.required("AvailabilityZone")
    try AvailabilityZoneOperations.check(zone, call)
    return zone
  }

  private static func readSource(_ volume: inout WorldVolume, _ call: Call, _ world: World) throws(ServiceError) {
    var source: (isEncrypted: Bool, key: String?) = (false, nil)
    if let id = call.text("SnapshotId"), !id.isEmpty {
      let snapshot = try SnapshotLookup.visible(call, world)
      volume.snapshotID = id
      volume.size = snapshot.size
      source = (snapshot.isEncrypted, snapshot.kmsKeyID)
    }
    volume.kmsKeyID = try EncryptionOperations.key(source: source, keepsKey: true, call, world)
    volume.isEncrypted = volume.kmsKeyID != nil
  }

  private static func readSize(_ volume: inout WorldVolume, _ call: Call) throws(ServiceError) {
    guard let sizes = sizes[volume.kind] else { throw GuardrailOperations.invalid(volume.kind, "volumeType") }
    guard let size = call.integer("Size") ?? volume.snapshotID.map({ _ in volume.size }) else {
      throw .ec2("MissingParameter", "The request must contain the parameter size/snapshot")
    }
    guard size >= volume.size else {
      throw .ec2(
        "InvalidParameterValue",
        "Invalid volume size. It must be at least the size of the snapshot, \(volume.size) GiB.")
    }
    guard sizes.contains(size) else {
      throw .ec2(
        "InvalidParameterValue",
        "A volume of \(size)GiB is not possible for volume type \(volume.kind); it has \(sizes.lowerBound) to "
          + "\(sizes.upperBound)GiB.")
    }
    volume.size = size
  }

  private static func readPerformance(_ volume: inout WorldVolume, _ call: Call) throws(ServiceError) {
    let iops = call.integer("Iops")
    switch volume.kind {
    case "gp3":
      volume.iops = iops ?? 3_000
      volume.throughput = call.integer("Throughput") ?? 125
    case "io1", "io2":
      guard let iops else { throw .ec2("MissingParameter", "The request must contain the parameter iops") }
      volume.iops = iops
    default:
      guard iops == nil else {
        throw .ec2(
          "InvalidParameterCombination", "The parameter iops is not supported for \(volume.kind) volumes.")
      }
      // "Three IOPS per GiB, with a minimum of 100 IOPS", to 16,000.
      if volume.kind == "gp2" { volume.iops = min(max(100, volume.size * 3), 16_000) }
    }
    guard volume.kind == "gp3" || call.integer("Throughput") == nil else {
      throw .ec2(
        "InvalidParameterCombination", "The parameter throughput is not supported for \(volume.kind) volumes.")
    }
  }
}

// MARK: Listing

extension VolumeOperations {
  private static let filterNames: Set<String> = [
    "attachment.attach-time", "attachment.delete-on-termination", "attachment.device", "attachment.instance-id",
    "attachment.status", "availability-zone", "availability-zone-id", "create-time", "encrypted", "fast-restored",
    "multi-attach-enabled", "operator.managed", "operator.principal", "size", "snapshot-id", "status", "volume-id",
    "volume-type",
  ]

  private static func describe(_ call: Call, _ world: World) throws(ServiceError) -> Document {
    for id in call.texts("VolumeIds") { try check(id) }
    let ids = Listing.IDs(parameter: "VolumeIds", name: "volumeIdsSet") { notFound($0[0]) }
    let listing = Listing(call: call, ids: ids, filterNames: filterNames)
    let (volumes, next) = try listing.cut(world.state(of: call.scope).volumes, tags: \.tags) { matches($0, $1) }
    return Document(entries: [("Volumes", Document(volumes.map(document))), ("NextToken", next)])
  }

  private static func matches(_ filter: Filter, _ volume: WorldVolume) -> Bool {
    switch filter.name {
    case "attachment.attach-time": return filter.matches(volume.attachment?.since.wholeSeconds)
    case "attachment.delete-on-termination": return filter.matches(volume.attachment.map { "\($0.endsWithInstance)" })
    case "attachment.device": return filter.matches(volume.attachment?.device)
    case "attachment.instance-id": return filter.matches(volume.attachment?.instance)
    case "attachment.status": return volume.attachment != nil && filter.matches("attached")
    case "availability-zone-id": return filter.matches(AvailabilityZoneOperations.id(of: volume.zone))
    case "fast-restored", "operator.managed": return filter.matches(false)
    case "availability-zone": return filter.matches(volume.zone)
    case "create-time": return filter.matches(volume.created.iso8601Milliseconds)
    case "encrypted": return filter.matches(volume.isEncrypted)
    case "multi-attach-enabled": return filter.matches(false)
    case "size": return filter.matches("\(volume.size)")
    case "snapshot-id": return filter.matches(volume.snapshotID ?? "")
    case "status": return filter.matches(volume.attachment == nil ? "available" : "in-use")
    case "volume-id": return filter.matches(volume.id)
    case "volume-type": return filter.matches(volume.kind)
    default: return false
    }
  }

  private static func document(_ volume: WorldVolume) -> Document {
    Document(entries: [
      ("VolumeId", Document(volume.id)), ("Size", Document(volume.size)),
      ("SnapshotId", Document(volume.snapshotID ?? "")), ("AvailabilityZone", Document(volume.zone)),
      ("State", volume.attachment == nil ? "available" : "in-use"),
      ("CreateTime", Document(volume.created.iso8601Milliseconds)),
      ("VolumeType", Document(volume.kind)), ("Iops", volume.iops.map { Document($0) }),
      ("Throughput", volume.throughput.map { Document($0) }), ("Encrypted", Document(volume.isEncrypted)),
      ("KmsKeyId", volume.kmsKeyID.map { Document($0) }), ("MultiAttachEnabled", false),
      ("Attachments", Document(attachments(of: volume))),
      ("Tags", volume.tags.isEmpty ? nil : ImagePrinter.tags(volume.tags)),
    ])
  }

  private static func attachments(of volume: WorldVolume) -> [Document] {
    guard let attachment = volume.attachment else { return [] }
    return [
      [
        "AttachTime": Document(attachment.since.wholeSeconds), "Device": Document(attachment.device),
        "InstanceId": Document(attachment.instance), "State": "attached", "VolumeId": Document(volume.id),
        "DeleteOnTermination": Document(attachment.endsWithInstance),
      ]
    ]
  }
}
