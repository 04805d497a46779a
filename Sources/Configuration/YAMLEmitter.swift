import CYAML

/// libyaml's emitter and what it has written.
///
/// The emitter points into itself, so it lives at a fixed address until `deinit`.
@safe final class YAMLEmitter {
  enum Step {
    case streamStart, streamEnd, documentStart, documentEnd
    case sequenceStart, sequenceEnd, mappingStart, mappingEnd
    case scalar(String, style: yaml_scalar_style_t)
  }

  private let emitter: UnsafeMutablePointer<yaml_emitter_t>
  private(set) var output: [UInt8] = []

  init() {
    unsafe emitter = .allocate(capacity: 1)
    unsafe emitter.initialize(to: yaml_emitter_t())
    // Fails only where memory is gone.
    let isReady = unsafe yaml_emitter_initialize(emitter) == 1
    precondition(isReady, "not enough memory to write YAML")
    let write: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<UInt8>?, Int) -> Int32 = {
      guard let context = unsafe $0 else { return 0 }
      let emitter = unsafe Unmanaged<YAMLEmitter>.fromOpaque(context).takeUnretainedValue()
      unsafe emitter.output.append(contentsOf: UnsafeBufferPointer(start: $1, count: $2))
      return 1
    }
    unsafe yaml_emitter_set_output(emitter, write, Unmanaged.passUnretained(self).toOpaque())
    unsafe yaml_emitter_set_encoding(emitter, YAML_UTF8_ENCODING)
    unsafe yaml_emitter_set_unicode(emitter, 1)
    unsafe yaml_emitter_set_indent(emitter, 2)
    unsafe yaml_emitter_set_width(emitter, -1)
  }

  deinit {
    unsafe yaml_emitter_delete(emitter)
    unsafe emitter.deallocate()
  }

  func emit(_ step: Step) {
    var event = unsafe yaml_event_t()
    let isMade: Int32
    switch step {
    case .streamStart: isMade = unsafe yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING)
    case .streamEnd: isMade = unsafe yaml_stream_end_event_initialize(&event)
    case .documentStart: isMade = unsafe yaml_document_start_event_initialize(&event, nil, nil, nil, 1)
    case .documentEnd: isMade = unsafe yaml_document_end_event_initialize(&event, 1)
    case .sequenceStart:
      isMade = unsafe yaml_sequence_start_event_initialize(&event, nil, nil, 1, YAML_BLOCK_SEQUENCE_STYLE)
    case .sequenceEnd: isMade = unsafe yaml_sequence_end_event_initialize(&event)
    case .mappingStart:
      isMade = unsafe yaml_mapping_start_event_initialize(&event, nil, nil, 1, YAML_BLOCK_MAPPING_STYLE)
    case .mappingEnd: isMade = unsafe yaml_mapping_end_event_initialize(&event)
    case .scalar(let text, let style):
      var bytes = Array(text.utf8) + [0]
      isMade = unsafe yaml_scalar_event_initialize(&event, nil, nil, &bytes, Int32(bytes.count - 1), 1, 1, style)
    }
    // The emitter takes the event over, also when it fails; it fails only where memory is gone, since the steps come in order.
    let isWritten = unsafe isMade == 1 && yaml_emitter_emit(emitter, &event) == 1
    precondition(isWritten, "not enough memory to write YAML")
  }
}
