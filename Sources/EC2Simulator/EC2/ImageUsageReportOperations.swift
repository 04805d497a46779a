import AWSWire
import Governance

/// Image usage reports: which other accounts use an image, and with how many resources.
enum ImageUsageReportOperations {
  static let entries: [OperationEntry] = [
    OperationEntry(
      "ec2", "CreateImageUsageReport",
      authorization: .resources { call, world in
        [
          ImageLookup.target(call.text("ImageId") ?? "", call, world),
          Authorizer.Target(resource: call.arn("image-usage-report/*", account: call.caller.account)),
        ]
          + TagOperations.creationTargets(call, creating: "CreateImageUsageReport")
      }, isMutating: true
    ) { call, state throws(ServiceError) in try create(call, &state) },
    OperationEntry("ec2", "DescribeImageUsageReports") { call, state throws(ServiceError) in
      try describe(call, state.world)
    },
    OperationEntry("ec2", "DescribeImageUsageReportEntries") { call, state throws(ServiceError) in
      try describeEntries(call, state.world)
    },
    OperationEntry(
      "ec2", "DeleteImageUsageReport",
      authorization: .resources { call, world in [target(call.text("ReportId") ?? "", call, world)] }, isMutating: true
    ) { call, state throws(ServiceError) in
      let id = try call.required("ReportId")
      guard let report = reports(call, state.world)[id] else { throw notFound(id) }
      state.world.change(report.scope) { $0.workloads.usageReports[id] = nil }
      return ImageLookup.success
    },
  ]

  static func target(_ id: String, _ call: Call, _ world: World) -> Authorizer.Target {
    var target = Authorizer.Target(
      resource: call.arn("image-usage-report/\(id.isEmpty ? "*" : id)", account: call.caller.account))
    TagOperations.addResourceTags(
      world.state(of: call.scope).workloads.usageReports[id]?.tags ?? [], to: &target)
    return target
  }

  /// Code and text are not established.
  static func notFound(_ id: String) -> ServiceError {
    .ec2("InvalidImageUsageReportId.NotFound", "The image usage report '\(id)' does not exist.")
  }

  /// [doc] "The report is deleted 30 days after it was created."
  private static func reports(_ call: Call, _ world: World) -> [String: WorldUsageReport] {
    world.state(of: call.scope).workloads.usageReports.filter { $0.value.expires > call.now }
  }

  // MARK: Creating

  private static func create(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    let image = try ImageLookup.owned(call, state)
    let accounts = call.texts("AccountIds")
    for account in accounts where !Account.isID(account) {
      throw .ec2("InvalidParameterValue", "Invalid value '\(account)' for AccountId.")
    }
    let types = call.list("ResourceTypes").map(\.compacted)
    let depth = try depth(types)
    let tags = try TagOperations.creationTags(call, of: "image-usage-report", among: ["image-usage-report"])
    var report = WorldUsageReport(
      id: state.newID("amiur"), owner: call.caller.account, region: call.region, imageID: image.id,
      created: Timestamp(seconds: call.now.seconds), resourceTypes: types, accounts: accounts, entries: [], tags: tags)
    report.entries = entries(of: report, depth: depth, at: call.now, state.world)
    state.world.change(report.scope) { $0.workloads.usageReports[report.id] = report }
    return ["ReportId": Document(report.id)]
  }

  /// [model] version-depth: "Integers between 1 and 10000. Default: 20".
  private static func depth(_ types: [Document]) throws(ServiceError) -> Int {
    guard !types.isEmpty else { throw .ec2("MissingParameter", "The request must contain the parameter ResourceTypes") }
    var depth = 20
    for type in types {
      let name = type["ResourceType"]?.string ?? ""
      guard ["ec2:Instance", "ec2:LaunchTemplate"].contains(name) else {
        throw GuardrailOperations.invalid(name, "ResourceType")
      }
      for option in type["ResourceTypeOptions"]?.elements ?? [] {
        guard name == "ec2:LaunchTemplate", option["OptionName"]?.string == "version-depth" else {
          throw GuardrailOperations.invalid(option["OptionName"]?.string ?? "", "OptionName")
        }
        depth = try ImageReferenceOperations.depth(option["OptionValues"]?.elements.compactMap(\.string) ?? [])
      }
    }
    return depth
  }

