package import Governance

/// Holds a value against the table and reports everything that differs.
package struct ConfigurationValidator {
  private let reader: SourceReader

  package init(reader: SourceReader) { self.reader = reader }

  package func check(_ value: SourceValue, _ shape: ConfigurationShape) {
    switch shape {
    case .text(let format): check(value, format)
    case .choice(let words): _ = reader.choice(value, among: words)
    case .integer(let range) where range.count == 1:
      guard let number = reader.integer(value), number != range.lowerBound else { return }
      reader.problem(value.location, "\(number) is not known here; expected \(range.lowerBound)")
    case .integer(let range): _ = reader.integer(value, in: range)
    case .real(let range): _ = reader.real(value, in: range)
    case .duration(let range):
      guard let duration = reader.duration(value), !range.contains(duration) else { return }
      reader.problem(
        value.location,
        "\(value.text) is out of range; expected \(range.lowerBound.written) to \(range.upperBound.written)")
    case .list(let element): for item in reader.elements(value) { check(item, element) }
    case .oneOrMore(let element):
      if case .sequence(let items) = value.content {
        for item in items { check(item, element) }
      } else {
        check(value, element)
      }
    case .mapping(let keys): check(value, keys)
    case .named(let name, let member):
      for entry in reader.entries(of: value) {
        check(entry.name, name)
        check(entry.value, member)
      }
    case .foreign: _ = reader.entries(of: value)
    case .flag: _ = reader.bool(value)
    case .anything: break
    case .written(let scalar, let list, let mapping): checkAsWritten(value, scalar, list, mapping)
    case .reserved(let text): reader.problem(value.location, text)
    }
  }

  private func checkAsWritten(
    _ value: SourceValue, _ scalar: ConfigurationShape?, _ list: ConfigurationShape?, _ mapping: ConfigurationShape?
  ) {
    let shape =
      switch value.content {
      case .sequence: list
      case .mapping: mapping
      // Nothing behind a key: an empty mapping where one may stand.
      case .null: mapping ?? list ?? scalar
      default: scalar
      }
    if let shape { return check(value, shape) }
    let possible = [scalar.map { _ in "text" }, list.map { _ in "a list" }, mapping.map { _ in "a mapping" }]
    reader.problem(
      value.location,
      "expected \(possible.compactMap(\.self).joined(separator: " or ")), found \(value.kindName)")
  }

  private func check(_ value: SourceValue, _ keys: [ConfigurationKey]) {
    let fields = reader.fields(of: value, known: keys.map(\.name))
    for key in keys {
      if let field = fields[key.name] {
        // A key with nothing behind it is as if it were left out.
        if case .null = field.content, !key.isRequired { continue }
        check(field, key.shape)
      } else if key.isRequired {
        reader.problem(value.location, "\"\(key.name)\" is missing: \(key.description)")
      }
    }
  }

  private func check(_ value: SourceValue, _ format: TextFormat) {
    guard let text = reader.text(value), !format.accepts(text) else { return }
    let hint = format.isDigits && !text.isEmpty && text.allSatisfy(\.isNumber) ? " (\(text.count) digits found)" : ""
    reader.problem(value.location, "\"\(text)\" is not \(format.expected)\(hint)")
  }
}

extension Duration {
  /// As it is written in a configuration: `250ms`, `90s`, `15m`, `24h`, `7d`.
  package var written: String {
    let milliseconds = nanoseconds / 1_000_000
    guard milliseconds.isMultiple(of: 1_000) else { return "\(milliseconds)ms" }
    let seconds = components.seconds
    if seconds > 86_400, seconds % 86_400 == 0 { return "\(seconds / 86_400)d" }
    if seconds > 0, seconds % 3_600 == 0 { return "\(seconds / 3_600)h" }
    if seconds > 0, seconds % 60 == 0 { return "\(seconds / 60)m" }
    return "\(seconds)s"
  }
}
