package import Governance

/// How often what was called, by whom, where, and how it ended.
package struct CallRecord: Sendable, Equatable {
  package struct Key: Hashable, Comparable, Sendable {
    package var service: String
    package var operation: String
    /// The caller's; empty when the signature told nobody.
    package var account: String
    package var region: String
    /// AWS's error code, or `OK`.
    package var result: String

    package static func < (left: Key, right: Key) -> Bool {
      (left.service, left.operation, left.account, left.region, left.result)
        < (right.service, right.operation, right.account, right.region, right.result)
    }
  }
  package private(set) var counts: [Key: Int] = [:]
  /// Fields that AWS would ignore, and operations that the model has and the simulator has not: `sts:Foo` → times.
  package private(set) var unsupported: [String: Int] = [:]

  /// Anybody can ask for anything: beyond this many different things they are counted together.
  private static let distinct = 20_000
  private static let others = "(others)"

  mutating func count(_ key: Key) {
    var key = key
    if counts.count >= Self.distinct, counts[key] == nil { key.operation = Self.others }
    counts[key, default: 0] += 1
  }

  mutating func countUnsupported(_ name: String) {
    let isCounted = unsupported.count < Self.distinct || unsupported[name] != nil
    unsupported[isCounted ? name : Self.others, default: 0] += 1
  }

  package var total: Int { counts.values.reduce(0, +) }

  /// The calls that match everything that is given.
  package func count(
    of operation: String? = nil, account: String? = nil, region: String? = nil, result: String? = nil
  ) -> Int {
    counts.reduce(0) { sum, entry in
      let key = entry.key
      let matches =
        (operation == nil || operation == "\(key.service):\(key.operation)") && (account ?? key.account) == key.account
        && (region ?? key.region) == key.region && (result ?? key.result) == key.result
      return matches ? sum + entry.value : sum
    }
  }

  /// Sorted.
  package var document: Document { document { _ in true } }

  package func document(where isWanted: (Key) -> Bool) -> Document {
    let calls = counts.keys.filter(isWanted).sorted().map { key -> Document in
      [
        "service": Document(key.service), "operation": Document(key.operation), "account": Document(key.account),
        "region": Document(key.region), "result": Document(key.result), "count": Document(counts[key] ?? 0),
      ]
    }
    let ignored = unsupported.keys.sorted().map { name in
      (name: name, value: Document(unsupported[name] ?? 0) as Document?)
    }
    return ["total": Document(total), "calls": Document(calls), "unsupported": Document(entries: ignored)]
  }
}
