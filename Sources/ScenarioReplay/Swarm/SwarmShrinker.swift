package import Governance

/// Makes a scenario smaller as long as it shows a violation of the same invariant, and of no other that the whole one did
/// not violate: that would be another story.
///
/// Every list of the document is tried without its halves, then without smaller parts, down to single elements; then
/// optional members of what is left. The order is fixed, so the same scenario is always shrunk to the same one.
package struct SwarmShrinker {
  private let swarm: Swarm
  private let scheduleSeed: UInt64
  private let invariant: SwarmViolation.Invariant
  private let violated: Set<SwarmViolation.Invariant>
  /// Runs that may still be made.
  private var budget: Int

  /// `violated`: all that the whole scenario violates.
  package init(
    _ swarm: Swarm, scheduleSeed: UInt64, invariant: SwarmViolation.Invariant,
    violated: some Sequence<SwarmViolation.Invariant>, budget: Int = 600
  ) {
    self.swarm = swarm
    self.scheduleSeed = scheduleSeed
    self.invariant = invariant
    self.violated = Set(violated).union([invariant])
    self.budget = budget
  }

  package mutating func shrink(_ document: Document) -> Document {
    var smallest = document
    var isSmaller = true
    while isSmaller, budget > 0 {
      isSmaller = false
      for path in Self.lists(in: smallest) where shrinkList(at: path, of: &smallest) { isSmaller = true }
      for path in Self.members(in: smallest) where keepIfFailing(smallest.removing(at: path), &smallest) {
        isSmaller = true
      }
    }
    return smallest
  }

  private mutating func fails(_ document: Document) -> Bool {
    guard budget > 0, Swarm.isScenario(document) else { return false }
    budget -= 1
    let found = Set(swarm.run(document, scheduleSeed: scheduleSeed).violations.map(\.invariant))
    return found.contains(invariant) && found.isSubset(of: violated)
  }

  private mutating func keepIfFailing(_ candidate: Document?, _ smallest: inout Document) -> Bool {
    guard let candidate, fails(candidate) else { return false }
    smallest = candidate
    return true
  }

  /// Delta debugging on one list.
  private mutating func shrinkList(at path: [DocumentStep], of document: inout Document) -> Bool {
    var isSmaller = false
    var size = max(1, (document.value(at: path)?.count ?? 0) / 2)
    while size >= 1 {
      var start = 0
      while let list = document.value(at: path), list.kind == .array, start < list.count {
        let rest = list.elements.enumerated().filter { $0.offset < start || $0.offset >= start + size }.map(\.element)
        if keepIfFailing(document.replacing(at: path, with: Document(rest)), &document) {
          isSmaller = true
        } else {
          start += size
        }
      }
      size /= 2
    }
    return isSmaller
  }

  // MARK: What can be taken away

  /// The lists whose elements may go, the ones that weigh most first.
  private static func lists(in document: Document) -> [[DocumentStep]] {
    var paths: [[DocumentStep]] = [[.name("timeline")], [.name("world"), .name("accounts")]]
    func walk(_ value: Document, _ path: [DocumentStep]) {
      if value.kind == .array, value.count > 0, path.count > 2 { paths.append(path) }
      for (position, element) in value.elements.enumerated() { walk(element, path + [.position(position)]) }
      for entry in value.entries { walk(entry.value, path + [.name(entry.name)]) }
    }
    if let world = document["world"] { walk(world, [.name("world")]) }
    if let reeve = document["reeve"] { walk(reeve, [.name("reeve")]) }
    return paths
  }

  /// Members without which a scenario may still be one.
  private static func members(in document: Document) -> [[DocumentStep]] {
    let needed: Set = [
      "version", "title", "world", "timeline", "id", "name", "region", "regions", "organization", "clock",
    ]
    var paths: [[DocumentStep]] = []
    func walk(_ value: Document, _ path: [DocumentStep]) {
      for (position, element) in value.elements.enumerated() { walk(element, path + [.position(position)]) }
      for entry in value.entries {
        if !needed.contains(entry.name) { paths.append(path + [.name(entry.name)]) }
        walk(entry.value, path + [.name(entry.name)])
      }
    }
    walk(document, [])
    return paths
  }
}

enum DocumentStep: Sendable {
  case name(String)
  case position(Int)
}

extension Document {
  func value(at path: [DocumentStep]) -> Document? {
    var place: Document? = self
    for step in path {
      switch step {
      case .name(let name): place = place?[name]
      case .position(let position): place = place?[position]
      }
    }
    return place
  }

  /// A copy with another value at a path; nil for nothing there any more. An object's member that is not there stays so.
  func replacing(at path: [DocumentStep], with value: Document?) -> Document? {
    guard let step = path.first else { return value }
    let rest = Array(path.dropFirst())
    switch step {
    case .name(let name):
      guard kind == .object, let member = self[name] else { return self }
      return setting(name, to: member.replacing(at: rest, with: value))
    case .position(let position):
      guard kind == .array, position < count else { return self }
      var elements = elements
      if let element = elements[position].replacing(at: rest, with: value) {
        elements[position] = element
      } else {
        elements.remove(at: position)
      }
      return Document(elements)
    }
  }

  /// nil: there is nothing to remove.
  func removing(at path: [DocumentStep]) -> Document? {
    value(at: path) == nil ? nil : replacing(at: path, with: nil)
  }
}
