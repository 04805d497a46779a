import AWSWire
import Governance

/// Pages of a listing that is sorted by id. The token is the last id that was given, so a page stays where it was when
/// things before it come and go.
struct Page: Sendable {
  var limit: Int?
  /// Only what sorts behind it.
  var after: String?

  private static let mark = "r1."

  static func token(after id: String) -> String {
    mark + id.utf8.map { String(Int($0), radix: 16).leftPadded }.joined()
  }

  /// nil: no token that this simulator gave.
  static func id(inToken token: String) -> String? {
    guard token.hasPrefix(mark) else { return nil }
    let digits = Array(token.utf8.dropFirst(mark.utf8.count))
    guard !digits.isEmpty, digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for position in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[position..<position + 2], as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(byte)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// EC2's rules: 5 to 1,000 where the operation says nothing else, and not beside ids.
  static func ec2(_ call: Call, idsParameter: String, idsName: String, in limits: ClosedRange<Int> = 5...1_000)
    throws(ServiceError) -> Page
  {
    var page = Page(limit: call.integer("MaxResults"))
    if let limit = page.limit {
      // [capture] A limit beside ids is refused; so is one under five.
      guard call.texts(idsParameter).isEmpty else {
        throw .ec2(
          "InvalidParameterCombination", "The parameter \(idsName) cannot be used with the parameter maxResults")
      }
      guard limit >= limits.lowerBound else {
        throw .ec2(
          "InvalidParameterValue",
          "Invalid value '\(limit)' for maxResults. Expecting a value greater than \(limits.lowerBound).")
      }
      page.limit = min(limit, limits.upperBound)
    }
    if let token = call.text("NextToken"), !token.isEmpty {
      guard let id = Self.id(inToken: token) else {
        throw .ec2("InvalidParameterValue", "Invalid value '\(token)' for nextToken.")
      }
      page.after = id
    }
    return page
  }

  /// Organizations' rule: 1 to 20, and 20 when nothing is said.
  static func organizations(_ call: Call) throws(ServiceError) -> Page {
    var page = Page(limit: call.integer("MaxResults") ?? 20)
    guard let limit = page.limit, (1...20).contains(limit) else {
      throw .organizations(
        "InvalidInputException", "You specified an invalid value: MaxResults must be between 1 and 20.")
    }
    if let token = call.text("NextToken") {
      guard let id = Self.id(inToken: token) else {
        throw .organizations("InvalidInputException", "You specified an invalid next token.")
      }
      page.after = id
    }
    return page
  }

  /// The ids of this page and the token of the next, from sorted ids; `isWanted` decides which are listed at all.
  func cut(_ ids: [String], isWanted: (String) -> Bool = { _ in true }) -> (ids: [String], next: String?) {
    var position = after.map { ids.sortedPosition(of: $0) } ?? 0
    if let after, position < ids.count, ids[position] == after { position += 1 }
    var page: [String] = []
    while position < ids.count {
      let id = ids[position]
      position += 1
      guard isWanted(id) else { continue }
      if page.count == limit { return (page, page.last.map(Self.token(after:))) }
      page.append(id)
    }
    return (page, nil)
  }

  /// The same of things that come in the order of their ids, beginning behind the token's; `wanted` makes what is listed.
  /// No more of them are looked at than the page needs.
  func cut<Source: Sequence, Wanted>(
    _ source: Source, id: KeyPath<Wanted, String>, wanted: (Source.Element) -> Wanted?
  ) -> (items: [Wanted], next: String?) {
    var page: [Wanted] = []
    for candidate in source {
      guard let item = wanted(candidate) else { continue }
      if page.count == limit { return (page, page.last.map { Self.token(after: $0[keyPath: id]) }) }
      page.append(item)
    }
    return (page, nil)
  }
}

extension String {
  fileprivate var leftPadded: String { utf8.count == 1 ? "0" + self : self }
}
