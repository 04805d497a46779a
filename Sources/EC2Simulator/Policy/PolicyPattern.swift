/// A text of a policy with wildcards and variables, taken apart once: policies are read once and asked a million times.
///
/// "IAM JSON policy elements: Resource" and "Variables and tags" of the IAM User Guide: `*` any run of characters, `?` one
/// character, `${key}` a value of the request, `${key, 'default'}` with what stands in for it, and `${*}`, `${?}`, `${$}`
/// the characters themselves.
struct PolicyPattern: Sendable {
  /// A byte of UTF-8, or one of the two wildcards. What a variable brings along is bytes: its stars are no wildcards.
  typealias Token = UInt16
  static let star: Token = 256
  static let question: Token = 257

  private enum Form: Sendable {
    case everything
    case exact([UInt8])
    case prefix([UInt8])
    case wild([Token])
    case variable([Piece])
  }
  private enum Piece: Sendable {
    case tokens([Token])
    /// The key in lower case.
    case value(key: String, orElse: [Token]?)
  }

  private let form: Form
  let text: String

  init(_ text: String, wildcards: Bool = true, variables: Bool = false, ignoringCase: Bool = false) {
    self.text = text
    let text = ignoringCase ? text.lowercased() : text
    if variables, text.contains("${"), let pieces = Self.pieces(text, wildcards: wildcards) {
      form = .variable(pieces)
    } else {
      form = Self.form(Self.tokens(text.utf8, wildcards: wildcards))
    }
  }

  var hasVariables: Bool {
    if case .variable = form { true } else { false }
  }

  private static func form(_ tokens: [Token]) -> Form {
    if tokens == [star] { return .everything }
    guard let wild = tokens.firstIndex(where: { $0 >= star }) else { return .exact(tokens.map { UInt8($0) }) }
    if wild == tokens.count - 1, tokens[wild] == star { return .prefix(tokens.dropLast().map { UInt8($0) }) }
    return .wild(tokens)
  }

  private static func tokens(_ bytes: some Sequence<UInt8>, wildcards: Bool) -> [Token] {
    bytes.map { byte in
      guard wildcards else { return Token(byte) }
      return byte == UInt8(ascii: "*") ? star : byte == UInt8(ascii: "?") ? question : Token(byte)
    }
  }

  /// nil: no whole variable in it, so its dollars are dollars.
  private static func pieces(_ text: String, wildcards: Bool) -> [Piece]? {
    var pieces: [Piece] = []
    var literal: [Token] = []
    var rest = Substring(text)
    var isVariable = false
    while let start = rest.firstIndex(of: "$") {
      literal += tokens(rest[..<start].utf8, wildcards: wildcards)
      rest = rest[start...]
      guard rest.dropFirst().first == "{", let end = rest.firstIndex(of: "}") else {
        literal.append(Token(UInt8(ascii: "$")))
        rest = rest.dropFirst()
        continue
      }
      let name = rest[rest.index(start, offsetBy: 2)..<end]
      rest = rest[rest.index(after: end)...]
      if ["*", "?", "$"].contains(name) {
        literal += name.utf8.map { Token($0) }
        continue
      }
      pieces.append(.tokens(literal))
      literal = []
      pieces.append(variable(name))
      isVariable = true
    }
    literal += tokens(rest.utf8, wildcards: wildcards)
    pieces.append(.tokens(literal))
    return isVariable || pieces.count == 1 ? pieces : nil
  }

  private static func variable(_ name: Substring) -> Piece {
    let parts = name.split(separator: ",", maxSplits: 1)
    let key = (parts.first ?? "").lowercased().filter { $0 != " " }
    guard parts.count == 2 else { return .value(key: key, orElse: nil) }
    let given = parts[1].drop { $0 == " " }
    guard given.count >= 2, given.first == "'", given.last == "'" else { return .value(key: key, orElse: nil) }
    return .value(key: key, orElse: given.dropFirst().dropLast().utf8.map { Token($0) })
  }

  /// With its variables replaced. nil: one has no value, or more than one, and so the text matches nothing.
  func tokens(in context: PolicyContext) -> [Token]? {
    switch form {
    case .everything: return [Self.star]
    case .exact(let bytes): return bytes.map { Token($0) }
    case .prefix(let bytes): return bytes.map { Token($0) } + [Self.star]
    case .wild(let tokens): return tokens
    case .variable(let pieces):
      var tokens: [Token] = []
      for piece in pieces {
        switch piece {
        case .tokens(let literal): tokens += literal
        case .value(let key, let orElse):
          if let values = context.values(of: key), values.count == 1 {
            tokens += values[0].utf8.map { Token($0) }
          } else if let orElse {
            tokens += orElse
          } else {
            return nil
          }
        }
      }
      return tokens
    }
  }

  func matches(_ bytes: [UInt8], in context: PolicyContext) -> Bool {
    switch form {
    case .everything: true
    case .exact(let exact): exact == bytes
    case .prefix(let prefix): bytes.starts(with: prefix)
    case .wild(let tokens): Wildcard.matches(tokens[...], bytes[...])
    case .variable: tokens(in: context).map { Wildcard.matches($0[...], bytes[...]) } ?? false
    }
  }

  /// An ARN: each of the six parts matches within itself, so that a star does not reach over a colon.
  func matchesARN(_ bytes: [UInt8], in context: PolicyContext) -> Bool {
    if case .everything = form { return true }
    guard let tokens = tokens(in: context) else { return false }
    let patterns = tokens.split(separator: Token(UInt8(ascii: ":")), maxSplits: 5, omittingEmptySubsequences: false)
    let parts = bytes.split(separator: UInt8(ascii: ":"), maxSplits: 5, omittingEmptySubsequences: false)
    return patterns.count == parts.count && zip(patterns, parts).allSatisfy { Wildcard.matches($0, $1) }
  }
}
