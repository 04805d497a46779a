package import Governance

/// The subset of JSON Schema that describes a plugin's configuration. A keyword outside it is an error when the plugin
/// is loaded: a rule that nobody checks would be believed in.
package struct ConfigurationSchema: Sendable {
  /// The keywords that count.
  package static let keywords = [
    "type", "properties", "required", "additionalProperties", "items", "enum", "pattern", "minimum", "maximum",
    "minItems", "maxItems", "description", "default",
  ]

  enum ValueType: String, Sendable, CaseIterable {
    case null, boolean, integer, number, string, array, object

    func fits(_ value: Document) -> Bool {
      switch self {
      case .null: value.kind == .null
      case .boolean: value.kind == .boolean
      case .integer: value.kind == .integer || value.real.flatMap { Int(exactly: $0) } != nil
      case .number: value.kind == .integer || value.kind == .real
      case .string: value.kind == .string
      case .array: value.kind == .array
      case .object: value.kind == .object
      }
    }
  }

  indirect enum Additional: Sendable {
    case allowed
    case forbidden
    case fitting(ConfigurationSchema)
  }

  var types: [ValueType] = []
  var properties: [(name: String, schema: ConfigurationSchema)] = []
  var required: [String] = []
  var additional = Additional.allowed
  /// None, or one.
  var items: [ConfigurationSchema] = []
  var choices: [Document]?
  var pattern: String?
  var minimum: Double?
  var maximum: Double?
  var minimumItems: Int?
  var maximumItems: Int?

  /// Every problem of the schema at once.
  package init(_ document: Document, at pointer: String = "") throws(JSONProblems) {
    let reader = JSONReader()
    self.init(reading: .init(document, at: pointer), reader, depth: 0)
    try reader.finish()
  }

  private init(reading place: JSONReader.Place, _ reader: JSONReader, depth: Int) {
    guard depth < 32 else {
      reader.problem(place.pointer, "schemas are nested more than 32 levels deep")
      return
    }
    let members = reader.members(of: place, known: Self.keywords, required: [], listing: true)
    func below(_ place: JSONReader.Place) -> ConfigurationSchema {
      ConfigurationSchema(reading: place, reader, depth: depth + 1)
    }
    if let type = members["type"] {
      types = (type.value.kind == .array ? reader.elements(type) : [type]).compactMap {
        reader.choice($0, among: ValueType.self)
      }
    }
    properties = reader.entries(members["properties"]).map { ($0.name, below($0.place)) }
    required = reader.texts(members["required"])
    if let place = members["additionalProperties"] {
      additional = place.value.bool.map { $0 ? .allowed : .forbidden } ?? .fitting(below(place))
    }
    items = members["items"].map { [below($0)] } ?? []
    choices = members["enum"].map { reader.elements($0).map(\.value) }
    minimum = number(members["minimum"], reader)
    maximum = number(members["maximum"], reader)
    minimumItems = reader.integer(members["minItems"])
    maximumItems = reader.integer(members["maxItems"])
    if let place = members["description"], place.value.kind != .string {
      reader.problem(place.pointer, "expected text, found \(place.value.kindName)")
    }
    readPattern(members["pattern"], reader)
  }

  private func number(_ place: JSONReader.Place?, _ reader: JSONReader) -> Double? {
    guard let place else { return nil }
    if place.value.real == nil {
      reader.problem(place.pointer, "expected a number, found \(place.value.kindName)")
    }
    return place.value.real
  }

  private mutating func readPattern(_ place: JSONReader.Place?, _ reader: JSONReader) {
    guard let place, let text = reader.text(place) else { return }
    do {
      _ = try Regex(text)
      pattern = text
    } catch {
      reader.problem(place.pointer, "\"\(text)\" is no regular expression: \(error)")
    }
  }
}
