/// Something discovered.
package struct Resource: Sendable {
  /// `ec2:image`
  package var type: String
  /// Unique for this type within account and region.
  package var id: String
  package var arn: String
  package var account: String
  package var region: String
  /// In AWS's order.
  package var tags: [Tag]
  /// An object with AWS's own names and types.
  package var attributes: Document
  /// Attributes that were not read, or not read now. An attribute without a note was read in this sweep.
  package var notes: [AttributeNote]

  package init(
    type: String, id: String, arn: String, account: String, region: String, tags: [Tag] = [],
    attributes: Document = .emptyObject, notes: [AttributeNote] = []
  ) {
    self.type = type
    self.id = id
    self.arn = arn
    self.account = account
    self.region = region
    self.tags = tags
    self.attributes = attributes
    self.notes = notes
  }

  package var scope: Scope { Scope(account: account, region: region) }
  package var key: ResourceKey { ResourceKey(type: type, id: id, account: account, region: region) }
  package var name: String { attributes["Name"]?.string ?? tag("Name") ?? "" }
  package func tag(_ key: String) -> String? { tags.first { $0.key == key }?.value }
}

/// What a resource is known by, across sweeps.
package struct ResourceKey: Hashable, Comparable, Sendable {
  package var type: String
  package var id: String
  package var account: String
  package var region: String

  package init(type: String, id: String, account: String, region: String) {
    self.type = type
    self.id = id
    self.account = account
    self.region = region
  }

  package var scope: Scope { Scope(account: account, region: region) }

  package static func < (left: ResourceKey, right: ResourceKey) -> Bool {
    (left.account, left.region, left.type, left.id) < (right.account, right.region, right.type, right.id)
  }
}

/// What is to be known of one attribute beside its value.
package struct AttributeNote: Hashable, Sendable {
  package var name: String
  /// Why the attribute was not read; nil when its value is there.
  package var unread: FailureReason?
  /// When the value was read, for a value that was not read in this sweep.
  package var readAt: Timestamp?

  package init(name: String, unread: FailureReason? = nil, readAt: Timestamp? = nil) {
    self.name = name
    self.unread = unread
    self.readAt = readAt
  }
}

/// Why something could not be looked at: a class, AWS's code (or Reeve's own word), a text for a person.
package struct FailureReason: Hashable, Sendable, Error, CustomStringConvertible {
  /// The classes, with the numbers that the plugin contract gives them.
  package enum Kind: Int32, Sendable, CaseIterable {
    case configuration = 1
    case denied, throttled, cancelled, badData, unsupported, `internal`, timedOut, unreachable, rejected
  }

  /// The code of a call that was not made, since its region did not answer several times in a row.
  package static let regionUnreachable = "RegionUnreachable"

  package var kind: Kind
  package var code: String
  package var message: String

  package init(kind: Kind, code: String, message: String) {
    self.kind = kind
    self.code = code
    self.message = message
  }

  package var description: String { message.isEmpty ? code : "\(code): \(message)" }
}
