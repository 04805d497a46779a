import Governance

/// What the ledger keeps of a resource beside its key and its times: one compact document
/// `{arn, tags: [[key, value]…], attributes, notes: [[name, readAt, kind, code, message]…]}`.
enum ResourceContent {
  static func encode(_ resource: Resource) -> [UInt8] {
    var writer = CompactDocumentWriter(capacity: resource.attributes.storage.heap.count * 2)
    writer.beginObject(count: 4)
    writer.string("arn")
    writer.string(resource.arn)
    writer.string("attributes")
    writer.append(resource.attributes)
    writer.string("notes")
    writer.beginArray(count: resource.notes.count)
    for note in resource.notes { encode(note, to: &writer) }
    writer.string("tags")
    writer.beginArray(count: resource.tags.count)
    for tag in resource.tags {
      writer.beginArray(count: 2)
      writer.string(tag.key)
      writer.string(tag.value)
    }
    return writer.bytes
  }

  private static func encode(_ note: AttributeNote, to writer: inout CompactDocumentWriter) {
    writer.beginArray(count: note.unread == nil ? 2 : 5)
    writer.string(note.name)
    if let readAt = note.readAt { writer.integer(readAt.nanoseconds) } else { writer.null() }
    if let reason = note.unread {
      writer.integer(Int64(reason.kind.rawValue))
      writer.string(reason.code)
      writer.string(reason.message)
    }
  }

  /// nil for a content that is broken.
  static func decode(_ bytes: [UInt8], key: ResourceKey) -> Resource? {
    guard let content = Document(compactBytes: bytes), let arn = content["arn"]?.string,
      let attributes = content["attributes"]
    else { return nil }
    var resource = Resource(
      type: key.type, id: key.id, arn: arn, account: key.account, region: key.region, attributes: attributes)
    for pair in content["tags"]?.elements ?? [] {
      guard let name = pair[0]?.string, let value = pair[1]?.string else { return nil }
      resource.tags.append(Tag(key: name, value: value))
    }
    for element in content["notes"]?.elements ?? [] {
      guard let note = note(element) else { return nil }
      resource.notes.append(note)
    }
    return resource
  }

  private static func note(_ element: Document) -> AttributeNote? {
    guard let name = element[0]?.string else { return nil }
    var note = AttributeNote(name: name)
    note.readAt = element[1]?.int.map { Timestamp(nanoseconds: Int64($0)) }
    guard let number = element[2]?.int else { return note }
    guard let kind = Int32(exactly: number).flatMap(FailureReason.Kind.init(rawValue:)), let code = element[3]?.string,
      let message = element[4]?.string
    else { return nil }
    note.unread = FailureReason(kind: kind, code: code, message: message)
    return note
  }

  /// The resource as it was read now, with the attributes that were recorded earlier and not asked for now; a note says
  /// when each of those was read.
  static func merge(_ resource: Resource, recorded: Resource, at lastSeen: Timestamp, wanted: [String]) -> Resource {
    var kept: [(name: String, value: Document)] = []
    recorded.attributes.forEachEntry { name, value in
      // Nearly all of them were read again, and nothing is made of those.
      guard resource.attributes[name] == nil, let name = name.string else { return }
      if !wanted.contains(name), !resource.notes.contains(where: { $0.name == name }) { kept.append((name, value)) }
    }
    guard !kept.isEmpty else { return resource }
    var merged = resource
    merged.attributes = Document(
      entries: (resource.attributes.entries + kept).map { (name: $0.name, value: Optional($0.value)) })
    for entry in kept.sorted(by: { $0.name < $1.name }) {
      let earlier = recorded.notes.first { $0.name == entry.name }?.readAt
      merged.notes.append(AttributeNote(name: entry.name, readAt: earlier ?? lastSeen))
    }
    return merged
  }
}
