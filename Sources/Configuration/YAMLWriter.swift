import CYAML
import Governance

/// A document → block-style YAML.
struct YAMLWriter {
  func write(_ document: Document) -> String {
    let emitter = YAMLEmitter()
    emitter.emit(.streamStart)
    emitter.emit(.documentStart)
    emit(document, to: emitter)
    emitter.emit(.documentEnd)
    emitter.emit(.streamEnd)
    return String(decoding: emitter.output, as: UTF8.self)
  }

  private func emit(_ document: Document, to emitter: YAMLEmitter) {
    switch document.kind {
    case .null: emitter.emit(.scalar("null", style: YAML_PLAIN_SCALAR_STYLE))
    case .boolean: emitter.emit(.scalar(document.bool == true ? "true" : "false", style: YAML_PLAIN_SCALAR_STYLE))
    case .integer: emitter.emit(.scalar(String(document.int ?? 0), style: YAML_PLAIN_SCALAR_STYLE))
    case .real: emitter.emit(.scalar(text(ofReal: document.real ?? 0), style: YAML_PLAIN_SCALAR_STYLE))
    case .string:
      let text = document.string ?? ""
      emitter.emit(.scalar(text, style: style(of: text, isKey: false)))
    case .array:
      emitter.emit(.sequenceStart)
      for element in document.elements { emit(element, to: emitter) }
      emitter.emit(.sequenceEnd)
    case .object:
      emitter.emit(.mappingStart)
      for entry in document.entries {
        emitter.emit(.scalar(entry.name, style: style(of: entry.name, isKey: true)))
        emit(entry.value, to: emitter)
      }
      emitter.emit(.mappingEnd)
    }
  }

  private func text(ofReal value: Double) -> String {
    if value.isNaN { return ".nan" }
    if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
    return "\(value)"
  }

  /// Literal blocks only where every reader agrees on them; everything else that is not one plain line is quoted.
  private func style(of text: String, isKey: Bool) -> yaml_scalar_style_t {
    let isLine = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && !isBreak($0) }
    if isLine { return YAMLScalar.needsQuotes(text) ? YAML_SINGLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE }
    let isBlock = text.unicodeScalars.allSatisfy {
      ($0.value >= 0x20 && $0.value != 0x7F && !isBreak($0)) || $0 == "\n"
    }
    let first = text.unicodeScalars.first
    let isTidy =
      first != " " && first != "\n" && text.hasSuffix("\n") && !text.hasSuffix("\n\n") && !text.contains(" \n")
    return isBlock && isTidy && !isKey ? YAML_LITERAL_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE
  }

  /// NEL, LS and PS break lines in YAML 1.1.
  private func isBreak(_ scalar: Unicode.Scalar) -> Bool { [0x85, 0x2028, 0x2029, 0xFEFF].contains(scalar.value) }
}
