import AWSWire
import Governance

/// The parameters that an operation has, of those that the service model gives it. Written as
/// `ImageId Filters{Name Values} LaunchTemplateData*`: members of a structure, or of a list's structures, in braces; with
/// `*` whatever there is.
///
/// Invariant: what is not in the set is refused before a handler sees it. So a parameter that nobody reads cannot be
/// accepted by oversight, and one that is read and not declared never arrives.
struct ParameterSet: Sendable {
  private struct Member: Sendable {
    var name: String
    /// Of the name, in bytes: names that differ mostly differ in it, and every call asks.
    var length: Int
    /// Empty: a scalar, or a list of scalars. nil: whatever there is.
    var inner: ParameterSet?

    init(name: String) {
      self.name = name
      length = name.utf8.count
    }
  }

  private var members: [Member] = []

  init() {}

  /// Of paths such as `MetadataOptions.HttpTokens`.
  init(paths: some Sequence<String>) {
    for path in paths {
      let steps = path.split(separator: ".").map(String.init)
      self = union(ParameterSet(steps.joined(separator: "{") + String(repeating: "}", count: steps.count - 1)))
    }
  }

  /// A mistake in the table is the programmer's.
  init(_ text: String) {
    var rest = Substring(text)
    self.init(parsing: &rest)
    precondition(rest.isEmpty, "\(text) has a brace too many")
  }

  private init(parsing text: inout Substring) {
    while true {
      text = text.drop { $0 == " " }
      let name = text.prefix { !" {}".contains($0) }
      guard !name.isEmpty else { return }
      text = text.dropFirst(name.count)
      let isWhole = name.last == "*"
      var member = Member(name: String(isWhole ? name.dropLast() : name))
      if text.first == "{" {
        text = text.dropFirst()
        member.inner = ParameterSet(parsing: &text)
        precondition(text.first == "}", "a brace is missing behind \(name)")
        text = text.dropFirst()
      } else if !isWhole {
        member.inner = ParameterSet()
      }
      members.append(member)
    }
  }

  /// Both.
  func union(_ other: ParameterSet) -> ParameterSet {
    var result = self
    for member in other.members {
      guard let position = result.members.firstIndex(where: { $0.name == member.name }) else {
        result.members.append(member)
        continue
      }
      guard let inner = result.members[position].inner, let more = member.inner else {
        result.members[position].inner = nil
        continue
      }
      result.members[position].inner = inner.union(more)
    }
    return result
  }

  /// `Filters.Name`, in the order of the table: of structures their members, of what is taken whole itself.
  var paths: [String] {
    members.flatMap { member in
      guard let inner = member.inner, !inner.members.isEmpty else { return [member.name] }
      return inner.paths.map { "\(member.name).\($0)" }
    }
  }

  /// Is it, or something in it, in the set?
  func contains(_ path: String) -> Bool {
    let steps = path.split(separator: ".", maxSplits: 1)
    guard let first = steps.first, let member = members.first(where: { $0.name == first }) else { return false }
    guard steps.count == 2, let inner = member.inner else { return true }
    return inner.contains(String(steps[1]))
  }

  // MARK: What a call holds beside it

  /// The path of the first that is given and not in the set, without the positions in lists. What is null or an empty
  /// list asks for nothing.
  func firstMissing(in parameters: Document) -> String? {
    var child = parameters.index + 1
    for _ in 0..<parameters.count {
      let name = Document(storage: parameters.storage, index: child)
      let value = Document(storage: parameters.storage, index: child + 1)
      child += 1 + Int(value.node.span)
      guard !value.isNull, value.kind != .array || value.count > 0 else { continue }
      let length = Int(name.node.value & 0xFFFF_FFFF)
      guard let member = members.first(where: { $0.length == length && $0.name.utf8.elementsEqual(name.utf8) }) else {
        return name.string
      }
      guard let inner = member.inner, let missing = inner.firstMissing(inValue: value) else { continue }
      return "\(member.name).\(missing)"
    }
    return nil
  }

  private func firstMissing(inValue value: Document) -> String? {
    switch value.kind {
    case .object: return firstMissing(in: value)
    case .array:
      var child = value.index + 1
      for _ in 0..<value.count {
        let element = Document(storage: value.storage, index: child)
        child += Int(element.node.span)
        if let missing = firstMissing(inValue: element) { return missing }
      }
      return nil
    default: return nil
    }
  }

  // MARK: What the model has beside it

  /// The paths of the model that are not in the set: of a structure of which nothing is there, only its own.
  func missing(from input: Shape) -> [String] {
    input.members.flatMap { member -> [String] in
      guard let mine = members.first(where: { $0.name == member.name }) else { return [member.name] }
      guard let inner = mine.inner, let structure = Self.structure(of: member.shape) else { return [] }
      return inner.missing(from: structure).map { "\(member.name).\($0)" }
    }
  }

  private static func structure(of shape: Shape) -> Shape? {
    switch shape.kind {
    case .structure: shape
    case .list: structure(of: shape.element)
    default: nil
    }
  }
}
