import Governance

/// Events → one value. Syntax errors end the reading; everything else that is wrong is collected.
struct YAMLComposer {
  private let events: YAMLEventReader
  private let file: String
  private var anchors: [String: (value: SourceValue, size: Int)] = [:]
  private var aliasedValues = 0
  /// Values composed so far; how many an anchored one holds is the difference around it.
  private var size = 0
  private var problems: [SourceProblem] = []

  init(events: YAMLEventReader, file: String) {
    self.events = events
    self.file = file
  }

  mutating func compose() throws(SourceProblems) -> SourceValue {
    var root: SourceValue?
    reading: while true {
      let event = try events.next()
      switch event.kind {
      case .streamStart, .documentEnd: continue
      case .streamEnd: break reading
      case .documentStart:
        guard root == nil else {
          throw failure(event.location, "a second document begins here; expected one document a file")
        }
        root = try value(try events.next(), depth: 0)
      default: throw failure(event.location, "expected the start of a document")
      }
    }
    guard problems.isEmpty else {
      throw SourceProblems(
        problems.sorted { ($0.location.line, $0.location.column) < ($1.location.line, $1.location.column) })
    }
    return root ?? SourceValue(content: .null, location: .init(file: file, line: 1, column: 1))
  }

  private mutating func value(_ event: YAMLEvent, depth: Int) throws(SourceProblems) -> SourceValue {
    if let tag = event.tag {
      problems.append(
        SourceProblem(location: event.location, message: "the tag \(tag) is not supported; write the value without it"))
    }
    guard depth <= YAML.depthLimit else {
      throw failure(event.location, "nested more than \(YAML.depthLimit) levels deep")
    }
    let sizeBefore = size
    size += 1
    let result: SourceValue
    switch event.kind {
    case .scalar(let text, let isPlain):
      let content: SourceValue.Content = isPlain ? YAMLScalar.resolve(plain: text) : .string(text)
      result = SourceValue(content: content, location: event.location, text: text)
    case .alias(let name): return try alias(name, at: event.location)
    case .sequenceStart: result = try sequence(from: event, depth: depth)
    case .mappingStart: result = try mapping(from: event, depth: depth)
    default: throw failure(event.location, "expected a value")
    }
    // Only now: a value cannot hold an alias of itself.
    if let anchor = event.anchor { anchors[anchor] = (result, size - sizeBefore) }
    return result
  }

  private mutating func sequence(from start: YAMLEvent, depth: Int) throws(SourceProblems) -> SourceValue {
    var elements: [SourceValue] = []
    while true {
      let event = try events.next()
      if case .sequenceEnd = event.kind { break }
      elements.append(try value(event, depth: depth + 1))
    }
    return SourceValue(content: .sequence(elements), location: start.location)
  }

  private mutating func mapping(from start: YAMLEvent, depth: Int) throws(SourceProblems) -> SourceValue {
    var entries: [(name: SourceValue, value: SourceValue)] = []
    var seen: [String: SourceValue.Location] = [:]
    while true {
      let event = try events.next()
      if case .mappingEnd = event.kind { break }
      let name = try value(event, depth: depth + 1)
      let member = try value(try events.next(), depth: depth + 1)
      switch name.content {
      case .sequence, .mapping, .null:
        problems.append(SourceProblem(location: name.location, message: "a key must be text, found \(name.kindName)"))
        continue
      default: break
      }
      if name.text == "<<", case .scalar(_, isPlain: true) = event.kind {
        problems.append(
          SourceProblem(location: name.location, message: "merge keys are not supported; write the entries out"))
      } else if let first = seen[name.text] {
        problems.append(
          SourceProblem(
            location: name.location, message: "\"\(name.text)\" is given twice, first in line \(first.line)"))
      } else {
        seen[name.text] = name.location
        entries.append((name, member))
      }
    }
    return SourceValue(content: .mapping(entries), location: start.location)
  }

  private mutating func alias(_ name: String, at location: SourceValue.Location) throws(SourceProblems) -> SourceValue {
    guard let anchored = anchors[name] else {
      throw failure(location, "the alias *\(name) stands for nothing; expected an anchor &\(name) before it")
    }
    aliasedValues += anchored.size
    size += anchored.size
    guard aliasedValues <= YAML.aliasBudget else {
      throw failure(
        location, "the aliases up to here stand for more than \(YAML.aliasBudget) values; write less of them")
    }
    return anchored.value
  }

  private func failure(_ location: SourceValue.Location, _ message: String) -> SourceProblems {
    SourceProblems(problems + [SourceProblem(location: location, message: message)])
  }
}
