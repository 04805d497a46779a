import AWSWire
import Governance

/// Images as DescribeImages prints them, in bytes straight from their rows.
///
/// A kind of image (all that its images have in common) is printed once by `ImagePrinter` and the writer that goes by
/// the shape, with marks where its images differ; what one image costs then is to copy bytes and to fill holes.
struct ImageItemWriter {
  private struct Kind: Hashable {
    var profile: ObjectIdentifier
    var sharedWith: ObjectIdentifier?
    var hasTags: Bool
    var owner: String
  }

  enum Rendering: Sendable {
    /// One of a kind is printed sooner than a template is made.
    case metOnce
    case template(XMLTemplate, tag: XMLTemplate?)
    /// It depends on more than the kind, or something in it looks like a mark: it is printed anew for each image.
    case whole
  }

  /// All that `ImagePrinter` looks at beside the profile and what the marks stand for.
  struct Circumstances: Hashable, Sendable {
    var isOwn: Bool
    var isPublic: Bool
    var hasTags: Bool
    var showsAllowed: Bool
    var owner: String
    var alias: String?
  }

  private enum Hole {
    static let id = 0
    static let name = 1
    static let created = 2
    static let tags = 3
    static let tagKey = 4
    static let tagValue = 5
    /// Of the nth device that stands on a snapshot.
    static let snapshot = 6
  }

  /// A date that no image has: the first second that a timestamp can count.
  private static let markedDate = Timestamp(seconds: -9_223_372_036)

  private let printer: ImagePrinter
  private let list: Shape
  private var renderings: [Kind: Rendering] = [:]
  private var verdicts: [Kind: Bool] = [:]

  init(printer: ImagePrinter, list: Shape) {
    self.printer = printer
    self.list = list
  }

  /// Does `decide`, which must look at nothing that differs within a kind, want this image?
  mutating func isWanted(_ stored: StoredRecord<WorldImage>, _ decide: (WorldImage) -> Bool) -> Bool {
    let kind = kind(of: stored)
    if let known = verdicts[kind] { return known }
    let verdict = decide(marked(stored))
    verdicts[kind] = verdict
    return verdict
  }

  mutating func write(_ stored: StoredRecord<WorldImage>, to xml: inout XMLWriter) {
    let row = stored.row
    switch rendering(of: stored) {
    case .whole, .metOnce: write(stored.record, to: &xml)
    case .template(let item, let tag):
      item.write(to: &xml) { hole, xml in
        switch hole {
        case Hole.id: row.id.write(to: &xml)
        case Hole.name: xml.text(row.name)
        case Hole.created: xml.text(row.created.wholeSeconds)
        case Hole.tags: Self.write(row.tags?.value ?? [], as: tag, to: &xml)
        default: row.snapshot(hole - Hole.snapshot)?.write(to: &xml)
        }
      }
    }
  }

  private func isOwn(_ stored: StoredRecord<WorldImage>) -> Bool { stored.scope.account == printer.viewer }

  private func kind(of stored: StoredRecord<WorldImage>) -> Kind {
    let row = stored.row
    return Kind(
      profile: ObjectIdentifier(row.profile), sharedWith: row.sharedWith.map { ObjectIdentifier($0) },
      hasTags: row.tags != nil, owner: stored.scope.account)
  }

  func write(_ image: WorldImage, to xml: inout XMLWriter) {
    var document = DocumentBuilder()
    printer.append(image, to: &document)
    xml.item(document.finish(), of: list)
  }

  private static func write(_ tags: [Tag], as template: XMLTemplate?, to xml: inout XMLWriter) {
    for tag in tags {
      template?.write(to: &xml) { hole, xml in xml.text(hole == Hole.tagKey ? tag.key : tag.value) }
    }
  }

  private mutating func rendering(of stored: StoredRecord<WorldImage>) -> Rendering {
    // The viewer's own tags on what others own, and whether it is allowed, are the single image's.
    guard isOwn(stored) || printer.treatsAlike else { return .whole }
    let kind = kind(of: stored)
    if let known = renderings[kind] { return known }
    let circumstances = Circumstances(
      isOwn: isOwn(stored), isPublic: stored.row.sharedWith?.value.contains(.everyone) ?? false,
      hasTags: kind.hasTags, showsAllowed: printer.allowed.state != "disabled", owner: kind.owner,
      alias: printer.alias(ofAccount: kind.owner))
    let made = stored.row.profile.rendering(in: circumstances) {
      let image = marked(stored)
      var unmarked = stored.row.profile.image
      unmarked.sharedWith = image.sharedWith
      return render(image, unmarked: unmarked)
    }
    guard made.isFinal else { return made }
    renderings[kind] = made
    return made
  }

  /// An image of the kind, with marks for what its images have each of their own.
  private func marked(_ stored: StoredRecord<WorldImage>) -> WorldImage {
    var image = stored.row.profile.image
    image.id = XMLTemplate.mark(Hole.id)
    image.owner = stored.scope.account
    image.region = stored.scope.region
    image.name = XMLTemplate.mark(Hole.name)
    image.created = Self.markedDate
    image.sharedWith = stored.row.sharedWith?.value ?? []
    if stored.row.tags != nil {
      image.tags = [Tag(key: XMLTemplate.mark(Hole.tagKey), value: XMLTemplate.mark(Hole.tagValue))]
    }
    var snapshots = 0
    for position in image.devices.indices where image.devices[position].snapshotID != nil {
      image.devices[position].snapshotID = XMLTemplate.mark(Hole.snapshot + snapshots)
      snapshots += 1
    }
    return image
  }

  private func render(_ image: WorldImage, unmarked: WorldImage) -> Rendering {
    let date = Array(Self.markedDate.wholeSeconds.utf8)
    // What looks like a mark and is none would be filled.
    let own = bytes(of: unmarked)
    guard XMLTemplate.first(of: XMLTemplate.delimiter, in: own[...]) == nil,
      XMLTemplate.first(of: date, in: own[...]) == nil
    else { return .whole }
    var bytes = bytes(of: image)
    while let place = XMLTemplate.first(of: date, in: bytes[...]) {
      bytes.replaceSubrange(place, with: XMLTemplate.mark(Hole.created).utf8)
    }
    var tag: XMLTemplate?
    if !printer.tags(of: image).isEmpty {
      tag = XMLTemplate.cutItem(around: Hole.tagKey, Hole.tagValue, from: &bytes, leaving: Hole.tags)
      guard tag != nil else { return .whole }
    }
    guard let item = XMLTemplate(bytes) else { return .whole }
    return .template(item, tag: tag)
  }

  private func bytes(of image: WorldImage) -> [UInt8] {
    var xml = XMLWriter()
    write(image, to: &xml)
    return xml.bytes
  }
}

extension ImageItemWriter.Rendering {
  fileprivate var isFinal: Bool {
    if case .metOnce = self { return false }
    return true
  }
}
