import AWSWire
import Governance

/// TerminateInstances, StopInstances, StartInstances, RebootInstances. A change is told as under way and is done by the
/// next read.
enum InstanceStateOperations {
  static let entries: [OperationEntry] = [
    entry("TerminateInstances") { call, state throws(ServiceError) in
      let instances = try InstanceLookup.all(call, state.world)
      for instance in instances where instance.isProtected {
        // [quote]
        throw .ec2(
          "OperationNotPermitted",
          "The instance '\(instance.id)' may not be terminated. Modify its 'disableApiTermination' instance attribute and "
            + "try again.")
      }
      for instance in instances where instance.state != .terminated { terminate(instance, call, &state.world) }
      let shown: (WorldInstance) -> WorldInstance.State = { $0.state == .terminated ? .terminated : .shuttingDown }
      return ["TerminatingInstances": changes(instances, to: shown)]
    },
    entry("StopInstances") { call, state throws(ServiceError) in
      let instances = try InstanceLookup.all(call, state.world)
      try refuse(instances, in: [.terminated, .shuttingDown], to: "stopped")
      for instance in instances where instance.state == .running { change(instance, to: .stopped, call, &state.world) }
      return ["StoppingInstances": changes(instances) { $0.state == .stopped ? .stopped : .stopping }]
    },
    entry("StartInstances") { call, state throws(ServiceError) in
      let instances = try InstanceLookup.all(call, state.world)
      try refuse(instances, in: [.terminated, .shuttingDown], to: "started")
      for instance in instances where instance.state == .stopped { change(instance, to: .running, call, &state.world) }
      return ["StartingInstances": changes(instances) { $0.state == .running ? .running : .pending }]
    },
    entry("RebootInstances") { call, state throws(ServiceError) in
      let instances = try InstanceLookup.all(call, state.world)
      try refuse(instances, in: [.terminated, .shuttingDown, .stopped], to: "rebooted")
      return ImageLookup.success
    },
  ]

  private static func entry(_ name: String, _ handler: @escaping OperationEntry.Handler) -> OperationEntry {
    OperationEntry("ec2", name, authorization: .resources(InstanceLookup.targets), isMutating: true, handler: handler)
  }

  /// [quote] "The instance 'i-...' is not in a state from which it can be started."
  private static func refuse(_ instances: [WorldInstance], in states: [WorldInstance.State], to verb: String)
    throws(ServiceError)
  {
    for instance in instances where states.contains(instance.state) {
      throw .ec2(
        "IncorrectInstanceState", "The instance '\(instance.id)' is not in a state from which it can be \(verb).")
    }
  }

  private static func changes(_ instances: [WorldInstance], to next: (WorldInstance) -> WorldInstance.State) -> Document
  {
    Document(
      instances.map { instance in
        [
          "InstanceId": Document(instance.id), "CurrentState": InstancePrinter.state(next(instance)),
          "PreviousState": InstancePrinter.state(instance.state),
        ]
      })
  }

  private static func change(
    _ instance: WorldInstance, to next: WorldInstance.State, _ call: Call, _ world: inout World
  ) {
    world.change(instance.scope) { state in
      state.workloads.instances[instance.id]?.state = next
      state.workloads.instances[instance.id]?.since = call.now
      if next == .running { state.workloads.instances[instance.id]?.launched = Timestamp(seconds: call.now.seconds) }
    }
  }

  /// Volumes that were to end with it are gone, the others are free.
  private static func terminate(_ instance: WorldInstance, _ call: Call, _ world: inout World) {
    change(instance, to: .terminated, call, &world)
    world.change(instance.scope) { state in
      for device in instance.devices {
        let ends = state.volumes[device.volumeID]?.attachment?.endsWithInstance ?? false
        if ends { state.volumes[device.volumeID] = nil } else { state.volumes[device.volumeID]?.attachment = nil }
      }
      state.workloads.instances[instance.id]?.devices = []
    }
  }
}
