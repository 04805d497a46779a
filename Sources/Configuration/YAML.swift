package import Governance

/// YAML 1.2 with the core schema, as far as a person's files need it. JSON is a part of it.
///
/// Refused with a message: tags, several documents, repeated keys, keys that are no scalars, `<<` merge keys, nesting
/// over 100 levels, and aliases that together stand for more than 100,000 values. Integers with a leading zero are
/// text: in a file about accounts `012345678901` is an account id. `yes`, `no`, `on` and `off` are text as well.
package enum YAML {
  package static let depthLimit = 100
  package static let aliasBudget = 100_000

  package static func parse(_ bytes: [UInt8], file: String) throws(SourceProblems) -> SourceValue {
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = bytes.starts(with: byteOrderMark) ? Array(bytes.dropFirst(3)) : bytes
    var composer = YAMLComposer(events: YAMLEventReader(text, file: file), file: file)
    return try composer.compose()
  }

  /// Block style, entries in the document's order. What is written reads back as an equal document.
  package static func write(_ document: Document) -> String {
    YAMLWriter().write(document)
  }
}
