#if DEBUG
  import Synchronization

  /// Which members of one document are asked for by name. The simulator's tests hold this against what each operation
  /// declares that it reads. In debug builds only: a member is asked for millions of times.
  package final class DocumentReads: Sendable {
    @TaskLocal package static var current: DocumentReads?

    private struct State {
      var storage: Document.Storage?
      /// Of each object in it.
      var places: [Int: String] = [:]
      var paths: Set<String> = []
    }

    private let state = Mutex(State())

    package init() {}

    /// As `Filters.Name`: a list's elements have the list's path.
    package var paths: Set<String> { state.withLock { $0.paths } }

    /// From now on it is this one that is watched.
    package func watch(_ document: Document) {
      var places: [Int: String] = [:]
      Self.place(document, at: "", in: &places)
      state.withLock { state in
        state.storage = document.storage
        state.places = places
      }
    }

    private static func place(_ document: Document, at path: String, in places: inout [Int: String]) {
      for element in document.elements { place(element, at: path, in: &places) }
      guard document.kind == .object else { return }
      places[document.index] = path
      for entry in document.entries {
        place(entry.value, at: path.isEmpty ? entry.name : "\(path).\(entry.name)", in: &places)
      }
    }

    func note(_ name: String, of document: Document) {
      state.withLock { state in
        guard state.storage === document.storage, let place = state.places[document.index] else { return }
        state.paths.insert(place.isEmpty ? name : "\(place).\(name)")
      }
    }

    /// Whoever lists an object's entries reads each. The whole of the parameters is listed to be kept or compared.
    func noteEntries(of document: Document) {
      guard document.index != 0, document.kind == .object, isWatched(document) else { return }
      var child = document.index + 1
      for _ in 0..<document.count {
        note(Document(storage: document.storage, index: child).string ?? "", of: document)
        child += 1 + Int(document.storage.nodes[child + 1].span)
      }
    }

    /// So does whoever keeps all of it.
    func noteAll(of document: Document) {
      guard document.index != 0, isWatched(document) else { return }
      for place in document.index..<document.index + Int(document.node.span) {
        noteEntries(of: Document(storage: document.storage, index: place))
      }
    }

    private func isWatched(_ document: Document) -> Bool { state.withLock { $0.storage === document.storage } }
  }
#endif
