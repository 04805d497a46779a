import CReevePlugin

/// One resource of a batch, read lazily where the host put it.
///
/// It cannot be copied, so it cannot be kept by accident; what comes out of it (`Text`, `DocumentView`) is borrowed for
/// the call as well. An attribute that AWS did not set is nil; one that could not be read throws `UnreadAttribute`
/// (untyped: Swift 6.3.1 crashes on `catch let error as UnreadAttribute` around calls that throw just that type).
@safe public struct Resource: ~Copyable {
  let raw: UnsafePointer<reeve_resource>
  /// The sweep's time.
  public let now: Time

  init(raw: UnsafePointer<reeve_resource>, now: Time) {
    unsafe self.raw = unsafe raw
    self.now = now
  }

  /// `ec2:image`.
  public var type: Text { unsafe Text(raw.pointee.type) }
  /// Unique for this type within account and region.
  public var id: Text { unsafe Text(raw.pointee.id) }
  public var arn: Text { unsafe Text(raw.pointee.arn) }
  public var account: Text { unsafe Text(raw.pointee.account) }
  public var region: Text { unsafe Text(raw.pointee.region) }

  /// The attribute (or what lies in it, at a path of names and indexes joined by dots), or nil when it is not set.
  public subscript(path: StaticString) -> DocumentView? {
    get throws {
      let bytes = unsafe path.literalBytes
      try unsafe checkRead(bytes.prefix { $0 != UInt8(ascii: ".") })
      return unsafe attributes?.at(bytes)
    }
  }

  /// As the subscript; an attribute that is not there counts as unread. For what a verdict depends on: what was not
  /// looked at is never a pass.
  public func required(_ path: StaticString) throws -> DocumentView {
    if let value = try self[path], !value.isNull { return value }
    throw UnreadAttribute(
      name: path.description, kind: .badData, code: "AttributeMissing",
      message: "\(path) is not among the attributes of \(type) \(id)")
  }

  /// As the subscript; an attribute that could not be read is nil. Only for what makes a message richer.
  public func ifRead(_ path: StaticString) -> DocumentView? {
    let bytes = unsafe path.literalBytes
    let name = unsafe UnsafeRawBufferPointer(rebasing: bytes.prefix { $0 != UInt8(ascii: ".") })
    return unsafe unread(name) == nil ? attributes?.at(bytes) : nil
  }

  /// All attributes that were read.
  public var attributes: DocumentView? { unsafe DocumentView(raw.pointee.attributes) }

  /// When the attribute was read: earlier than `now` where an earlier answer was reused.
  public func readAt(_ attribute: StaticString) -> Time {
    let noted = unsafe notes.first { note in
      unsafe note.pointee.status == REEVE_OK && note.pointee.read_at != 0 && Text(note.pointee.name) == attribute
    }
    return unsafe noted.map { unsafe Time(nanoseconds: $0.pointee.read_at) } ?? now
  }

  /// A tag's value, or nil when there is no such tag.
  public func tag(_ key: StaticString) throws -> Text? {
    try unsafe tag(key.literalBytes)
  }

  @_disfavoredOverload
  public func tag(_ key: String) throws -> Text? {
    for entry in try tags where entry.key == key { return entry.value }
    return nil
  }

  /// In AWS's order.
  public var tags: [(key: Text, value: Text)] {
    get throws {
      try checkTagsRead()
      return unsafe SpanReader<reeve_tag>(raw.pointee.tags).map { tag in
        unsafe (key: Text(tag.pointee.key), value: Text(tag.pointee.value))
      }
    }
  }

  private var notes: SpanReader<reeve_attribute_note> { unsafe SpanReader(raw.pointee.notes) }

  private func tag(_ key: UnsafeRawBufferPointer) throws -> Text? {
    try checkTagsRead()
    let tag = unsafe SpanReader<reeve_tag>(raw.pointee.tags).first { tag in
      unsafe Text(tag.pointee.key).equals(key)
    }
    return unsafe tag.map { unsafe Text($0.pointee.value) }
  }

  private func checkTagsRead() throws {
    guard unsafe raw.pointee.notes.count > 0 else { return }
    let name: StaticString = "Tags"
    let bytes = unsafe name.literalBytes
    try unsafe checkRead(bytes[...])
  }

  private func checkRead(_ name: Slice<UnsafeRawBufferPointer>) throws {
    guard unsafe raw.pointee.notes.count > 0,
      let note = unsafe unread(UnsafeRawBufferPointer(rebasing: name))
    else { return }
    throw unsafe UnreadAttribute(
      name: Text(note.pointee.name).string, kind: FailureKind(note.pointee.status),
      code: Text(note.pointee.code).string, message: Text(note.pointee.message).string)
  }

  private func unread(_ name: UnsafeRawBufferPointer) -> UnsafePointer<reeve_attribute_note>? {
    unsafe notes.first { note in
      unsafe note.pointee.status != REEVE_OK && Text(note.pointee.name).equals(name)
    }
  }
}
