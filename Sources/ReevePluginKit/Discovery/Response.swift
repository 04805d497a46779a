/// What AWS answered: a copy, the author's to keep.
public struct Response: Sendable {
  public let body: Document
  /// When AWS answered: earlier than the sweep's time for an answer that was reused. nil: now.
  public let readAt: Time?

  public init(body: Document, readAt: Time? = nil) {
    self.body = body
    self.readAt = readAt
  }

  public subscript(name: String) -> Document? { body[name] }
  /// The elements of the array of that name; none when AWS left it out.
  public func elements(_ name: String) -> [Document] { body[name]?.elements ?? [] }
}
