import Governance

/// Instances as EC2 prints them. What belongs to networks is empty.
struct InstancePrinter {
  var world: World
  var scope: Scope

  func reservation(_ instances: [WorldInstance], as state: WorldInstance.State? = nil) -> Document {
    let first = instances.first
    return [
      "ReservationId": Document(first?.reservation ?? ""), "OwnerId": Document(scope.account), "Groups": [],
      "Instances": Document(instances.map { document($0, as: state) }),
    ]
  }

  /// Grouped by the call that started them, in the order of their ids.
  func reservations(_ instances: [WorldInstance]) -> Document {
    var order: [String] = []
    var groups: [String: [WorldInstance]] = [:]
    for instance in instances {
      if groups[instance.reservation] == nil { order.append(instance.reservation) }
      groups[instance.reservation, default: []].append(instance)
    }
    return Document(order.compactMap { groups[$0] }.map { reservation($0) })
  }

  static func state(_ state: WorldInstance.State) -> Document {
    ["Code": Document(state.code), "Name": Document(state.rawValue)]
  }

  private func document(_ instance: WorldInstance, as state: WorldInstance.State?) -> Document {
    let isWindows = instance.members[.platform]?.lowercased() == "windows"
    let profile = instance.members[.iamInstanceProfile].map { name -> Document in
      let arn = name.hasPrefix("arn:") ? name : world.iamARN(account: scope.account, "instance-profile/\(name)")
      return ["Arn": Document(arn), "Id": Document(World.uniqueID("AIPA", of: arn))]
    }
    let isTerminated = instance.state == .terminated
    let entries: [(name: String, value: Document?)] = [
      ("InstanceId", Document(instance.id)), ("ImageId", Document(instance.imageID)),
      ("State", Self.state(state ?? instance.state)), ("PrivateDnsName", ""), ("PublicDnsName", ""),
      ("StateTransitionReason", Document(reason(instance))),
      ("KeyName", instance.members[.keyName].map { Document($0) }),
      ("AmiLaunchIndex", Document(instance.launchIndex)), ("ProductCodes", []),
      ("InstanceType", Document(instance.kind)), ("LaunchTime", Document(instance.launched.wholeSeconds)),
      (
        "Placement",
        ["GroupName": "", "Tenancy": "default", "AvailabilityZone": Document(instance.zone)]
      ),
      ("Platform", isWindows ? "windows" : nil),
      ("Monitoring", ["State": instance.isMonitored ? "enabled" : "disabled"]),
      ("Architecture", Document(instance.architecture)),
      ("BlockDeviceMappings", isTerminated ? [] : Document(instance.devices.map(device))),
      ("ClientToken", Document(instance.members[.clientToken] ?? "")),
      ("EbsOptimized", Document(instance.isEBSOptimized)), ("EnaSupport", instance.enaSupport.map { Document($0) }),
      ("Hypervisor", "xen"), ("IamInstanceProfile", profile), ("NetworkInterfaces", []),
      ("RootDeviceName", Document(instance.rootDevice)), ("RootDeviceType", "ebs"), ("SecurityGroups", []),
      ("SriovNetSupport", instance.members[.sriovNetSupport].map { Document($0) }),
      ("StateReason", stateReason(instance)), ("Tags", instance.tags.isEmpty ? nil : ImagePrinter.tags(instance.tags)),
      ("VirtualizationType", Document(instance.virtualization)), ("MetadataOptions", metadata(instance)),
      ("BootMode", instance.members[.bootMode].map { Document($0) }),
      ("TpmSupport", instance.members[.tpmSupport].map { Document($0) }),
      ("PlatformDetails", isWindows ? "Windows" : "Linux/UNIX"),
      ("UsageOperation", isWindows ? "RunInstances:0002" : "RunInstances"),
      ("UsageOperationUpdateTime", Document(instance.launched.wholeSeconds)),
    ]
    return Document(entries: entries)
  }

  private func device(_ device: WorldInstance.Device) -> Document {
    let attachment = world.state(of: scope).volumes[device.volumeID]?.attachment
    return [
      "DeviceName": Document(device.name),
      "Ebs": [
        "AttachTime": Document((attachment?.since ?? Timestamp(seconds: 0)).wholeSeconds),
        "DeleteOnTermination": Document(attachment?.endsWithInstance ?? true), "Status": "attached",
        "VolumeId": Document(device.volumeID),
      ],
    ]
  }

  /// [quote] `User initiated (2026-11-23 10:00:00 GMT)`, empty while it runs.
  private func reason(_ instance: WorldInstance) -> String {
    guard [.stopped, .terminated].contains(instance.state) else { return "" }
    let time = instance.since.iso8601
    return "User initiated (\(time.prefix(10)) \(time.dropFirst(11).prefix(8)) GMT)"
  }

  private func stateReason(_ instance: WorldInstance) -> Document? {
    guard [.stopped, .terminated].contains(instance.state) else { return nil }
    return [
      "Code": "Client.UserInitiatedShutdown", "Message": "Client.UserInitiatedShutdown: User initiated shutdown",
    ]
  }

  private func metadata(_ instance: WorldInstance) -> Document {
    [
      "State": "applied", "HttpTokens": Document(instance.tokens),
      "HttpPutResponseHopLimit": instance.tokens == "required" ? 2 : 1, "HttpEndpoint": "enabled",
      "HttpProtocolIpv6": "disabled", "InstanceMetadataTags": "disabled",
    ]
  }
}
