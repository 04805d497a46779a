import CYAML
import Governance

/// One step of a YAML text.
struct YAMLEvent {
  enum Kind {
    case streamStart, streamEnd, documentStart, documentEnd
    case scalar(text: String, isPlain: Bool)
    case alias(String)
    case sequenceStart, sequenceEnd, mappingStart, mappingEnd
  }

  var kind: Kind
  var location: SourceValue.Location
  /// Right behind its last character; of the end of a block, where the next thing begins.
  var end: SourceValue.Location
  /// Of the start of a list or a mapping: is it written in brackets?
  var isFlow = false
  var anchor: String?
  var tag: String?
}

/// libyaml's parser, one event at a time.
///
/// The parser points into itself and into the bytes, so both live at fixed addresses until `deinit`.
@safe final class YAMLEventReader {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let file: String
  private let isReady: Bool

  init(_ text: [UInt8], file: String) {
    self.file = file
    unsafe bytes = .allocate(capacity: text.count + 1)
    _ = unsafe bytes.initialize(from: text + [0])
    unsafe parser = .allocate(capacity: 1)
    unsafe parser.initialize(to: yaml_parser_t())
    isReady = unsafe yaml_parser_initialize(parser) == 1
    guard isReady else { return }
    unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, text.count)
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
  }

  deinit {
    if isReady { unsafe yaml_parser_delete(parser) }
    unsafe parser.deallocate()
    unsafe bytes.deallocate()
  }

  func next() throws(SourceProblems) -> YAMLEvent {
    guard isReady else {
      throw SourceProblems([SourceProblem(location: location(YAMLPlace()), message: "not enough memory to read it")])
    }
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw SourceProblems([problem()]) }
    defer { unsafe yaml_event_delete(&event) }
    return unsafe translate(event)
  }

  private func translate(_ event: yaml_event_t) -> YAMLEvent {
    var anchor: String?
    var tag: String?
    var isFlow = false
    let kind: YAMLEvent.Kind
    switch unsafe event.type {
    case YAML_DOCUMENT_START_EVENT: kind = .documentStart
    case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
    case YAML_STREAM_END_EVENT: kind = .streamEnd
    case YAML_ALIAS_EVENT: kind = .alias(unsafe text(event.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      let value = unsafe String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      kind = .scalar(text: value, isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE)
      anchor = unsafe text(scalar.anchor)
      tag = unsafe text(scalar.tag)
    case YAML_SEQUENCE_START_EVENT:
      kind = .sequenceStart
      isFlow = unsafe event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
      anchor = unsafe text(event.data.sequence_start.anchor)
      tag = unsafe text(event.data.sequence_start.tag)
    case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
    case YAML_MAPPING_START_EVENT:
      kind = .mappingStart
      isFlow = unsafe event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
      anchor = unsafe text(event.data.mapping_start.anchor)
      tag = unsafe text(event.data.mapping_start.tag)
    case YAML_MAPPING_END_EVENT: kind = .mappingEnd
    default: kind = .streamStart
    }
    let place = unsafe YAMLPlace(line: event.start_mark.line, column: event.start_mark.column)
    let end = unsafe YAMLPlace(line: event.end_mark.line, column: event.end_mark.column)
    return YAMLEvent(
      kind: kind, location: location(place), end: location(end), isFlow: isFlow, anchor: anchor, tag: tag)
  }

  private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    guard let pointer = unsafe pointer else { return nil }
    return unsafe String(cString: pointer)
  }

  private func location(_ place: YAMLPlace) -> SourceValue.Location {
    SourceValue.Location(file: file, line: Int(place.line) + 1, column: Int(place.column) + 1)
  }

  /// What libyaml says, at the place it means.
  private func problem() -> SourceProblem {
    let state = unsafe parser.pointee
    let said = unsafe state.problem.map { unsafe String(cString: $0) } ?? "not YAML"
    if unsafe state.error == YAML_READER_ERROR {
      return SourceProblem(
        location: location(place(ofByte: unsafe state.problem_offset)),
        message: said.hasPrefix("control") ? said : "not UTF-8 (\(said)); save the file as UTF-8")
    }
    var message = said
    if let context = unsafe state.context.map({ unsafe String(cString: $0) }) {
      message += " \(context)"
      let began = unsafe Int(state.context_mark.line) + 1
      if unsafe state.context_mark.line != state.problem_mark.line { message += " that began in line \(began)" }
    }
    if unsafe isTab(at: state.problem_mark.index) { message += "; YAML is indented with blanks, not with tabs" }
    let place = unsafe YAMLPlace(line: state.problem_mark.line, column: state.problem_mark.column)
    return SourceProblem(location: location(place), message: message)
  }

  private func isTab(at index: Int) -> Bool {
    unsafe index >= 0 && index < bytes.count && bytes[index] == UInt8(ascii: "\t")
  }

  private func place(ofByte offset: Int) -> YAMLPlace {
    var place = YAMLPlace()
    for position in 0..<max(0, min(offset, unsafe bytes.count)) {
      let byte = unsafe bytes[position]
      if byte == UInt8(ascii: "\n") {
        place = YAMLPlace(line: place.line + 1, column: 0)
      } else if byte & 0xC0 != 0x80 {
        place.column += 1
      }
    }
    return place
  }
}

/// Counted from 0, columns in characters.
private struct YAMLPlace {
  var line = 0
  var column = 0
}
