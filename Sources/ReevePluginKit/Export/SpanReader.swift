import CReevePlugin

/// Steps through a borrowed array with the stride of its maker, whose elements may be larger than the reader knows.
@safe struct SpanReader<Element>: @unsafe Sequence, @unsafe IteratorProtocol {
  private let items: UnsafeRawPointer?
  private let stride: Int
  let count: Int
  private var index = 0

  init(_ span: reeve_span) {
    unsafe items = unsafe span.items
    unsafe stride = Int(span.stride)
    unsafe count = span.items == nil ? 0 : Int(span.count)
    precondition(
      count < 2 || stride >= MemoryLayout<Element>.size, "an array's stride is smaller than the element it carries")
  }

  func element(_ index: Int) -> UnsafePointer<Element> {
    precondition(index < count, "an index lies outside of its array")
    guard let items = unsafe items else { preconditionFailure("an array without memory has no elements") }
    return unsafe (items + index * stride).assumingMemoryBound(to: Element.self)
  }

  func each(_ body: (UnsafePointer<Element>) -> Void) {
    for index in 0..<count { unsafe body(element(index)) }
  }

  mutating func next() -> UnsafePointer<Element>? {
    guard index < count else { return nil }
    defer { index += 1 }
    return unsafe element(index)
  }
}