  /// [doc] Usage by others, not by the owner; instances show up after 24 hours.
  private static func entries(of report: WorldUsageReport, depth: Int, at now: Timestamp, _ world: World)
    -> [WorldUsageReport.Entry]
  {
    let types = Set(report.resourceTypes.compactMap { $0["ResourceType"]?.string })
    let settled = now - WorldPromise.reportDelay
    var entries: [WorldUsageReport.Entry] = []
    for account in world.accountIDs where account != report.owner {
      guard report.accounts.isEmpty || report.accounts.contains(account) else { continue }
      let workloads = world.state(of: Scope(account: account, region: report.region)).workloads
      let counts = [
        (
          "ec2:Instance",
          workloads.instances.values.count { instance in
            instance.imageID == report.imageID && instance.launched <= settled && instance.state != .terminated
          }
        ),
        ("ec2:LaunchTemplate", workloads.launchTemplates.values.count { $0.names(report.imageID, depth: depth) }),
      ]
      for (type, count) in counts where count > 0 && types.contains(type) {
        entries.append(.init(account: account, resourceType: type, count: count))
      }
    }
    return entries
  }

  // MARK: Reading

  private static func wanted(_ call: Call, _ world: World) -> [String: WorldUsageReport] {
    let images = call.texts("ImageIds")
    return reports(call, world).filter { images.isEmpty || images.contains($0.value.imageID) }
  }

  private static func describe(_ call: Call, _ world: World) throws(ServiceError) -> Document {
    for id in call.texts("ImageIds") { try ImageLookup.check(id) }
    let ids = Listing.IDs(parameter: "ReportIds", name: "reportIds") { notFound($0[0]) }
    let listing = Listing(call: call, ids: ids, filterNames: ["creation-time", "state"])
    let (reports, next) = try listing.cut(wanted(call, world), tags: \.tags) {
      filter, report in
      filter.name == "state" ? filter.matches("available") : filter.matches(report.created.wholeSeconds)
    }
    let printed = reports.map { report in
      Document(entries: [
        ("ImageId", Document(report.imageID)), ("ReportId", Document(report.id)),
        ("ResourceTypes", Document(report.resourceTypes)),
        ("AccountIds", report.accounts.isEmpty ? nil : Document(strings: report.accounts)), ("State", "available"),
        ("CreationTime", Document(report.created.wholeSeconds)),
        ("ExpirationTime", Document(report.expires.wholeSeconds)),
        ("Tags", report.tags.isEmpty ? nil : ImagePrinter.tags(report.tags)),
      ])
    }
    return Document(entries: [("ImageUsageReports", Document(printed)), ("NextToken", next)])
  }

  private static func describeEntries(_ call: Call, _ world: World) throws(ServiceError) -> Document {
    for id in call.texts("ImageIds") { try ImageLookup.check(id) }
    let all = wanted(call, world)
    let ids = call.texts("ReportIds")
    if let missing = ids.first(where: { all[$0] == nil }) { throw notFound(missing) }
    let listing = Listing(
      call: call, filterNames: ["account-id", "creation-time", "resource-type"],
      takesTagFilters: false)
    var rows: [String: (WorldUsageReport, WorldUsageReport.Entry)] = [:]
    for report in all.values where ids.isEmpty || ids.contains(report.id) {
      for entry in report.entries { rows["\(report.id) \(entry.account) \(entry.resourceType)"] = (report, entry) }
    }
    let (listed, next) = try listing.cut(rows) { filter, row in
      switch filter.name {
      case "account-id": filter.matches(row.1.account)
      case "creation-time": filter.matches(row.0.created.wholeSeconds)
      default: filter.matches(row.1.resourceType)
      }
    }
    let printed = listed.map { report, entry -> Document in
      [
        "ResourceType": Document(entry.resourceType), "ReportId": Document(report.id),
        "UsageCount": Document(entry.count), "AccountId": Document(entry.account),
        "ImageId": Document(report.imageID), "ReportCreationTime": Document(report.created.wholeSeconds),
      ]
    }
    return Document(entries: [("ImageUsageReportEntries", Document(printed)), ("NextToken", next)])
  }
}
