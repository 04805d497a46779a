package import Governance

/// `reeve images`: what images there are, whose they are, and who may launch them.
package struct ImageInventory: Sendable {
  package struct Item: Sendable {
    package var image: Resource
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
    package var goneSince: Timestamp?

    package init(image: Resource, firstSeen: Timestamp, lastSeen: Timestamp, goneSince: Timestamp? = nil) {
      self.image = image
      self.firstSeen = firstSeen
      self.lastSeen = lastSeen
      self.goneSince = goneSince
    }
  }

  /// The tags that say whose an image is; the first of each list that an image has counts. Case does not.
  package struct TagKeys: Sendable {
    package var owner = ["owner"]
    package var purpose = ["purpose"]
    package var sensitivity = ["sensitivity", "data-classification"]
    package init() {}
  }

  package var items: [Item]
  package var accountNames: [String: String]
  package var tagKeys: TagKeys
  package var now: Timestamp

  package init(items: [Item], accountNames: [String: String], tagKeys: TagKeys = TagKeys(), now: Timestamp) {
    self.items = items.sorted { $0.image.key < $1.image.key }
    self.accountNames = accountNames
    self.tagKeys = tagKeys
    self.now = now
  }

  package func table(width: Int, color: Bool) -> String {
    let terminal = TerminalText(width: width, color: color)
    let accounts = AccountLabels(names: accountNames)
    var lines: [String] = []
    for (scope, items) in Dictionary(grouping: items, by: \.image.scope).sorted(by: { $0.key < $1.key }) {
      let head = "\(TerminalText.plain(accounts(scope.account)))  \(scope.region)"
      lines.append(terminal.spread(head, items.count.counted("image"), style: .bold))
      lines += table(of: items).lines(terminal) + [""]
    }
    let scopes = Set(items.map(\.image.scope))
    let open = items.filter { ImageSharing(of: $0.image).isPublic == true }.count
    lines.append(
      "\(items.count.counted("image")) in \(Set(scopes.map(\.account)).count.counted("account")) and "
        + "\(Set(scopes.map(\.region)).count.counted("region")), \(open) public")
    return lines.joined(separator: "\n") + "\n"
  }

  private func table(of items: [Item]) -> TextTable {
    var table = TextTable([
      .init("IMAGE"), .init("NAME", minimum: 8), .init("SHARED WITH", minimum: 8),
      .init("OWNER", minimum: 5),
      .init("PURPOSE", minimum: 5), .init("SENSITIVITY", minimum: 5), .init("AGE", isRight: true),
      .init("LAUNCHED", isRight: true),
    ])
    for item in items {
      let image = item.image
      table.add([
        image.id, item.goneSince == nil ? image.name : "(gone) \(image.name)", ImageSharing(of: image).text,
        tag(tagKeys.owner, of: image), tag(tagKeys.purpose, of: image), tag(tagKeys.sensitivity, of: image),
        ago(created(image)), ago(launched(image)),
      ])
    }
    return table
  }

  package var json: String {
    let list = items.map { item in
      let image = item.image
      return Document(entries: [
        ("imageId", Document(image.id)), ("name", Document(image.name)), ("arn", Document(image.arn)),
        ("account", Document(image.account)), ("accountName", Document(accountNames[image.account] ?? "")),
        ("region", Document(image.region)), ("owner", Document(tag(tagKeys.owner, of: image))),
        ("purpose", Document(tag(tagKeys.purpose, of: image))),
        ("sensitivity", Document(tag(tagKeys.sensitivity, of: image))),
        ("sharing", ImageSharing(of: image).document),
        ("createdAt", created(image).map { Document($0.iso8601Milliseconds) }),
        ("lastLaunchedAt", launched(image).map { Document($0.iso8601Milliseconds) }),
        ("firstSeen", Document(item.firstSeen.iso8601Milliseconds)),
        ("lastSeen", Document(item.lastSeen.iso8601Milliseconds)),
        ("goneSince", item.goneSince.map { Document($0.iso8601Milliseconds) }),
        ("tags", Document(entries: image.tags.sorted { $0.key < $1.key }.map { ($0.key, Document($0.value)) })),
      ])
    }
    return (["schemaVersion": Document(JSONReport.schemaVersion), "images": Document(list)] as Document).prettyJSON
      + "\n"
  }

  private func tag(_ keys: [String], of image: Resource) -> String {
    for key in keys {
      if let tag = image.tags.first(where: { $0.key.lowercased() == key.lowercased() }) { return tag.value }
    }
    return ""
  }

  private func created(_ image: Resource) -> Timestamp? {
    image.attributes["CreationDate"]?.string.flatMap(Timestamp.init(iso8601:))
  }

  /// `DescribeImages` gives text, `DescribeImageAttribute` an object with a value.
  private func launched(_ image: Resource) -> Timestamp? {
    let attribute = image.attributes["LastLaunchedTime"]
    return (attribute?.string ?? attribute?["Value"]?.string).flatMap(Timestamp.init(iso8601:))
  }

  private func ago(_ time: Timestamp?) -> String {
    guard let time else { return "" }
    let days = max(.zero, now - time).components.seconds / 86_400
    return days < 1 ? "today" : days < 730 ? "\(days)d" : "\(days / 365)y"
  }
}
