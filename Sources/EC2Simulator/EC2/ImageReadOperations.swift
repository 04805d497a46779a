import AWSWire
import Governance

/// DescribeImages.
enum ImageReadOperations {
  static let entries: [OperationEntry] = [
    OperationEntry(
      "ec2", "DescribeImages", writer: write
    ) { call, state throws(ServiceError) in
      try ImageListing(call, state).document()
    }
  ]

  private static func write(_ call: Call, _ state: inout SimulatorState, _ output: Shape, _ xml: inout XMLWriter)
    throws(ServiceError)
  {
    try ImageListing(call, state).write(output, to: &xml)
  }
}

/// One DescribeImages call: whose images, which of them, which page.
struct ImageListing {
  private let call: Call
  private let state: SimulatorState
  private let printer: ImagePrinter
  private let filters: [Filter]
  private let page: Page
  private let ids: [String]
  private var world: World { state.world }
  private var viewer: String { call.caller.account }

  init(_ call: Call, _ state: SimulatorState) throws(ServiceError) {
    self.call = call
    self.state = state
    printer = ImagePrinter(world: state.world, viewer: call.caller.account, region: call.region, now: call.now)
    page = try Page.ec2(call, idsParameter: "ImageIds", idsName: "imageIdsSet")
    filters = try call.filters()
    ids = call.texts("ImageIds")
    for filter in filters where !ImageFilter.isKnown(filter.name) { throw filter.invalid }
    for id in ids { try ImageLookup.check(id) }
  }

  func document() throws(ServiceError) -> Document {
    try refuseUnknownIDs()
    let owners = try owners()
    let users = try executableUsers()
    let results = search(owners: owners, users: users).results(after: page.after)
    let (listed, next) = page.cut(results, id: \WorldImage.id) { stored in
      let image = stored.record
      return isWanted(image, owners: owners, users: users) ? image : nil
    }
    var out = DocumentBuilder()
    out.beginObject()
    out.name("Images")
    out.beginArray()
    for image in listed { printer.append(image, to: &out) }
    out.end()
    if let next { out.entry("NextToken", next) }
    out.end()
    return out.finish()
  }

  /// The same in bytes.
  func write(_ output: Shape, to xml: inout XMLWriter) throws(ServiceError) {
    try refuseUnknownIDs()
    let owners = try owners()
    let users = try executableUsers()
    guard let list = output.member(named: "Images"), let token = output.member(named: "NextToken") else { return }
    var items = ImageItemWriter(printer: printer, list: list.shape)
    // Without filters nothing that is looked at is the single image's own.
    let decidesByKind = filters.isEmpty && printer.treatsAlike
    let results = search(owners: owners, users: users).results(after: page.after)
    let (listed, next) = page.cut(results, id: \StoredRecord<WorldImage>.id) { stored in
      let isListed =
        decidesByKind
        ? items.isWanted(stored) { isWanted($0, owners: owners, users: users) }
        : isWanted(stored.record, owners: owners, users: users)
      return isListed ? stored : nil
    }
    // What most images take; longer ones make it grow.
    xml.reserve(listed.count * 1_400)
    xml.open(list.responseName)
    for stored in listed { items.write(stored, to: &xml) }
    xml.close(list.responseName)
    if let next { xml.element(token.responseName, next) }
  }

  /// [capture] An image that exists, or did, and may not be seen is left out; an id that nobody has is an error.
  private func refuseUnknownIDs() throws(ServiceError) {
    let unknown = ids.filter { id in
      !state.deregistered.contains(id) && !ImageLookup.exists(id, in: call.region, world)
    }
    guard unknown.isEmpty else { throw ImageLookup.notFound(unknown) }
  }

  private func owners() throws(ServiceError) -> [String] {
    var owners: [String] = []
    for owner in call.texts("Owners") {
      switch owner {
      case "self": owners.append(viewer)
      case "amazon", "aws-marketplace", "aws-backup-vault": owners.append(owner)
      default:
        guard Account.isID(owner) else {
          throw .ec2("InvalidUserID.Malformed", "Invalid user id: \"\(owner)\"")
        }
        owners.append(owner)
      }
    }
    return owners
  }

  private func executableUsers() throws(ServiceError) -> [String] {
    let users = call.texts("ExecutableUsers")
    for user in users where !["self", "all"].contains(user) && !Account.isID(user) {
      throw .ec2("InvalidUserID.Malformed", "Invalid user id: \"\(user)\"")
    }
    return users
  }

  private func search(owners: [String], users: [String]) -> RecordSearch<WorldImage> {
    var search = RecordSearch<WorldImage>(
      world: world, viewer: call.scope, ids: ids, owners: owners, grantees: world.grants(of: viewer), filters: filters)
    if users == ["all"] { search.grantees = [.everyone] }
    if users == ["self"] { search.grantees = world.explicitGrants(of: viewer) }
    return search
  }

  private func isWanted(_ image: WorldImage, owners: [String], users: [String]) -> Bool {
    guard ImageLookup.isVisible(image, to: viewer, world) else { return false }
    let isOwn = image.owner == viewer
    if image.state == .disabled, !call.bool("IncludeDisabled") { return false }
    if !isOwn {
      // "The owner always sees own deprecated images"; to others they are listed when asked for.
      let isDeprecated = image.deprecation.map { $0 <= call.now } ?? false
      if isDeprecated, ids.isEmpty, !call.bool("IncludeDeprecated") { return false }
      if printer.allowed.state == "enabled", !printer.isAllowed(image) { return false }
    }
    if !owners.isEmpty {
      let alias = printer.alias(of: image)
      guard owners.contains(image.owner) || alias.map(owners.contains) == true else { return false }
    }
    if !users.isEmpty, !users.contains(where: { isExecutable(image, by: $0) }) { return false }
    return filters.allSatisfy { ImageFilter.matches($0, image, printer: printer) }
  }

  /// `self`: shared with the caller, also through organization and units, not through being public. Another account:
  /// what the caller owns and has shared with that account by name.
  private func isExecutable(_ image: WorldImage, by user: String) -> Bool {
    switch user {
    case "all": image.isPublic
    case "self", viewer: !Set(image.sharedWith).isDisjoint(with: world.explicitGrants(of: viewer))
    default: image.owner == viewer && image.sharedWith.contains(.account(user))
    }
  }
}
