import AWSWire
import Governance

/// DescribeImages.
enum ImageReadOperations {
  static let entries: [OperationEntry] = [
    OperationEntry(
      "ec2", "DescribeImages", writer: write
    ) { call, state throws(ServiceError) in
      try ImageListing(call, state).document(state)
    }
  ]

  private static func write(_ call: Call, _ state: inout SimulatorState, _ output: Shape, _ xml: inout XMLWriter)
    throws(ServiceError)
  {
    try ImageListing(call, state).write(output, state, to: &xml)
  }
}

/// One DescribeImages call: whose images, which of them, which page. It is handed the state for each step and keeps none:
/// a copy costs as much as an answer about one image.
struct ImageListing {
  private let call: Call
  private let printer: ImagePrinter
  private let filters: [Filter]
  private let page: Page
  private let ids: [String]
  private var viewer: String { call.caller.account }

  init(_ call: Call, _ state: SimulatorState) throws(ServiceError) {
    self.call = call
    printer = ImagePrinter(world: state.world, viewer: call.caller.account, region: call.region, now: call.now)
    page = try Page.ec2(call, idsParameter: "ImageIds", idsName: "imageIdsSet")
    filters = try call.filters()
    ids = call.texts("ImageIds")
    for filter in filters where !ImageFilter.isKnown(filter.name) { throw filter.invalid }
    for id in ids { try ImageLookup.check(id) }
  }

  func document(_ state: SimulatorState) throws(ServiceError) -> Document {
    try refuseUnknownIDs(state)
    let owners = try owners()
    let users = try executableUsers()
    let wanted = { (stored: StoredRecord<WorldImage>) -> WorldImage? in
      let image = stored.record
      return isWanted(image, owners: owners, users: users, state.world) ? image : nil
    }
    let (listed, next) =
      ids.isEmpty
      ? page.cut(
        search(owners: owners, users: users, state.world).results(after: page.after), id: \WorldImage.id,
        wanted: wanted)
      : page.cut(named(state.world), id: \WorldImage.id, wanted: wanted)
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
  func write(_ output: Shape, _ state: SimulatorState, to xml: inout XMLWriter) throws(ServiceError) {
    try refuseUnknownIDs(state)
    let owners = try owners()
    let users = try executableUsers()
    guard let list = output.member(named: "Images"), let token = output.member(named: "NextToken") else { return }
    var items = ImageItemWriter(printer: printer, list: list.shape)
    // Without filters nothing that is looked at is the single image's own.
    let decidesByKind = filters.isEmpty && printer.treatsAlike
    let (listed, next): ([StoredRecord<WorldImage>], String?)
    if ids.isEmpty {
      let results = search(owners: owners, users: users, state.world).results(after: page.after)
      (listed, next) = page.cut(results, id: \StoredRecord<WorldImage>.id) { stored in
        let isListed =
          decidesByKind
          ? items.isWanted(stored) { isWanted($0, owners: owners, users: users, state.world) }
          : isWanted(stored.record, owners: owners, users: users, state.world)
        return isListed ? stored : nil
      }
    } else {
      // A limit beside ids is refused: there is no further page.
      listed = named(state.world).filter { isWanted($0.record, owners: owners, users: users, state.world) }
      next = nil
    }
    // What most images take; longer ones make it grow.
    xml.reserve(listed.count * 1_400)
    xml.open(list.responseName)
    for stored in listed { items.write(stored, to: &xml) }
    xml.close(list.responseName)
    if let next { xml.element(token.responseName, next) }
  }

  /// [capture] An image that exists, or did, and may not be seen is left out; an id that nobody has is an error.
  private func refuseUnknownIDs(_ state: SimulatorState) throws(ServiceError) {
    let unknown = ids.filter { id in
      !ImageLookup.exists(id, in: call.region, state.world) && !state.deregistered.contains(id)
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

  /// Those that the caller names, each once, in the order of their ids.
  private func named(_ world: World) -> [StoredRecord<WorldImage>] {
    let wanted = ids.map { RecordID($0) }
    let sorted = wanted.count > 1 ? Array(SortedChunks(wanted)) : wanted
    let after = page.after.map { RecordID($0) }
    return sorted.compactMap { id in
      if let after, id <= after { return nil }
      return world.stored(id, in: call.region, as: WorldImage.self)
    }
  }

  private func search(owners: [String], users: [String], _ world: World) -> RecordSearch<WorldImage> {
    var search = RecordSearch<WorldImage>(
      world: world, viewer: call.scope, owners: owners, grantees: world.grants(of: viewer), filters: filters)
    if users == ["all"] { search.grantees = [.everyone] }
    if users == ["self"] { search.grantees = world.explicitGrants(of: viewer) }
    return search
  }

  private func isWanted(_ image: WorldImage, owners: [String], users: [String], _ world: World) -> Bool {
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
    if !users.isEmpty, !users.contains(where: { isExecutable(image, by: $0, world) }) { return false }
    return filters.allSatisfy { ImageFilter.matches($0, image, printer: printer) }
  }

  /// `self`: shared with the caller, also through organization and units, not through being public. Another account:
  /// what the caller owns and has shared with that account by name.
  private func isExecutable(_ image: WorldImage, by user: String, _ world: World) -> Bool {
    switch user {
    case "all": image.isPublic
    case "self", viewer: !Set(image.sharedWith).isDisjoint(with: world.explicitGrants(of: viewer))
    default: image.owner == viewer && image.sharedWith.contains(.account(user))
    }
  }
}
