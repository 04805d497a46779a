import AWSWire
import Governance

/// DescribeInstances, DescribeInstanceStatus, DescribeInstanceAttribute.
enum InstanceReadOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "DescribeInstances") { call, state throws(ServiceError) in
      for id in call.texts("InstanceIds") { try InstanceLookup.check(id) }
      let listing = Listing(
        call: call, ids: InstanceLookup.ids, filterNames: InstanceFilter.names)
      let (instances, next) = try listing.cut(
        InstanceLookup.listed(call, state.world), tags: \.tags
      ) { InstanceFilter.matches($0, $1) }
      return Document(entries: [
        ("Reservations", InstancePrinter(world: state.world, scope: call.scope).reservations(instances)),
        ("NextToken", next),
      ])
    },
    OperationEntry("ec2", "DescribeInstanceStatus") { call, state throws(ServiceError) in
      try status(call, state.world)
    },
    OperationEntry(
      "ec2", "DescribeInstanceAttribute", authorization: .resources(InstanceLookup.singleTarget)
    ) { call, state throws(ServiceError) in
      try attribute(try call.required("Attribute"), of: try InstanceLookup.find(call, state.world))
    },
  ]

  private static let statusFilters: Set<String> = [
    "availability-zone", "availability-zone-id", "event.code", "event.description", "event.instance-event-id",
    "event.not-after", "event.not-before", "event.not-before-deadline", "instance-state-code", "instance-state-name",
    "instance-status.reachability", "instance-status.status", "operator.managed", "operator.principal",
    "system-status.reachability", "system-status.status", "attached-ebs-status.status",
  ]

  private static func status(_ call: Call, _ world: World) throws(ServiceError) -> Document {
    for id in call.texts("InstanceIds") { try InstanceLookup.check(id) }
    let listing = Listing(
      call: call, ids: InstanceLookup.ids, filterNames: statusFilters)
    // [doc] "By default, only running instances are described."
    let all = InstanceLookup.listed(call, world)
    let (instances, next) = try listing.cut(all, tags: \.tags) { filter, instance in
      matches(filter, instance)
    }
    let wanted = instances.filter { $0.state == .running || call.bool("IncludeAllInstances") }
    return Document(entries: [("InstanceStatuses", Document(wanted.map(document))), ("NextToken", next)])
  }

  private static func matches(_ filter: Filter, _ instance: WorldInstance) -> Bool {
    let isRunning = instance.state == .running
    switch filter.name {
    case "availability-zone": return filter.matches(instance.zone)
    case "availability-zone-id": return filter.matches(AvailabilityZoneOperations.id(of: instance.zone))
    case "instance-state-code": return filter.matches("\(instance.state.code)")
    case "instance-state-name": return filter.matches(instance.state.rawValue)
    case "instance-status.reachability", "system-status.reachability": return isRunning && filter.matches("passed")
    case "instance-status.status", "system-status.status", "attached-ebs-status.status":
      return filter.matches(isRunning ? "ok" : "not-applicable")
    case "operator.managed": return filter.matches(false)
    // Nothing is ever scheduled for an instance.
    default: return false
    }
  }

  private static func document(_ instance: WorldInstance) -> Document {
    let isRunning = instance.state == .running
    let details: Document = ["Details": [["Name": "reachability", "Status": "passed"]], "Status": "ok"]
    let status = isRunning ? details : ["Status": "not-applicable"]
    return [
      "AvailabilityZone": Document(instance.zone),
      "AvailabilityZoneId": Document(AvailabilityZoneOperations.id(of: instance.zone)),
      "InstanceId": Document(instance.id), "InstanceState": InstancePrinter.state(instance.state),
      "InstanceStatus": status, "SystemStatus": status, "AttachedEbsStatus": status,
    ]
  }

  private static func attribute(_ name: String, of instance: WorldInstance) throws(ServiceError) -> Document {
    let value: (String, Document)
    switch name {
    case "instanceType": value = ("InstanceType", ["Value": Document(instance.kind)])
    case "userData": value = ("UserData", instance.members[.userData].map { ["Value": Document($0)] } ?? .emptyObject)
    case "disableApiTermination": value = ("DisableApiTermination", ["Value": Document(instance.isProtected)])
    case "disableApiStop": value = ("DisableApiStop", ["Value": false])
    case "instanceInitiatedShutdownBehavior":
      value = (
        "InstanceInitiatedShutdownBehavior", ["Value": instance.endsOnShutdown ? "terminate" : "stop"]
      )
    case "rootDeviceName": value = ("RootDeviceName", ["Value": Document(instance.rootDevice)])
    case "ebsOptimized": value = ("EbsOptimized", ["Value": Document(instance.isEBSOptimized)])
    case "enaSupport": value = ("EnaSupport", ["Value": Document(instance.enaSupport ?? false)])
    case "sriovNetSupport":
      value = ("SriovNetSupport", instance.members[.sriovNetSupport].map { ["Value": Document($0)] } ?? .emptyObject)
    case "kernel": value = ("KernelId", .emptyObject)
    case "ramdisk": value = ("RamdiskId", .emptyObject)
    case "sourceDestCheck": value = ("SourceDestCheck", ["Value": true])
    case "productCodes": value = ("ProductCodes", [])
    case "groupSet": value = ("Groups", [])
    case "enclaveOptions": value = ("EnclaveOptions", ["Enabled": false])
    case "blockDeviceMapping":
      value = (
        "BlockDeviceMappings",
        Document(
          instance.devices.map { ["DeviceName": Document($0.name), "Ebs": ["VolumeId": Document($0.volumeID)]] })
      )
    default:
      throw .ec2("InvalidParameterValue", "Value (\(name)) for parameter attribute is invalid. Unknown attribute.")
    }
    return Document(entries: [("InstanceId", Document(instance.id)), (value.0, value.1)])
  }
}
