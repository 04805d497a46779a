import AWSWire
import Governance

/// GetImageAncestry: where an image came from, back to its root.
enum ImageLineageOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "GetImageAncestry", authorization: .resources(ImageLookup.targets)) {
      call, state throws(ServiceError) in
      let image = try ImageLookup.visible(call, state)
      return ["ImageAncestryEntries": Document(entries(from: image, call, state.world))]
    }
  ]

  /// A chain ends at an image without a source, and at one that the caller may not see: its id is all that is known.
  private static func entries(from image: WorldImage, _ call: Call, _ world: World) -> [Document] {
    var chain: [Document] = []
    var seen: Set<String> = []
    var current: WorldImage? = image
    while let image = current, seen.insert(image.id).inserted {
      let source = image.members[.sourceImageId]
      let region = image.members[.sourceImageRegion] ?? image.region
      chain.append(
        Document(entries: [
          ("CreationDate", Document(image.created.wholeSeconds)), ("ImageId", Document(image.id)),
          ("ImageOwnerAlias", world.account(image.owner)?.alias.map { Document($0) }),
          ("SourceImageId", source.map { Document($0) }),
          ("SourceImageRegion", source.map { _ in Document(region) }),
        ]))
      guard let source, !seen.contains(source) else { break }
      guard let parent = world.image(source, in: region, seenBy: call.caller.account),
        ImageLookup.isVisible(parent, to: call.caller.account, world)
      else {
        chain.append(["ImageId": Document(source)])
        break
      }
      current = parent
    }
    return chain
  }
}
