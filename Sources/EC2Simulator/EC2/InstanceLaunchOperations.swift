import AWSWire
import Governance

/// RunInstances: an image that one may not launch cannot be launched.
enum InstanceLaunchOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "RunInstances", authorization: .resources(targets), isMutating: true) {
      call, state throws(ServiceError) in try run(call, &state)
    }
  ]

  /// [doc] "Example policies for RunInstances": every resource that the launch uses or makes must be allowed. Networks
  /// are not simulated, so subnets and groups are those of any.
  private static let targets: @Sendable (Call, World) -> [Authorizer.Target] = { call, world in
    let request = try? LaunchRequest(call, world)
    let account = call.caller.account
    var image = ImageLookup.target(request?.imageID ?? call.text("ImageId") ?? "", call, world)
    image.context["ec2:rootdevicetype"] = ["ebs"]
    var made = ["instance", "volume", "network-interface", "security-group", "subnet"].map { type in
      Authorizer.Target(resource: call.arn("\(type)/*", account: account))
    }
    made[0].context["ec2:instancetype"] = [request?.kind ?? "m1.small"]
    made[0].context["ec2:rootdevicetype"] = ["ebs"]
    if let key = request?.text("KeyName") {
      made.append(Authorizer.Target(resource: call.arn("key-pair/\(key)", account: account)))
    }
    let template = request?.template.map { call.arn("launch-template/\($0.id)", account: account) }
    if let template { made.append(Authorizer.Target(resource: template)) }
    return ([image] + made + TagOperations.creationTargets(call, creating: "RunInstances")).map { target in
      var target = target
      target.context["ec2:islaunchtemplateresource"] = ["false"]
      if let template { target.context["ec2:launchtemplate"] = [template] }
      return target
    }
  }

  private static func run(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    _ = try Idempotency.earlier(call, state)
    if let earlier = earlier(call, state.world) { return earlier }
    let request = try LaunchRequest(call, state.world)
    let count = try count(call)
    try request.refuseUnsupported()
    guard let id = request.imageID, !id.isEmpty else {
      throw .ec2("MissingParameter", "The request must contain the parameter ImageId")
    }
    let image = try ImageLaunch.launchable(id, call, state)
    try ImageLaunch.check(kind: request.kind, for: image)
    let zone = request["Placement"]?["AvailabilityZone"]?.string
    if let zone { try AvailabilityZoneOperations.check(zone, call) }
    var model = WorldInstance(
      id: "", owner: call.caller.account, region: call.region, imageID: image.id, kind: request.kind,
      zone: zone ?? AvailabilityZoneOperations.names(in: call.region)[0],
      launched: Timestamp(seconds: call.now.seconds), reservation: "")
    read(image, into: &model)
    try read(request, into: &model)
    let tags = try request.tags(of: "volume")
    let volumes = try LaunchVolumes(request, image, call, state.world).volumes(in: model.zone, tags: tags)
    model.reservation = state.newID("r")
    let instances = (0..<count).map { make(model, index: $0, volumes, in: &state) }
    state.world.promise(
      WorldPromise(
        at: call.now + WorldPromise.reportDelay, scope: image.scope, effect: .launched, id: image.id))
    // What was asked for a moment ago is pending; from the next read on it runs.
    let answer = InstancePrinter(world: state.world, scope: call.scope).reservation(instances, as: .pending)
    Idempotency.remember(answer, of: call, &state)
    return answer
  }

  /// [doc] "Ensuring idempotency": a token that was used already gives the instances that it gave, as they are now; the
  /// world remembers it of them.
  private static func earlier(_ call: Call, _ world: World) -> Document? {
    guard let token = call.text("ClientToken"), !token.isEmpty else { return nil }
    let instances = world.state(of: call.scope).workloads.instances.values.filter { $0.members[.clientToken] == token }
    guard !instances.isEmpty else { return nil }
    return InstancePrinter(world: world, scope: call.scope).reservation(instances.sorted { $0.id < $1.id })
  }

  private static func count(_ call: Call) throws(ServiceError) -> Int {
    guard let most = call.integer("MaxCount") else {
      throw .ec2("MissingParameter", "The request must contain the parameter MaxCount")
    }
    guard let least = call.integer("MinCount") else {
      throw .ec2("MissingParameter", "The request must contain the parameter MinCount")
    }
    guard least >= 1, most >= least else {
      throw .ec2(
        "InvalidParameterValue", "Invalid value '\(least)' for min instance count. Must be 1 to \(max(most, 1)).")
    }
    // The quota on running instances is in vCPUs on AWS; here one call can start a thousand.
    guard least <= 1_000 else {
      throw .ec2(
        "InstanceLimitExceeded", "You have requested more instances (\(least)) than your current limit of 1000")
    }
    return min(most, 1_000)
  }

  private static func read(_ image: WorldImage, into instance: inout WorldInstance) {
    instance.source = .init(name: image.name, owner: image.owner, created: image.created)
    instance.architecture = image.architecture
    instance.rootDevice = image.rootDevice
    instance.virtualization = image.virtualization
    instance.enaSupport = image.enaSupport
    if image.members[.imdsSupport] == "v2.0" { instance.tokens = "required" }
    let inherited: [(WorldInstance.Member, WorldImage.Member)] = [
      (.platform, .platform), (.bootMode, .bootMode), (.imdsSupport, .imdsSupport), (.tpmSupport, .tpmSupport),
      (.sriovNetSupport, .sriovNetSupport),
    ]
    for (member, source) in inherited { instance.members[member] = image.members[source] }
  }

  private static func read(_ request: LaunchRequest, into instance: inout WorldInstance) throws(ServiceError) {
    instance.tags = try request.tags(of: "instance")
    instance.template = request.template
    if let template = request.template {
      // [doc] The system tags of what a launch template started.
      instance.tags = TagOperations.merged(
        instance.tags,
        with: [
          Tag(key: "aws:ec2launchtemplate:id", value: template.id),
          Tag(key: "aws:ec2launchtemplate:version", value: "\(template.version)"),
        ])
    }
    instance.isProtected = request.bool("DisableApiTermination")
    instance.isMonitored = request["Monitoring"]?["Enabled"]?.bool ?? false
    instance.isEBSOptimized = request.bool("EbsOptimized")
    instance.endsOnShutdown = request.text("InstanceInitiatedShutdownBehavior") == "terminate"
    if let tokens = request["MetadataOptions"]?["HttpTokens"]?.string {
      guard ["optional", "required"].contains(tokens) else { throw GuardrailOperations.invalid(tokens, "HttpTokens") }
      instance.tokens = tokens
    }
    instance.members[.keyName] = request.text("KeyName")
    instance.members[.userData] = request.text("UserData")
    instance.members[.clientToken] = request.text("ClientToken").flatMap { $0.isEmpty ? nil : $0 }
    let profile = request["IamInstanceProfile"]
    instance.members[.iamInstanceProfile] = profile?["Arn"]?.string ?? profile?["Name"]?.string
  }

  private static func make(
    _ model: WorldInstance, index: Int, _ volumes: [LaunchVolumes.Volume], in state: inout SimulatorState
  ) -> WorldInstance {
    var instance = model
    instance.id = state.newID("i")
    instance.launchIndex = index
    for volume in volumes {
      var made = volume.volume
      made.id = state.newID("vol")
      made.attachment = .init(
        instance: instance.id, device: volume.device, since: model.launched, endsWithInstance: volume.endsWithInstance)
      instance.devices.append(.init(name: volume.device, volumeID: made.id))
      state.world.change(made.scope) { $0.volumes[made.id] = made }
    }
    state.world.change(instance.scope) { $0.workloads.instances[instance.id] = instance }
    return instance
  }
}
