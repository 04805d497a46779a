import AWSWire
import Governance

/// DescribeImageReferences: the account's own resources that name an image. Parameters of Systems Manager and recipes of
/// Image Builder are other services': of these there are none.
enum ImageReferenceOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "DescribeImageReferences") { call, state throws(ServiceError) in
      try describe(call, state.world)
    }
  ]

  static let types = [
    "ec2:Instance", "ec2:LaunchTemplate", "ssm:Parameter", "imagebuilder:ImageRecipe", "imagebuilder:ContainerRecipe",
  ]

  /// What is looked for, with its options; nil: not asked for.
  struct Question {
    /// [doc] "Default: All states".
    var states: Set<String>? = []
    /// [doc] Of each template so many versions, "starting from the most recent version". Default 10.
    var depth: Int? = 10
  }

  private static func describe(_ call: Call, _ world: World) throws(ServiceError) -> Document {
    let ids = call.texts("ImageIds")
    guard !ids.isEmpty else { throw .ec2("MissingParameter", "The request must contain the parameter ImageId") }
    // [doc] "You can specify up to 10 image IDs".
    guard ids.count <= 10 else {
      throw .ec2("InvalidParameterValue", "You can specify up to 10 image IDs in a single request.")
    }
    for id in ids { try ImageLookup.check(id) }
    let question = try question(call)
    var page = try Page.ec2(call, idsParameter: "-", idsName: "-")
    page.limit = page.limit ?? 1_000
    let workloads = world.state(of: call.scope).workloads
    var found: [String: Document] = [:]
    for id in Set(ids) {
      for reference in references(to: id, workloads, question, call) {
        found["\(id) \(reference.arn)"] = [
          "ImageId": Document(id), "ResourceType": Document(reference.type), "Arn": Document(reference.arn),
        ]
      }
    }
    let (listed, next) = page.cut(found.keys.sorted())
    return Document(entries: [
      ("ImageReferences", Document(listed.compactMap { found[$0] })), ("NextToken", next.map { Document($0) }),
    ])
  }

  private static func question(_ call: Call) throws(ServiceError) -> Question {
    let given = call.list("ResourceTypes")
    guard call.bool("IncludeAllResourceTypes") || !given.isEmpty else {
      throw .ec2(
        "MissingParameter", "Either IncludeAllResourceTypes or ResourceTypes must be specified in the request.")
    }
    var question = call.bool("IncludeAllResourceTypes") ? Question() : Question(states: nil, depth: nil)
    for type in given {
      let name = type["ResourceType"]?.string ?? ""
      guard types.contains(name) else { throw GuardrailOperations.invalid(name, "ResourceType") }
      if name == "ec2:Instance" { question.states = [] }
      if name == "ec2:LaunchTemplate" { question.depth = 10 }
      for option in type["ResourceTypeOptions"]?.elements ?? [] {
        let values = option["OptionValues"]?.elements.compactMap(\.string) ?? []
        switch (name, option["OptionName"]?.string ?? "") {
        case ("ec2:Instance", "state-name"):
          let known = WorldInstance.State.allCases.map(\.rawValue)
          for value in values where !known.contains(value) { throw GuardrailOperations.invalid(value, "OptionValue") }
          question.states = Set(values)
        case ("ec2:LaunchTemplate", "version-depth"): question.depth = try depth(values)
        case (_, let other): throw GuardrailOperations.invalid(other, "OptionName")
        }
      }
    }
    return question
  }

  static func depth(_ values: [String]) throws(ServiceError) -> Int {
    guard values.count == 1, let depth = Int(values[0]), (1...10_000).contains(depth) else {
      throw GuardrailOperations.invalid(values.joined(separator: ", "), "OptionValue")
    }
    return depth
  }

  private static func references(
    to id: String, _ workloads: ScopeWorkloads, _ question: Question, _ call: Call
  ) -> [(type: String, arn: String)] {
    var found: [(type: String, arn: String)] = []
    let account = call.caller.account
    if let states = question.states {
      for instance in workloads.instances.values where instance.imageID == id && instance.isListed(at: call.now) {
        guard states.isEmpty || states.contains(instance.state.rawValue) else { continue }
        found.append(("ec2:Instance", call.arn("instance/\(instance.id)", account: account)))
      }
    }
    if let depth = question.depth {
      for template in workloads.launchTemplates.values where template.names(id, depth: depth) {
        found.append(("ec2:LaunchTemplate", call.arn("launch-template/\(template.id)", account: account)))
      }
    }
    return found
  }
}

extension WorldLaunchTemplate {
  /// Does one of the newest versions name the image?
  func names(_ image: String, depth: Int) -> Bool { versions.suffix(depth).contains { $0.imageID == image } }
}
