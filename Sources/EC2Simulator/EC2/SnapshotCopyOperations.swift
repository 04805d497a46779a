import AWSWire
import Governance

/// CopySnapshot, and CreateSnapshots of all volumes of an instance.
enum SnapshotCopyOperations {
  static let entries: [OperationEntry] = [
    OperationEntry(
      "ec2", "CopySnapshot",
      authorization: .resources { call, world in
        [SnapshotLookup.target("", call, world)] + TagOperations.creationTargets(call, creating: "CopySnapshot")
      }, isMutating: true
    ) { call, state throws(ServiceError) in try copy(call, &state) },
    OperationEntry(
      "ec2", "CreateSnapshots",
      authorization: .resources { call, world in
        let id = call.parameters["InstanceSpecification"]?["InstanceId"]?.string ?? ""
        let volumes = world.state(of: call.scope).workloads.instances[id]?.devices ?? []
        return [InstanceLookup.target(id, call, world), SnapshotLookup.target("", call, world)]
          + volumes.map { VolumeOperations.target($0.volumeID, call, world) }
          + TagOperations.creationTargets(call, creating: "CreateSnapshots")
      }, isMutating: true
    ) { call, state throws(ServiceError) in try createAll(call, &state) },
  ]

  private static func copy(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    for name in ["DestinationOutpostArn", "DestinationAvailabilityZone"] where call.text(name) != nil {
      throw .ec2("UnsupportedOperation", "\(name) is not simulated.")
    }
    if let minutes = call.integer("CompletionDurationMinutes"), minutes <= 0 || !minutes.isMultiple(of: 15) {
      throw GuardrailOperations.invalid("\(minutes)", "CompletionDurationMinutes")
    }
    let region = try call.required("SourceRegion")
    guard state.world.isRegionEnabled(region, in: call.caller.account) else {
      throw .ec2("InvalidParameterValue", "Value (\(region)) for parameter sourceRegion is invalid.")
    }
    let id = try call.required("SourceSnapshotId")
    try SnapshotLookup.check(id)
    guard let source = state.world.snapshot(id, in: region, seenBy: call.caller.account),
      SnapshotLookup.isVisible(source, to: call.caller.account, state.world, now: call.now)
    else { throw SnapshotLookup.notFound(id) }
    // [doc] IncorrectState: "The specified resource is not in a correct state for the request; for example, if you are
    // trying to ... copy a snapshot that is not in the completed state".
    guard source.state == "completed" else {
      throw .ec2("IncorrectState", "The snapshot '\(id)' is \(source.state), not completed.")
    }
    let tags = try TagOperations.creationTags(call, of: "snapshot", among: ["snapshot"])
    let key = try EncryptionOperations.key(
      source: (source.isEncrypted, source.kmsKeyID), keepsKey: false, call, state.world)
    var copy = WorldSnapshot(
      id: state.newID("snap"), owner: call.caller.account, region: call.region, volumeID: "vol-ffffffff",
      size: source.size, started: call.now)
    copy.isEncrypted = key != nil
    copy.kmsKeyID = key
    copy.description = call.text("Description") ?? "[Copied \(id) from \(region)]"
    copy.tags = tags
    SnapshotCreation.finish(copy, call, &state)
    return Document(entries: [
      ("SnapshotId", Document(copy.id)), ("Tags", tags.isEmpty ? nil : ImagePrinter.tags(tags)),
    ])
  }

  private static func createAll(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    guard call.text("OutpostArn") == nil else { throw .ec2("UnsupportedOperation", "OutpostArn is not simulated.") }
    guard call.text("Location") != "local" else {
      throw .ec2("UnsupportedOperation", "Location local is not simulated.")
    }
    let specification = call.parameters["InstanceSpecification"] ?? .emptyObject
    guard let id = specification["InstanceId"]?.string else {
      throw .ec2("MissingParameter", "The request must contain the parameter InstanceId")
    }
    try InstanceLookup.check(id)
    guard let instance = InstanceLookup.listed(call, state.world)[id] else { throw InstanceLookup.notFound([id]) }
    let given = try TagOperations.creationTags(call, of: "snapshot", among: ["snapshot"])
    let excluded = Set(specification["ExcludeDataVolumeIds"]?.elements.compactMap(\.string) ?? [])
    let isWithoutRoot = specification["ExcludeBootVolume"]?.bool ?? false
    var printed: [Document] = []
    for device in instance.devices where !excluded.contains(device.volumeID) {
      guard !(isWithoutRoot && device.name == instance.rootDevice),
        let volume = state.world.state(of: call.scope).volumes[device.volumeID]
      else { continue }
      var snapshot = WorldSnapshot(
        id: state.newID("snap"), owner: call.caller.account, region: call.region, volumeID: volume.id,
        size: volume.size, started: call.now)
      snapshot.isEncrypted = volume.isEncrypted
      snapshot.kmsKeyID = volume.kmsKeyID
      snapshot.description = call.text("Description") ?? ""
      let copied = call.text("CopyTagsFromSource") == "volume" ? volume.tags.filter { !$0.key.hasPrefix("aws:") } : []
      snapshot.tags = TagOperations.merged(copied, with: given)
      SnapshotCreation.finish(snapshot, call, &state)
      printed.append(
        Document(entries: [
          ("Description", Document(snapshot.description)),
          ("Tags", snapshot.tags.isEmpty ? nil : ImagePrinter.tags(snapshot.tags)),
          ("Encrypted", Document(snapshot.isEncrypted)), ("VolumeId", Document(volume.id)), ("State", "pending"),
          ("VolumeSize", Document(snapshot.size)), ("StartTime", Document(snapshot.started.iso8601Milliseconds)),
          ("Progress", ""), ("OwnerId", Document(snapshot.owner)), ("SnapshotId", Document(snapshot.id)),
        ]))
    }
    return ["Snapshots": Document(printed)]
  }
}
