import Governance

/// A form's fields → parameters, by the operation's shape. A field that leads nowhere in the shape is listed as unknown
/// and leaves no trace in the parameters: `ImageId=ami-1` without a number is not an empty list of images.
struct FormReader {
  /// A field's name taken apart at its dots.
  private final class Node {
    var value: String?
    var isRead = false
    var children: [String: Node] = [:]
  }

  private static let deepest = 32

  private let service: ServiceModel
  private let fields: [(name: String, node: Node?)]
  private let root = Node()
  /// In request order, each once.
  private(set) var unknown: [String] = []

  init(fields: [(name: String, value: String)], service: ServiceModel) {
    self.service = service
    let root = root
    self.fields = fields.map { field in
      guard let steps = Self.steps(field.name) else { return (field.name, nil) }
      var node = root
      for step in steps {
        if let next = node.children[step] {
          node = next
        } else {
          let next = Node()
          node.children[step] = next
          node = next
        }
      }
      if node.value == nil { node.value = field.value }  // Of several the first wins.
      return (field.name, node)
    }
  }

  /// nil when the name is deeper than any shape.
  private static func steps(_ name: String) -> [String]? {
    let steps = name.fields(at: ".", maxSplits: deepest)
    return steps.count > deepest ? nil : steps
  }

  /// What most requests are, without the tree: scalars and numbered lists of scalars, each once. nil: there is more to
  /// it.
  static func simple(_ fields: [(name: String, value: String)], of operation: Operation) throws(ServiceError)
    -> Document?
  {
    guard fields.count <= 16 else { return nil }
    guard let input = operation.input else { return fields.isEmpty ? .emptyObject : nil }
    let service = operation.service
    // In the order of the members and of the numbers.
    var places: [(place: Place, field: Int)] = []
    places.reserveCapacity(fields.count)
    for (position, field) in fields.enumerated() {
      guard let place = Place(of: field.name, in: input, service.wireProtocol) else { return nil }
      var index = places.count
      while index > 0, place < places[index - 1].place { index -= 1 }
      // Of several the first wins: for the tree to tell.
      if index > 0, places[index - 1].place == place { return nil }
      places.insert((place, position), at: index)
    }
    var builder = DocumentBuilder(
      nodes: 1 + fields.count * 3,
      bytes: fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 1 })
    builder.beginObject()
    var member = -1
    for (position, entry) in places.enumerated() {
      let place = entry.place
      let shape = input.members[place.member].shape
      if place.member != member { builder.name(input.members[place.member].name) }
      if place.isListed, place.member != member { builder.beginArray() }
      member = place.member
      try scalar(
        fields[entry.field].value, place.isListed ? shape.element : shape, fields[entry.field].name, service, &builder)
      let isLast = position + 1 == places.count || places[position + 1].place.member != member
      if place.isListed, isLast { builder.end() }
    }
    builder.end()
    return builder.finish()
  }

  /// Where a scalar of a form stands in the parameters: a member, or a number in a member's list.
  private struct Place: Comparable {
    var member: Int
    /// 0: no list.
    var number = 0
    var isListed: Bool { number > 0 }

    static func < (left: Place, right: Place) -> Bool { (left.member, left.number) < (right.member, right.number) }

    /// nil: it is of another kind, or nowhere.
    init?(of name: String, in input: Shape, _ wireProtocol: ServiceModel.WireProtocol) {
      var name = name
      let found = name.withUTF8 { bytes -> (head: String, rest: String)? in
        guard let dot = unsafe bytes.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        return unsafe (
          String(decoding: UnsafeBufferPointer(rebasing: bytes[..<dot]), as: UTF8.self),
          String(decoding: UnsafeBufferPointer(rebasing: bytes[(dot + 1)...]), as: UTF8.self)
        )
      }
      let head = found?.head ?? name
      guard let member = input.members.firstIndex(where: { $0.requestName == head }) else { return nil }
      self.member = member
      let shape = input.members[member].shape
      guard var rest = found?.rest else {
        if shape.isScalar { return }
        return nil
      }
      guard shape.kind == .list, shape.element.isScalar else { return nil }
      if wireProtocol == .query {
        guard rest.hasPrefix(shape.elementName + ".") else { return nil }
        rest = String(rest.dropFirst(shape.elementName.count + 1))
      }
      // Without leading zeros, and few enough digits to be a number.
      guard let first = rest.utf8.first, first > UInt8(ascii: "0"), rest.utf8.count <= 9,
        rest.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }), let number = Int(rest)
      else { return nil }
      self.number = number
    }
  }

  mutating func read(_ operation: Operation) throws(ServiceError) -> Document {
    var builder = DocumentBuilder()
    if let input = operation.input {
      try structure(root, input, prefix: "", &builder)
    } else {
      builder.beginObject()
      builder.end()
    }
    var seen: Set<String> = []
    for field in fields where field.node?.isRead != true && seen.insert(field.name).inserted {
      unknown.append(field.name)
    }
    return builder.finish()
  }

  private func structure(_ node: Node, _ shape: Shape, prefix: String, _ builder: inout DocumentBuilder)
    throws(ServiceError)
  {
    builder.beginObject()
    for member in shape.members {
      guard let child = node.children[member.requestName] else { continue }
      let shape = member.shape
      guard holds(child, shape) else { continue }
      builder.name(member.name)
      try read(child, shape, prefix + member.requestName, &builder)
    }
    builder.end()
  }

  /// Is there anything under this name that such a shape can take?
  private func holds(_ node: Node, _ shape: Shape) -> Bool {
    switch shape.kind {
    case .structure: !node.children.isEmpty
    case .list: isEmptyList(node) || !numbered(node, shape).isEmpty
    case .map: false  // The generator refuses a map in a form.
    default: node.value != nil
    }
  }

  /// The query protocol says an empty list with an empty field.
  private func isEmptyList(_ node: Node) -> Bool {
    service.wireProtocol == .query && node.value == "" && node.children.isEmpty
  }

  /// A list's elements by number, gaps closed. Numbers count from 1; of `1` and `01` the shorter wins, the other is left
  /// unread.
  private func numbered(_ node: Node, _ shape: Shape) -> [(step: String, node: Node)] {
    let holder = service.wireProtocol == .query ? node.children[shape.elementName] : node
    let all = (holder?.children ?? [:]).compactMap { step, child -> (number: Int, step: String, node: Node)? in
      guard step.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(step),
        number > 0, holds(child, shape.element)
      else { return nil }
      return (number, step, child)
    }
    let sorted = all.sorted { ($0.number, $0.step.count) < ($1.number, $1.step.count) }
    return sorted.indices.filter { $0 == 0 || sorted[$0 - 1].number != sorted[$0].number }
      .map { (sorted[$0].step, sorted[$0].node) }
  }

  private func read(_ node: Node, _ shape: Shape, _ name: String, _ builder: inout DocumentBuilder)
    throws(ServiceError)
  {
    switch shape.kind {
    case .structure: try structure(node, shape, prefix: name + ".", &builder)
    case .list, .map:
      if isEmptyList(node) { node.isRead = true }
      let prefix = service.wireProtocol == .query ? "\(name).\(shape.elementName)" : name
      builder.beginArray()
      for entry in numbered(node, shape) { try read(entry.node, shape.element, "\(prefix).\(entry.step)", &builder) }
      builder.end()
    default:
      node.isRead = true
      try Self.scalar(node.value ?? "", shape, name, service, &builder)
    }
  }

  private static func scalar(
    _ text: String, _ shape: Shape, _ name: String, _ service: ServiceModel, _ builder: inout DocumentBuilder
  ) throws(ServiceError) {
    switch shape.kind {
    case .integer, .long:
      // A sign and leading zeros are read, as AWS does.
      guard let number = Int(text), shape.kind == .long || Int32(exactly: number) != nil else {
        throw malformed(text, name, service)
      }
      builder.integer(number)
    case .boolean:
      switch text.lowercased() {
      case "true", "1": builder.bool(true)
      case "false", "0": builder.bool(false)
      default: throw malformed(text, name, service)
      }
    case .float, .double:
      guard let number = Double(text), number.isFinite else { throw malformed(text, name, service) }
      builder.real(number)
    default:
      guard text.utf8.allSatisfy({ $0 >= 0x20 || $0 == 9 || $0 == 10 || $0 == 13 }) else {
        throw unspeakable(name, service)
      }
      builder.string(text)
    }
  }

  /// No answer in XML could carry it. AWS's own words for it are not established.
  private static func unspeakable(_ name: String, _ service: ServiceModel) -> ServiceError {
    service.wireProtocol == .ec2
      ? ServiceError(
        status: 400, code: "InvalidParameterValue", message: "Invalid value for \(name): it holds a control character.")
      : ServiceError(status: 400, code: "MalformedInput", message: "")
  }

  private static func malformed(_ text: String, _ name: String, _ service: ServiceModel) -> ServiceError {
    service.wireProtocol == .ec2
      ? ServiceError(
        status: 400, code: "InvalidParameterValue", message: "Invalid value '\(text)' for \(name).")
      : ServiceError(status: 400, code: "MalformedInput", message: "")
  }
}
