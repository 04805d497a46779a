import CReevePlugin

/// A resource that a discovery emits.
public struct DiscoveredResource: Sendable, Equatable {
  /// What is to be known of an attribute beside its value.
  public enum Note: Sendable, Equatable {
    case unread(kind: FailureKind, code: String, message: String)
    case readAt(Time)
  }

  public var type: String
  public var id: String
  public var arn: String
  public var account: String
  public var region: String
  /// In AWS's order.
  public var tags: [Tag]
  /// An object with AWS's own names and types.
  public var attributes: Document
  public private(set) var notes: [String: Note] = [:]

  public struct Tag: Sendable, Equatable {
    public var key: String
    public var value: String
    public init(_ key: String, _ value: String) {
      self.key = key
      self.value = value
    }
  }

  public init(
    type: String, id: String, arn: String, account: String, region: String, tags: [Tag] = [],
    attributes: Document = .emptyObject
  ) {
    self.type = type
    self.id = id
    self.arn = arn
    self.account = account
    self.region = region
    self.tags = tags
    self.attributes = attributes
  }

  /// Adds an attribute that was read by a call of its own; `readAt` says when, if that was not now.
  public mutating func set(_ attribute: String, to value: Document, readAt: Time? = nil) {
    attributes = attributes.setting(attribute, to: value)
    notes[attribute] = readAt.map { .readAt($0) }
  }

  /// Says that an attribute ("Tags": the tags) could not be read, and why. Everything else of the resource counts.
  public mutating func markUnread(_ attribute: String, _ error: any Error) {
    attributes = attributes.removing(attribute)
    if let error = error as? AWSError {
      notes[attribute] = .unread(kind: error.kind, code: error.code, message: error.explanation)
    } else {
      notes[attribute] = .unread(kind: .internal, code: "PluginError", message: "\(error)")
    }
  }

  public mutating func markUnread(_ attributes: some Sequence<String>, _ error: any Error) {
    for attribute in attributes { markUnread(attribute, error) }
  }

  func raw(_ arena: Arena) -> reeve_resource {
    let tags = unsafe tags.map { unsafe reeve_tag(key: arena.string($0.key), value: arena.string($0.value)) }
    let notes = unsafe notes.sorted { $0.key < $1.key }.map { unsafe $0.value.raw($0.key, arena) }
    return unsafe reeve_resource(
      struct_size: UInt32(MemoryLayout<reeve_resource>.size), reserved: 0, type: arena.string(type),
      id: arena.string(id), arn: arena.string(arn), account: arena.string(account), region: arena.string(region),
      tags: arena.span(tags), attributes: arena.document(attributes), notes: arena.span(notes))
  }

  init(_ raw: UnsafePointer<reeve_resource>) {
    unsafe self.init(
      type: Text(raw.pointee.type).string, id: Text(raw.pointee.id).string, arn: Text(raw.pointee.arn).string,
      account: Text(raw.pointee.account).string, region: Text(raw.pointee.region).string,
      tags: SpanReader<reeve_tag>(raw.pointee.tags).map {
        unsafe Tag(Text($0.pointee.key).string, Text($0.pointee.value).string)
      },
      attributes: DocumentView(raw.pointee.attributes)?.copy() ?? .emptyObject)
    unsafe SpanReader<reeve_attribute_note>(raw.pointee.notes).each { note in
      unsafe notes[Text(note.pointee.name).string] =
        note.pointee.status == REEVE_OK
        ? .readAt(Time(nanoseconds: note.pointee.read_at))
        : .unread(
          kind: FailureKind(note.pointee.status), code: Text(note.pointee.code).string,
          message: Text(note.pointee.message).string)
    }
  }
}

extension DiscoveredResource.Note {
  fileprivate func raw(_ name: String, _ arena: Arena) -> reeve_attribute_note {
    var raw = unsafe reeve_attribute_note()
    unsafe raw.struct_size = UInt32(MemoryLayout<reeve_attribute_note>.size)
    unsafe raw.name = arena.string(name)
    switch self {
    case .unread(let kind, let code, let message):
      unsafe raw.status = kind.status
      unsafe raw.code = arena.string(code)
      unsafe raw.message = arena.string(message)
    case .readAt(let time): unsafe raw.read_at = time.nanoseconds
    }
    return unsafe raw
  }
}
