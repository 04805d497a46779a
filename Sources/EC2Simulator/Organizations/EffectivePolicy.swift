import Governance

/// What the policies of one type, from the root down to an account, come to: "Policy syntax and inheritance for
/// management policy types".
///
/// `@@assign` sets a value, `@@append` and `@@remove` change a list; `@@operators_allowed_for_child_policies` says which
/// of these the levels below may use, on its own key and on what stands under it.
struct EffectivePolicy {
  private struct Node {
    var value: Document?
    var children: [(name: String, node: Node)] = []
    /// nil: nothing was said at this place.
    var allowed: Set<String>?
  }

  static let valueOperators: Set<String> = ["@@assign", "@@append", "@@remove"]
  static let control = "@@operators_allowed_for_child_policies"

  private var root = Node()

  /// `levels` from the root down; several policies of one level stand in the order of their attachment.
  init(levels: [[Document]]) {
    for level in levels {
      for policy in level { Self.apply(policy, to: &root, allowed: Self.valueOperators) }
      for policy in level { Self.restrict(policy, &root, allowed: Self.valueOperators) }
    }
  }

  /// nil: no policy says anything.
  var document: Document? { Self.document(of: root) }

  private static func apply(_ policy: Document, to node: inout Node, allowed inherited: Set<String>) {
    let allowed = node.allowed ?? inherited
    for entry in policy.entries {
      switch entry.name {
      case "@@assign" where allowed.contains(entry.name): node.value = entry.value
      case "@@append" where allowed.contains(entry.name):
        let new = list(entry.value)
        let old = node.value.map(list) ?? []
        node.value = Document(old + new.filter { !old.contains($0) })
      case "@@remove" where allowed.contains(entry.name):
        let gone = list(entry.value)
        node.value = node.value.map { value in Document(list(value).filter { !gone.contains($0) }) }
      case let name where name.hasPrefix("@@"): break
      default: change(&node, entry.name) { apply(entry.value, to: &$0, allowed: allowed) }
      }
    }
  }

  private static func restrict(_ policy: Document, _ node: inout Node, allowed inherited: Set<String>) {
    let before = node.allowed ?? inherited
    if let given = policy[control] {
      let names = Set(list(given).compactMap(\.string))
      let wanted = names.contains("@@all") ? valueOperators : names.intersection(valueOperators)
      node.allowed = before.intersection(wanted)
    }
    let allowed = node.allowed ?? before
    for entry in policy.entries where !entry.name.hasPrefix("@@") {
      change(&node, entry.name) { restrict(entry.value, &$0, allowed: allowed) }
    }
  }

  private static func change(_ node: inout Node, _ name: String, _ body: (inout Node) -> Void) {
    if let position = node.children.firstIndex(where: { $0.name == name }) {
      body(&node.children[position].node)
    } else {
      var child = Node()
      body(&child)
      node.children.append((name, child))
    }
  }

  private static func list(_ value: Document) -> [Document] { value.kind == .array ? value.elements : [value] }

  private static func document(of node: Node) -> Document? {
    if let value = node.value { return value.compacted }
    let entries = node.children.compactMap { child in
      document(of: child.node).map { (name: child.name, value: $0 as Document?) }
    }
    return entries.isEmpty ? nil : Document(entries: entries)
  }
}
