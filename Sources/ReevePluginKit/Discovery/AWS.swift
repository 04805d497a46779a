import CReevePlugin

/// A discovery's only way out: it asks for AWS reads, which the host performs (pages, rate budget, retries), and emits
/// what it found. Safe to use from child tasks of `discover`; nowhere else.
public struct AWS: Sendable {
  let run: DiscoveryRun

  /// The sweep's time.
  public var now: Time { run.now }

  /// One call and its one answer. `reusable`: an answer recorded earlier will do while it is young enough.
  ///
  /// Throws an `AWSError` (untyped: Swift 6.3.1 crashes on `catch let error as AWSError` around calls that throw just
  /// that type).
  nonisolated(nonsending) public func call(
    _ service: String, _ operation: String, _ parameters: Document = .emptyObject, reusable: Bool = false
  ) async throws -> Response {
    let flags = reusable ? REEVE_REQUEST_REUSABLE : 0
    let id = try await run.ask(service, operation, parameters, flags: flags)
    switch await run.answer(to: id) {
    case .response(let response): return response
    case .failure(let error): throw error
    case .finished:
      throw AWSError(
        kind: .badData, code: "NoAnswer", message: "the request ended without an answer", service: service,
        operation: operation)
    }
  }

  /// All pages of a call, one after the other as they arrive; throws an `AWSError`. The request is made by the first
  /// `next()`.
  public func pages(
    _ service: String, _ operation: String, _ parameters: Document = .emptyObject, reusable: Bool = false
  ) -> Pages {
    Pages(run: run, service: service, operation: operation, parameters: parameters, isReusable: reusable)
  }

  /// Hands a resource over. It counts only if the run succeeds.
  public func emit(_ resource: DiscoveredResource) { run.emit(resource) }

  public enum LogLevel: Sendable { case debug, info, warning }

  /// A line for the log. Never put secrets here.
  public func log(_ level: LogLevel, _ message: String) {
    switch level {
    case .debug: run.log(REEVE_LOG_DEBUG, message)
    case .info: run.log(REEVE_LOG_INFO, message)
    case .warning: run.log(REEVE_LOG_WARNING, message)
    }
  }

  /// Works on all items with at most `limit` at a time, and returns the results in the items' order.
  nonisolated(nonsending) public func map<Item: Sendable, Output: Sendable>(
    _ items: [Item], limit: Int = 16, _ body: nonisolated(nonsending) @escaping @Sendable (Item) async throws -> Output
  ) async throws -> [Output] {
    try await withThrowingTaskGroup(of: (Int, Output).self) { group in
      var outputs = [Output?](repeating: nil, count: items.count)
      var next = 0
      func addTask() {
        guard next < items.count else { return }
        let index = next
        let item = items[index]
        next += 1
        group.addTask { (index, try await body(item)) }
      }
      for _ in 0..<max(1, limit) { addTask() }
      while let (index, output) = try await group.next() {
        outputs[index] = output
        addTask()
      }
      return outputs.compactMap { $0 }
    }
  }
}

/// The pages of one call.
public struct Pages: AsyncSequence, Sendable {
  public typealias Element = Response
  let run: DiscoveryRun
  let service: String
  let operation: String
  let parameters: Document
  let isReusable: Bool

  public func makeAsyncIterator() -> Iterator { Iterator(pages: self) }

  public struct Iterator: AsyncIteratorProtocol {
    let pages: Pages
    private var cursor: Cursor?
    private var isFinished = false

    init(pages: Pages) { self.pages = pages }

    nonisolated(nonsending) public mutating func next() async throws -> Response? {
      if isFinished { return nil }
      let id = try await requested()
      switch await pages.run.answer(to: id) {
      case .response(let response): return response
      case .finished:
        isFinished = true
        return nil
      case .failure(let error):
        isFinished = true
        throw error
      }
    }

    nonisolated(nonsending) private mutating func requested() async throws -> UInt32 {
      if let cursor { return cursor.id }
      let flags = REEVE_REQUEST_ALL_PAGES | (pages.isReusable ? REEVE_REQUEST_REUSABLE : 0)
      let id = try await pages.run.ask(pages.service, pages.operation, pages.parameters, flags: flags)
      cursor = Cursor(run: pages.run, id: id)
      return id
    }
  }

  /// Tells the run when an author stops before the last page, so that later ones are dropped as they come.
  private final class Cursor: Sendable {
    let run: DiscoveryRun
    let id: UInt32
    init(run: DiscoveryRun, id: UInt32) {
      self.run = run
      self.id = id
    }
    deinit { run.abandon(id) }
  }
}
